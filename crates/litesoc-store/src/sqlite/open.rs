//! Opening a data directory: the lock on it, the connections to it and their settings.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::failure::{Failure, Place};
use crate::Result;
use crate::error::StoreError;

/// The name of the database within the data directory; `-wal` and `-shm` stand beside it while it is open.
const DATABASE: &str = "litesoc.db";

/// The file whose lock says that a process owns the data directory.
const LOCK: &str = "litesoc.lock";

/// The oldest engine this crate trusts: 3.7.0 to 3.51.2 could lose committed pages when a write-ahead log was reset while
/// another connection wrote.
const OLDEST_ENGINE: i32 = 3_051_003;

/// How long a connection waits for a lock that another one holds.
const BUSY: Duration = Duration::from_secs(5);

/// What can be chosen about an SQLite store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqliteSettings {
    /// How many reading connections are kept; more readers than that wait for one another. At least 1, default 4.
    pub readers: usize,
    /// Memory for pages of the writing connection, in bytes. Default 64 MiB.
    pub writer_cache_bytes: usize,
    /// Memory for pages of each reading connection, in bytes. Default 16 MiB.
    pub reader_cache_bytes: usize,
    /// After how many pages in the write-ahead log they are moved into the database.
    ///
    /// More pages mean fewer moves and a longer pause at each. Default 16,000 pages, 64 MiB.
    pub checkpoint_pages: u32,
    /// The size the database may grow to, in bytes; an append beyond it fails with [`Full`](crate::StoreError::Full).
    pub max_bytes: Option<u64>,
}

impl Default for SqliteSettings {
    fn default() -> Self {
        Self {
            readers: 4,
            writer_cache_bytes: 64 << 20,
            reader_cache_bytes: 16 << 20,
            checkpoint_pages: 16_000,
            max_bytes: None,
        }
    }
}

/// The bytes of a page of the database.
const PAGE_BYTES: u32 = 4_096;

/// Creates the directory if need be and takes the lock on it, which lasts as long as the file is kept.
pub(super) fn lock_directory(place: &Place) -> Result<File> {
    let directory = place.directory();
    create_directory(directory).map_err(|source| place.io("creating the data directory", source))?;
    let doing = "locking the data directory";
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(directory.join(LOCK))
        .map_err(|source| place.io(doing, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(place.in_use()),
        Err(TryLockError::Error(source)) => Err(place.io(doing, source)),
    }
}

/// A directory that does not exist yet is made readable for its owner alone: it will hold addresses and names of people.
fn create_directory(directory: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(directory)
}

/// The one connection that writes and checkpoints.
pub(super) fn writer(place: &Place, settings: &SqliteSettings) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let open = || -> Result<Connection, Failure> {
        let connection = Connection::open_with_flags(database(place), flags)?;
        connection.busy_timeout(BUSY)?;
        // The page size comes first: it is fixed by the first write, which turning on the log is.
        connection.pragma_update(None, "page_size", PAGE_BYTES)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // The store runs the checkpoints itself (see `Writer::checkpoint`): the engine's own ones hide a failed fsync.
        connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
        connection.pragma_update_and_check(None, "mmap_size", 0, |_| Ok(()))?;
        connection.pragma_update_and_check(None, "journal_size_limit", 128 << 20, |_| Ok(()))?;
        if let Some(bytes) = settings.max_bytes {
            let pages = i64::try_from(bytes / u64::from(PAGE_BYTES)).unwrap_or(i64::MAX);
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        }
        tune(&connection, settings.writer_cache_bytes)?;
        Ok(connection)
    };
    place.judge("opening the database", open())
}

/// One of the connections that only read.
pub(super) fn reader(place: &Place, settings: &SqliteSettings) -> Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let open = || -> Result<Connection, Failure> {
        let connection = Connection::open_with_flags(database(place), flags)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "query_only", true)?;
        tune(&connection, settings.reader_cache_bytes)?;
        Ok(connection)
    };
    place.judge("opening the database for reading", open())
}

fn tune(connection: &Connection, cache_bytes: usize) -> Result<(), Failure> {
    let kibibytes = i64::try_from(cache_bytes / 1_024).unwrap_or(i64::MAX);
    connection.pragma_update(None, "cache_size", -kibibytes)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Refuses an engine with a known way to lose data; a `bundled` build never has one.
pub(super) fn check_engine() -> Result<()> {
    if rusqlite::version_number() < OLDEST_ENGINE {
        let found = rusqlite::version();
        return Err(StoreError::invalid(format!("SQLite {found} can lose data; build with 3.51.3 or later")));
    }
    Ok(())
}

fn database(place: &Place) -> PathBuf {
    place.directory().join(DATABASE)
}
