//! Making envelopes.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{
    Hash,
    canonical::{self, Object, Value},
    encoding,
    event::Event,
    time::Moment,
};

/// An envelope before the log has received it.
///
/// ```
/// use litesoc_ledger::{envelope::Draft, event::Event, time::Moment};
///
/// let event = Event::new().with("message", "event 0").with("actor", "alice");
/// let received = Moment::parse_exact("2025-01-01T00:00:00.000000Z").expect("the one form");
/// let sealed = Draft::new(event).prepare()?.seal(received);
/// assert_eq!(
///     sealed.leaf_hash.to_string(),
///     "8a5d88f2d2211e411f485d0520cddb6a3f3a88f3137b0c9fc6648522a2f66e27",
/// );
/// # Ok::<(), litesoc_ledger::envelope::InvalidDraft>(())
/// ```
#[derive(Debug, Clone)]
pub struct Draft {
    event: Event,
    signature: Option<(String, String)>,
    others: Object,
}

/// Members that an envelope has by itself.
const OWN: &[&str] = &["event", "public_key", "received_at", "signature"];

impl Draft {
    /// The envelope of an unsigned event.
    #[must_use]
    pub const fn new(event: Event) -> Self {
        Self { event, signature: None, others: Object::new() }
    }

    /// Adds a signature and the text of its key; there is no one without the other, because a signature whose key is
    /// missing cannot be told from one whose key was taken away.
    #[must_use]
    pub fn signed(mut self, signature: impl Into<String>, public_key: impl Into<String>) -> Self {
        self.signature = Some((signature.into(), public_key.into()));
        self
    }

    /// Adds 16 random bytes as `salt`, so that outsiders who see leaf hashes cannot try out events.
    #[must_use]
    pub fn salted(self, salt: [u8; 16]) -> Self {
        self.with("salt", encoding::base64url(&salt))
    }

    /// Adds what was malformed in the event, for a schema that keeps such events.
    #[must_use]
    pub fn with_err(self, err: Value) -> Self {
        self.with("err", err)
    }

    /// Adds a further member. The SDKs hash members they do not know. A null is dropped: the SDKs disagree about it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.others.insert(name.into(), value);
        }
        self
    }

    /// Writes the canonical bytes around the place of `received_at` and hashes what stands before it, so that sealing
    /// is short.
    ///
    /// # Errors
    ///
    /// A further member that takes the name of an own one, or whose name needs an escape.
    pub fn prepare(self) -> Result<Prepared, InvalidDraft> {
        let reserved = |name: &&String| {
            OWN.contains(&name.as_str())
                || name
                    .bytes()
                    .any(|byte| !(byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()))
        };
        if let Some(name) = self.others.keys().find(reserved) {
            return Err(InvalidDraft { member: name.clone() });
        }
        let mut texts: Vec<(&str, String)> = vec![("event", self.event.to_canonical())];
        if let Some((signature, public_key)) = self.signature {
            texts.push(("signature", Value::String(signature).to_canonical()));
            texts.push(("public_key", Value::String(public_key).to_canonical()));
        }
        texts.extend(self.others.iter().map(|(name, value)| (name.as_str(), value.to_canonical())));
        texts.push(("received_at", String::new()));
        texts.sort_unstable_by_key(|(name, _)| *name);
        let (mut before, mut after) = (String::from("{"), String::new());
        let mut open = true;
        for (index, (name, text)) in texts.iter().enumerate() {
            let out = if open { &mut before } else { &mut after };
            if index > 0 {
                out.push(',');
            }
            canonical::push_string(name, out);
            out.push(':');
            if *name == "received_at" {
                out.push('"');
                open = false;
                after.push('"');
            } else {
                out.push_str(text);
            }
        }
        after.push('}');
        let state = Sha256::new().chain_update(&before);
        Ok(Prepared { before, after, state })
    }
}

/// An envelope that lacks nothing but the time at which the log receives it.
#[derive(Clone)]
pub struct Prepared {
    before: String,
    after: String,
    state: Sha256,
}

/// Characters of `received_at`.
const TIME_LEN: usize = 27;

impl Prepared {
    /// Bytes the sealed envelope will have.
    #[expect(clippy::len_without_is_empty, reason = "an envelope is never empty")]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.before.len() + TIME_LEN + self.after.len()
    }

    /// Puts in the time.
    #[must_use]
    pub fn seal(&self, received_at: Moment) -> Sealed {
        let time = received_at.to_string();
        let mut bytes = Vec::with_capacity(self.len());
        bytes.extend_from_slice(self.before.as_bytes());
        bytes.extend_from_slice(time.as_bytes());
        bytes.extend_from_slice(self.after.as_bytes());
        let state = self.state.clone().chain_update(&bytes[self.before.len()..]);
        Sealed { bytes, leaf_hash: Hash::from_bytes(state.finalize().into()) }
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Prepared({} bytes)", self.len())
    }
}

/// A sealed envelope: a record of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sealed {
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256: the leaf of the P-tree.
    pub leaf_hash: Hash,
}

impl Sealed {
    /// The record with these bytes, as it comes back from where it was kept. What the bytes are is not looked at: see
    /// [`EnvelopeView`](super::EnvelopeView).
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        let leaf_hash = Hash::of(&bytes);
        Self { bytes, leaf_hash }
    }
}

/// A further member with a name that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an envelope cannot have a further member {member:?}: it is one of its own, or not of a-z, 0-9 and _"
)]
#[non_exhaustive]
pub struct InvalidDraft {
    /// The member.
    pub member: String,
}
