//! What a witness does (C2SP tlog-witness): it cosigns a checkpoint only when the log grew from the last one it saw.

use std::{fmt, str::FromStr};

use crate::{
    Hash,
    checkpoint::{Checkpoint, InvalidCheckpoint},
    encoding,
    merkle::{self, EMPTY_ROOT},
    note::{InvalidNote, Note, VerifierKey},
};

/// Most hashes of a consistency proof.
pub const MAX_PROOF: usize = 63;

/// The body of an `add-checkpoint` request.
///
/// ```
/// use litesoc_ledger::{checkpoint::Checkpoint, merkle, note::NoteSigner, signature::PrivateKey, witness::AddCheckpoint};
///
/// let log = NoteSigner::new("log.example", PrivateKey::from_seed([1; 32]))?;
/// let checkpoint = Checkpoint::new("log.example", 0, merkle::EMPTY_ROOT)?.sign(&log)?;
/// let request = AddCheckpoint::new(0, Vec::new(), checkpoint);
/// assert_eq!(request.to_string().parse::<AddCheckpoint>()?, request);
/// assert!(request.consider(None, &[log.verifier_key().clone()]).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddCheckpoint {
    /// The size the proof starts from: what the log believes the witness saw last.
    pub old_size: u64,
    /// The consistency proof of RFC 6962 from that size to the checkpoint's.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

impl AddCheckpoint {
    /// The request.
    #[must_use]
    pub const fn new(old_size: u64, proof: Vec<Hash>, checkpoint: Note) -> Self {
        Self { old_size, proof, checkpoint }
    }

    /// The origin the checkpoint claims, by which a witness finds its state.
    ///
    /// # Errors
    ///
    /// The note is no checkpoint.
    pub fn origin(&self) -> Result<String, InvalidCheckpoint> {
        Ok(self.checkpoint.text().parse::<Checkpoint>()?.origin)
    }

    /// Decides whether a witness that saw `last` cosigns: the keys are those it trusts for any log.
    ///
    /// Between reading `last` and keeping the new checkpoint nothing may come: check and store are one step for each
    /// origin. The checkpoint is kept before the cosignature leaves.
    ///
    /// # Errors
    ///
    /// Why not, with the HTTP status the specification demands.
    pub fn consider(
        &self,
        last: Option<(u64, Hash)>,
        logs: &[VerifierKey],
    ) -> Result<Checkpoint, WitnessRefusal> {
        let checkpoint: Checkpoint =
            self.checkpoint.text().parse().map_err(|_| WitnessRefusal::BadRequest)?;
        let mut known = logs.iter().filter(|key| key.name() == checkpoint.origin).peekable();
        if known.peek().is_none() {
            return Err(WitnessRefusal::UnknownLog);
        }
        self.checkpoint.verify(known).map_err(|_| WitnessRefusal::Unsigned)?;
        if self.old_size > checkpoint.size {
            return Err(WitnessRefusal::BadRequest);
        }
        let (size, root) = last.unwrap_or((0, EMPTY_ROOT));
        if self.old_size != size {
            return Err(WitnessRefusal::Conflict { size });
        }
        if checkpoint.size == 0 && checkpoint.root != EMPTY_ROOT {
            return Err(WitnessRefusal::Inconsistent);
        }
        merkle::verify_consistency(size, &root, checkpoint.size, &checkpoint.root, &self.proof)
            .map_err(|_| WitnessRefusal::Inconsistent)?;
        Ok(checkpoint)
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(out, "{}", hash.to_base64()))?;
        write!(out, "\n{}", self.checkpoint)
    }
}

impl FromStr for AddCheckpoint {
    type Err = InvalidAddCheckpoint;

    fn from_str(text: &str) -> Result<Self, InvalidAddCheckpoint> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(InvalidAddCheckpoint::Border)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| encoding::decimal(line.strip_prefix("old ")?));
        let old_size = old.ok_or(InvalidAddCheckpoint::Old)?;
        let mut proof = Vec::new();
        for (line, hash) in lines.enumerate() {
            if line == MAX_PROOF {
                return Err(InvalidAddCheckpoint::Hash { line });
            }
            proof.push(Hash::from_base64(hash).map_err(|_| InvalidAddCheckpoint::Hash { line })?);
        }
        Ok(Self { old_size, proof, checkpoint: Note::parse(checkpoint)? })
    }
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessRefusal {
    /// 400: no checkpoint, or one smaller than the old size.
    #[error("no checkpoint, or one that is smaller than the old size")]
    BadRequest,
    /// 404: the witness does not know the log.
    #[error("this witness does not know the log")]
    UnknownLog,
    /// 403: no trusted key of the log has signed, or a signature does not verify.
    #[error("the checkpoint is not signed by a trusted key of the log")]
    Unsigned,
    /// 409: the witness saw another size last. The body of the answer is that size and a newline, its type
    /// `text/x.tlog.size`.
    #[error("the last checkpoint cosigned here has size {size}")]
    Conflict {
        /// The size it saw.
        size: u64,
    },
    /// 422: the log did not grow from what the witness saw.
    #[error("the checkpoint is not consistent with the last one cosigned here")]
    Inconsistent,
}

impl WitnessRefusal {
    /// The HTTP status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::UnknownLog => 404,
            Self::Unsigned => 403,
            Self::Conflict { .. } => 409,
            Self::Inconsistent => 422,
        }
    }
}

/// Reads the body of a 409 answer: the size that the witness saw last.
#[must_use]
pub fn conflict_size(body: &str) -> Option<u64> {
    encoding::decimal(body.strip_suffix('\n')?)
}

/// Takes the answer of a witness: adds the lines that known keys made for this very checkpoint, and says how many.
///
/// Lines of unknown keys are passed over.
///
/// # Errors
///
/// The body is not made of signature lines, or a known key's line does not verify. Nothing is added then.
pub fn add_cosignatures(
    checkpoint: &mut Note,
    body: &str,
    witnesses: &[VerifierKey],
) -> Result<usize, InvalidNote> {
    let answer = Note::parse(&format!("{}\n{body}", checkpoint.text()))?;
    let verified = answer.verify_any(witnesses).map_err(|_| InvalidNote::Signature { line: 0 })?;
    for known in &verified {
        let line = answer.signatures().iter().find(|line| line.names(known.key));
        line.cloned().into_iter().for_each(|line| checkpoint.add(line));
    }
    Ok(verified.len())
}

/// A body that is no `add-checkpoint` request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAddCheckpoint {
    /// No blank line before the checkpoint.
    #[error("the request has no blank line before its checkpoint")]
    Border,
    /// The first line is not `old <size>`.
    #[error("the first line of the request is `old <size>`")]
    Old,
    /// A line that is no hash, or more than 63.
    #[error("line {line} of the proof is not the base64 of a hash, or one too many")]
    Hash {
        /// The line, counted from 0.
        line: usize,
    },
    /// The checkpoint is no signed note.
    #[error("the checkpoint in the request is no signed note: {0}")]
    Note(#[from] InvalidNote),
}
