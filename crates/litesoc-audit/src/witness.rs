//! [`Witness`]: cosigns checkpoints of other logs, each only when it grew from the last one seen (C2SP tlog-witness).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use litesoc_ledger::Hash;
use litesoc_ledger::checkpoint::{Checkpoint, InvalidCheckpoint};
use litesoc_ledger::cosignature::Cosigner;
use litesoc_ledger::note::{Note, VerifierKey};
use litesoc_ledger::signature::PrivateKey;
use litesoc_ledger::witness::{AddCheckpoint, WitnessRefusal};
use litesoc_tlog::Clock;
use parking_lot::{Mutex, RwLock};

use crate::publication::WitnessAnswer;

/// Cosigns checkpoints of the logs it knows.
///
/// What it saw last of each log is in a folder, one file a log, and is there durably before a cosignature is given out.
pub struct Witness {
    folder: PathBuf,
    cosigner: Cosigner,
    logs: RwLock<Vec<VerifierKey>>,
    clock: Clock,
    /// What was seen last of each log; held while a checkpoint is judged, so that no two are judged by the same one.
    seen: Mutex<BTreeMap<String, (u64, Hash)>>,
    /// Held as long as the witness runs.
    _lock: File,
}

/// Why there is no witness.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// Another process is this witness.
    #[error("the witness in {} is in use by another process; stop that one first", _0.display())]
    InUse(PathBuf),
    /// The name cannot stand in a cosignature.
    #[error("{0:?} cannot name a witness: no blanks, no plus sign")]
    Name(String),
    /// What it saw cannot be read or is not its own. A witness that forgets would cosign two histories.
    #[error("{}: {fault}; restore the newest copy of it, or give up this witness and its key", path.display())]
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
}

impl Witness {
    /// A witness of these logs with this name and key, which remembers in a folder; it is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`WitnessError`].
    pub fn open(
        folder: &Path,
        name: &str,
        key: PrivateKey,
        logs: Vec<VerifierKey>,
        clock: Clock,
    ) -> Result<Self, WitnessError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| WitnessError::Io { path, source }
        };
        let cosigner = Cosigner::new(name, key).map_err(|_| WitnessError::Name(name.to_owned()))?;
        fs::create_dir_all(folder).map_err(failed(folder))?;
        let path = folder.join("lock");
        let lock = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let lock = lock.map_err(failed(&path))?;
        lock.try_lock().map_err(|_| WitnessError::InUse(folder.to_owned()))?;
        let mut seen = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(failed(folder))? {
            let path = entry.map_err(failed(folder))?.path();
            if path.extension().is_some_and(|extension| extension == "checkpoint") {
                let bytes = fs::read(&path).map_err(failed(&path))?;
                let damaged = |fault| WitnessError::Damaged { path: path.clone(), fault };
                let kept = own_checkpoint(&bytes, &path, cosigner.verifier_key()).map_err(damaged)?;
                seen.insert(kept.origin, (kept.size, kept.root));
            }
        }
        let (logs, seen) = (RwLock::new(logs), Mutex::new(seen));
        Ok(Self { folder: folder.to_owned(), cosigner, logs, clock, seen, _lock: lock })
    }

    /// From now on these are the logs it knows. What it saw of others is kept, should they come back.
    pub fn know(&self, logs: Vec<VerifierKey>) {
        *self.logs.write() = logs;
    }

    /// The key that verifies its cosignatures.
    #[must_use]
    pub const fn verifier_key(&self) -> &VerifierKey {
        self.cosigner.verifier_key()
    }

    /// What it saw last of a log: size and root.
    #[must_use]
    pub fn seen(&self, origin: &str) -> Option<(u64, Hash)> {
        self.seen.lock().get(origin).copied()
    }

    /// The last checkpoint of a log that it cosigned, with its cosignature; `None` for a log of which it saw none.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn checkpoint(&self, origin: &str) -> io::Result<Option<String>> {
        match fs::read_to_string(self.path_of(origin)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Answers the body of an `add-checkpoint`: 200 and the cosignature, 409 and the size it saw, or why not. Blocks until
    /// what was seen is on the disk.
    #[must_use]
    pub fn add_checkpoint(&self, body: &[u8]) -> WitnessAnswer {
        let request = std::str::from_utf8(body).ok().and_then(|text| text.parse::<AddCheckpoint>().ok());
        let Some(request) = request else {
            return answer(400, "the body is no add-checkpoint request\n");
        };
        let Ok(origin) = request.origin() else { return answer(400, "the note is no checkpoint\n") };
        let mut seen = self.seen.lock();
        let checkpoint = match request.consider(seen.get(&origin).copied(), &self.logs.read()) {
            Ok(checkpoint) => checkpoint,
            Err(WitnessRefusal::Conflict { size }) => return answer(409, &format!("{size}\n")),
            Err(refusal) => {
                if refusal == WitnessRefusal::Inconsistent {
                    let why = "another history, or a proof that somebody made up";
                    tracing::warn!(
                        origin,
                        "what a log has signed does not follow from what was cosigned: {why}"
                    );
                }
                return answer(refusal.status(), &format!("{refusal}\n"));
            }
        };
        let seconds = u64::try_from((self.clock)().as_micros() / 1_000_000).unwrap_or(0);
        let line = match self.cosigner.cosign(request.checkpoint.text(), seconds) {
            Ok(line) => line,
            Err(error) => return answer(400, &format!("{error}\n")),
        };
        let mut note = request.checkpoint;
        note.add(line.clone());
        if let Err(error) = self.keep(&origin, &note) {
            tracing::error!(origin, %error, "a checkpoint was not cosigned, because it could not be kept");
            return answer(500, "what was seen could not be kept\n");
        }
        tracing::debug!(origin, size = checkpoint.size, "cosigned");
        seen.insert(origin, (checkpoint.size, checkpoint.root));
        answer(200, &format!("{line}\n"))
    }

    /// Keeps a checkpoint with our cosignature, durably, in the place of the one before it.
    fn keep(&self, origin: &str, note: &Note) -> io::Result<()> {
        let path = self.path_of(origin);
        let beside = path.with_extension("new");
        let mut file = File::create(&beside)?;
        file.write_all(note.to_string().as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    fn path_of(&self, origin: &str) -> PathBuf {
        self.folder.join(file_name(origin))
    }
}

fn file_name(origin: &str) -> String {
    format!("{}.checkpoint", Hash::of(origin.as_bytes()))
}

/// Reads a checkpoint that this witness kept, or says why it is none.
fn own_checkpoint(bytes: &[u8], path: &Path, own: &VerifierKey) -> Result<Checkpoint, String> {
    let note = Note::from_bytes(bytes).map_err(|error| error.to_string())?;
    note.verify([own]).map_err(|error| format!("not kept by {own}: {error}"))?;
    let checkpoint: Checkpoint = note.text().parse().map_err(|error: InvalidCheckpoint| error.to_string())?;
    // An older copy beside the newest one would take its place.
    if path.file_name().is_none_or(|name| name != file_name(&checkpoint.origin).as_str()) {
        return Err(format!("this is not the file for {}", checkpoint.origin));
    }
    Ok(checkpoint)
}

fn answer(status: u16, text: &str) -> WitnessAnswer {
    WitnessAnswer { status, body: text.as_bytes().to_vec() }
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Witness")
            .field("name", &self.cosigner.verifier_key().name())
            .finish_non_exhaustive()
    }
}
