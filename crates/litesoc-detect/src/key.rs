//! [`Key`]: a fixed-size name for whatever the detector remembers something about.

use std::fmt;

use litesoc_model::AlertType;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::AddressGroup;

/// The first half of a SHA-256 over an organisation and something of it.
///
/// Account names come from whoever attacks, so a hash that can be steered into collisions would let one account
/// hide behind another; and a key of fixed size keeps the tables' memory independent of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key(u128);

impl Key {
    /// The failures from one source.
    pub(crate) fn address(organization: &str, group: AddressGroup) -> Self {
        Self::digest("address", organization, &group)
    }

    /// The failures on one account.
    pub(crate) fn account(organization: &str, actor: &str) -> Self {
        Self::digest("account", organization, &actor)
    }

    /// An organisation.
    pub(crate) fn organization(organization: &str) -> Self {
        Self::digest("organization", organization, &"")
    }

    /// The alerts of one type about one subject.
    pub(crate) fn notice(organization: &str, alert_type: &AlertType, subject: &str) -> Self {
        Self::digest(alert_type.as_str(), organization, &subject)
    }

    /// A fingerprint somebody marked safe.
    pub(crate) fn fingerprint(organization: &str, fingerprint: &str) -> Self {
        Self::digest("fingerprint", organization, &fingerprint)
    }

    fn digest(kind: &str, organization: &str, subject: &dyn fmt::Display) -> Self {
        let mut hash = Hashing(Sha256::new());
        hash.part(kind);
        hash.part(organization);
        // The subject comes last, so it needs no length before it.
        let _infallible = fmt::write(&mut hash, format_args!("{subject}"));
        let bytes: [u8; 32] = hash.0.finalize().into();
        let (half, _) = bytes.split_at(16);
        Self(half.iter().fold(0, |value, byte| value << 8 | u128::from(*byte)))
    }
}

/// The id of the alert that this event sets off: the same history gives the same id.
pub(crate) fn alert_id(organization: &str, fingerprint: &str, trigger: Uuid) -> Uuid {
    let mut hash = Hashing(Sha256::new());
    hash.part("alert");
    hash.part(organization);
    hash.part(fingerprint);
    hash.0.update(trigger.as_bytes());
    let digest: [u8; 32] = hash.0.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    // RFC 9562 section 5.8: version 8 is for ids made by a method of one's own.
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

struct Hashing(Sha256);

impl Hashing {
    /// A part with its length, so that moving a letter from one part to the next changes the hash.
    fn part(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }
}

impl fmt::Write for Hashing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
