//! Publication: checkpoints are signed, shown to witnesses, and count once the policy is met.

mod times;
mod witnesses;

use std::path::Path;
use std::sync::Arc;

use litesoc_ledger::Hash;
use litesoc_ledger::checkpoint::Checkpoint;
use litesoc_ledger::entry::Entry;
use litesoc_ledger::merkle;
use litesoc_ledger::note::{Note, NoteSigner};
use litesoc_ledger::policy::Policy;
use litesoc_ledger::proof::RecordProof;
use litesoc_ledger::tiles::{TilePath, tile_bytes};
use litesoc_ledger::time::Moment;
use litesoc_tlog::{Clock, Log, ReadError};
use parking_lot::{Mutex, RwLock};

use self::times::Times;
pub use self::witnesses::{AskWitness, WitnessAnswer};
use self::witnesses::{Objection, Witnesses};
use crate::error::OpenError;
use crate::log::AuditLog;

/// The newest checkpoint that meets the policy: what answers of the API call published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Published {
    /// Records below it.
    pub size: u64,
    /// The P-root at that size.
    pub pangea_root: Hash,
    /// When it was published.
    pub at: Moment,
    /// The signed note, with the cosignatures of witnesses.
    pub checkpoint: Note,
}

/// What a log does with its checkpoints.
#[derive(Debug)]
pub(crate) struct Publication {
    policy: Policy,
    witnesses: Witnesses,
    times: Times,
    newest: RwLock<Option<Arc<Published>>>,
    /// One checkpoint at a time.
    turn: Mutex<()>,
}

