//! Checkpoints (C2SP tlog-checkpoint): which tree a log says it has.

use std::{fmt, str::FromStr};

use crate::{
    Hash, encoding,
    note::{InvalidNote, InvalidVerifierKey, KeyKind, Note, NoteFault, NoteSigner, VerifierKey},
    receipt,
};

/// The text of a checkpoint: the log, the size of its R-tree and the root.
///
/// ```
/// use litesoc_ledger::{checkpoint::Checkpoint, merkle};
///
/// let checkpoint = Checkpoint::new("audit.example/acme", 0, merkle::EMPTY_ROOT)?;
/// let text = checkpoint.to_string();
/// assert_eq!(text, "audit.example/acme\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
/// assert_eq!(text.parse::<Checkpoint>()?, checkpoint);
/// # Ok::<(), litesoc_ledger::checkpoint::InvalidCheckpoint>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// Leaves in the R-tree.
    pub size: u64,
    /// The root of the R-tree.
    pub root: Hash,
    /// Further lines. This project writes none.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// The checkpoint of a tree.
    ///
    /// # Errors
    ///
    /// An origin that is empty or has control characters.
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Result<Self, InvalidCheckpoint> {
        let origin = origin.into();
        if origin.is_empty() || origin.bytes().any(|byte| byte < 0x20) {
            return Err(InvalidCheckpoint::Origin);
        }
        Ok(Self { origin, size, root, extensions: Vec::new() })
    }

    /// The signed note of this checkpoint.
    ///
    /// # Errors
    ///
    /// The signer has another name than the origin: readers look the key up by it.
    pub fn sign(&self, signer: &NoteSigner) -> Result<Note, CheckpointFault> {
        if signer.verifier_key().name() != self.origin {
            return Err(CheckpointFault::Name);
        }
        Ok(Note::unsigned(self.to_string())?.sign(signer))
    }

    /// Reads the checkpoint in a note of a log.
    ///
    /// # Errors
    ///
    /// The log's key has not signed the note, the text is no checkpoint, or it is of another log than the key.
    pub fn open(note: &Note, log: &VerifierKey) -> Result<Self, CheckpointFault> {
        note.verify([log])?;
        let checkpoint: Self = note.text().parse()?;
        if checkpoint.origin != log.name() {
            return Err(CheckpointFault::Origin {
                expected: log.name().to_owned(),
                found: checkpoint.origin,
            });
        }
        Ok(checkpoint)
    }
}

/// The keys that sign checkpoints among verifier keys, one a line, as a log or its operator hands them out.
///
/// Keys of receipts and of witnesses are passed over, and so are blank lines and those that begin with `#`.
///
/// ```
/// use litesoc_ledger::{checkpoint::log_keys, note::VerifierKey, receipt::key_name, signature::PrivateKey};
///
/// let key = PrivateKey::from_seed([1; 32]).public_key();
/// let log = VerifierKey::ed25519("audit.example/a", key)?;
/// let receipt = VerifierKey::ed25519(key_name("audit.example/a"), key)?;
/// assert_eq!(log_keys(&format!("# of a\n{log}\n{receipt}\n"))?, [log]);
/// assert_eq!(log_keys("nonsense\n").expect_err("no key").line, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A line that is no verifier key.
pub fn log_keys(lines: &str) -> Result<Vec<VerifierKey>, InvalidKeyLine> {
    let mut keys = Vec::new();
    for (line, text) in (1..).zip(lines.lines().map(str::trim)) {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match text.parse::<VerifierKey>() {
            Ok(key) if key.kind() == KeyKind::Ed25519 && !receipt::is_key_name(key.name()) => keys.push(key),
            // A kind from later than this program signs no checkpoint that it could read.
            Ok(_) | Err(InvalidVerifierKey::Kind(_)) => {}
            Err(fault) => return Err(InvalidKeyLine { line, fault }),
        }
    }
    Ok(keys)
}

/// A line that is no verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
#[non_exhaustive]
pub struct InvalidKeyLine {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub fault: InvalidVerifierKey,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64())?;
        self.extensions.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = InvalidCheckpoint;

    fn from_str(text: &str) -> Result<Self, InvalidCheckpoint> {
        let body = text.strip_suffix('\n').ok_or(InvalidCheckpoint::Lines)?;
        let mut lines = body.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty()).ok_or(InvalidCheckpoint::Origin)?;
        let size = lines.next().ok_or(InvalidCheckpoint::Lines)?;
        let root = lines.next().ok_or(InvalidCheckpoint::Lines)?;
        let size = encoding::decimal(size).ok_or(InvalidCheckpoint::Size)?;
        let root = Hash::from_base64(root).map_err(|_| InvalidCheckpoint::Root)?;
        let mut checkpoint = Self::new(origin, size, root)?;
        for line in lines {
            if line.is_empty() {
                return Err(InvalidCheckpoint::Lines);
            }
            checkpoint.extensions.push(line.to_owned());
        }
        Ok(checkpoint)
    }
}

/// A text that is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCheckpoint {
    /// Not at least three lines, none of them empty, each with its newline.
    #[error("a checkpoint is three lines or more, none empty: origin, size, root")]
    Lines,
    /// The origin is empty or has control characters.
    #[error("the origin of a checkpoint must not be empty")]
    Origin,
    /// The size is no plain decimal number.
    #[error("the size of a checkpoint is a decimal number without leading zeroes")]
    Size,
    /// The root is not the base64 of 32 bytes.
    #[error("the root of a checkpoint is the base64 of 32 bytes")]
    Root,
}

/// A note that is no trusted checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointFault {
    /// The note has no valid form.
    #[error(transparent)]
    Form(#[from] InvalidNote),
    /// The signatures do not hold.
    #[error(transparent)]
    Note(#[from] NoteFault),
    /// The text is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] InvalidCheckpoint),
    /// The checkpoint is of another log.
    #[error("the checkpoint is of {found}, not of {expected}")]
    Origin {
        /// The log that was expected.
        expected: String,
        /// The log it is of.
        found: String,
    },
    /// The signer does not have the name of the log.
    #[error("the key that signs a checkpoint must be named like its origin")]
    Name,
}
