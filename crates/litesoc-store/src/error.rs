//! Why a store refused or failed, grouped by who can do something about it.

use std::error::Error;
use std::path::PathBuf;

use crate::organization::OrganizationId;

/// The reason an operation of a store did not happen; nothing of the operation was kept.
///
/// Each message says what was attempted, where, and what to do.
/// No message carries the content of an event or an API key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database was held by somebody else for longer than the store waits; the same call may succeed later.
    #[error("{doing}: the database in {} stayed locked; try again", path.display())]
    Busy {
        /// What was attempted.
        doing: &'static str,
        /// The data directory.
        path: PathBuf,
    },
    /// The data directory belongs to a running process.
    #[error("the data directory {} is in use by another process; stop that one or choose another directory", path.display())]
    InUse {
        /// The data directory.
        path: PathBuf,
    },
    /// The disk, or the size the store may have, is used up.
    #[error("{doing}: no space left for {}; free space on that disk, then repeat", path.display())]
    Full {
        /// What was attempted.
        doing: &'static str,
        /// The data directory.
        path: PathBuf,
    },
    /// The file was written by a later version of the software.
    #[error(
        "the database in {} has schema version {found}, this program knows up to {known}; use the newer program",
        path.display()
    )]
    NewerSchema {
        /// The data directory.
        path: PathBuf,
        /// The version in the file.
        found: u32,
        /// The highest version this program can read.
        known: u32,
    },
    /// The database contradicts itself, or is no database.
    #[error("{doing}: the database in {} is damaged ({detail}); restore it from a backup", path.display())]
    Corrupt {
        /// What was attempted.
        doing: &'static str,
        /// The data directory.
        path: PathBuf,
        /// What the engine said.
        detail: String,
    },
    /// The operating system failed to read or write.
    #[error("{doing}: input or output failed in {}; check the disk and the permissions", path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// The data directory.
        path: PathBuf,
        /// What the system or the engine said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An earlier failure left it unknown what is on the disk, so that the store takes no more writes.
    ///
    /// After a failed fsync the kernel may have dropped the pages it could not write, and a second fsync would report
    /// success without them; only reading the file again after a restart tells what is there.
    #[error("the store in {} takes no writes since \"{cause}\"; check the disk and restart", path.display())]
    Stopped {
        /// The data directory.
        path: PathBuf,
        /// The failure that stopped it.
        cause: String,
    },
    /// A call named an organisation that does not exist.
    #[error("there is no organization {0}; create it first")]
    UnknownOrganization(OrganizationId),
    /// An argument is outside of what the store accepts.
    #[error("{0}")]
    Invalid(String),
    /// The engine refused for a reason that is a defect of this program.
    #[error("{doing}: the database engine refused; please report this")]
    Engine {
        /// What was attempted.
        doing: &'static str,
        /// What the engine said.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// An [`Invalid`](Self::Invalid) with this explanation.
    pub(crate) fn invalid(why: impl Into<String>) -> Self {
        Self::Invalid(why.into())
    }

    /// Whether the same call may succeed later without anybody repairing something.
    ///
    /// ```
    /// use litesoc_store::StoreError;
    ///
    /// assert!(!StoreError::Invalid("limit".into()).is_retryable());
    /// ```
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Full { .. })
    }
}
