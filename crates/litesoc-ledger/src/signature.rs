//! Signatures of events: Ed25519 over the canonical text of the event, as the Pangea SDKs make and check them.

mod private;
mod public;

use std::fmt;

use ed25519_dalek::Signature;

pub use self::private::{InvalidPrivateKey, PrivateKey};
pub use self::public::{InvalidPublicKey, PublicKey};
use crate::{
    canonical::{Object, Value},
    encoding,
    event::Event,
    time::DateTime,
};

/// Characters of a signature as text: standard base64 of 64 bytes.
pub const SIGNATURE_LEN: usize = 88;

/// Longest text of a public key that is read. The SDKs' own is 148 characters; callers may add members.
pub const MAX_PUBLIC_KEY_LEN: usize = 4_096;

/// A signature that does not hold, or cannot be checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// The signature is not the standard base64 of 64 bytes.
    #[error("a signature is the standard base64 of 64 bytes, with padding")]
    Form,
    /// The public key cannot be used.
    #[error(transparent)]
    Key(#[from] InvalidPublicKey),
    /// The key is none of those the verifier accepts.
    #[error("the event is signed by a key that is not among the allowed ones: {key}")]
    Stranger {
        /// The key, as base64.
        key: String,
    },
    /// The signature is not of this event by this key.
    #[error("the signature does not verify: another event or another key")]
    Mismatch,
}

/// Verifies a signature over the canonical text of an event.
///
/// The key comes with the record, so this shows only that whoever owns that key signed. Whom it belongs to is for
/// [`AllowedKeys`] to say.
///
/// # Errors
///
/// Why it does not hold.
pub fn verify(event: &[u8], signature: &str, public_key: &str) -> Result<PublicKey, SignatureFault> {
    let bytes = encoding::base64_array::<64>(signature).ok_or(SignatureFault::Form)?;
    let key = PublicKey::parse(public_key)?;
    // `verify_strict` refuses what other implementations judge differently: small-order points and forms of `s` and `R`
    // that are not the shortest.
    key.verifying()
        .verify_strict(event, &Signature::from_bytes(&bytes))
        .map_err(|_| SignatureFault::Mismatch)?;
    Ok(key)
}

/// Whose signatures a verifier accepts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AllowedKeys {
    /// Anybody's: a signature shows that the record was not changed since somebody signed it, not who that was.
    #[default]
    Any,
    /// Only these.
    Only(Vec<PublicKey>),
}

impl AllowedKeys {
    /// Verifies a signature and that its key is an allowed one.
    ///
    /// # Errors
    ///
    /// Why it does not hold.
    pub fn verify(
        &self,
        event: &[u8],
        signature: &str,
        public_key: &str,
    ) -> Result<PublicKey, SignatureFault> {
        let key = verify(event, signature, public_key)?;
        match self {
            Self::Only(keys) if !keys.contains(&key) => {
                Err(SignatureFault::Stranger { key: key.to_base64() })
            }
            Self::Any | Self::Only(_) => Ok(key),
        }
    }
}

/// Finds the form of an event that its signature is over.
///
/// SDK 6.13.0 signs times with six digits of fraction and posts them in another form. So the event is tried as it was
/// received, then with each time member rewritten to six digits with its offset, then to six digits in UTC. The first
/// form that verifies is the one to store. A time without offset from a machine that is not on UTC cannot be saved.
///
/// ```
/// use litesoc_ledger::{event::Event, signature::{self, PrivateKey}};
///
/// let key = PrivateKey::from_seed([7; 32]);
/// let signed = Event::new().with("message", "m").with("timestamp", "2025-01-02T03:04:05.000000Z");
/// let signature = key.sign(signed.to_canonical().as_bytes());
/// let posted = Event::new().with("message", "m").with("timestamp", "2025-01-02T03:04:05Z");
/// let stored = signature::settle(posted, &["timestamp"], &signature, &key.public_key_text())?;
/// assert_eq!(stored, signed);
/// # Ok::<(), litesoc_ledger::signature::SignatureFault>(())
/// ```
///
/// # Errors
///
/// No form verifies, or the key or the signature cannot be read.
pub fn settle(
    event: Event,
    times: &[&str],
    signature: &str,
    public_key: &str,
) -> Result<Event, SignatureFault> {
    let verifies = |event: &Event| match verify(event.to_canonical().as_bytes(), signature, public_key) {
        Ok(_) => Ok(true),
        Err(SignatureFault::Mismatch) => Ok(false),
        Err(other) => Err(other),
    };
    if verifies(&event)? {
        return Ok(event);
    }
    let forms: [fn(&DateTime) -> Option<String>; 2] =
        [|time| Some(time.to_micros_form()), |time| Some(time.moment()?.to_string())];
    for form in forms {
        let mut rewritten = event.clone();
        for name in times {
            let time = event.get(name).and_then(Value::as_str).and_then(DateTime::parse);
            if let Some(text) = time.as_ref().and_then(form) {
                rewritten.set(*name, text);
            }
        }
        if verifies(&rewritten)? {
            return Ok(rewritten);
        }
    }
    Err(SignatureFault::Mismatch)
}

/// The text of a public key as the SDKs send it: JSON with `algorithm` and `key` as PEM, and further members.
///
/// A further member cannot replace these two.
#[must_use]
pub fn public_key_text(key: &PublicKey, further: &Object) -> String {
    let mut members = further.clone();
    members.insert("algorithm".to_owned(), Value::from("ED25519"));
    members.insert("key".to_owned(), Value::from(key.to_pem()));
    Value::Object(members).to_canonical()
}

/// The text of the key of a server that signs at ingest: as [`public_key_text`], with the id and version of the key.
#[must_use]
pub fn vault_public_key_text(key: &PublicKey, key_id: &str, version: u32) -> String {
    let further = Object::from([
        ("vault_key_id".to_owned(), Value::from(key_id)),
        ("vault_key_version".to_owned(), Value::Integer(version.into())),
    ]);
    public_key_text(key, &further)
}

impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_base64())
    }
}
