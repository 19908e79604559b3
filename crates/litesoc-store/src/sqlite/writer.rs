//! The one connection that writes: transactions, checkpoints, and the end of writing after a failed fsync.

use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::{Mutex, MutexGuard};
use rusqlite::{Connection, TransactionBehavior};

use super::failure::{Failure, Place};
use crate::Result;

/// Whether a transaction is on the disk when it is committed, or only after the next one that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// Committed means fsynced.
    Now,
    /// Committed means ordered: whatever is fsynced later brings this along.
    WithTheNext,
}

/// The writing side of the store, behind a lock that is handed over in turn.
///
/// An appender that comes back at once would otherwise win the lock over and over, and an alert could not be resolved
/// while events stream in.
#[derive(Debug)]
pub(super) struct Writer {
    place: Place,
    checkpoint_pages: i64,
    /// The place of the last stored event, to be read without waiting for a transaction; moves on only after a commit.
    last_seq: AtomicI64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    connection: Connection,
    /// The failure that ended writing.
    stopped: Option<String>,
}

impl Writer {
    pub(super) fn new(connection: Connection, place: Place, checkpoint_pages: u32) -> Result<Self> {
        let last_seq = place.judge("finding the last event", read_last_seq(&connection))?;
        let state = Mutex::new(State { connection, stopped: None });
        let last_seq = AtomicI64::new(last_seq);
        Ok(Self { place, checkpoint_pages: i64::from(checkpoint_pages), last_seq, state })
    }

    /// A writer that refuses to write.
    pub(super) fn read_only(connection: Connection, place: Place) -> Result<Self> {
        let mut writer = Self::new(connection, place, u32::MAX)?;
        writer.state.get_mut().stopped = Some("it was opened for reading alone".to_owned());
        Ok(writer)
    }

    /// The place of the last stored event.
    pub(super) fn last_seq(&self) -> i64 {
        self.last_seq.load(Ordering::Acquire)
    }

    /// Runs the work in one transaction that is durable when this returns.
    ///
    /// The work gets the connection and the last place given, which it may advance.
    pub(super) fn write<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection, &mut i64) -> Result<T, Failure>,
    ) -> Result<T> {
        self.write_with(Durability::Now, doing, work)
    }

    pub(super) fn write_with<T>(
        &self,
        durability: Durability,
        doing: &'static str,
        work: impl FnOnce(&Connection, &mut i64) -> Result<T, Failure>,
    ) -> Result<T> {
        let mut state = self.state.lock();
        let result = self.write_locked(&mut state, durability, doing, work);
        MutexGuard::unlock_fair(state);
        result
    }

    fn write_locked<T>(
        &self,
        state: &mut State,
        durability: Durability,
        doing: &'static str,
        work: impl FnOnce(&Connection, &mut i64) -> Result<T, Failure>,
    ) -> Result<T> {
        if let Some(cause) = &state.stopped {
            return Err(self.place.stopped(cause));
        }
        let mut last_seq = self.last_seq.load(Ordering::Acquire);
        match transact(&mut state.connection, durability, |connection| work(connection, &mut last_seq)) {
            Ok(done) => {
                self.last_seq.store(last_seq, Ordering::Release);
                self.checkpoint(state);
                Ok(done)
            }
            Err(failure) => {
                let unknown = failure.is_io();
                let error = self.place.error(doing, failure);
                if unknown {
                    state.stopped = Some(error.to_string());
                }
                Err(error)
            }
        }
    }

    /// Moves the write-ahead log into the database once it is long enough.
    ///
    /// It runs on this connection only (a second one that checkpoints while this one writes let the log grow without end in
    /// trials) and by hand: the engine's automatic checkpoint ignores its own errors, so that after a failed fsync of the
    /// database the next one could succeed and drop the log although pages were lost.
    fn checkpoint(&self, state: &mut State) {
        let outcome = checkpoint_if_longer(&state.connection, self.checkpoint_pages);
        if let Err(failure) = outcome
            && failure.is_io()
        {
            let error = self.place.error("moving the write-ahead log into the database", failure);
            state.stopped = Some(error.to_string());
        }
    }
}

fn transact<T>(
    connection: &mut Connection,
    durability: Durability,
    work: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if durability == Durability::WithTheNext {
        connection.pragma_update(None, "synchronous", "NORMAL")?;
    }
    let result = (|| {
        // Dropped without a commit it rolls back.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    })();
    if durability == Durability::WithTheNext {
        connection.pragma_update(None, "synchronous", "FULL")?;
    }
    result
}

fn checkpoint_if_longer(connection: &Connection, pages: i64) -> Result<(), Failure> {
    let log = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(i64, i64)> { Ok((row.get(1)?, row.get(2)?)) };
    let (written, moved) = connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?.query_row([], log)?;
    if written - moved > pages {
        connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], log)?;
    }
    Ok(())
}

fn read_last_seq(connection: &Connection) -> Result<i64, Failure> {
    // After a purge of the newest events the highest place is in `meta` alone.
    let sql = "SELECT max((SELECT value FROM meta WHERE name = 'last_seq'), ifnull((SELECT max(seq) FROM events), 0))";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;
    use crate::StoreError;

    fn failing(code: i32) -> Result<(), Failure> {
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into())
    }

    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("schema/0001_first.sql")).unwrap();
        Writer::new(connection, Place::new("here".into()), 100).unwrap()
    }

    #[test]
    fn a_failed_fsync_ends_writing() {
        let writer = writer();
        let failed = writer.write("appending events", |_, last_seq| {
            *last_seq += 1;
            failing(ffi::SQLITE_IOERR_FSYNC)
        });
        assert!(matches!(failed, Err(StoreError::Io { .. })), "{failed:?}");
        assert_eq!(writer.last_seq(), 0);
        let refused = writer.write("appending events", |_, _| Ok(())).unwrap_err();
        assert!(
            matches!(&refused, StoreError::Stopped { cause, .. } if cause.contains("appending events")),
            "{refused}"
        );
    }

    #[test]
    fn a_full_disk_does_not_end_writing_and_keeps_nothing() {
        let writer = writer();
        let failed = writer.write("appending events", |connection, _| {
            connection.execute("UPDATE meta SET value = 7 WHERE name = 'cursor'", [])?;
            failing(ffi::SQLITE_FULL)
        });
        assert!(matches!(failed, Err(StoreError::Full { .. })), "{failed:?}");
        let sql = "SELECT value FROM meta WHERE name = 'cursor'";
        let cursor: i64 = writer
            .write("reading", |connection, _| Ok(connection.query_row(sql, [], |row| row.get(0))?))
            .unwrap();
        assert_eq!(cursor, 0);
    }

    #[test]
    fn every_transaction_but_the_deferred_ones_is_fsynced() {
        let writer = writer();
        let level = |connection: &Connection| -> Result<i64, Failure> {
            Ok(connection.pragma_query_value(None, "synchronous", |row| row.get(0))?)
        };
        let (full, normal) = (2, 1);
        let deferred =
            writer.write_with(Durability::WithTheNext, "concluding", |connection, _| level(connection));
        assert_eq!(deferred.unwrap(), normal);
        let failed =
            writer.write_with(Durability::WithTheNext, "concluding", |_, _| failing(ffi::SQLITE_FULL));
        assert!(failed.is_err());
        assert_eq!(writer.write("appending", |connection, _| level(connection)).unwrap(), full);
    }
}
