//! Positions in a tree, and the roots and paths that follow from its complete subtrees.

use super::{Nodes, TreeError, TreeKind};
use crate::Hash;

/// On which side of a path a sibling stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a node has two sides")]
pub enum Side {
    /// The sibling is the left child: the parent is node(sibling, this).
    Left,
    /// The sibling is the right child: the parent is node(this, sibling).
    Right,
}

/// The complete subtrees of a tree of `size` leaves, from the left (largest) to the right, as `(level, index)`.
///
/// ```
/// use litesoc_ledger::tree::peaks;
///
/// assert_eq!(peaks(6).collect::<Vec<_>>(), [(2, 0), (1, 2)]);
/// ```
pub fn peaks(size: u64) -> impl DoubleEndedIterator<Item = (u8, u64)> {
    (0..64_u8)
        .rev()
        .filter(move |level| size >> level & 1 == 1)
        .map(move |level| (level, (size >> level) - 1))
}

/// The complete subtrees that cover `start..end`, from left to right, as `(level, index)`.
///
/// Each is as large as its place allows, so `0..n` gives the [`peaks`] of `n`.
pub fn span(start: u64, end: u64) -> impl Iterator<Item = (u8, u64)> {
    let mut at = start;
    std::iter::from_fn(move || {
        let left = end.checked_sub(at).filter(|left| *left > 0)?;
        // The largest power of two that divides `at` and fits into what is left.
        let room = 63 - left.leading_zeros();
        let level = at.trailing_zeros().min(room);
        let found = (level as u8, at >> level);
        at += 1 << level;
        Some(found)
    })
}

/// The sides of the siblings on the way from the range `start..end` up to the root of a tree of `size` leaves.
///
/// The range must be a leaf or a complete subtree of the tree: the way is the one RFC 6962 gives. `None` when it is no
/// node of that tree.
///
/// ```
/// use litesoc_ledger::tree::{Side, sides};
///
/// use Side::{Left, Right};
/// assert_eq!(sides(3, 4, 8), Some(vec![Left, Left, Right]));
/// assert_eq!(sides(4, 5, 5), Some(vec![Left]));
/// assert_eq!(sides(0, 1, 1), Some(vec![]));
/// assert_eq!(sides(8, 9, 8), None);
/// ```
#[must_use]
pub fn sides(start: u64, end: u64, size: u64) -> Option<Vec<Side>> {
    let mut sides = Vec::new();
    walk(start, end, size, |side, _, _| sides.push(side))?;
    sides.reverse();
    Some(sides)
}

/// Walks down from the root to `start..end` and tells of each sibling: its side and its range. `None` when the range
/// is no node of the tree.
fn walk(start: u64, end: u64, size: u64, mut sibling: impl FnMut(Side, u64, u64)) -> Option<()> {
    if start >= end || end > size {
        return None;
    }
    let (mut low, mut high) = (0, size);
    while (low, high) != (start, end) {
        if high - low < 2 {
            return None;
        }
        let middle = low + split(high - low);
        if end <= middle {
            sibling(Side::Right, middle, high);
            high = middle;
        } else if start >= middle {
            sibling(Side::Left, low, middle);
            low = middle;
        } else {
            return None;
        }
    }
    Some(())
}

/// The largest power of two below `size`, for `size` of at least 2.
const fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// The hash over `start..end`, where `start` is a multiple of the largest power of two below the length.
///
/// # Errors
///
/// An empty range, and nodes that cannot be read.
pub fn subtree<K: TreeKind, N: Nodes + ?Sized>(
    nodes: &N,
    start: u64,
    end: u64,
) -> Result<Hash, TreeError<N::Error>> {
    let spans: Vec<_> = span(start, end).collect();
    let mut hash = None;
    for (level, index) in spans.into_iter().rev() {
        let node = nodes.node(level, index).map_err(TreeError::Nodes)?;
        hash = Some(hash.map_or(node, |right| K::node(&node, &right)));
    }
    hash.ok_or(TreeError::NoSuchLeaf { index: start, size: end })
}

/// The root of the tree at an earlier or its present size.
///
/// # Errors
///
/// Size 0, which has no root in the P-tree (for the R-tree see [`merkle::EMPTY_ROOT`](crate::merkle::EMPTY_ROOT)), and
/// nodes that cannot be read.
pub fn root<K: TreeKind, N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Hash, TreeError<N::Error>> {
    subtree::<K, N>(nodes, 0, size)
}

/// The siblings from the range `start..end` up to the root of the tree of `size` leaves.
///
/// With a range of one leaf that is the audit path of RFC 6962, section 2.1.1.
///
/// # Errors
///
/// A range that is no node of the tree, and nodes that cannot be read.
pub fn path<K: TreeKind, N: Nodes + ?Sized>(
    nodes: &N,
    start: u64,
    end: u64,
    size: u64,
) -> Result<Vec<(Side, Hash)>, TreeError<N::Error>> {
    let mut ranges = Vec::new();
    walk(start, end, size, |side, low, high| ranges.push((side, low, high)))
        .ok_or(TreeError::NoSuchLeaf { index: start, size })?;
    let siblings = ranges.into_iter().rev();
    siblings.map(|(side, low, high)| Ok((side, subtree::<K, N>(nodes, low, high)?))).collect()
}

/// The consistency proof of RFC 6962, section 2.1.2, from size `from` to size `to`; empty when they are equal.
///
/// # Errors
///
/// `from` is 0 or larger than `to`, and nodes that cannot be read.
pub fn consistency<K: TreeKind, N: Nodes + ?Sized>(
    nodes: &N,
    from: u64,
    to: u64,
) -> Result<Vec<Hash>, TreeError<N::Error>> {
    if from == 0 || from > to {
        return Err(TreeError::NoSuchSize { from, to });
    }
    let mut ranges = Vec::new();
    let (mut low, mut high, mut whole) = (0, to, true);
    while high > from {
        let middle = low + split(high - low);
        if from <= middle {
            ranges.push((middle, high));
            high = middle;
        } else {
            ranges.push((low, middle));
            low = middle;
            whole = false;
        }
    }
    // The old tree itself is left out when the verifier has its root.
    if !whole {
        ranges.push((low, high));
    }
    ranges.into_iter().rev().map(|(low, high)| subtree::<K, N>(nodes, low, high)).collect()
}
