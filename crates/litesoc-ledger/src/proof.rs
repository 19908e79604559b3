//! Proof files (C2SP tlog-proof): that an entry is in a log, on one page, verifiable offline.

use std::{fmt, str::FromStr};

use crate::{
    Hash, encoding,
    entry::Entry,
    merkle::{self, MerkleFault},
    note::{InvalidNote, Note},
    policy::{Accepted, Policy, PolicyFault},
    ptree::TrustedRoot,
};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Most hashes of an inclusion proof: a tree has at most 2^63 leaves.
const MAX_PATH: usize = 63;

/// A proof file whose form has been checked, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlogProof {
    /// What the application added. Nothing vouches for it.
    pub extra: Option<Vec<u8>>,
    /// The place of the entry.
    pub index: u64,
    /// The audit path.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

impl TlogProof {
    /// The proof for an entry.
    #[must_use]
    pub const fn new(index: u64, path: Vec<Hash>, checkpoint: Note) -> Self {
        Self { extra: None, index, path, checkpoint }
    }

    /// Adds extra data.
    #[must_use]
    pub fn with_extra(mut self, extra: Vec<u8>) -> Self {
        self.extra = Some(extra);
        self
    }

    /// Verifies that the entry with this R-leaf is in a log that the policy accepts.
    ///
    /// # Errors
    ///
    /// Why it is not shown.
    pub fn verify(&self, leaf: &Hash, policy: &Policy) -> Result<Accepted, TlogProofFault> {
        let accepted = policy.accept(&self.checkpoint)?;
        let Accepted { checkpoint, .. } = &accepted;
        merkle::verify_inclusion(leaf, self.index, checkpoint.size, &self.path, &checkpoint.root)?;
        Ok(accepted)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(out, "extra {}", encoding::base64(extra))?;
        }
        writeln!(out, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(out, "{}", hash.to_base64()))?;
        write!(out, "\n{}", self.checkpoint)
    }
}

impl FromStr for TlogProof {
    type Err = InvalidTlogProof;

    fn from_str(text: &str) -> Result<Self, InvalidTlogProof> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(InvalidTlogProof::Border)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(InvalidTlogProof::Header);
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra.map(|line| encoding::base64_decode(&line[6..]).ok_or(InvalidTlogProof::Extra));
        let extra = extra.transpose()?;
        let index = lines.next().and_then(|line| encoding::decimal(line.strip_prefix("index ")?));
        let index = index.ok_or(InvalidTlogProof::Index)?;
        let mut path = Vec::new();
        for (line, hash) in lines.enumerate() {
            if line == MAX_PATH {
                return Err(InvalidTlogProof::Hash { line });
            }
            path.push(Hash::from_base64(hash).map_err(|_| InvalidTlogProof::Hash { line })?);
        }
        Ok(Self { extra, index, path, checkpoint: Note::parse(checkpoint)? })
    }
}

/// The proof of one record of a log: a proof file whose extra data are the record's leaf hash and the P-root after it.
///
/// ```no_run
/// # fn example(file: &str, envelope: &[u8], policy: &litesoc_ledger::policy::Policy)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// use litesoc_ledger::proof::RecordProof;
///
/// let shown = file.parse::<RecordProof>()?.verify(envelope, policy)?;
/// println!("record {} of {}", shown.index, shown.accepted.checkpoint.origin);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordProof {
    entry: Entry,
    proof: TlogProof,
}

/// A record that has been shown to be in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShownRecord {
    /// Its place.
    pub index: u64,
    /// Its leaf hash.
    pub leaf_hash: Hash,
    /// The P-root after it, now trusted.
    pub root_after: TrustedRoot,
    /// The checkpoint, and who cosigned it.
    pub accepted: Accepted,
}

impl RecordProof {
    /// The proof of a record; the path is that of its entry in the R-tree of the checkpoint.
    #[must_use]
    pub fn new(entry: Entry, index: u64, path: Vec<Hash>, checkpoint: Note) -> Self {
        let extra = entry.to_bytes()[1..].to_vec();
        Self { entry, proof: TlogProof::new(index, path, checkpoint).with_extra(extra) }
    }

    /// The entry of the record, as the proof claims it.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The proof file.
    #[must_use]
    pub const fn proof(&self) -> &TlogProof {
        &self.proof
    }

    /// Verifies that the envelope with exactly these bytes is a record of a log that the policy accepts.
    ///
    /// # Errors
    ///
    /// Why it is not shown.
    pub fn verify(&self, envelope: &[u8], policy: &Policy) -> Result<ShownRecord, TlogProofFault> {
        if Hash::of(envelope) != self.entry.leaf_hash {
            return Err(TlogProofFault::Envelope);
        }
        self.verify_entry(policy)
    }

    /// Verifies the entry alone: for a record that was erased, whose hash remains.
    ///
    /// # Errors
    ///
    /// Why it is not shown.
    pub fn verify_entry(&self, policy: &Policy) -> Result<ShownRecord, TlogProofFault> {
        let accepted = self.proof.verify(&self.entry.merkle_leaf(), policy)?;
        let (index, leaf_hash) = (self.proof.index, self.entry.leaf_hash);
        Ok(ShownRecord { index, leaf_hash, root_after: self.entry.trusted_root(index), accepted })
    }
}

impl fmt::Display for RecordProof {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.proof.fmt(out)
    }
}

impl FromStr for RecordProof {
    type Err = InvalidTlogProof;

    fn from_str(text: &str) -> Result<Self, InvalidTlogProof> {
        let proof: TlogProof = text.parse()?;
        let extra =
            proof.extra.as_deref().filter(|extra| extra.len() == 64).ok_or(InvalidTlogProof::Extra)?;
        let entry = Entry::from_bytes(&[&[1], extra].concat()).ok_or(InvalidTlogProof::Extra)?;
        Ok(Self { entry, proof })
    }
}

/// A text that is no proof file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTlogProof {
    /// The first line is another.
    #[error("the first line of a proof is {HEADER}")]
    Header,
    /// The extra data are not base64, or for a record not 64 bytes.
    #[error("the extra line is not the base64 of what it should hold")]
    Extra,
    /// No `index` line.
    #[error("the proof has no line `index <n>`")]
    Index,
    /// A line that is no hash, or more than 63.
    #[error("line {line} of the path is not the base64 of a hash, or one too many")]
    Hash {
        /// The line, counted from 0.
        line: usize,
    },
    /// No blank line before the checkpoint.
    #[error("the proof has no blank line before its checkpoint")]
    Border,
    /// The checkpoint is no signed note.
    #[error("the checkpoint in the proof is no signed note: {0}")]
    Note(#[from] InvalidNote),
}

/// A proof that does not show what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlogProofFault {
    /// The policy does not accept the checkpoint.
    #[error(transparent)]
    Policy(#[from] PolicyFault),
    /// The path does not lead to the root of the checkpoint.
    #[error("the entry is not in the tree of the checkpoint: {0}")]
    Inclusion(#[from] MerkleFault),
    /// The envelope is not the one of the proof.
    #[error("the envelope is not the record of the proof: its hash differs")]
    Envelope,
}
