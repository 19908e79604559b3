//! [`Log`]: one transparency log in a folder.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use litesoc_ledger::entry::Entry;
use litesoc_ledger::envelope::Prepared;
use litesoc_ledger::time::Moment;
use litesoc_ledger::tree::{Nodes, Pangea, Rfc6962};
use litesoc_ledger::{Hash, merkle};
use parking_lot::{Mutex, RwLock};
use tokio::sync::oneshot;

use crate::cache::Cache;
use crate::checkpoints::Checkpoints;
use crate::entries::Entries;
use crate::epoch::Epoch;
use crate::error::{AppendError, OpenError, ReadError};
use crate::queue::{Appending, EraseError, Job, Queue};
use crate::record::{Record, RequestId};
use crate::recovery::{self, Recovered};
use crate::roots::Roots;
use crate::segment::Segments;
use crate::segment::file::{Disk, FileDisk};
use crate::segment::frame::LONGEST_BODY;
use crate::sequencer::Sequencer;
use crate::tiles::Tiles;

/// Requests remembered, so that a repeated one is known.
const REQUESTS: usize = 500_000;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;
/// Checks the signature of a checkpoint and says which size and root it is over.
pub type ReadCheckpoint = Arc<dyn Fn(&[u8]) -> Result<(u64, Hash), String> + Send + Sync>;
/// Opens a segment for appending.
pub type OpenDisk = Arc<dyn Fn(&Path) -> std::io::Result<Box<dyn Disk>> + Send + Sync>;

/// How a log is run.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// The name of the log, such as `audit.example/acme`.
    pub origin: String,
    /// The hash that names its tree; segments carry it, so that those of another log are refused.
    pub tree_name: Hash,
    /// The clock that times records.
    pub clock: Clock,
    /// How checkpoints are checked when the log opens.
    pub read_checkpoint: ReadCheckpoint,
    /// Bytes after which a new segment begins. 64 MiB.
    pub segment_bytes: u64,
    /// Bytes of records that may wait to be written. 64 MiB.
    pub queue_bytes: usize,
    /// Bytes written and flushed together at most. 8 MiB.
    pub batch_bytes: usize,
    /// How segments are opened for appending.
    pub open_disk: OpenDisk,
}

impl Options {
    /// The defaults for a log.
    #[must_use]
    pub fn new(
        origin: impl Into<String>,
        tree_name: Hash,
        clock: Clock,
        read_checkpoint: ReadCheckpoint,
    ) -> Self {
        Self {
            origin: origin.into(),
            tree_name,
            clock,
            read_checkpoint,
            segment_bytes: 64 << 20,
            queue_bytes: 64 << 20,
            batch_bytes: 8 << 20,
            open_disk: Arc::new(|path| Ok(Box::new(FileDisk::open(path)?))),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Options").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// A log at one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct State {
    /// Records.
    pub size: u64,
    /// The root of the P-tree; all zeroes for the empty log.
    pub pangea_root: Hash,
    /// The root of the R-tree.
    pub root: Hash,
    /// The time of the last record; `None` for the empty log.
    pub received_at: Option<Moment>,
}

/// What opening a log found and mended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// Bytes of an unfinished write that were cut off; nobody was told that they were durable.
    pub cut_bytes: u64,
    /// The segment they were cut from.
    pub cut_from: Option<PathBuf>,
}

/// One transparency log in a folder: records are appended, read, proven, and never changed.
#[derive(Debug)]
pub struct Log {
    shared: Arc<Shared>,
    sequencer: Mutex<Option<JoinHandle<()>>>,
    recovery: Recovery,
}

/// What the sequencer writes and everybody reads.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) folder: PathBuf,
    pub(crate) segments: Segments,
    pub(crate) pangea: Tiles<Pangea>,
    pub(crate) rfc6962: Tiles<Rfc6962>,
    pub(crate) entries: Entries,
    pub(crate) roots: Roots,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) state: RwLock<State>,
    pub(crate) requests: Mutex<Cache<RequestId, u64>>,
    pub(crate) queue: Queue,
    pub(crate) epoch: Epoch,
    /// Held as long as the log is open.
    #[expect(dead_code, reason = "it is the lock by being there")]
    pub(crate) lock: File,
}

