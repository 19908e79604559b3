//! What the detector puts aside for want of memory: a file that may fail, and then is done without.

use std::path::Path;
use std::sync::Arc;

use litesoc_detect::Spill;
use litesoc_store::{SpillFile, SpillKey, StoreError};
use parking_lot::Mutex;

/// How many rows are cleared at a time, so that no event waits long behind it.
const CLEARED_AT_ONCE: usize = 2_000;

/// The spill file, shared by the detector that uses it and the worker that keeps it in step with the snapshots.
#[derive(Clone, Debug)]
pub(super) struct Aside(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    file: Option<SpillFile>,
    /// The generation whose snapshot is on the disk, as long as rows of earlier ones lie about.
    unsettled: Option<u64>,
}

impl Aside {
    /// Opens the file as it was at a snapshot; without one, or when it cannot be read, it begins empty.
    pub(super) fn open(path: &Path, generation: Option<u64>) -> Self {
        let file = SpillFile::open(path, generation).or_else(|error| {
            tracing::warn!(%error, "what the detector had put aside is lost: those accounts are learned anew");
            SpillFile::remove(path)?;
            SpillFile::open(path, generation)
        });
        let file = file.map_err(|error| told(&error)).ok();
        Self(Arc::new(Mutex::new(State { file, unsettled: None })))
    }

    /// Ends a generation for a snapshot that is about to be taken; `None` when there is no file to rely on.
    pub(super) fn seal(&self) -> Option<u64> {
        self.0.lock().with(SpillFile::seal)
    }

    /// The snapshot of this generation is on the disk.
    pub(super) fn published(&self, generation: u64) {
        self.0.lock().unsettled = Some(generation);
    }

    /// Clears some of what nobody needs any more; `false` when there is nothing left to clear.
    pub(super) fn clear_some(&self) -> bool {
        let mut state = self.0.lock();
        let Some(generation) = state.unsettled else { return false };
        let done = state.with(|file| file.settle(generation, CLEARED_AT_ONCE)).unwrap_or(true);
        if done {
            state.unsettled = None;
        }
        !done
    }
}

impl State {
    /// Does something with the file. A failure ends its use: what lies in it may no longer be what should.
    fn with<T>(&mut self, work: impl FnOnce(&mut SpillFile) -> Result<T, StoreError>) -> Option<T> {
        let result = work(self.file.as_mut()?);
        if let Err(error) = &result {
            told(error);
            self.file = None;
        }
        result.ok()
    }
}

fn told(error: &StoreError) {
    tracing::error!(%error, "the detector can put nothing aside until the next start: accounts beyond its memory are forgotten");
}

impl Spill for Aside {
    fn put(&mut self, key: SpillKey, state: Vec<u8>) {
        self.0.lock().with(|file| file.put(key, state));
    }

    fn take(&mut self, key: SpillKey) -> Option<Vec<u8>> {
        self.0.lock().with(|file| file.take(key)).flatten()
    }
}
