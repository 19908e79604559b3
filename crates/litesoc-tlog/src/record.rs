//! Records on their way in, as stored, and after erasure.

use std::fmt;

use litesoc_ledger::Hash;
use litesoc_ledger::time::Moment;

/// Names the request that a record came with, so that a repeated request is told from a new one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId {
    length: u8,
    bytes: [u8; Self::LONGEST],
}

impl RequestId {
    /// The longest request id, in bytes.
    pub const LONGEST: usize = 48;

    /// A request id of 1 to 48 visible ASCII characters; `None` for any other text.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits =
            (1..=Self::LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self::of_bytes(text.as_bytes()))
    }

    pub(crate) fn of_bytes(text: &[u8]) -> Self {
        let length = text.len().min(Self::LONGEST);
        let mut bytes = [0; Self::LONGEST];
        bytes[..length].copy_from_slice(&text[..length]);
        Self { length: u8::try_from(length).unwrap_or(0), bytes }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RequestId({self})")
    }
}

/// A record as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Its place, from 0.
    pub index: u64,
    /// The request it came with.
    pub request: RequestId,
    /// What it says, or what is left of it.
    pub body: Body,
}

/// What a record says, or what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a record is there or erased")]
pub enum Body {
    /// The canonical envelope.
    Envelope(Vec<u8>),
    /// It was erased; its hash stays, and with it every proof.
    Erased(Tombstone),
}

impl Body {
    /// The leaf hash of the P-tree.
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        match self {
            Self::Envelope(bytes) => Hash::of(bytes),
            Self::Erased(stone) => stone.leaf_hash,
        }
    }
}

/// What is left of an erased record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tombstone {
    /// The hash of what was there.
    pub leaf_hash: Hash,
    /// When it had been received.
    pub received_at: Moment,
    /// When it was erased.
    pub erased_at: Moment,
}