impl Log {
    /// Opens the log in a folder, which is made if it is not there.
    ///
    /// Every record is read and hashed again, and the result compared with the newest checkpoint.
    /// A process on another machine that has the log open stops appending, also when this one then finds a fault.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when another process has the log, when it is not what was signed, or when the system fails.
    /// Records and checkpoints are unchanged then.
    pub fn open(folder: &Path, options: Options) -> Result<Self, OpenError> {
        std::fs::create_dir_all(folder.join("rec")).map_err(OpenError::io("creating", folder))?;
        let lock = lock(folder)?;
        let epoch = Epoch::take(folder)?;
        let shared = Shared {
            segments: Segments::default(),
            pangea: Tiles::new(&folder.join("ptile"))?,
            rfc6962: Tiles::new(&folder.join("tile"))?,
            entries: Entries::new(&folder.join("tile"))?,
            roots: Roots::new(&folder.join("roots.idx"))?,
            checkpoints: Checkpoints::open(&folder.join("cp"))?,
            state: RwLock::new(State {
                size: 0,
                pangea_root: zeroes(),
                root: merkle::EMPTY_ROOT,
                received_at: None,
            }),
            requests: Mutex::new(Cache::new(REQUESTS)),
            queue: Queue::new(options.queue_bytes),
            folder: folder.to_owned(),
            options,
            epoch,
            lock,
        };
        let (shared, recovered) = recovery::recover(shared)?;
        let shared = Arc::new(shared);
        let Recovered { pangea, rfc6962, recovery } = recovered;
        let sequencer = Sequencer::new(Arc::clone(&shared), pangea, rfc6962)?;
        let thread = std::thread::Builder::new().name("litesoc-sequencer".to_owned());
        let thread =
            thread.spawn(move || sequencer.run()).map_err(OpenError::io("starting a thread for", folder))?;
        Ok(Self { shared, sequencer: Mutex::new(Some(thread)), recovery })
    }

    /// What opening found and mended.
    #[must_use]
    pub const fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// The log as it is now.
    #[must_use]
    pub fn state(&self) -> State {
        *self.shared.state.read()
    }

    /// Hands over the records of one call; they get neighbouring places, all of them or none.
    ///
    /// # Errors
    ///
    /// [`AppendError`] when they cannot even wait; what happens later is in the answer.
    pub fn append(&self, request: RequestId, drafts: Vec<Prepared>) -> Result<Appending, AppendError> {
        if let Some(long) = drafts.iter().find(|draft| draft.len() > LONGEST_BODY) {
            return Err(AppendError::TooLong { bytes: long.len(), limit: LONGEST_BODY });
        }
        let (sender, reply) = oneshot::channel();
        let bytes = drafts.iter().map(|draft| draft.len() + 128).sum();
        self.shared.queue.push(Job::Append { request, drafts, reply: sender }, bytes)?;
        Ok(Appending { reply })
    }

    /// The first record that came with a request, if it is among the latest half a million and durable.
    #[must_use]
    pub fn committed(&self, request: RequestId) -> Option<u64> {
        self.shared.requests.lock().get(&request).copied()
    }

    /// One record.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; a damaged record says so and leaves its neighbours readable.
    pub fn record(&self, index: u64) -> Result<Record, ReadError> {
        let mut found = None;
        self.records(index, index.saturating_add(1), |record| found = Some(record))?;
        found.ok_or_else(|| ReadError::NoSuchRecord { index, size: self.state().size })
    }

    /// Shows the records `from..to` in their order.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the range goes beyond the log, and at the first record that cannot be read.
    pub fn records(&self, from: u64, to: u64, mut show: impl FnMut(Record)) -> Result<(), ReadError> {
        let size = self.state().size;
        if to > size {
            return Err(ReadError::NoSuchRecord { index: to - 1, size });
        }
        self.shared.segments.read(from, to, |index, frame| {
            show(Record { index, request: RequestId::of_bytes(frame.request), body: frame.body() });
        })
    }

    /// The nodes of the P-tree, from which every root and proof of every size so far is made.
    #[must_use]
    pub fn pangea(&self) -> &dyn Nodes<Error = ReadError> {
        &self.shared.pangea
    }

    /// The nodes of the R-tree.
    #[must_use]
    pub fn rfc6962(&self) -> &dyn Nodes<Error = ReadError> {
        &self.shared.rfc6962
    }

    /// The P-root at a size from 1 to the present one, read off the entries.
    ///
    /// # Errors
    ///
    /// [`ReadError`] for another size.
    pub fn pangea_root(&self, size: u64) -> Result<Hash, ReadError> {
        let missing = ReadError::NoSuchRecord { index: size, size: self.state().size };
        Ok(self.entry(size.checked_sub(1).ok_or(missing)?)?.root_after)
    }

