//! [`SpillFile`]: what a detector puts aside for want of memory, as it stood at each of its snapshots.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::failure::{Failure, Place};
use crate::Result;

/// How many changes are gathered before they are written.
const FLUSH_AT: usize = 1_000;
/// The most entries that are kept; beyond it the oldest are forgotten.
const MOST_ENTRIES: u64 = 4_000_000;
/// Memory for pages, in kibibytes.
const CACHE_KIBIBYTES: i64 = 16 << 10;
const VERSION: u32 = 1;

/// A key of an entry: a hash, so that its bytes are spread evenly.
pub type SpillKey = [u8; 16];

/// Blobs by key in a file of their own, for one process at a time, in generations that belong to snapshots.
///
/// A detector that went on after its latest snapshot has put aside and taken back more since. When the process dies, it is the
/// snapshot that is read again, and with it what lay aside at that moment: [`open`](Self::open) forgets what came later.
/// So [`seal`](Self::seal) ends a generation when a snapshot is taken and gives the number to be written into it, and
/// [`settle`](Self::settle) clears what the generations before it needed, once that snapshot is on the disk.
///
/// All of it is derived from events: the file may be deleted whenever no process uses it, and entries beyond four million are
/// forgotten, the oldest first.
///
/// ```
/// use litesoc_store::SpillFile;
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("spill.db");
///
/// let mut spill = SpillFile::open(&path, None)?;
/// spill.put([1; 16], b"state of an account".to_vec())?;
/// let generation = spill.seal()?; // a snapshot is written here, with this number in it
/// spill.put([2; 16], b"the future".to_vec())?;
/// drop(spill); // the process dies
///
/// let mut spill = SpillFile::open(&path, Some(generation))?;
/// assert_eq!(spill.take([1; 16])?.as_deref(), Some(&b"state of an account"[..]));
/// assert_eq!(spill.take([2; 16])?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SpillFile {
    place: Place,
    connection: Connection,
    /// The generation that is being written; those before it are sealed.
    current: i64,
    settling: Settling,
    /// Changes of the current generation that are not written yet; `None` for one taken back.
    pending: HashMap<SpillKey, Option<Vec<u8>>>,
    maybe: Filter,
    entries: u64,
}

/// How far the clearing of superseded rows is: downwards from one generation to another.
#[derive(Debug)]
struct Settling {
    /// Up to this generation there is one row for a key and none that says it was taken.
    after: i64,
    /// The generation that is being settled.
    to: i64,
    /// The generation and key of the row looked at last.
    before: (i64, Vec<u8>),
}

impl Settling {
    const fn new(after: i64, to: i64) -> Self {
        // Before every row of the generation after it.
        Self { after, to, before: (to + 1, Vec::new()) }
    }
}

impl fmt::Debug for SpillFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpillFile").field("generation", &self.current).finish_non_exhaustive()
    }
}

impl SpillFile {
    /// Opens the file as it stood when this generation was sealed; with `None` it is made anew.
    ///
    /// It is made anew too when there is none, or when it no longer knows, or does not know yet, that generation.
    ///
    /// # Errors
    ///
    /// [`Corrupt`](crate::StoreError::Corrupt) when it is no file of ours or damaged: [`remove`](Self::remove) it then;
    /// [`Io`](crate::StoreError::Io) when it cannot be made or read.
    pub fn open(path: impl AsRef<Path>, generation: Option<u64>) -> Result<Self> {
        let path = path.as_ref();
        if generation.is_none() {
            Self::remove(path)?;
        }
        let place = place_of(path);
        // Not the highest number, so that there always is a next one.
        let sealed = i64::try_from(generation.unwrap_or_default()).unwrap_or(i64::MAX).min(1 << 60);
        let mut opened = place.judge("opening the spill file", open(path, sealed))?;
        if opened.is_none() {
            Self::remove(path)?;
            opened = place.judge("opening the spill file", open(path, sealed))?;
        }
        let Some((connection, settled)) = opened else {
            return Err(place.corrupt("opening the spill file", "it is not empty although it is new"));
        };
        let (maybe, entries) = place.judge("reading the spill file", keys(&connection))?;
        let (settling, pending) = (Settling::new(settled, settled), HashMap::new());
        Ok(Self { place, connection, current: sealed + 1, settling, pending, maybe, entries })
    }

