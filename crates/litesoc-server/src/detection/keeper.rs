//! [`Keeper`]: takes snapshots of the detector now and then, and gives the latest one back at the start.

use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use litesoc_detect::{Detector, SettingsFile};
use litesoc_store::{Seq, Store, StoreError};
use sha2::{Digest, Sha256};

use super::aside::Aside;
use super::folder::{Draft, Folder, Header, Unreadable};
use super::mailbox::Mailbox;
use crate::clock::Clock;
use crate::config::DetectorFiles;
use crate::metrics::Metrics;
use crate::server::StartError;

/// Detection stands still while a snapshot is written: at most this part of the time, in hundredths.
const STANDING_STILL: u32 = 100;

/// How long to wait before looking again whether the one before is on the disk.
const UNTIL_PUBLISHED: Duration = Duration::from_millis(50);

/// The snapshots of one detector.
#[derive(Debug)]
pub(super) struct Keeper {
    files: DetectorFiles,
    folder: Folder,
    aside: Aside,
    pace: Clock,
    settings: String,
    metrics: Arc<Metrics>,
    mailbox: Arc<Mailbox>,
    /// When the latest snapshot was taken, how far the events were examined then, and how long it took.
    taken_at: Duration,
    taken_to: Seq,
    pause: Duration,
    publishing: Option<(JoinHandle<bool>, Option<u64>)>,
}

/// A detector as it was at a snapshot.
pub(super) struct Restored {
    pub(super) detector: Detector,
    pub(super) cursor: Seq,
    pub(super) verdict: u64,
}

impl Keeper {
    /// Opens the folder and restores the detector of its snapshot, if it is one of this history.
    pub(super) fn open(
        files: &DetectorFiles,
        store: &dyn Store,
        settings: &SettingsFile,
        (mailbox, metrics): (Arc<Mailbox>, Arc<Metrics>),
    ) -> Result<(Self, Option<Restored>), StartError> {
        let unusable = |source| StartError::DetectorFiles { directory: files.directory.clone(), source };
        let folder = Folder::make(&files.directory).map_err(unusable)?;
        let hash = hash_of(settings);
        let found = restore(&folder, store, settings, &hash)?;
        if !matches!(found, Found::Detector(..)) {
            // One that is refused now must not be taken up later, when the history has gone on.
            folder.discard().map_err(unusable)?;
        }
        let (restored, generation) = match found {
            Found::Detector(restored, generation) => (Some(*restored), generation),
            Found::Nothing => (None, None),
            Found::Unusable(reason) => {
                tracing::warn!(
                    directory = %files.directory.display(),
                    "the snapshot of the detector is not used: {reason}; \
                     detection goes on from the latest events, and learns anew what lies further back",
                );
                (None, None)
            }
        };
        let aside = Aside::open(&folder.spill(), generation);
        let (pace, taken_to) = (Clock::system(), restored.as_ref().map_or(Seq::START, |stood| stood.cursor));
        let keeper = Self {
            files: files.clone(),
            folder,
            aside,
            pace,
            settings: hash,
            metrics,
            mailbox,
            taken_at: Duration::ZERO,
            taken_to,
            pause: Duration::ZERO,
            publishing: None,
        };
        Ok((keeper, restored))
    }

    /// Where the detector may put state aside.
    pub(super) fn aside(&self) -> Aside {
        self.aside.clone()
    }

    /// How long until a snapshot is due, at this place in the order of events; `None` when there is nothing new to keep.
    pub(super) fn due_in(&self, examined: Seq) -> Option<Duration> {
        let events = examined.get().saturating_sub(self.taken_to.get());
        if events == 0 {
            return None;
        }
        let wait = if events >= self.files.events { Duration::ZERO } else { self.files.every };
        let wait = wait.max(self.pause * STANDING_STILL);
        let wait = wait.saturating_sub(self.pace.elapsed().saturating_sub(self.taken_at));
        Some(if self.publishing.is_some() { wait.max(UNTIL_PUBLISHED) } else { wait })
    }

    /// Whether one may be taken now: the one before it is on the disk, or has failed.
    pub(super) fn is_free(&mut self) -> bool {
        if let Some((thread, generation)) = self.publishing.take_if(|(thread, _)| thread.is_finished()) {
            let published = thread.join().unwrap_or(false);
            if let (true, Some(generation)) = (published, generation) {
                self.aside.published(generation);
            }
        }
        self.publishing.is_none()
    }

