//! A tree that keeps all its nodes in memory.

use super::{Frontier, Nodes, TreeError, TreeKind};
use crate::Hash;

/// A tree in memory: 64 bytes a leaf, and every root and proof of every size so far.
///
/// ```
/// use litesoc_ledger::{Hash, tree::{self, MemoryTree, Pangea}};
///
/// let leaves: Vec<_> = (0..5_u8).map(|n| Hash::of(&[n])).collect();
/// let tree: MemoryTree<Pangea> = leaves.iter().copied().collect();
/// assert_eq!(tree.size(), 5);
/// assert_eq!(tree::root::<Pangea, _>(&tree, 1)?, leaves[0]);
/// # Ok::<(), litesoc_ledger::tree::TreeError<litesoc_ledger::tree::TreeError>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MemoryTree<K> {
    frontier: Frontier<K>,
    levels: Vec<Vec<Hash>>,
}

impl<K: TreeKind> Default for MemoryTree<K> {
    fn default() -> Self {
        Self { frontier: Frontier::new(), levels: Vec::new() }
    }
}

impl<K: TreeKind> MemoryTree<K> {
    /// The empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        let levels = &mut self.levels;
        self.frontier.append_with(leaf, |level, _, hash| {
            let level = usize::from(level);
            if levels.len() == level {
                levels.push(Vec::new());
            }
            levels[level].push(*hash);
        });
    }

    /// Leaves in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root; `None` for the empty tree.
    #[must_use]
    pub fn root(&self) -> Option<Hash> {
        self.frontier.root()
    }

    /// The right edge.
    #[must_use]
    pub const fn frontier(&self) -> &Frontier<K> {
        &self.frontier
    }
}

impl<K: TreeKind> Extend<Hash> for MemoryTree<K> {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        leaves.into_iter().for_each(|leaf| self.append(leaf));
    }
}

impl<K: TreeKind> FromIterator<Hash> for MemoryTree<K> {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut tree = Self::new();
        tree.extend(leaves);
        tree
    }
}

impl<K: TreeKind> Nodes for MemoryTree<K> {
    type Error = TreeError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, TreeError> {
        let found = usize::try_from(index)
            .ok()
            .and_then(|index| self.levels.get(usize::from(level)).and_then(|hashes| hashes.get(index)));
        found.copied().ok_or_else(|| TreeError::NoSuchLeaf {
            index: index.checked_shl(level.into()).unwrap_or(u64::MAX),
            size: self.size(),
        })
    }
}
