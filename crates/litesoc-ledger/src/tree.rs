//! What both trees share: their shape, their nodes, roots and paths.
//!
//! A tree of `n` leaves splits at the largest power of two below `n` (RFC 6962, section 2.1). Its *complete* subtrees,
//! those of 2^level leaves that start at a multiple of 2^level, never change once they are full. So a log keeps those
//! nodes, and every root and every proof of every size is made from them.
//!
//! Two kinds of tree have this shape and differ in how they hash: [`Pangea`] (the tree the Pangea SDKs verify, here
//! called the P-tree) and [`Rfc6962`] (the R-tree).

mod frontier;
mod memory;
mod path;

use std::{convert::Infallible, fmt::Debug};

use sha2::{Digest, Sha256};

pub use self::frontier::{Frontier, InvalidFrontier};
pub use self::memory::MemoryTree;
pub use self::path::{Side, consistency, path, peaks, root, sides, span, subtree};
use crate::Hash;

/// How a kind of tree hashes two nodes into their parent.
pub trait TreeKind: Copy + Debug + Default + Send + Sync + 'static {
    /// The parent of two nodes.
    fn node(left: &Hash, right: &Hash) -> Hash;
}

/// The tree of the Pangea SDKs: a leaf is its hash, a parent is SHA-256(left || right).
///
/// Nothing tells a leaf from a parent. Proofs are therefore bound to a position and to a size from elsewhere; see
/// [`ptree`](crate::ptree).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a marker without content")]
pub struct Pangea;

/// The tree of RFC 6962: a leaf is SHA-256(0x00 || entry), a parent is SHA-256(0x01 || left || right).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a marker without content")]
pub struct Rfc6962;

impl TreeKind for Pangea {
    fn node(left: &Hash, right: &Hash) -> Hash {
        let mut pair = [0; 64];
        pair[..32].copy_from_slice(left.as_bytes());
        pair[32..].copy_from_slice(right.as_bytes());
        Hash::from_bytes(Sha256::digest(pair).into())
    }
}

impl TreeKind for Rfc6962 {
    fn node(left: &Hash, right: &Hash) -> Hash {
        let mut pair = [1; 65];
        pair[1..33].copy_from_slice(left.as_bytes());
        pair[33..].copy_from_slice(right.as_bytes());
        Hash::from_bytes(Sha256::digest(pair).into())
    }
}

/// Where complete subtrees are kept: memory, tiles, a file.
pub trait Nodes {
    /// Why a node cannot be had.
    type Error;

    /// The hash over the leaves `index * 2^level .. (index + 1) * 2^level`.
    ///
    /// # Errors
    ///
    /// The node is not there, or what keeps it failed.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

impl<N: Nodes + ?Sized> Nodes for &N {
    type Error = N::Error;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        (**self).node(level, index)
    }
}

/// Why a root or a proof could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError<E = Infallible> {
    /// The leaf is not in the tree.
    #[error("leaf {index} is not in a tree of {size}")]
    NoSuchLeaf {
        /// The leaf that was asked for.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The tree has no such earlier size.
    #[error("a tree of {to} does not grow from {from}")]
    NoSuchSize {
        /// The earlier size.
        from: u64,
        /// The later size.
        to: u64,
    },
    /// A node could not be read.
    #[error("a node of the tree could not be read: {0}")]
    Nodes(E),
}
