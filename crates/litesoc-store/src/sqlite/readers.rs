//! A small pool of connections that only read.

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::failure::{Failure, Place};
use super::open::{self, SqliteSettings};
use crate::Result;

/// Opens connections as they are needed, up to a number, and lends them out one reader each.
#[derive(Debug)]
pub(super) struct Readers {
    place: Place,
    settings: SqliteSettings,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Connection>,
    opened: usize,
}

impl Readers {
    pub(super) fn new(place: Place, settings: SqliteSettings) -> Self {
        Self { place, settings, pool: Mutex::default(), returned: Condvar::new() }
    }

    /// Runs the work on one connection, all of it on one state of the database.
    pub(super) fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T> {
        let loan = Loan { readers: self, connection: Some(self.take()?) };
        let Some(connection) = &loan.connection else {
            unreachable!("a loan holds its connection until it ends")
        };
        let result = (|| {
            // Without the transaction a page and its total could come from before and after a commit.
            let transaction = connection.unchecked_transaction()?;
            let found = work(&transaction)?;
            transaction.commit()?;
            Ok(found)
        })();
        self.place.judge(doing, result)
    }

    fn take(&self) -> Result<Connection> {
        let mut pool = self.pool.lock();
        loop {
            if let Some(connection) = pool.idle.pop() {
                return Ok(connection);
            }
            if pool.opened < self.settings.readers.max(1) {
                pool.opened += 1;
                drop(pool);
                return open::reader(&self.place, &self.settings).inspect_err(|_| {
                    self.pool.lock().opened -= 1;
                    self.returned.notify_one();
                });
            }
            self.returned.wait(&mut pool);
        }
    }
}

/// A connection on loan, which goes back even when the work panics: a pool that leaks would end in readers that wait for ever.
struct Loan<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.pool.lock().idle.push(connection);
            self.readers.returned.notify_one();
        }
    }
}
