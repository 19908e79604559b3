//! Why a bundle does not hold.

use std::fmt;

use crate::{
    canonical::InvalidJson,
    checkpoint::CheckpointFault,
    envelope::EnvelopeFault,
    merkle::MerkleFault,
    note::{InvalidNote, InvalidVerifierKey},
    policy::PolicyFault,
    ptree::ProofFault,
    signature::SignatureFault,
};

/// The first thing in a bundle that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BundleFault {
    /// The record, where the fault is one record's.
    pub record: Option<u64>,
    /// What is wrong.
    pub reason: Reason,
}

impl BundleFault {
    pub(crate) const fn at(record: u64, reason: Reason) -> Self {
        Self { record: Some(record), reason }
    }

    /// Whether the bundle cannot be read at all, as against one that was read and does not hold.
    #[must_use]
    pub const fn is_unreadable(&self) -> bool {
        matches!(self.reason, Reason::Manifest(_) | Reason::Version)
    }
}

impl From<Reason> for BundleFault {
    fn from(reason: Reason) -> Self {
        Self { record: None, reason }
    }
}

impl fmt::Display for BundleFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.record {
            Some(record) => write!(out, "record {record}: {}", self.reason),
            None => self.reason.fmt(out),
        }
    }
}

impl std::error::Error for BundleFault {}

/// What can be wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// `bundle.json` is not canonical JSON.
    #[error("bundle.json: {0}")]
    Manifest(InvalidJson),
    /// `bundle.json` is of a version that is not known here.
    #[error("bundle.json: format is not litesoc-audit-bundle/v1; a newer program may know it")]
    Version,
    /// `bundle.json` breaks a rule.
    #[error("bundle.json: {0}")]
    ManifestRule(&'static str),
    /// `checkpoint` is no signed note.
    #[error("checkpoint: {0}")]
    Checkpoint(InvalidNote),
    /// The policy does not accept the checkpoint.
    #[error("checkpoint: {0}")]
    Policy(#[from] PolicyFault),
    /// The key that the bundle names has not signed the checkpoint, or is none.
    #[error("checkpoint: {0}")]
    Embedded(#[from] CheckpointFault),
    /// The key in `bundle.json` is none.
    #[error("bundle.json: log_key: {0}")]
    Key(#[from] InvalidVerifierKey),
    /// The checkpoint is of another tree than `bundle.json` says.
    #[error("bundle.json speaks of {manifest}, the checkpoint of {checkpoint}")]
    Mismatch {
        /// Origin and size in `bundle.json`.
        manifest: String,
        /// Origin and size in the checkpoint.
        checkpoint: String,
    },
    /// Records are missing at the end of the range.
    #[error("missing: the range goes to {to}; a record was taken away, or the file is torn")]
    Missing {
        /// The end of the range.
        to: u64,
    },
    /// There is more than the range.
    #[error("there is more than the range has records: something was put in, or bundle.json was changed")]
    Surplus,
    /// The entry has another form.
    #[error("its entry is not 65 bytes that begin with 0x01")]
    Entry,
    /// The envelope is not the one that the log sealed.
    #[error("its hash is not the one the log sealed: the record was changed, removed or exchanged")]
    Changed,
    /// The envelope has the right hash and breaks a rule of records.
    #[error("{0}")]
    Envelope(#[from] EnvelopeFault),
    /// The P-root in the entry is not that of the records so far.
    #[error("the root after it does not follow from the records: a record or the order was changed")]
    Root,
    /// Times are not in the order of the records.
    #[error("it was received before the record before it")]
    Time,
    /// The first record does not say what the log is.
    #[error("it is not the genesis record of {origin}")]
    Genesis {
        /// The log of the checkpoint.
        origin: String,
    },
    /// The signature of the event does not hold.
    #[error("{0}")]
    Signature(#[from] SignatureFault),
    /// The range is not part of the checkpoint's tree.
    #[error(
        "the records are not those the checkpoint was signed for: entries, subtrees or checkpoint were changed"
    )]
    CheckpointRoot,
    /// The entry of the head is not in the checkpoint's tree.
    #[error("the head in bundle.json is not in the tree of the checkpoint: {0}")]
    Head(MerkleFault),
    /// `pangea.json` is not canonical JSON of the form that is written.
    #[error("pangea.json: {0}")]
    Pangea(InvalidJson),
    /// `pangea.json` breaks a rule.
    #[error("pangea.json: {0}")]
    PangeaRule(&'static str),
    /// A membership proof in `pangea.json` does not hold.
    #[error("pangea.json: {0}")]
    PangeaProof(ProofFault),
}
