//! [`Key`]: a fixed-size name for whatever the detector remembers something about.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::AddressGroup;

/// The first half of a SHA-256 over an organisation and something of it.
///
/// Account names come from whoever attacks, so a hash that can be steered into collisions would let one account
/// hide behind another; and a key of fixed size keeps the tables' memory independent of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key([u64; 2]);

impl Key {
    /// An organisation.
    pub(crate) fn organization(organization: &str) -> Self {
        digest(b'o', Self([0; 2]), organization.as_bytes())
    }

    /// A source.
    pub(crate) fn address(organization: Self, group: AddressGroup) -> Self {
        digest(b'a', organization, &group.to_bytes())
    }

    /// An account.
    pub(crate) fn account(organization: Self, actor: &str) -> Self {
        digest(b'u', organization, actor.as_bytes())
    }

    /// A fingerprint, `type/subject`: the alerts of one type about one subject.
    pub(crate) fn fingerprint(organization: Self, fingerprint: &str) -> Self {
        digest(b'f', organization, fingerprint.as_bytes())
    }

    /// An incident.
    pub(crate) const fn serial(serial: u64) -> Self {
        // Hash tables look at all bits; the odd factor (2^64 over the golden ratio) spreads a count over them.
        Self([serial, serial.wrapping_mul(0x9E37_79B9_7F4A_7C15)])
    }

    /// For a hash table: the key is spread evenly already.
    pub(crate) const fn hash(self) -> u64 {
        self.0[1]
    }

    /// A few bytes of it, to tell apart a handful.
    #[expect(clippy::cast_possible_truncation, reason = "the lower half of a hash is a hash")]
    pub(crate) const fn tag(self) -> u32 {
        self.0[1] as u32
    }

    /// The key for storage outside, different for each table.
    pub(crate) fn salted(self, table: u8) -> [u8; 16] {
        let mut bytes = self.to_bytes();
        bytes[0] ^= table;
        bytes
    }

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.0[0].to_be_bytes());
        bytes[8..].copy_from_slice(&self.0[1].to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        let value = u128::from_be_bytes(bytes);
        let low = value & u128::from(u64::MAX);
        Self([u64::try_from(value >> 64).unwrap_or(0), u64::try_from(low).unwrap_or(0)])
    }
}

fn digest(kind: u8, organization: Key, subject: &[u8]) -> Key {
    let mut hash = Sha256::new_with_prefix([kind]);
    hash.update(organization.to_bytes());
    hash.update(subject);
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Key::from_bytes(bytes)
}

fn length(text: &str) -> [u8; 8] {
    (text.len() as u64).to_be_bytes()
}

/// The id of the alert that this event sets off: the same history gives the same id.
pub(crate) fn alert_id(organization: &str, fingerprint: &str, trigger: Uuid) -> Uuid {
    let mut hash = Sha256::new();
    // A part with its length, so that moving a letter from one part to the next changes the hash.
    for part in ["alert", organization, fingerprint] {
        hash.update(length(part));
        hash.update(part.as_bytes());
    }
    hash.update(trigger.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    // RFC 9562 section 5.8: version 8 is for ids made by a method of one's own.
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
