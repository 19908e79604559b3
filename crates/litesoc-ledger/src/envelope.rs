//! Envelopes: what the log seals. An event, who signed it, and when the log received it.

mod draft;
mod view;

pub use self::draft::{Draft, InvalidDraft, Prepared, Sealed};
pub use self::view::{EnvelopeFault, EnvelopeView};
use crate::{
    Hash,
    canonical::{InvalidJson, Value},
    event::Event,
};

/// The leaf hash of an envelope given as any JSON: SHA-256 of its canonical text without null members.
///
/// This repeats what the Python SDK does and is lenient. Records of one's own log are hashed as the bytes they are,
/// see [`EnvelopeView`].
///
/// ```
/// use litesoc_ledger::envelope::leaf_hash;
///
/// let envelope = br#"{"event":{"actor":"alice","message":"event 0"},"received_at":"2025-01-01T00:00:00.000000Z"}"#;
/// let expected = "8a5d88f2d2211e411f485d0520cddb6a3f3a88f3137b0c9fc6648522a2f66e27";
/// assert_eq!(leaf_hash(envelope)?.to_string(), expected);
/// # Ok::<(), litesoc_ledger::canonical::InvalidJson>(())
/// ```
///
/// # Errors
///
/// What [`Value::parse`] refuses. A value that is no object is hashed as it is.
pub fn leaf_hash(envelope: &[u8]) -> Result<Hash, InvalidJson> {
    let mut value = Value::parse(envelope)?;
    if let Value::Object(members) = &mut value {
        members.retain(|_, member| !member.is_null());
    }
    Ok(Hash::of(value.to_canonical().as_bytes()))
}

/// The event of the record with which a log begins: what the log is, so that later records cannot say otherwise.
///
/// `log_key` is the verifier key of the checkpoints in C2SP form, `schema` the hash of the canonical schema text, and
/// `software` a name and version.
#[must_use]
pub fn genesis(origin: &str, log_key: &str, schema: &Hash, software: &str) -> Event {
    Event::new()
        .with("message", GENESIS_MESSAGE)
        .with("origin", origin)
        .with("log_key", log_key)
        .with("schema_hash", schema.to_string())
        .with("software", software)
}

/// The `message` of the [`genesis`] event.
pub const GENESIS_MESSAGE: &str = "genesis";
