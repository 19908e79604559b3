//! The R-tree: RFC 6962 over the entries of a log, its proofs and their verification.
//!
//! Making proofs is [`tree::path`] and [`tree::consistency`] over
//! whatever keeps the nodes; [`inclusion`] and [`consistency`] are short for them.

use sha2::{Digest, Sha256};

use crate::{
    Hash,
    tree::{self, Nodes, Rfc6962, Side, TreeError, TreeKind},
};

/// The root of the empty tree: SHA-256 of nothing (RFC 6962, section 2.1).
pub const EMPTY_ROOT: Hash = Hash::from_bytes([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// The leaf hash of an entry: SHA-256(0x00 || entry).
///
/// ```
/// use litesoc_ledger::merkle::leaf_hash;
///
/// let empty = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
/// assert_eq!(leaf_hash(b"").to_string(), empty);
/// ```
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash::from_bytes(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// The audit path of a leaf, from its sibling up to the child of the root (RFC 6962, section 2.1.1).
///
/// # Errors
///
/// The leaf is not in a tree of that size, or a node cannot be read.
pub fn inclusion<N: Nodes + ?Sized>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, TreeError<N::Error>> {
    if index >= size {
        return Err(TreeError::NoSuchLeaf { index, size });
    }
    let path = tree::path::<Rfc6962, N>(nodes, index, index + 1, size)?;
    Ok(path.into_iter().map(|(_, hash)| hash).collect())
}

/// The consistency proof between two sizes (RFC 6962, section 2.1.2); empty when they are equal.
///
/// # Errors
///
/// `from` is 0 or larger than `to`, or a node cannot be read.
pub fn consistency<N: Nodes + ?Sized>(
    nodes: &N,
    from: u64,
    to: u64,
) -> Result<Vec<Hash>, TreeError<N::Error>> {
    tree::consistency::<Rfc6962, N>(nodes, from, to)
}

/// The root of the first `size` leaves; [`EMPTY_ROOT`] for none.
///
/// # Errors
///
/// A node cannot be read.
pub fn root<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Hash, TreeError<N::Error>> {
    if size == 0 { Ok(EMPTY_ROOT) } else { tree::root::<Rfc6962, N>(nodes, size) }
}

/// Why a proof of the R-tree does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MerkleFault {
    /// The leaf is beyond the size of the tree.
    #[error("leaf {index} is not in a tree of {size}")]
    NoSuchLeaf {
        /// The claimed leaf.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The earlier tree is larger than the later one.
    #[error("a tree of {from} is no earlier state of a tree of {to}")]
    Shrunk {
        /// The earlier size.
        from: u64,
        /// The later size.
        to: u64,
    },
    /// The proof does not have the one length its positions allow.
    #[error("the proof has {given} hashes where its position needs {needed}")]
    Length {
        /// Hashes the position needs.
        needed: usize,
        /// Hashes in the proof.
        given: usize,
    },
    /// The proof leads to another root.
    #[error("the proof leads to another root")]
    Root,
    /// The proof of the earlier tree leads to another root than the earlier one.
    #[error("the proof does not contain the earlier tree")]
    EarlierRoot,
}

/// The root that an inclusion proof leads to.
///
/// # Errors
///
/// The position does not exist, or the proof has the wrong length for it.
pub fn root_from_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash]) -> Result<Hash, MerkleFault> {
    let missing = MerkleFault::NoSuchLeaf { index, size };
    let end = index.checked_add(1).ok_or(missing)?;
    let sides = tree::sides(index, end, size).ok_or(missing)?;
    if sides.len() != proof.len() {
        return Err(MerkleFault::Length { needed: sides.len(), given: proof.len() });
    }
    Ok(sides.iter().zip(proof).fold(*leaf, |hash, (side, sibling)| match side {
        Side::Left => Rfc6962::node(sibling, &hash),
        Side::Right => Rfc6962::node(&hash, sibling),
    }))
}

/// Verifies that a leaf stands at `index` in the tree of `size` leaves with this root (RFC 9162, section 2.1.3.2).
///
/// # Errors
///
/// Why it is not shown.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), MerkleFault> {
    if root_from_inclusion(leaf, index, size, proof)? == *root { Ok(()) } else { Err(MerkleFault::Root) }
}

/// Verifies that the tree of `from` leaves is the beginning of the tree of `to` leaves (RFC 9162, section 2.1.4.2).
///
/// The empty tree is the beginning of every tree: `from` 0 needs [`EMPTY_ROOT`] and an empty proof.
///
/// # Errors
///
/// Why it is not shown.
pub fn verify_consistency(
    from: u64,
    from_root: &Hash,
    to: u64,
    to_root: &Hash,
    proof: &[Hash],
) -> Result<(), MerkleFault> {
    if from > to {
        return Err(MerkleFault::Shrunk { from, to });
    }
    let exactly = |needed: usize| {
        if proof.len() == needed { Ok(()) } else { Err(MerkleFault::Length { needed, given: proof.len() }) }
    };
    if from == 0 {
        exactly(0)?;
        return if *from_root == EMPTY_ROOT { Ok(()) } else { Err(MerkleFault::EarlierRoot) };
    }
    if from == to {
        exactly(0)?;
        return if from_root == to_root { Ok(()) } else { Err(MerkleFault::Root) };
    }
    // The proof starts at the smallest complete subtree of the earlier tree: the earlier root itself when there is
    // no other.
    let level = from.trailing_zeros();
    let start = from - (1 << level);
    let sides = tree::sides(start, from, to).ok_or(MerkleFault::Shrunk { from, to })?;
    let whole = start == 0;
    exactly(sides.len() + usize::from(!whole))?;
    let (first, siblings) = match proof.split_first() {
        Some((first, rest)) if !whole => (*first, rest),
        _ => (*from_root, proof),
    };
    let (mut earlier, mut later) = (first, first);
    for (side, sibling) in sides.iter().zip(siblings) {
        match side {
            Side::Left => {
                earlier = Rfc6962::node(sibling, &earlier);
                later = Rfc6962::node(sibling, &later);
            }
            Side::Right => later = Rfc6962::node(&later, sibling),
        }
    }
    if earlier != *from_root {
        return Err(MerkleFault::EarlierRoot);
    }
    if later == *to_root { Ok(()) } else { Err(MerkleFault::Root) }
}