/// Why a checkpoint was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// It could not be written or read.
    #[error("a checkpoint could not be kept: {0}")]
    Io(#[from] std::io::Error),
    /// The trees could not be read.
    #[error("the log could not be read: {0}")]
    Read(#[from] ReadError),
    /// A defect of this program.
    #[error("a checkpoint could not be made: {0}")]
    Made(String),
}

impl Publication {
    /// Takes up what was published before.
    pub(crate) fn open(
        folder: &Path,
        log: &Log,
        signer: &NoteSigner,
        policy: Option<&Policy>,
        ask: Option<AskWitness>,
    ) -> Result<Self, OpenError> {
        let key = signer.verifier_key().clone();
        let policy =
            policy.map_or_else(|| Policy::of_log(key.clone()), |policy| policy.clone().with_log(key.clone()));
        let times = Times::open(&folder.join("published.idx"))?;
        let witnesses = Witnesses::new(&policy, ask);
        let publication = Self { policy, witnesses, times, newest: RwLock::new(None), turn: Mutex::new(()) };
        // The newest one need not be published: its witnesses may have been away.
        for size in log.checkpoint_sizes(0).into_iter().rev() {
            let path = || folder.join("cp").join(format!("{size:020}"));
            let bytes = log.checkpoint(size).map_err(OpenError::io("reading", path()))?;
            let note = Note::from_bytes(&bytes)
                .map_err(|error| OpenError::Damaged { path: path(), fault: error.to_string() })?;
            if size > 0 && publication.policy.accept(&note).is_ok() {
                let pangea_root = log.pangea_root(size).map_err(|error| OpenError::Damaged {
                    path: folder.to_owned(),
                    fault: error.to_string(),
                })?;
                // A time that was lost is that of the last record below: not before it, and the same after every start.
                let at = publication.times.of(size).or_else(|| received_at(log, size - 1)).unwrap_or(EPOCH);
                *publication.newest.write() =
                    Some(Arc::new(Published { size, pangea_root, at, checkpoint: note }));
                break;
            }
        }
        publication.ask_at_start(folder, log, signer)?;
        Ok(publication)
    }

    /// Shows the log as it is to every witness: one that has seen more knows that this log was rolled back, and one that
    /// has seen other records that it was altered. Checkpoints that were deleted are no way around it.
    fn ask_at_start(&self, folder: &Path, log: &Log, signer: &NoteSigner) -> Result<(), OpenError> {
        let state = log.state();
        if state.size == 0 || !self.witnesses.are_asked() {
            return Ok(());
        }
        let origin = signer.verifier_key().name().to_owned();
        let failed = |fault: String| OpenError::Damaged { path: folder.join("cp"), fault };
        let mut note = if log.newest_checkpoint() == Some(state.size) {
            let bytes = log.checkpoint(state.size).map_err(OpenError::io("reading", folder.join("cp")))?;
            Note::from_bytes(&bytes).map_err(|error| failed(error.to_string()))?
        } else {
            // Kept once no witness objects, so that a log that is refused stays as it was found.
            let checkpoint = Checkpoint::new(origin.clone(), state.size, state.root);
            let note = checkpoint.map_err(|error| failed(error.to_string()))?.sign(signer);
            note.map_err(|error| failed(error.to_string()))?
        };
        let size = state.size;
        match self.witnesses.show(log, size, &mut note) {
            Some(Objection::SawMore { witness, seen }) => {
                Err(OpenError::WitnessSawMore { origin, witness, seen, size })
            }
            Some(Objection::SawOther { witness, seen }) => {
                Err(OpenError::WitnessSawOther { origin, witness, seen, size })
            }
            None => {
                let kept = log.keep_checkpoint(size, note.to_string().as_bytes());
                kept.map_err(OpenError::io("writing", folder.join("cp")))
            }
        }
    }

    pub(crate) fn newest(&self) -> Option<Arc<Published>> {
        self.newest.read().clone()
    }

    /// Signs a checkpoint if the log grew since the last, shows it to the witnesses, and publishes it if the policy is met.
    pub(crate) fn step(&self, log: &Log, signer: &NoteSigner, clock: &Clock) -> Result<(), PublishError> {
        let _turn = self.turn.lock();
        let state = log.state();
        let signed = log.newest_checkpoint();
        let grew = state.size > 0 && signed.is_none_or(|signed| state.size > signed);
        let unpublished = self.newest().is_none_or(|published| Some(published.size) != signed);
        let pending = unpublished && signed.is_some();
        if !grew && !pending {
            return Ok(());
        }
        let (size, mut note) = if grew {
            (state.size, self.sign(log, signer, state.size, state.root)?)
        } else {
            let size = signed.unwrap_or_default();
            let bytes = log.checkpoint(size)?;
            (size, Note::from_bytes(&bytes).map_err(|error| PublishError::Made(error.to_string()))?)
        };
        if let Some(objection) = self.witnesses.show(log, size, &mut note) {
            tracing::error!(origin = signer.verifier_key().name(), size, "{objection}");
        }
        log.keep_checkpoint(size, note.to_string().as_bytes())?;
        if self.policy.accept(&note).is_ok() {
            self.publish(log, size, note, (clock)())?;
        }
        Ok(())
    }

    /// Signs a checkpoint and keeps it, before anybody sees it.
    fn sign(&self, log: &Log, signer: &NoteSigner, size: u64, root: Hash) -> Result<Note, PublishError> {
        let made = |error: String| PublishError::Made(error);
        let checkpoint = Checkpoint::new(signer.verifier_key().name(), size, root);
        let note = checkpoint.map_err(|error| made(error.to_string()))?.sign(signer);
        let note = note.map_err(|error| made(error.to_string()))?;
        log.keep_checkpoint(size, note.to_string().as_bytes())?;
        Ok(note)
    }

    fn publish(&self, log: &Log, size: u64, checkpoint: Note, now: Moment) -> Result<(), PublishError> {
        let pangea_root = log.pangea_root(size)?;
        // A clock that goes back must not make a root older than the ones before it.
        let at = self.newest().map_or(now, |before| now.max(before.at));
        self.times.note(size, at)?;
        *self.newest.write() = Some(Arc::new(Published { size, pangea_root, at, checkpoint }));
        Ok(())
    }

    /// When the first published checkpoint that covers so many records was published.
    pub(crate) fn at(&self, size: u64) -> Option<Moment> {
        let newest = self.newest().filter(|newest| size <= newest.size)?;
        Some(self.times.covering(size).unwrap_or(newest.at))
    }
}

impl AuditLog {
    /// The newest checkpoint that meets the policy.
    #[must_use]
    pub fn published(&self) -> Option<Arc<Published>> {
        self.publication().newest()
    }

    /// When the first published checkpoint that covers so many records was published.
    #[must_use]
    pub fn published_at(&self, size: u64) -> Option<Moment> {
        self.publication().at(size)
    }

    /// Signs, shows and publishes a checkpoint, unless the log has not grown. The service does so about once a second.
    ///
    /// # Errors
    ///
    /// [`PublishError`]; what was published stays so.
    pub fn publish(&self) -> Result<(), PublishError> {
        self.publication().step(self.records(), self.signer(), self.clock())
    }

    /// A tile of hashes or of entries as C2SP tlog-tiles has it; `None` when it is not that wide yet.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, ReadError> {
        let bytes = match path {
            TilePath::Tile(tile) => {
                let hashes = self.records().tile(tile.level, tile.index, usize::from(tile.width));
                hashes.map(|hashes| tile_bytes(&hashes))
            }
            TilePath::Entries { index, width } => self.records().entries(index, usize::from(width)),
            _ => return Ok(None),
        };
        match bytes {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ReadError::NoSuchNode { .. } | ReadError::NoSuchRecord { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The proof that a record is in the published log, in the form of C2SP tlog-proof; `None` for a record that is not
    /// published yet.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub fn proof(&self, index: u64) -> Result<Option<RecordProof>, PublishError> {
        let Some(published) = self.published().filter(|published| index < published.size) else {
            return Ok(None);
        };
        let entry: Entry = self.records().entry(index)?;
        let path = merkle::inclusion(self.records().rfc6962(), index, published.size);
        let path = path.map_err(|error| PublishError::Made(error.to_string()))?;
        Ok(Some(RecordProof::new(entry, index, path, published.checkpoint.clone())))
    }
}

const EPOCH: Moment = match Moment::from_micros(0) {
    Some(epoch) => epoch,
    None => unreachable!(),
};

fn received_at(log: &Log, index: u64) -> Option<Moment> {
    use litesoc_ledger::envelope::EnvelopeView;
    use litesoc_tlog::Body;
    match log.record(index).ok()?.body {
        Body::Envelope(bytes) => EnvelopeView::read(&bytes).ok().map(|view| view.received_at),
        Body::Erased(stone) => Some(stone.received_at),
    }
}
