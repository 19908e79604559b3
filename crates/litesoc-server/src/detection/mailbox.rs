//! What the detection worker is told: events that were committed, alerts that people dealt with, and when to stop.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use litesoc_model::{DetectionLag, Timestamp};
use litesoc_store::{Seq, StoredEvent};
use parking_lot::{Condvar, Mutex};

use crate::clock::Clock;

/// How many events wait in memory; a worker that is further behind reads them from the store.
const MOST_HELD: usize = 50_000;

/// Events of one commit, without repeats.
#[derive(Debug)]
pub(crate) struct Committed {
    /// The place of the last event of the commit before: what the events follow.
    pub(crate) after: Seq,
    pub(crate) events: Vec<StoredEvent>,
}

/// Messages for the worker, and how far it is.
#[derive(Debug)]
pub(crate) struct Mailbox {
    letters: Mutex<Letters>,
    arrived: Condvar,
    written: AtomicU64,
    examined: AtomicU64,
    examined_received_ms: AtomicU64,
    /// When the latest snapshot was taken, in milliseconds of the pace plus one; zero when there is none.
    snapshot_at: AtomicU64,
    pace: Clock,
}

#[derive(Debug, Default)]
struct Letters {
    committed: VecDeque<Committed>,
    held: usize,
    /// The place of the last event handed over, be it held or not.
    up_to: Seq,
    verdicts: bool,
    stop: bool,
    worker_sleeps: bool,
}

/// All that has arrived since the worker last looked.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    pub(crate) committed: VecDeque<Committed>,
    /// Up to where events are to be examined, be they in the delivery or not.
    pub(crate) up_to: Seq,
    /// Whether somebody has dealt with an alert.
    pub(crate) verdicts: bool,
    pub(crate) stop: bool,
}

impl Mailbox {
    pub(crate) fn new(written: Seq) -> Self {
        Self {
            letters: Mutex::new(Letters { up_to: written, ..Letters::default() }),
            arrived: Condvar::new(),
            written: AtomicU64::new(written.get()),
            examined: AtomicU64::new(0),
            examined_received_ms: AtomicU64::new(0),
            snapshot_at: AtomicU64::new(0),
            pace: Clock::system(),
        }
    }

    /// Records how far events are written, which counts as lag from now on.
    ///
    /// Done before the clients hear of it, so that nobody sees his own event as neither pending nor examined.
    pub(crate) fn set_written(&self, last: Seq) {
        self.written.store(last.get(), Ordering::Release);
    }

    /// Hands over a commit; when too much waits already, the worker will find the gap and read it from the store.
    pub(crate) fn committed(&self, commit: Committed) {
        let Some(last) = commit.events.last().map(|event| event.seq) else { return };
        self.post(|letters| {
            letters.up_to = last;
            if letters.held + commit.events.len() <= MOST_HELD {
                letters.held += commit.events.len();
                letters.committed.push_back(commit);
            }
        });
    }

    /// Says that somebody has dealt with an alert; what it was stands in the store.
    pub(crate) fn verdict_given(&self) {
        self.post(|letters| letters.verdicts = true);
    }

    /// Asks the worker to finish what is there and end.
    pub(crate) fn stop(&self) {
        self.post(|letters| letters.stop = true);
    }

    fn post(&self, add: impl FnOnce(&mut Letters)) {
        let mut letters = self.letters.lock();
        add(&mut letters);
        if std::mem::take(&mut letters.worker_sleeps) {
            drop(letters);
            self.arrived.notify_one();
        }
    }

    /// Waits for something to arrive, at most this long, and takes it all.
    pub(crate) fn collect(&self, at_most: Option<Duration>) -> Delivery {
        let mut letters = self.letters.lock();
        if letters.is_empty() {
            letters.worker_sleeps = true;
            match at_most {
                Some(time) => drop(self.arrived.wait_for(&mut letters, time)),
                None => self.arrived.wait_while(&mut letters, |letters| letters.is_empty()),
            }
            letters.worker_sleeps = false;
        }
        letters.held = 0;
        Delivery {
            committed: std::mem::take(&mut letters.committed),
            up_to: letters.up_to,
            verdicts: std::mem::take(&mut letters.verdicts),
            stop: letters.stop,
        }
    }

    /// Records how far the worker is.
    pub(crate) fn set_examined(&self, seq: Seq, received_ms: i64) {
        self.examined_received_ms.store(received_ms.max(0).cast_unsigned(), Ordering::Relaxed);
        self.examined.store(seq.get(), Ordering::Release);
    }

    /// Records that a snapshot of the detector is on the disk.
    pub(crate) fn snapshot_taken(&self) {
        let now = u64::try_from(self.pace.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.snapshot_at.store(now.saturating_add(1), Ordering::Relaxed);
    }

    /// How old the latest snapshot of the detector is.
    pub(crate) fn snapshot_age(&self) -> Option<Duration> {
        let at = self.snapshot_at.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.pace.elapsed().saturating_sub(Duration::from_millis(at)))
    }

    /// How many events are written and not examined.
    pub(crate) fn unexamined(&self) -> u64 {
        self.written.load(Ordering::Acquire).saturating_sub(self.examined.load(Ordering::Acquire))
    }

    /// How far detection is behind what is written.
    pub(crate) fn lag(&self, now: Timestamp) -> DetectionLag {
        let examined = self.examined.load(Ordering::Acquire);
        let events = self.unexamined();
        let at = Timestamp::from_millis(self.examined_received_ms.load(Ordering::Relaxed).cast_signed());
        let behind = if events == 0 || examined == 0 { Duration::ZERO } else { now.saturating_since(at) };
        DetectionLag::new(events, u64::try_from(behind.as_millis()).unwrap_or(u64::MAX))
    }
}

impl Letters {
    fn is_empty(&self) -> bool {
        self.committed.is_empty() && !self.verdicts && !self.stop
    }
}
