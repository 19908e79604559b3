//! The P-tree: the tree that the Pangea SDKs verify, its proofs as text, and their strict verification.
//!
//! The SDKs climb whatever proof they are given. Here every proof is bound to a position and to a size, because without
//! that an inner node passes for an event, an event for its neighbour, and a tree with leaves inserted before the old
//! ones for a later state. The size has to come from something signed: a P-root does not commit to it. That is what
//! [`TrustedRoot`] is for.

mod consistency;
mod membership;

pub use self::consistency::ConsistencyProof;
pub use self::membership::{Climber, MembershipProof};
use crate::{
    Hash,
    tree::{self, Nodes, Pangea, TreeError},
};

/// A P-root together with its size, from a source the verifier trusts.
///
/// Made by what verifies: a [receipt](crate::receipt), a [record proof](crate::proof::RecordProof), a
/// [bundle](crate::bundle); or [pinned](Self::pinned) by a caller who remembers an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedRoot {
    size: u64,
    root: Hash,
}

impl TrustedRoot {
    /// A root that the caller trusts for a reason of its own, for instance because it kept it.
    ///
    /// A root that came with the proof it should verify is no such root: who forges one forges both.
    #[must_use]
    pub const fn pinned(size: u64, root: Hash) -> Self {
        Self { size, root }
    }

    /// Leaves in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    #[must_use]
    pub const fn root(&self) -> &Hash {
        &self.root
    }
}

/// Why a proof of the P-tree does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFault {
    /// The text is not a list of `l:` or `r:` and 64 lower-case digits.
    #[error("item {item} of the proof is not l: or r: and 64 lower-case hexadecimal digits")]
    Item {
        /// The item, counted from 0.
        item: usize,
    },
    /// An element of a consistency proof does not begin with `x:` and a hash, or has no path.
    #[error("element {element} of the consistency proof is not x: with a hash and a path")]
    Element {
        /// The element, counted from 0.
        element: usize,
    },
    /// The leaf is beyond the size of the tree.
    #[error("leaf {index} is not in a tree of {size}")]
    NoSuchLeaf {
        /// The claimed leaf.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The proof does not take the one way its position has.
    #[error("the proof is not one for position {index} of {size}: a forged or exchanged proof")]
    Position {
        /// The claimed first leaf.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The proof leads to another root.
    #[error("the proof leads to another root")]
    Root,
    /// The earlier tree is not smaller than the later one.
    #[error("a tree of {from} is no earlier state of a tree of {to}")]
    Shrunk {
        /// The earlier size.
        from: u64,
        /// The later size.
        to: u64,
    },
    /// The consistency proof does not have one element for each complete subtree of the earlier tree.
    #[error("the consistency proof has {given} elements where the earlier tree has {needed} subtrees")]
    Peaks {
        /// Complete subtrees of the earlier tree.
        needed: usize,
        /// Elements in the proof.
        given: usize,
    },
    /// The subtrees of the proof do not make the earlier root.
    #[error("the proof does not contain the earlier tree")]
    EarlierRoot,
    /// Two roots are given for one size.
    #[error("two different roots for one size: the log shows two histories")]
    Split,
}

/// The root of the first `size` leaves.
///
/// # Errors
///
/// Size 0, for which the P-tree has no root, and nodes that cannot be read.
pub fn root<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Hash, TreeError<N::Error>> {
    tree::root::<Pangea, N>(nodes, size)
}

/// The name of a log's P-tree as the Pangea Audit API reports it: hex SHA-256 of `audit-tree/v1`, a newline and the
/// origin.
///
/// ```
/// assert_eq!(litesoc_ledger::ptree::tree_name("audit.example/acme").len(), 64);
/// ```
#[must_use]
pub fn tree_name(origin: &str) -> String {
    Hash::of(format!("audit-tree/v1\n{origin}").as_bytes()).to_string()
}

/// A published root as the older form of an Arweave answer has it: base64url without padding.
///
/// ```
/// assert_eq!(litesoc_ledger::ptree::published_root_data("{}"), "e30");
/// ```
#[must_use]
pub fn published_root_data(json: &str) -> String {
    crate::encoding::base64url(json.as_bytes())
}

/// The name under which a published root is served in place of an Arweave transaction: 43 characters of base64url.
///
/// ```
/// assert_eq!(litesoc_ledger::ptree::published_root_id("tree", 7).len(), 43);
/// ```
#[must_use]
pub fn published_root_id(tree_name: &str, size: u64) -> String {
    let name = format!("audit-root/v1\n{tree_name}\n{size}");
    crate::encoding::base64url(Hash::of(name.as_bytes()).as_bytes())
}
