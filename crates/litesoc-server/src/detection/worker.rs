//! The detection worker: shows committed events to the detector in their order and records what follows.

use std::sync::Arc;
use std::time::Duration;

use litesoc_detect::{Change, Detector, Observation, Settings, coalesce};
use litesoc_events::EventType;
use litesoc_model::Timestamp;
use litesoc_store::{Effects, Seq, Store, StoreError, StoredAlert, StoredEvent};

use super::effects;
use super::mailbox::{Delivery, Mailbox, Verdict};
use crate::clock::Clock;

/// The least time between two records of conclusions while events keep coming: each costs the disk as much as a commit of events.
const CONCLUDE_EVERY: Duration = Duration::from_millis(50);
/// How many events without any finding may pass before the cursor is moved.
const CURSOR_EVERY: u64 = 10_000;
/// How many events are read from the store at a time.
const READ_CHUNK: usize = 1_000;
/// How many unrecorded changes are held at least before they are folded together.
const FOLD_AT: usize = 4_096;
/// How far back an attack that goes on is shown from its beginning at the start, and how many events at most: the server
/// serves nobody meanwhile.
const LONGEST_RECALL: Duration = Duration::from_secs(24 * 60 * 60);
const MOST_RECALLED: u64 = 1_000_000;
/// How far events may lie from the order of their time: by this much the clock of a client may be ahead.
const DISORDER: Duration = Duration::from_secs(5 * 60);
/// How long to wait before the store is tried again after a failure.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// The worker; it owns the detector.
pub(crate) struct Worker {
    store: Arc<dyn Store>,
    mailbox: Arc<Mailbox>,
    clock: Clock,
    /// Paces the records, which a clock that stands still in a test must not hold up.
    pace: Clock,
    detector: Detector,
    /// Up to where events were shown to the detector.
    examined: Seq,
    /// Up to where they are to be shown.
    up_to: Seq,
    /// When the last of those shown arrived.
    received_ms: i64,
    /// Up to where the store knows it.
    concluded: Seq,
    concluded_at: Duration,
    changes: Vec<Change>,
    fold_at: usize,
}

impl Worker {
    /// A worker that knows what the one before it knew.
    pub(crate) fn start(
        store: Arc<dyn Store>,
        mailbox: Arc<Mailbox>,
        clock: Clock,
        settings: Settings,
        detector: Detector,
    ) -> Result<Self, StoreError> {
        let (cursor, up_to) = (store.cursor()?, store.last_seq()?);
        let (pace, received_ms) = (Clock::system(), clock.now().as_millis());
        let mut worker = Self {
            store,
            mailbox,
            clock,
            pace,
            detector,
            examined: cursor,
            up_to,
            received_ms,
            concluded: cursor,
            concluded_at: Duration::ZERO,
            changes: Vec::new(),
            fold_at: FOLD_AT,
        };
        worker.remember(cursor, &settings)?;
        Ok(worker)
    }

    /// Shows the detector again what it saw before, as far back as its windows reach, and drops what follows from it:
    /// those alerts were recorded together with the cursor.
    fn remember(&mut self, cursor: Seq, settings: &Settings) -> Result<(), StoreError> {
        let now = self.clock.now();
        for silent in self.store.suppressions(now.as_millis())? {
            let until = Timestamp::from_millis(silent.until_ms);
            self.detector.suppress(silent.organization.as_str(), &silent.fingerprint, until);
        }
        let window = settings.address.window.max(settings.account.window).max(settings.grouping);
        // A little more than the windows, because events are not stored exactly in the order of their arrival.
        let window = window + Duration::from_secs(60);
        let resume_at = Seq::new(cursor.get().saturating_sub(1));
        let oldest =
            self.store.read_from(resume_at, 1)?.first().map_or(now.as_millis(), |e| e.event.received_ms);
        let since = Timestamp::from_millis(oldest.min(now.as_millis()));
        let since = since.checked_sub(window).unwrap_or(Timestamp::MIN);
        let open = self.store.open_alerts(since.as_millis())?;
        let mut at = self.recall_from(since, cursor, &open)?;
        while at < cursor {
            let events = self.store.read_from(at, READ_CHUNK)?;
            let Some(last) = events.last().map(|event| event.seq) else { break };
            events.iter().filter(|event| event.seq <= cursor).for_each(|event| self.show(event));
            at = last;
        }
        let shown = std::mem::take(&mut self.changes);
        for change in &shown {
            // What somebody has dealt with in the meantime must not swallow the next attack.
            if !open.iter().any(|alert| alert.alert.id == change.alert_id()) {
                self.detector.forget(change.alert_id());
            }
        }
        for alert in &open {
            self.detector.resume(&effects::draft(alert));
        }
        Ok(())
    }

