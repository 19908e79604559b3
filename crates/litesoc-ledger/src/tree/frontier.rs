//! The right edge of a growing tree: all that is needed to append and to know the root.

use std::marker::PhantomData;

use super::{TreeKind, span};
use crate::Hash;

/// The complete subtrees of a tree of some size, from the largest to the smallest: a compact range that starts at 0.
///
/// Appending costs one node on average and the root at most one for each binary digit of the size.
///
/// ```
/// use litesoc_ledger::{Hash, tree::{Frontier, Pangea}};
///
/// let mut tree = Frontier::<Pangea>::new();
/// assert_eq!(tree.root(), None);
/// tree.append(Hash::of(b"first"));
/// assert_eq!((tree.size(), tree.root()), (1, Some(Hash::of(b"first"))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier<K> {
    size: u64,
    peaks: Vec<Hash>,
    kind: PhantomData<K>,
}

impl<K: TreeKind> Default for Frontier<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: TreeKind> Frontier<K> {
    /// The edge of the empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new(), kind: PhantomData }
    }

    /// The edge of a tree of `size` leaves with these complete subtrees, from the largest to the smallest.
    ///
    /// # Errors
    ///
    /// The number of hashes is not the number of complete subtrees, one for each binary 1 of the size.
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Result<Self, InvalidFrontier> {
        let needed = size.count_ones() as usize;
        if peaks.len() != needed {
            return Err(InvalidFrontier { size, needed, given: peaks.len() });
        }
        Ok(Self { size, peaks, kind: PhantomData })
    }

    /// Leaves in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The complete subtrees, from the largest to the smallest.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends a leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_, _, _| {});
    }

    /// Appends a leaf hash and tells of every complete subtree that this finishes, the leaf first, as
    /// `(level, index, hash)`: what a log that keeps its nodes has to write.
    ///
    /// # Panics
    ///
    /// At 2^64 leaves.
    pub fn append_with(&mut self, leaf: Hash, mut finished: impl FnMut(u8, u64, &Hash)) {
        let mut hash = leaf;
        finished(0, self.size, &hash);
        let mut rest = self.size;
        let mut level = 0;
        // There is one peak for each binary 1 of the size.
        while let (1, Some(left)) = (rest & 1, self.peaks.last()) {
            hash = K::node(left, &hash);
            self.peaks.pop();
            rest >>= 1;
            level += 1;
            finished(level, rest, &hash);
        }
        self.peaks.push(hash);
        self.size = self.size.checked_add(1).expect("fewer than 2^64 leaves");
    }

    /// Appends complete subtrees that lie between this edge and a larger size, from left to right as
    /// [`span`] yields them.
    ///
    /// # Errors
    ///
    /// The number of hashes is not the one `span(self.size(), size)` has; nothing is appended then.
    pub fn extend(&mut self, size: u64, subtrees: &[Hash]) -> Result<(), InvalidFrontier> {
        let places: Vec<_> = span(self.size, size).collect();
        if size < self.size || places.len() != subtrees.len() {
            return Err(InvalidFrontier { size, needed: places.len(), given: subtrees.len() });
        }
        for ((level, _), subtree) in places.into_iter().zip(subtrees) {
            self.append_subtree(level, *subtree);
        }
        Ok(())
    }

    /// Appends one complete subtree of 2^level leaves; the size must be a multiple of that.
    pub(crate) fn append_subtree(&mut self, level: u8, subtree: Hash) {
        let mut hash = subtree;
        let mut rest = self.size >> level;
        while let (1, Some(left)) = (rest & 1, self.peaks.last()) {
            hash = K::node(left, &hash);
            self.peaks.pop();
            rest >>= 1;
        }
        self.peaks.push(hash);
        self.size += 1 << level;
    }

    /// The root; `None` for the empty tree.
    #[must_use]
    pub fn root(&self) -> Option<Hash> {
        let (last, larger) = self.peaks.split_last()?;
        Some(larger.iter().rev().fold(*last, |right, left| K::node(left, &right)))
    }
}

/// Hashes that do not make the right edge of a tree of that size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("size {size} needs {needed} subtree hashes here, not {given}")]
#[non_exhaustive]
pub struct InvalidFrontier {
    /// The size of the tree.
    pub size: u64,
    /// The hashes that size needs.
    pub needed: usize,
    /// The hashes that were given.
    pub given: usize,
}