    /// The entry of the R-tree for a record, which binds both trees.
    ///
    /// # Errors
    ///
    /// [`ReadError`], also when the file does not hold what the tree says.
    pub fn entry(&self, index: u64) -> Result<Entry, ReadError> {
        let entry = self.shared.entries.get(index)?;
        if entry.merkle_leaf() == self.shared.rfc6962.node(0, index)? {
            return Ok(entry);
        }
        Err(ReadError::Damaged {
            index,
            path: self.shared.folder.join("tile").join("entries"),
            fault: "the entry does not belong to this tree; delete the file and restart to have it made again",
        })
    }

    /// The first `width` hashes of a tile of the R-tree (C2SP tlog-tiles), 1 to 256 of them.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoSuchNode`] when the tile is not that wide yet.
    pub fn tile(&self, level: u8, number: u64, width: usize) -> Result<Vec<Hash>, ReadError> {
        self.shared.rfc6962.hashes(level, number, width)
    }

    /// The first `width` entries of a bundle (C2SP tlog-tiles), 1 to 256 of them, each after its length.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoSuchNode`] when the bundle is not that wide yet.
    pub fn entries(&self, number: u64, width: usize) -> Result<Vec<u8>, ReadError> {
        self.shared.entries.bundle(number, width)
    }

    /// The size at which this was the P-root, when it was the end of a batch and so may have been told to a client.
    ///
    /// # Errors
    ///
    /// [`ReadError::Io`].
    pub fn size_of(&self, pangea_root: &Hash) -> Result<Option<u64>, ReadError> {
        self.shared.roots.size_of(pangea_root)
    }

    /// As [`size_of`](Self::size_of), for the latest half a million roots alone and without reading a file.
    #[must_use]
    pub fn recent_size_of(&self, pangea_root: &Hash) -> Option<u64> {
        self.shared.roots.recent_size_of(pangea_root)
    }

    /// Keeps a checkpoint that was signed over this log, durably. Nobody may see it before.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn keep_checkpoint(&self, size: u64, bytes: &[u8]) -> std::io::Result<()> {
        self.shared.checkpoints.write(size, bytes)
    }

    /// The size of the newest checkpoint.
    #[must_use]
    pub fn newest_checkpoint(&self) -> Option<u64> {
        self.shared.checkpoints.newest()
    }

    /// The sizes at which a checkpoint was signed, from `from` on, ascending.
    #[must_use]
    pub fn checkpoint_sizes(&self, from: u64) -> Vec<u64> {
        self.shared.checkpoints.sizes(from)
    }

    /// The checkpoint of a size.
    ///
    /// # Errors
    ///
    /// What the system says, `NotFound` among it.
    pub fn checkpoint(&self, size: u64) -> std::io::Result<Vec<u8>> {
        self.shared.checkpoints.read(size)
    }

    /// Where the segment begins that holds a record, or the end of the log: what comes before it lies in whole segments.
    #[must_use]
    pub fn segment_before(&self, index: u64) -> u64 {
        self.shared.segments.holding(index).map_or(0, |segment| segment.first)
    }

    /// Deletes what records say and keeps their hashes, so that every proof stays valid. Returns how many were not erased
    /// before. Blocks until the segments are rewritten.
    ///
    /// # Errors
    ///
    /// [`EraseError`]; segments that could not be rewritten are as they were.
    pub fn erase(&self, indexes: Vec<u64>) -> Result<u64, EraseError> {
        let (sender, reply) = oneshot::channel();
        let job = Job::Erase { indexes, reply: sender };
        let stopped = || EraseError::Stopped { cause: self.shared.queue.cause() };
        self.shared.queue.push(job, 0).map_err(|_| stopped())?;
        reply.blocking_recv().unwrap_or_else(|_| Err(stopped()))
    }

    /// Writes what waits, then ends. Blocks meanwhile. Reading goes on to work.
    pub fn close(&self) {
        self.shared.queue.close();
        if let Some(thread) = self.sequencer.lock().take() {
            // A sequencer that panicked has refused its callers already.
            let _ended = thread.join();
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.close();
    }
}

pub(crate) fn zeroes() -> Hash {
    Hash::from_bytes([0; 32])
}

/// Takes the lock on a folder, which lasts as long as the file is kept.
fn lock(folder: &Path) -> Result<File, OpenError> {
    let path = folder.join("lock");
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(OpenError::io("opening", &*path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { folder: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(OpenError::io("locking", path)(source)),
    }
}