    /// Clears some of what lies about in the spill file; `false` when there is nothing to do.
    pub(super) fn clear_some(&mut self) -> bool {
        self.is_free() && self.aside.clear_some()
    }

    /// Takes a snapshot of a detector whose every conclusion up to `cursor` is on the disk.
    ///
    /// Writing it holds detection up; bringing it to the disk does not.
    pub(super) fn take(&mut self, detector: &Detector, store: &dyn Store, (cursor, verdict): (Seq, u64)) {
        let began = self.pace.elapsed();
        let draft = self.write(detector, store, (cursor, verdict));
        (self.taken_at, self.taken_to) = (self.pace.elapsed(), cursor);
        self.pause = self.taken_at.saturating_sub(began);
        let (draft, generation) = match draft {
            Ok(written) => written,
            Err(error) => return failed(&self.metrics, &error),
        };
        let (pause, metrics, mailbox) = (self.pause, Arc::clone(&self.metrics), Arc::clone(&self.mailbox));
        let publish = move || {
            let bytes = draft.bytes;
            let result = draft.publish();
            match &result {
                Ok(()) => {
                    tracing::debug!(place = %cursor, bytes, ?pause, "the detector is kept");
                    metrics.snapshot(Some((pause, bytes)));
                    mailbox.snapshot_taken();
                }
                Err(error) => failed(&metrics, error),
            }
            result.is_ok()
        };
        match Builder::new().name("litesoc-snapshot".to_owned()).spawn(publish) {
            Ok(thread) => self.publishing = Some((thread, generation)),
            Err(error) => failed(&self.metrics, &error),
        }
    }

    /// Waits until the latest one is on the disk.
    pub(super) fn finish(&mut self) {
        if let Some((thread, _)) = self.publishing.take() {
            let _published = thread.join();
        }
    }

    fn write(
        &self,
        detector: &Detector,
        store: &dyn Store,
        (cursor, verdict): (Seq, u64),
    ) -> io::Result<(Draft, Option<u64>)> {
        let event = event_at(store, cursor).map_err(io::Error::other)?;
        let spill = self.aside.seal();
        let settings = self.settings.clone();
        let header = Header { cursor: cursor.get(), event, verdict, spill, settings };
        let draft = self.folder.write(&header, |out| detector.snapshot(out))?;
        Ok((draft, spill))
    }
}

fn failed(metrics: &Metrics, error: &io::Error) {
    tracing::error!(%error, "the detector could not be kept; the next start begins from an earlier moment");
    metrics.snapshot(None);
}

/// The id of the event at a place; `None` when it was purged or there is none.
fn event_at(store: &dyn Store, place: Seq) -> Result<Option<uuid::Uuid>, StoreError> {
    let Some(before) = place.get().checked_sub(1) else { return Ok(None) };
    let found = store.read_from(Seq::new(before), 1)?;
    Ok(found.first().filter(|row| row.seq == place).map(|row| row.event.id))
}

/// What the folder holds.
enum Found {
    /// The detector of the snapshot, with the generation of the spill file.
    Detector(Box<Restored>, Option<u64>),
    Nothing,
    /// A snapshot that must not be used, and why.
    Unusable(String),
}

fn restore(
    folder: &Folder,
    store: &dyn Store,
    settings: &SettingsFile,
    hash: &str,
) -> Result<Found, StoreError> {
    let unusable = |reason: &str| Ok(Found::Unusable(reason.to_owned()));
    let (header, mut rest) = match folder.open() {
        Ok(opened) => opened,
        Err(Unreadable::Missing) => return Ok(Found::Nothing),
        Err(unreadable) => return unusable(&unreadable.to_string()),
    };
    let cursor = Seq::new(header.cursor);
    if cursor > store.cursor()? {
        return unusable("it is of a later moment than the store");
    }
    let known = event_at(store, cursor)?;
    if known.is_some() && header.event.is_some() && known != header.event {
        return unusable("it is of another history than the store's");
    }
    let detector = match Detector::restore(settings.default.clone(), &mut rest) {
        Ok(detector) => detector,
        Err(error) => return unusable(&error.to_string()),
    };
    if header.settings != hash {
        tracing::info!("the settings of detection have changed: what was learned under the old ones stays");
    }
    let restored = Restored { detector, cursor, verdict: header.verdict };
    Ok(Found::Detector(Box::new(restored), header.spill))
}

/// Tells settings from others.
fn hash_of(settings: &SettingsFile) -> String {
    let hash = Sha256::digest(format!("{settings:?}"));
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
