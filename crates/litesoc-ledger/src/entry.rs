//! Entries of the R-tree: what binds both trees together.

use crate::{Hash, envelope::Sealed, merkle, ptree::TrustedRoot};

/// An entry: the leaf hash of a record and the P-root after it.
///
/// Its bytes are `0x01 || leaf hash || P-root`. Whoever shows that the entry of record `n` is in a trusted R-tree has
/// shown the P-root of size `n + 1` with it.
///
/// ```
/// use litesoc_ledger::{Hash, entry::Entry};
///
/// let entry = Entry::new(Hash::of(b"record"), Hash::of(b"root"));
/// assert_eq!(Entry::from_bytes(&entry.to_bytes()), Some(entry));
/// assert_eq!(Entry::from_bytes(&[2; 65]), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The leaf hash of the record.
    pub leaf_hash: Hash,
    /// The P-root of the tree that ends with the record.
    pub root_after: Hash,
}

impl Entry {
    /// Bytes of an entry.
    pub const LEN: usize = 65;

    /// The entry of a record.
    #[must_use]
    pub const fn new(leaf_hash: Hash, root_after: Hash) -> Self {
        Self { leaf_hash, root_after }
    }

    /// The entry of a sealed envelope.
    #[must_use]
    pub const fn of(sealed: &Sealed, root_after: Hash) -> Self {
        Self::new(sealed.leaf_hash, root_after)
    }

    /// The bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [1; Self::LEN];
        bytes[1..33].copy_from_slice(self.leaf_hash.as_bytes());
        bytes[33..].copy_from_slice(self.root_after.as_bytes());
        bytes
    }

    /// Reads an entry; `None` for a wrong length or version.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().ok()?;
        let (leaf_hash, root_after) = (Hash::from_slice(&bytes[1..33])?, Hash::from_slice(&bytes[33..])?);
        (bytes[0] == 1).then_some(Self { leaf_hash, root_after })
    }

    /// The leaf hash of the entry in the R-tree.
    #[must_use]
    pub fn merkle_leaf(&self) -> Hash {
        merkle::leaf_hash(&self.to_bytes())
    }

    /// The P-root that this entry shows when it is entry `index` of a trusted R-tree.
    pub(crate) const fn trusted_root(&self, index: u64) -> TrustedRoot {
        TrustedRoot::pinned(index + 1, self.root_after)
    }
}