    /// Deletes the file, if there is one.
    ///
    /// # Errors
    ///
    /// [`Io`](crate::StoreError::Io) when it cannot be deleted.
    pub fn remove(path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            match std::fs::remove_file(PathBuf::from(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(place_of(path).io("deleting the spill file", error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Puts a blob aside, in place of the one that lies there under the same key.
    ///
    /// # Errors
    ///
    /// Those of writing; the blob may be lost then.
    pub fn put(&mut self, key: SpillKey, state: Vec<u8>) -> Result<()> {
        self.maybe.insert(key);
        self.change(key, Some(state))
    }

    /// Takes back the blob under this key.
    ///
    /// # Errors
    ///
    /// Those of reading and writing.
    pub fn take(&mut self, key: SpillKey) -> Result<Option<Vec<u8>>> {
        if !self.maybe.may_contain(key) {
            return Ok(None);
        }
        if let Some(pending) = self.pending.get_mut(&key) {
            return Ok(pending.take());
        }
        let found = self.place.judge("reading the spill file", newest(&self.connection, key))?;
        if found.is_some() {
            self.change(key, None)?;
        }
        Ok(found)
    }

    fn change(&mut self, key: SpillKey, state: Option<Vec<u8>>) -> Result<()> {
        self.pending.insert(key, state);
        if self.pending.len() >= FLUSH_AT { self.flush(false) } else { Ok(()) }
    }

    /// Ends the present generation and returns its number: what lies aside now is on the disk under it.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn seal(&mut self) -> Result<u64> {
        self.flush(true)?;
        let sealed = self.current;
        self.current += 1;
        Ok(sealed.unsigned_abs())
    }

    /// Clears up to `max` rows that only generations before this one need; `true` when none is left.
    ///
    /// To be called once the snapshot of this generation is on the disk. From then on no earlier generation can be opened.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn settle(&mut self, generation: u64, max: usize) -> Result<bool> {
        let to = i64::try_from(generation).unwrap_or(i64::MAX).min(self.current - 1);
        if to > self.settling.to {
            self.settling = Settling::new(self.settling.after, to);
        }
        let (max, settled) = (max.max(1), settle(&mut self.connection, &mut self.settling, max.max(1)));
        let (looked_at, gone) = self.place.judge("clearing the spill file", settled)?;
        self.entries = self.entries.saturating_sub(gone);
        let done = looked_at < max;
        if done {
            self.settling = Settling::new(self.settling.to, self.settling.to);
        }
        Ok(done)
    }

    fn flush(&mut self, durable: bool) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        let written = flush(&mut self.connection, self.current, &pending, durable);
        self.entries += self.place.judge("writing the spill file", written)?;
        if self.entries > MOST_ENTRIES {
            let forgotten = forget_oldest(&self.connection, self.entries - MOST_ENTRIES);
            self.entries -= self.place.judge("clearing the spill file", forgotten)?;
        }
        Ok(())
    }
}

fn place_of(path: &Path) -> Place {
    Place::new(path.parent().unwrap_or_else(|| Path::new("")).to_path_buf())
}

/// Opens the file as it stood when a generation was sealed, with the generation it is settled up to; `None` when it can no
/// longer be brought there, or never was.
fn open(path: &Path, sealed: i64) -> Result<Option<(Connection, i64)>, Failure> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // A crash of the machine may take the latest rows; sealing is what makes sure.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIBIBYTES)?;
    connection.set_prepared_statement_cache_capacity(16);
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        let transaction = connection.transaction()?;
        transaction.execute_batch(include_str!("schema/spill.sql"))?;
        transaction.execute("UPDATE progress SET sealed = ?1, settled = ?1", [sealed])?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
    } else if version != VERSION {
        return Ok(None);
    }
    let progress = "SELECT sealed, settled FROM progress";
    let (last, settled): (i64, i64) =
        connection.query_row(progress, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if settled > sealed || last < sealed {
        return Ok(None);
    }
    connection.execute("DELETE FROM spilled WHERE generation > ?", [sealed])?;
    Ok(Some((connection, settled)))
}

fn keys(connection: &Connection) -> Result<(Filter, u64), Failure> {
    let (mut maybe, mut entries) = (Filter::new(), 0);
    let mut statement = connection.prepare("SELECT key FROM spilled")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        maybe.insert(row.get(0)?);
        entries += 1;
    }
    Ok((maybe, entries))
}

