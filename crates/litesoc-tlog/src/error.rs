//! Why a log does not open, does not take a record, or cannot give one back.

use std::io;
use std::path::PathBuf;

use litesoc_ledger::Hash;

/// Why a log does not open. Nothing in the folder has been changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has the log open.
    #[error("the log in {} is in use by another process; stop that one first", folder.display())]
    InUse {
        /// The folder of the log.
        folder: PathBuf,
    },
    /// The system failed.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A segment is not what this log wrote.
    #[error("segment {} is damaged at byte {offset}, record {record}: {fault}; restore the segment from a copy", path.display())]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// Where the fault begins.
        offset: u64,
        /// The index of the record there.
        record: u64,
        /// What is wrong.
        fault: &'static str,
    },
    /// Records are missing between two segments, or at the beginning.
    #[error(
        "records {expected} to {found} are missing: the segment that begins with record {expected} is gone; restore it from a copy"
    )]
    Missing {
        /// The first record that is not there.
        expected: u64,
        /// The first record that is there again.
        found: u64,
    },
    /// The log is shorter than a checkpoint it signed.
    #[error("the log was rolled back: it holds {size} records, but checkpoint {} was signed at size {signed}; restore the missing records", checkpoint.display())]
    RolledBack {
        /// Records found.
        size: u64,
        /// The size of the newest checkpoint.
        signed: u64,
        /// The checkpoint.
        checkpoint: PathBuf,
    },
    /// A record is not the one a checkpoint was signed over.
    #[error("the log was altered: at size {size} its root is {found}, but checkpoint {} was signed over {signed}; restore the original records", checkpoint.display())]
    Altered {
        /// The size of the newest checkpoint.
        size: u64,
        /// The root of the records found.
        found: Hash,
        /// The root in the checkpoint.
        signed: Hash,
        /// The checkpoint.
        checkpoint: PathBuf,
    },
    /// The newest checkpoint is none this log signed.
    #[error("checkpoint {} cannot be believed: {fault}; restore it from a copy", path.display())]
    Checkpoint {
        /// The checkpoint.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// Which process opened the log last cannot be told.
    #[error("{} holds no number; if no other process or machine has the log open, write 1 into it", path.display())]
    Epoch {
        /// The file.
        path: PathBuf,
    },
    /// The segments belong to another log.
    #[error("segment {} belongs to another log than {origin}", path.display())]
    OtherLog {
        /// The segment.
        path: PathBuf,
        /// The origin the log was opened under.
        origin: String,
    },
}

impl OpenError {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}

/// Why records were not appended. None of the call was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// More waits already than the log takes; try again shortly.
    #[error("the log is busy: {waiting} bytes wait to be written; try again shortly")]
    Busy {
        /// Bytes that wait.
        waiting: usize,
    },
    /// The disk is full; the log goes on when there is room again.
    #[error("no space left for the log; free space on that disk, then repeat")]
    Full,
    /// A record is longer than a log takes.
    #[error("a record of {bytes} bytes is longer than the {limit} that a log takes")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The longest.
        limit: usize,
    },
    /// A failed write left it unknown what is on the disk, another process took the log over, or it was closed.
    #[error("the log takes no more records: {cause}")]
    Stopped {
        /// What happened first.
        cause: String,
    },
}

/// Why something cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no such record yet.
    #[error("record {index} does not exist: the log holds {size}")]
    NoSuchRecord {
        /// What was asked for.
        index: u64,
        /// Records in the log.
        size: u64,
    },
    /// The file does not hold what was written; the records around it can still be read.
    #[error("record {index} in {} cannot be read: {fault}", path.display())]
    Damaged {
        /// The record.
        index: u64,
        /// The segment.
        path: PathBuf,
        /// What is wrong.
        fault: &'static str,
    },
    /// A node that is not complete at the present size.
    #[error("node {index} of level {level} does not exist yet")]
    NoSuchNode {
        /// The level; 0 is a leaf.
        level: u8,
        /// The place within the level.
        index: u64,
    },
    /// The system failed.
    #[error("reading {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