    /// Where to begin to show events again: at the beginning of the oldest attack that goes on, so that its accounts and
    /// addresses can be told from new ones; within bounds, but never after `since`.
    fn recall_from(&self, since: Timestamp, cursor: Seq, open: &[StoredAlert]) -> Result<Seq, StoreError> {
        let latest = self.store.seq_before(since.as_millis())?;
        let Some(begin) = open.iter().map(|alert| alert.alert.first_seen_ms).min() else { return Ok(latest) };
        let earliest = since.checked_sub(LONGEST_RECALL).unwrap_or(Timestamp::MIN);
        let begin =
            Timestamp::from_millis(begin).checked_sub(DISORDER).unwrap_or(Timestamp::MIN).max(earliest);
        let first = self.store.seq_before(begin.as_millis())?;
        let fewest = Seq::new(cursor.get().saturating_sub(MOST_RECALLED));
        Ok(first.max(fewest).min(latest))
    }

    /// Works until it is told to stop and nothing is left.
    pub(crate) fn run(mut self) {
        let mut failed = false;
        self.report();
        loop {
            let delivery = self.mailbox.collect(self.patience(failed));
            let stop = delivery.stop;
            self.up_to = delivery.up_to;
            let result = self.work(delivery).and_then(|()| self.conclude_if_due(stop));
            if let Err(error) = &result {
                tracing::error!(%error, "detection is held up");
            }
            failed = result.is_err();
            if stop && (failed || self.examined >= self.up_to) {
                break;
            }
        }
    }

    /// How long to wait for the next delivery; `None` when there is nothing to do before it.
    fn patience(&self, failed: bool) -> Option<Duration> {
        if failed {
            Some(AFTER_FAILURE)
        } else if self.examined < self.up_to {
            Some(Duration::ZERO)
        } else if self.changes.is_empty() {
            None
        } else {
            Some(CONCLUDE_EVERY.saturating_sub(self.pace.elapsed().saturating_sub(self.concluded_at)))
        }
    }

    fn work(&mut self, delivery: Delivery) -> Result<(), StoreError> {
        for verdict in delivery.verdicts {
            self.obey(verdict);
        }
        for commit in delivery.committed {
            self.catch_up(commit.after)?;
            for event in &commit.events {
                self.examine(event);
            }
        }
        self.catch_up(self.up_to)?;
        Ok(())
    }

    /// Reads from the store what was not delivered.
    fn catch_up(&mut self, to: Seq) -> Result<(), StoreError> {
        while self.examined < to {
            let events = self.store.read_from(self.examined, READ_CHUNK)?;
            for event in &events {
                self.examine(event);
            }
            if events.len() < READ_CHUNK {
                // Places up to `to` that hold nothing were purged.
                self.examined = self.examined.max(to);
                self.report();
            }
            self.conclude_if_due(false)?;
        }
        Ok(())
    }

    fn examine(&mut self, event: &StoredEvent) {
        if event.seq > self.examined {
            self.show(event);
            self.examined = event.seq;
            self.received_ms = event.event.received_ms;
            self.report();
        }
    }

    /// Says how far detection is; an event whose alert is not recorded yet does not count.
    fn report(&self) {
        if self.changes.is_empty() {
            self.mailbox.set_examined(self.examined, self.received_ms);
        }
    }

    fn show(&mut self, stored: &StoredEvent) {
        let event = &stored.event;
        let name = EventType::from(&*event.event_name);
        let at = Timestamp::from_millis(event.event_time_ms);
        let received = Timestamp::from_millis(event.received_ms);
        let seen = Observation::new(event.organization.as_str(), event.id, &name, at, received)
            .actor(event.actor_id.as_deref())
            .ip(event.user_ip)
            .metadata(&event.metadata);
        self.detector.observe(&seen, &mut self.changes);
        if self.changes.len() >= self.fold_at {
            coalesce(&mut self.changes);
            // Twice what is left, so that folding stays cheap however many alerts are growing at a time.
            self.fold_at = FOLD_AT.max(2 * self.changes.len());
        }
    }

    fn obey(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Resolved { alert } => self.detector.forget(alert),
            Verdict::Safe { alert, organization, fingerprint, until } => {
                self.detector.forget(alert);
                self.detector.suppress(&organization, &fingerprint, until);
            }
            Verdict::Reopened { alert } => {
                let draft = effects::draft(&alert);
                self.detector.suppress(&draft.organization, &draft.fingerprint, Timestamp::MIN);
                self.detector.resume(&draft);
            }
        }
    }

    fn conclude_if_due(&mut self, stop: bool) -> Result<(), StoreError> {
        let passed = self.pace.elapsed().saturating_sub(self.concluded_at);
        let due = if self.changes.is_empty() {
            self.examined.get() - self.concluded.get() >= CURSOR_EVERY
                || (stop && self.examined > self.concluded)
        } else {
            stop || passed >= CONCLUDE_EVERY
        };
        if due { self.conclude() } else { Ok(()) }
    }

    fn conclude(&mut self) -> Result<(), StoreError> {
        coalesce(&mut self.changes);
        let now_ms = self.clock.now().as_millis();
        let effects: Effects = effects::effects(&self.changes, now_ms)?;
        self.store.conclude(self.examined, &effects)?;
        if !effects.is_empty() {
            tracing::info!(raised = effects.raised.len(), grown = effects.progress.len(), "alerts recorded");
        }
        self.changes.clear();
        self.concluded = self.examined;
        self.concluded_at = self.pace.elapsed();
        self.report();
        Ok(())
    }
}