fn newest(connection: &Connection, key: SpillKey) -> Result<Option<Vec<u8>>, Failure> {
    let sql = "SELECT state FROM spilled WHERE key = ? ORDER BY generation DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?.flatten())
}

/// Writes the changes of a generation; returns how many rows there are more.
fn flush(
    connection: &mut Connection,
    generation: i64,
    pending: &HashMap<SpillKey, Option<Vec<u8>>>,
    durable: bool,
) -> Result<u64, Failure> {
    if durable {
        connection.pragma_update(None, "synchronous", "FULL")?;
    }
    let mut written = 0;
    let result = (|| {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO spilled VALUES (?, ?, ?)")?;
            // That a key was taken has to be remembered only where there is something older under it.
            let mut taken = transaction.prepare_cached(
                "INSERT OR REPLACE INTO spilled SELECT ?1, ?2, NULL WHERE EXISTS (SELECT 1 FROM spilled WHERE key = ?1)",
            )?;
            for (key, state) in pending {
                written += match state {
                    Some(state) => put.execute(params![key, generation, state])?,
                    None => taken.execute(params![key, generation])?,
                };
            }
            if durable {
                // Something has to be written for the fsync to happen, which takes all that was written before along.
                transaction.execute("UPDATE progress SET sealed = ?", [generation])?;
            }
        }
        Ok(transaction.commit()?)
    })();
    if durable {
        connection.pragma_update(None, "synchronous", "NORMAL")?;
    }
    result.map(|()| written as u64)
}

/// Clears what the next rows of the generations being settled stand in for; returns how many rows were looked at and went.
fn settle(connection: &mut Connection, settling: &mut Settling, max: usize) -> Result<(usize, u64), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut gone = 0;
    let next = "SELECT key, generation, state IS NULL FROM spilled INDEXED BY spilled_generation \
        WHERE generation > ? AND (generation, key) < (?, ?) ORDER BY generation DESC, key DESC LIMIT ?";
    let (generation, key) = &settling.before;
    let values = params![settling.after, generation, key, i64::try_from(max).unwrap_or(i64::MAX)];
    let rows: Vec<(SpillKey, i64, bool)> = transaction
        .prepare_cached(next)?
        .query_map(values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    {
        let mut older = transaction.prepare_cached("DELETE FROM spilled WHERE key = ? AND generation < ?")?;
        let mut this = transaction.prepare_cached("DELETE FROM spilled WHERE key = ? AND generation = ?")?;
        for (key, generation, taken) in &rows {
            gone += older.execute(params![key, generation])?;
            if *taken {
                gone += this.execute(params![key, generation])?;
            }
        }
        if rows.len() < max {
            transaction.execute("UPDATE progress SET settled = ?", [settling.to])?;
        }
    }
    transaction.commit()?;
    if let Some((key, generation, _)) = rows.last() {
        settling.before = (*generation, key.to_vec());
    }
    Ok((rows.len(), gone as u64))
}

fn forget_oldest(connection: &Connection, rows: u64) -> Result<u64, Failure> {
    let sql = "DELETE FROM spilled WHERE (key, generation) IN \
        (SELECT key, generation FROM spilled INDEXED BY spilled_generation ORDER BY generation LIMIT ?)";
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    Ok(connection.prepare_cached(sql)?.execute([rows])? as u64)
}

/// A Bloom filter over the keys that ever lay aside: most keys that are asked for never did, and need no look at the file.
///
/// Bits are not taken back, so it is best after the start; 2^26 of them are too many for one key in a thousand as long as
/// there were fewer than four million.
struct Filter(Vec<u64>);

impl Filter {
    const BITS: u32 = 26;

    fn new() -> Self {
        Self(vec![0; 1 << (Self::BITS - 6)])
    }

    /// The places of a key: four parts of it, which is a hash already.
    fn places(key: SpillKey) -> [usize; 4] {
        let whole = u128::from_be_bytes(key);
        [0, 1, 2, 3].map(|part| {
            let mask = (1_u128 << Self::BITS) - 1;
            usize::try_from((whole >> (part * Self::BITS)) & mask).unwrap_or_default()
        })
    }

    fn insert(&mut self, key: SpillKey) {
        for place in Self::places(key) {
            self.0[place / 64] |= 1 << (place % 64);
        }
    }

    fn may_contain(&self, key: SpillKey) -> bool {
        Self::places(key).iter().all(|place| self.0[place / 64] & (1 << (place % 64)) != 0)
    }
}
