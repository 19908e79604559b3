//! [`Mirror`]: a copy of another log, in which nothing is that the log has not signed.

mod folder;
mod round;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use litesoc_ledger::Hash;
use litesoc_ledger::checkpoint::Checkpoint;
use litesoc_ledger::merkle::EMPTY_ROOT;
use litesoc_ledger::mirror::LogFault;
use litesoc_ledger::note::{Note, VerifierKey};
use litesoc_ledger::policy::{Policy, PolicyFault};
use litesoc_ledger::tiles::{TileBuilder, TilePath};
use litesoc_ledger::tree::Rfc6962;
use parking_lot::{Mutex, RwLock};

use self::folder::Folder;
use self::round::Round;

/// A copy of another log in a folder, as the static files of C2SP tlog-tiles, which any web server can show.
///
/// The checkpoint in it is always one that its files lead to, also after a crash: files come first and the checkpoint last,
/// and each is put in its place durably and in one step.
#[derive(Debug)]
pub struct Mirror {
    folder: Folder,
    log: VerifierKey,
    policy: Policy,
    newest: RwLock<Option<Arc<Mirrored>>>,
    /// One round at a time.
    turn: Mutex<()>,
    /// Held as long as the mirror runs.
    _lock: File,
}

/// What a mirror has of its log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mirrored {
    /// Records.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The checkpoint, as the log and its witnesses signed it.
    pub checkpoint: Note,
}

/// Fetches a file of the log by its path below the log's address, such as `checkpoint`, of at most so many bytes. `None`
/// when there is none.
pub type Fetch<'a> = &'a dyn Fn(&str, usize) -> Result<Option<Vec<u8>>, String>;

impl Mirror {
    /// The mirror of the log with this key in a folder, which is made if it is not there. A checkpoint is taken over once it
    /// meets the policy; without one the signature of the log is enough.
    ///
    /// # Errors
    ///
    /// [`MirrorError`] when another process has the folder, or what is in it is not of this log.
    pub fn open(folder: &Path, log: VerifierKey, policy: Option<Policy>) -> Result<Self, MirrorError> {
        fs::create_dir_all(folder).map_err(MirrorError::io(folder))?;
        let path = folder.join(".lock");
        let lock = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let lock = lock.map_err(MirrorError::io(&path))?;
        lock.try_lock().map_err(|_| MirrorError::InUse(folder.to_owned()))?;
        let policy =
            policy.map_or_else(|| Policy::of_log(log.clone()), |policy| policy.with_log(log.clone()));
        let (newest, turn, folder) = (RwLock::default(), Mutex::default(), Folder::new(folder));
        let mirror = Self { folder, log, policy, newest, turn, _lock: lock };
        let newest = mirror.read()?;
        *mirror.newest.write() = newest.map(Arc::new);
        mirror.folder.clear_stage().map_err(MirrorError::io(&path))?;
        let keys = format!("{}\n", mirror.log);
        mirror.folder.replace("vkey", &keys).map_err(MirrorError::io(&path))?;
        Ok(mirror)
    }

    /// The key of the log.
    #[must_use]
    pub const fn log(&self) -> &VerifierKey {
        &self.log
    }

    /// What it has; `None` before the first round that succeeded.
    #[must_use]
    pub fn newest(&self) -> Option<Arc<Mirrored>> {
        self.newest.read().clone()
    }

    /// A tile or a bundle of entries; `None` when the log is not as wide there.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn file(&self, path: TilePath) -> io::Result<Option<Vec<u8>>> {
        let size = self.newest().map_or(0, |newest| newest.size);
        path.in_log_of(size).map_or(Ok(None), |widest| self.folder.read(path, widest))
    }

    /// Looks at the log once: fetches its checkpoint and whatever came since the last one, verifies all of it, and only then
    /// keeps it. Blocks meanwhile.
    ///
    /// # Errors
    ///
    /// [`MirrorError`]; what the mirror has is as it was.
    pub fn step(&self, fetch: Fetch<'_>) -> Result<Arc<Mirrored>, MirrorError> {
        let _turn = self.turn.lock();
        let round = Round { folder: &self.folder, policy: &self.policy, log: &self.log, fetch };
        let newest = Arc::new(round.run(self.newest().as_deref())?);
        *self.newest.write() = Some(Arc::clone(&newest));
        Ok(newest)
    }

    /// What the folder holds, if it is what this mirror keeps.
    fn read(&self) -> Result<Option<Mirrored>, MirrorError> {
        let path = self.folder.checkpoint_path();
        let Some(bytes) = self.folder.checkpoint().map_err(MirrorError::io(&path))? else { return Ok(None) };
        let damaged = |fault: String| MirrorError::Damaged { path: path.clone(), fault };
        let checkpoint = Note::from_bytes(&bytes).map_err(|error| damaged(error.to_string()))?;
        let text = Checkpoint::open(&checkpoint, &self.log).map_err(|error| damaged(error.to_string()))?;
        let tree = TileBuilder::<Rfc6962>::resume(text.size, &self.folder);
        let tree = tree.map_err(|error| damaged(error.to_string()))?;
        let found = tree.root().unwrap_or(EMPTY_ROOT);
        if found != text.root {
            return Err(damaged(format!(
                "the tiles beside it lead to {found}, but it is over {}",
                text.root
            )));
        }
        Ok(Some(Mirrored { size: text.size, root: text.root, checkpoint }))
    }
}

/// Why a mirror does not open or does not go on. What it has is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// Another process has the folder.
    #[error("the mirror in {} is in use by another process; stop that one first", _0.display())]
    InUse(PathBuf),
    /// What is in the folder is not what a mirror of this log wrote.
    #[error("{}: {fault}; restore the folder from a copy, or begin with an empty one", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// The system failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The log could not be asked.
    #[error("{path} could not be fetched: {fault}")]
    Fetch {
        /// The path below the log's address.
        path: String,
        /// Why not.
        fault: String,
    },
    /// The log does not show what its checkpoint is over.
    #[error("the log has signed a checkpoint over {path}, and does not show it")]
    Missing {
        /// The path below the log's address.
        path: String,
    },
    /// The log shows no checkpoint that could be read.
    #[error("the log shows no checkpoint: {0}")]
    Checkpoint(String),
    /// The checkpoint does not meet the policy.
    #[error("the checkpoint is not believed: {0}")]
    Policy(#[from] PolicyFault),
    /// The log is not honest, or somebody else answers in its place.
    #[error(transparent)]
    Log(#[from] LogFault),
}

impl MirrorError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
