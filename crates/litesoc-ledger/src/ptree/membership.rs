//! That a leaf stands at a position of the P-tree.

use std::{fmt, str::FromStr};

use super::{ProofFault, TrustedRoot};
use crate::{
    Hash, encoding,
    tree::{self, Nodes, Pangea, Side, TreeError, TreeKind},
};

/// A membership proof: the siblings from a leaf up to the root, each with its side.
///
/// Its text is `l:` or `r:` and 64 digits for each sibling, joined by commas; the letter says where the sibling
/// stands. The proof of the only leaf of a tree is the empty text.
///
/// ```
/// use litesoc_ledger::{Hash, ptree::{MembershipProof, TrustedRoot}, tree::{MemoryTree, Pangea}};
///
/// let leaves = [Hash::of(b"a"), Hash::of(b"b"), Hash::of(b"c")];
/// let tree = leaves.into_iter().collect::<MemoryTree<Pangea>>();
/// let proof = MembershipProof::build(&tree, 1, 3)?;
/// assert_eq!(proof.to_string(), format!("l:{},r:{}", leaves[0], leaves[2]));
///
/// let root = TrustedRoot::pinned(3, tree.root().expect("three leaves"));
/// assert!(proof.verify(&leaves[1], 1, &root).is_ok());
/// assert!(proof.verify(&leaves[1], 0, &root).is_err(), "not at another position");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MembershipProof {
    items: Vec<(Side, Hash)>,
}

impl MembershipProof {
    /// The proof for a leaf in the tree of the first `size` leaves.
    ///
    /// # Errors
    ///
    /// The leaf is not in that tree, or a node cannot be read.
    pub fn build<N: Nodes + ?Sized>(nodes: &N, index: u64, size: u64) -> Result<Self, TreeError<N::Error>> {
        if index >= size {
            return Err(TreeError::NoSuchLeaf { index, size });
        }
        Ok(Self { items: tree::path::<Pangea, N>(nodes, index, index + 1, size)? })
    }

    /// The siblings, from the leaf's to the child of the root.
    #[must_use]
    pub fn items(&self) -> &[(Side, Hash)] {
        &self.items
    }

    pub(super) const fn from_items(items: Vec<(Side, Hash)>) -> Self {
        Self { items }
    }

    /// Reads what [`parse`](str::parse) reads into a proof that exists, so that its memory is used again.
    ///
    /// # Errors
    ///
    /// The first item that is none.
    pub fn read(&mut self, text: &str) -> Result<(), ProofFault> {
        self.items.clear();
        if text.is_empty() {
            return Ok(());
        }
        for (item, part) in text.split(',').enumerate() {
            self.items.push(self::item(part).ok_or(ProofFault::Item { item })?);
        }
        Ok(())
    }

    /// Whether this is the way from the range `start..end` in a tree of `size`.
    pub(super) fn fits(&self, start: u64, end: u64, size: u64) -> Result<(), ProofFault> {
        let sides = tree::sides(start, end, size).ok_or(ProofFault::NoSuchLeaf { index: start, size })?;
        let same = sides.len() == self.items.len() && sides.iter().zip(&self.items).all(|(a, (b, _))| a == b);
        if same { Ok(()) } else { Err(ProofFault::Position { index: start, size }) }
    }

    /// The root that the siblings lead to from a node. This binds nothing: it is what the SDKs do.
    #[must_use]
    pub fn climb(&self, from: &Hash) -> Hash {
        self.items.iter().fold(*from, |hash, (side, sibling)| match side {
            Side::Left => Pangea::node(sibling, &hash),
            Side::Right => Pangea::node(&hash, sibling),
        })
    }

    /// Verifies that `leaf` stands at `index` of the tree.
    ///
    /// # Errors
    ///
    /// The proof takes another way than that of this position, or leads to another root.
    pub fn verify(&self, leaf: &Hash, index: u64, tree: &TrustedRoot) -> Result<(), ProofFault> {
        let end = index.checked_add(1).ok_or_else(|| ProofFault::NoSuchLeaf { index, size: tree.size() })?;
        self.fits(index, end, tree.size())?;
        if self.climb(leaf) == *tree.root() { Ok(()) } else { Err(ProofFault::Root) }
    }

