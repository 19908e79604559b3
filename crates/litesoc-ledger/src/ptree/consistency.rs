//! That one state of the P-tree is the beginning of a later one.

use super::{MembershipProof, ProofFault, TrustedRoot};
use crate::{
    Hash,
    tree::{self, Nodes, Pangea, TreeError, TreeKind},
};

/// A consistency proof: each complete subtree of the earlier tree, from the smallest to the largest, with its way up
/// to the later root.
///
/// Its text form is an array of strings, `x:` and the hash of the subtree, then its membership path.
///
/// ```
/// use litesoc_ledger::{Hash, ptree::{ConsistencyProof, TrustedRoot, root}, tree::{MemoryTree, Pangea}};
///
/// let tree = (0..8_u8).map(|n| Hash::of(&[n])).collect::<MemoryTree<Pangea>>();
/// let proof = ConsistencyProof::build(&tree, 5, 8)?;
/// assert_eq!(ConsistencyProof::parse(&proof.to_strings())?, proof);
///
/// let (old, new) = (TrustedRoot::pinned(5, root(&tree, 5)?), TrustedRoot::pinned(8, root(&tree, 8)?));
/// assert!(proof.verify(&old, &new).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    elements: Vec<(Hash, MembershipProof)>,
}

impl ConsistencyProof {
    /// The proof from size `from` to size `to`.
    ///
    /// # Errors
    ///
    /// `from` is 0 or not smaller than `to`: the SDKs cannot read a proof between equal sizes. Nodes that cannot be
    /// read.
    pub fn build<N: Nodes + ?Sized>(nodes: &N, from: u64, to: u64) -> Result<Self, TreeError<N::Error>> {
        if from == 0 || from >= to {
            return Err(TreeError::NoSuchSize { from, to });
        }
        let element = |(level, index): (u8, u64)| {
            let hash = nodes.node(level, index).map_err(TreeError::Nodes)?;
            let (start, end) = (index << level, (index + 1) << level);
            let items = tree::path::<Pangea, N>(nodes, start, end, to)?;
            Ok((hash, MembershipProof::from_items(items)))
        };
        Ok(Self { elements: tree::peaks(from).rev().map(element).collect::<Result<_, _>>()? })
    }

    /// Reads the strings of a proof.
    ///
    /// # Errors
    ///
    /// A string that is not `x:`, a hash and a path of at least one item.
    pub fn parse<S: AsRef<str>>(strings: &[S]) -> Result<Self, ProofFault> {
        let parse = |(element, text): (usize, &S)| {
            let fault = ProofFault::Element { element };
            let rest = text.as_ref().strip_prefix("x:").ok_or(fault)?;
            let (hash, path) = rest.split_once(',').ok_or(fault)?;
            let hash = Hash::from_hex(hash).map_err(|_| fault)?;
            if path.is_empty() {
                return Err(fault);
            }
            Ok((hash, path.parse().map_err(|_| fault)?))
        };
        Ok(Self { elements: strings.iter().enumerate().map(parse).collect::<Result<_, _>>()? })
    }

    /// The strings of the proof, as the API sends them.
    #[must_use]
    pub fn to_strings(&self) -> Vec<String> {
        self.elements.iter().map(|(hash, path)| format!("x:{hash},{path}")).collect()
    }

    /// The subtrees of the earlier tree, from the smallest to the largest, each with its way up.
    #[must_use]
    pub fn elements(&self) -> &[(Hash, MembershipProof)] {
        &self.elements
    }

    /// Verifies that the earlier tree is the beginning of the later one: the same leaves in the same places.
    ///
    /// # Errors
    ///
    /// Why it is not shown.
    pub fn verify(&self, earlier: &TrustedRoot, later: &TrustedRoot) -> Result<(), ProofFault> {
        let (from, to) = (earlier.size(), later.size());
        if from == 0 || from >= to {
            return Err(ProofFault::Shrunk { from, to });
        }
        let needed = from.count_ones() as usize;
        if self.elements.len() != needed {
            return Err(ProofFault::Peaks { needed, given: self.elements.len() });
        }
        for ((level, index), (hash, path)) in tree::peaks(from).rev().zip(&self.elements) {
            path.fits(index << level, (index + 1) << level, to)?;
            if path.climb(hash) != *later.root() {
                return Err(ProofFault::Root);
            }
        }
        let mut peaks = self.elements.iter().map(|(hash, _)| *hash);
        let first = peaks.next().ok_or(ProofFault::EarlierRoot)?;
        let root = peaks.fold(first, |right, left| Pangea::node(&left, &right));
        if root == *earlier.root() { Ok(()) } else { Err(ProofFault::EarlierRoot) }
    }

    /// Verifies what a log answers about two of its states: a proof between different sizes, and none with equal roots
    /// for one size.
    ///
    /// # Errors
    ///
    /// Why it is not shown; a proof that is missing where one is needed is [`ProofFault::Peaks`].
    pub fn verify_answer(
        proof: Option<&Self>,
        earlier: &TrustedRoot,
        later: &TrustedRoot,
    ) -> Result<(), ProofFault> {
        match proof {
            Some(proof) => proof.verify(earlier, later),
            None if earlier.size() != later.size() => {
                Err(ProofFault::Peaks { needed: earlier.size().count_ones() as usize, given: 0 })
            }
            None if earlier.root() == later.root() => Ok(()),
            None => Err(ProofFault::Split),
        }
    }
}
