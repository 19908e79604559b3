//! A log in a temporary folder whose clock and checkpoints are simple.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use litesoc_ledger::Hash;
use litesoc_ledger::envelope::{Draft, Prepared};
use litesoc_ledger::event::Event;
use litesoc_ledger::time::Moment;
use litesoc_tlog::{Appended, Log, OpenError, Options, RequestId};
use tempfile::TempDir;

/// A folder for a log, and the time in it.
pub(crate) struct Scene {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<AtomicI64>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), clock: Arc::new(AtomicI64::new(1_735_689_600_000_000)) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn options(&self) -> Options {
        let clock = Arc::clone(&self.clock);
        let now = move || Moment::from_micros(clock.fetch_add(10, Ordering::Relaxed)).unwrap();
        let mut options =
            Options::new("audit.example/test", Hash::of(b"tree"), Arc::new(now), Arc::new(read_checkpoint));
        options.segment_bytes = 4_096;
        options
    }

    pub(crate) fn open(&self) -> Log {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<Log, OpenError> {
        Log::open(self.path(), self.options())
    }

    /// The hash of every file below a folder of the log.
    pub(crate) fn hashes_of(&self, folder: &str) -> Vec<(PathBuf, Hash)> {
        self.bytes_of(folder).into_iter().map(|(path, bytes)| (path, Hash::of(&bytes))).collect()
    }

    /// The bytes of every file below a folder of the log.
    pub(crate) fn bytes_of(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        collect(&self.path().join(folder), &mut files);
        files.sort();
        files
    }

    pub(crate) fn segments(&self) -> Vec<PathBuf> {
        self.bytes_of("rec").into_iter().map(|(path, _)| path).collect()
    }
}

fn collect(path: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| collect(&entry.unwrap().path(), files));
    } else {
        files.push((path.to_owned(), std::fs::read(path).unwrap()));
    }
}

pub(crate) fn request(number: u64) -> RequestId {
    RequestId::new(&format!("prq_{number:032}")).unwrap()
}

pub(crate) fn prepared(number: u64) -> Prepared {
    Draft::new(Event::new().with("message", format!("event {number}").as_str())).prepare().unwrap()
}

/// Appends a call of so many records and waits.
pub(crate) fn append(log: &Log, call: u64, records: u64) -> Appended {
    let drafts = (0..records).map(|number| prepared(call * 1_000 + number)).collect();
    log.append(request(call), drafts).unwrap().wait().unwrap()
}

/// A checkpoint without a signature: size and root.
pub(crate) fn checkpoint(log: &Log) -> u64 {
    let state = log.state();
    log.keep_checkpoint(state.size, format!("{} {}", state.size, state.root).as_bytes()).unwrap();
    state.size
}

fn read_checkpoint(bytes: &[u8]) -> Result<(u64, Hash), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let (size, root) = text.split_once(' ').ok_or("no space")?;
    let root = Hash::from_hex(root).map_err(|error| error.to_string())?;
    Ok((size.parse().map_err(|_| "no size")?, root))
}
