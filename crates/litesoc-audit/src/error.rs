//! Why the audit logs do not open, and why there is no log for a request.

use std::io;
use std::path::PathBuf;

/// Why the audit logs do not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// One log cannot be believed, is in use, or cannot be read.
    #[error("audit log {origin}: {source}")]
    Log {
        /// The log.
        origin: String,
        /// Why.
        source: litesoc_tlog::OpenError,
    },
    /// A file beside the records is not what this program writes.
    #[error("{}: {fault}; restore it from a copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// A log does not take the record it begins with.
    #[error("audit log {origin}: its first record could not be written: {fault}")]
    Genesis {
        /// The log.
        origin: String,
        /// Why.
        fault: String,
    },
    /// A witness has seen more of a log than there is.
    #[error(
        "audit log {origin} was rolled back: witness {witness} has seen {seen} records of it, and here are {size}; restore \
         the missing records"
    )]
    WitnessSawMore {
        /// The log.
        origin: String,
        /// The witness.
        witness: String,
        /// What it has seen.
        seen: u64,
        /// Records in the log.
        size: u64,
    },
    /// A witness has seen other records of a log than there are.
    #[error(
        "audit log {origin} was altered: its {size} records do not begin with the {seen} that witness {witness} has seen; \
         restore the original records"
    )]
    WitnessSawOther {
        /// The log.
        origin: String,
        /// The witness.
        witness: String,
        /// How many records it has seen.
        seen: u64,
        /// Records in the log.
        size: u64,
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
    /// The name of a log cannot be used in checkpoints.
    #[error("{origin:?} cannot name a log: {fault}")]
    Origin {
        /// The name.
        origin: String,
        /// What is wrong.
        fault: String,
    },
}

impl OpenError {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}

/// Why a request has no log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoConfiguration {
    /// The token is bound to several configurations and the request names none of them.
    #[error("this token is good for several configurations; name one in config_id")]
    Missing,
    /// There is no such configuration, or the token may not use it.
    #[error("there is no configuration {0} for this token")]
    Unknown(String),
}