    /// Verifies a proof of the hosted service, whose leaves are the roots of buffers of events.
    ///
    /// `buffer` is what it reports as `leaf_index`, and the size counts buffers. Only the end of the way, that from the
    /// buffer to the root, can be bound; the place inside the buffer is not known to anybody outside.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn verify_two_level(&self, leaf: &Hash, buffer: u64, tree: &TrustedRoot) -> Result<(), ProofFault> {
        let missing = ProofFault::NoSuchLeaf { index: buffer, size: tree.size() };
        let end = buffer.checked_add(1).ok_or(missing)?;
        let sides = tree::sides(buffer, end, tree.size()).ok_or(missing)?;
        let position = ProofFault::Position { index: buffer, size: tree.size() };
        let inside = self.items.len().checked_sub(sides.len()).ok_or(position)?;
        if sides.iter().zip(&self.items[inside..]).any(|(a, (b, _))| a != b) {
            return Err(position);
        }
        if self.climb(leaf) == *tree.root() { Ok(()) } else { Err(ProofFault::Root) }
    }
}

impl fmt::Display for MembershipProof {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(self.items.len() * 67);
        for (side, hash) in &self.items {
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(if *side == Side::Left { "l:" } else { "r:" });
            hash.push_hex(&mut text);
        }
        out.write_str(&text)
    }
}

impl FromStr for MembershipProof {
    type Err = ProofFault;

    fn from_str(text: &str) -> Result<Self, ProofFault> {
        let mut proof = Self::default();
        proof.read(text)?;
        Ok(proof)
    }
}

fn item(part: &str) -> Option<(Side, Hash)> {
    let (letter, digits) = part.as_bytes().split_first_chunk::<2>()?;
    let side = match letter {
        b"l:" => Side::Left,
        b"r:" => Side::Right,
        _ => return None,
    };
    let mut bytes = [0; 32];
    encoding::hex_into(digits, &mut bytes).then_some((side, Hash::from_bytes(bytes)))
}

/// Verifies membership proofs of one tree one after the other, and climbs only where the last proof did not.
///
/// For neighbouring leaves that is two hashes a proof instead of one for each level.
///
/// ```
/// use litesoc_ledger::{Hash, ptree::{Climber, MembershipProof, TrustedRoot}, tree::{MemoryTree, Pangea}};
///
/// let leaves: Vec<_> = (0..9_u8).map(|n| Hash::of(&[n])).collect();
/// let tree = leaves.iter().copied().collect::<MemoryTree<Pangea>>();
/// let mut climber = Climber::new(TrustedRoot::pinned(9, tree.root().expect("nine leaves")));
/// for (index, leaf) in (0..).zip(&leaves) {
///     climber.verify(leaf, index, &MembershipProof::build(&tree, index, 9)?)?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Climber {
    tree: TrustedRoot,
    /// The last proof that held: its range at each step, the node there, and the sibling beside it.
    last: Vec<(u64, u64, Hash)>,
    siblings: Vec<(Side, Hash)>,
}

impl Climber {
    /// A verifier of proofs against this root.
    #[must_use]
    pub const fn new(tree: TrustedRoot) -> Self {
        Self { tree, last: Vec::new(), siblings: Vec::new() }
    }

    /// The root proofs are held against.
    #[must_use]
    pub const fn tree(&self) -> &TrustedRoot {
        &self.tree
    }

    /// As [`MembershipProof::verify`].
    ///
    /// # Errors
    ///
    /// As [`MembershipProof::verify`]; the next proof is judged on its own then.
    pub fn verify(&mut self, leaf: &Hash, index: u64, proof: &MembershipProof) -> Result<(), ProofFault> {
        let size = self.tree.size();
        let end = index.checked_add(1).ok_or(ProofFault::NoSuchLeaf { index, size })?;
        proof.fits(index, end, size)?;
        let mut way = Vec::with_capacity(proof.items.len());
        let (mut low, mut high, mut hash) = (index, end, *leaf);
        for (step, (side, sibling)) in proof.items.iter().enumerate() {
            let above = self.last.len().checked_sub(proof.items.len() - step);
            let met = above.filter(|above| {
                self.last[*above] == (low, high, hash) && self.siblings[*above..] == proof.items[step..]
            });
            if let Some(above) = met {
                self.last.splice(..above, way);
                self.siblings.splice(..above, proof.items[..step].iter().copied());
                return Ok(());
            }
            way.push((low, high, hash));
            match side {
                Side::Left => {
                    hash = Pangea::node(sibling, &hash);
                    // A right child starts at its parent's start plus the width of the left child, which is the lowest
                    // binary 1 of its start.
                    low &= low.wrapping_sub(1);
                }
                Side::Right => {
                    hash = Pangea::node(&hash, sibling);
                    high = high.saturating_add(high - low).min(size);
                }
            }
        }
        self.last.clear();
        self.siblings.clear();
        if hash != *self.tree.root() {
            return Err(ProofFault::Root);
        }
        self.last = way;
        self.siblings.extend_from_slice(&proof.items);
        Ok(())
    }
}
