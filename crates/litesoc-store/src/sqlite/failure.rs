//! From what the engine says to whose turn it is: SQLite's result codes as store errors.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::error::StoreError;

/// What stops the work inside of a transaction.
#[derive(Debug)]
pub(super) enum Failure {
    /// Our own refusal.
    Refused(StoreError),
    /// The engine's.
    Engine(rusqlite::Error),
}

impl Failure {
    /// Whether the engine failed to read, write or fsync, so that what the disk holds is unknown.
    pub(super) fn is_io(&self) -> bool {
        matches!(self, Self::Engine(error) if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

/// The data directory, for error messages.
#[derive(Clone, Debug)]
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) const fn new(directory: PathBuf) -> Self {
        Self(directory)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.0
    }

    pub(super) fn in_use(&self) -> StoreError {
        StoreError::InUse { path: self.0.clone() }
    }

    pub(super) fn newer_schema(&self, found: u32, known: u32) -> StoreError {
        StoreError::NewerSchema { path: self.0.clone(), found, known }
    }

    pub(super) fn corrupt(&self, doing: &'static str, detail: impl Into<String>) -> StoreError {
        StoreError::Corrupt { doing, path: self.0.clone(), detail: detail.into() }
    }

    pub(super) fn stopped(&self, cause: &str) -> StoreError {
        StoreError::Stopped { path: self.0.clone(), cause: cause.to_owned() }
    }

    /// A failure of the operating system outside of the engine.
    pub(super) fn io(&self, doing: &'static str, source: io::Error) -> StoreError {
        let path = self.0.clone();
        if source.kind() == io::ErrorKind::StorageFull {
            return StoreError::Full { doing, path };
        }
        StoreError::Io { doing, path, source: source.into() }
    }

    /// The result with its failure put into the store's terms.
    pub(super) fn judge<T>(&self, doing: &'static str, result: Result<T, Failure>) -> Result<T, StoreError> {
        result.map_err(|failure| self.error(doing, failure))
    }

    pub(super) fn error(&self, doing: &'static str, failure: Failure) -> StoreError {
        let source = match failure {
            Failure::Refused(error) => return error,
            Failure::Engine(error) => error,
        };
        let path = self.0.clone();
        if matches!(
            source,
            rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
        ) {
            return StoreError::Corrupt { doing, path, detail: source.to_string() };
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { doing, path },
            Some(ErrorCode::DiskFull) => StoreError::Full { doing, path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Corrupt { doing, path, detail: source.to_string() }
            }
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::OutOfMemory,
            ) => StoreError::Io { doing, path, source: source.into() },
            Some(ErrorCode::TooBig) => {
                StoreError::invalid(format!("{doing}: a value is larger than the engine takes"))
            }
            _ => StoreError::Engine { doing, source: source.into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn engine(code: i32) -> Failure {
        Failure::Engine(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn codes_become_blame() {
        let place = Place::new("/data".into());
        let of = |code| place.error("appending", engine(code));
        assert!(matches!(of(ffi::SQLITE_BUSY), StoreError::Busy { .. }));
        assert!(matches!(of(ffi::SQLITE_FULL), StoreError::Full { .. }));
        assert!(matches!(of(ffi::SQLITE_CORRUPT), StoreError::Corrupt { .. }));
        assert!(matches!(of(ffi::SQLITE_NOTADB), StoreError::Corrupt { .. }));
        assert!(matches!(of(ffi::SQLITE_IOERR_FSYNC), StoreError::Io { .. }));
        assert!(matches!(of(ffi::SQLITE_MISUSE), StoreError::Engine { .. }));
        assert!(of(ffi::SQLITE_FULL).to_string().starts_with("appending: no space left for /data"));
    }

    #[test]
    fn only_failed_input_and_output_leaves_the_disk_unknown() {
        assert!(engine(ffi::SQLITE_IOERR_FSYNC).is_io());
        assert!(engine(ffi::SQLITE_IOERR_WRITE).is_io());
        assert!(!engine(ffi::SQLITE_FULL).is_io());
        assert!(!engine(ffi::SQLITE_BUSY).is_io());
    }
}
