//! Reading the bytes of an envelope strictly, without building anything.

use std::borrow::Cow;

use crate::{
    Hash,
    canonical::{InvalidJson, Scan},
    time::Moment,
};

/// An envelope as slices of its bytes.
///
/// Only the one form of a record is read: canonical bytes, an object as `event`, `received_at` in its exact form, a
/// signature together with a key or neither, and no null member.
///
/// ```
/// use litesoc_ledger::envelope::EnvelopeView;
///
/// let bytes = br#"{"event":{"message":"m"},"received_at":"2025-01-01T00:00:00.000000Z"}"#;
/// let envelope = EnvelopeView::read(bytes)?;
/// assert_eq!(envelope.event, r#"{"message":"m"}"#);
/// assert!(envelope.signature.is_none());
/// assert!(EnvelopeView::read(br#"{"event":{},"received_at":"2025-01-01"}"#).is_err());
/// # Ok::<(), litesoc_ledger::envelope::EnvelopeFault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnvelopeView<'a> {
    /// The canonical text of the event: the bytes that are signed.
    pub event: &'a str,
    /// When the log received it.
    pub received_at: Moment,
    /// The signature and the text of the key.
    pub signature: Option<(Cow<'a, str>, Cow<'a, str>)>,
    /// The canonical text of `err`, for an event that was kept although it is malformed.
    pub err: Option<&'a str>,
    bytes: &'a [u8],
}

impl<'a> EnvelopeView<'a> {
    /// Reads an envelope.
    ///
    /// # Errors
    ///
    /// The first rule that the bytes break.
    pub fn read(bytes: &'a [u8]) -> Result<Self, EnvelopeFault> {
        let (mut event, mut received_at, mut signature, mut public_key, mut err) =
            (None, None, None, None, None);
        for member in Scan::object(bytes)? {
            let member = member?;
            if member.value == "null" {
                return Err(EnvelopeFault::Null { member: member.name.to_owned() });
            }
            match member.name {
                "event" => event = Some(member.value),
                "err" => err = Some(member.value),
                "received_at" => received_at = Some(member.value),
                "signature" => signature = Some(member.string().ok_or(EnvelopeFault::Signature)?),
                "public_key" => public_key = Some(member.string().ok_or(EnvelopeFault::Signature)?),
                _ => {}
            }
        }
        let event = event.filter(|event| event.starts_with('{')).ok_or(EnvelopeFault::Event)?;
        let received_at = received_at
            .and_then(|text| Moment::parse_exact(text.strip_prefix('"')?.strip_suffix('"')?))
            .ok_or(EnvelopeFault::ReceivedAt)?;
        let signature = match (signature, public_key) {
            (Some(signature), Some(public_key)) => Some((signature, public_key)),
            (None, None) => None,
            (Some(_), None) => return Err(EnvelopeFault::KeyMissing),
            (None, Some(_)) => return Err(EnvelopeFault::SignatureMissing),
        };
        Ok(Self { event, received_at, signature, err, bytes })
    }

    /// The bytes of the envelope.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The leaf hash: SHA-256 of the bytes.
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        Hash::of(self.bytes)
    }

    /// A string member of the event.
    #[must_use]
    pub fn event_string(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut members = Scan::object(self.event.as_bytes()).ok()?.map_while(Result::ok);
        members.find(|member| member.name == name)?.string()
    }
}

/// Bytes that are no record of a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeFault {
    /// The bytes are not canonical JSON.
    #[error("the envelope is not canonical JSON: {0}")]
    Json(#[from] InvalidJson),
    /// A member is null. Some readers hash it and others do not.
    #[error("the envelope has the null member {member:?}; readers disagree about its hash")]
    Null {
        /// The member.
        member: String,
    },
    /// `event` is missing or no object.
    #[error("the envelope has no event")]
    Event,
    /// `received_at` is missing or not in its one form.
    #[error("received_at is missing or not YYYY-MM-DDTHH:MM:SS.ffffffZ")]
    ReceivedAt,
    /// The signature or the key is no string.
    #[error("signature and public_key must be strings")]
    Signature,
    /// A signature without a key.
    #[error(
        "the envelope has a signature and no public_key: nothing can be verified, something was taken away"
    )]
    KeyMissing,
    /// A key without a signature.
    #[error("the envelope has a public_key and no signature: something was taken away")]
    SignatureMissing,
}
