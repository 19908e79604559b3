//! The detection worker: shows committed events to the detector in their order and records what follows.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use litesoc_detect::{Change, Detector, coalesce};
use litesoc_model::Timestamp;
use litesoc_store::{Effects, Obeyed, Seq, Store, StoreError, StoredEvent, Verdict};

use super::effects::{self, Known};
use super::keeper::Keeper;
use super::mailbox::{Delivery, Mailbox};
use super::{show, verdicts};
use crate::clock::Clock;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::notify::Bell;
use crate::rules::HotRules;
use crate::server::StartError;

/// The least time between two records of conclusions while events keep coming: each costs the disk as much as a commit of events.
const CONCLUDE_EVERY: Duration = Duration::from_millis(50);
/// How many times as long as the last record took it is to be waited for the next: while thousands of alerts grow at a time, their
/// records would leave no time for the events of others.
const REST: u32 = 2;
/// The most time between two records of conclusions.
const CONCLUDE_WITHIN: Duration = Duration::from_millis(400);
/// How many events without any finding may pass before the cursor is moved.
const CURSOR_EVERY: u64 = 10_000;
/// How many events are read from the store at a time.
pub(super) const READ_CHUNK: usize = 1_000;
/// How long to wait before the store is tried again after a failure.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// What a worker has to do with.
#[derive(Debug)]
pub(crate) struct Links {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) metrics: Arc<Metrics>,
    /// Rings when there are notices to deliver.
    pub(crate) bell: Bell,
    pub(crate) clock: Clock,
}

/// The worker; it owns the detector.
pub(crate) struct Worker {
    pub(super) links: Links,
    /// Paces the records, which a clock that stands still in a test must not hold up.
    pace: Clock,
    pub(super) detector: Detector,
    rules: HotRules,
    /// The edition of the rules that the detector has.
    edition: u64,
    keeper: Option<Keeper>,
    /// Whether there is more to clear in the spill file.
    clearing: bool,
    /// Up to where events were shown to the detector.
    examined: Seq,
    /// Up to where they are to be shown.
    up_to: Seq,
    /// When the last of those shown arrived.
    received_ms: i64,
    /// Up to where the store knows it.
    concluded: Seq,
    concluded_at: Duration,
    /// How long the store is left alone after that.
    rest: Duration,
    /// What was to be recorded when the store failed.
    changes: Vec<Change>,
    /// What was known of the addresses of the events that raised alerts which are not recorded yet.
    pub(super) known: Known,
    /// The number of the last verdict the detector has obeyed.
    pub(super) obeyed: u64,
    /// Those it has heard of and not obeyed.
    due: VecDeque<Verdict>,
    /// Those it has obeyed since the last conclusion.
    newly_obeyed: Vec<Obeyed>,
    /// Whether there may be verdicts that it has not heard of, because the store failed.
    verdicts_wait: bool,
}

impl Worker {
    /// A worker that knows what the one before it knew.
    pub(crate) fn start(links: Links, config: &Config) -> Result<Self, StartError> {
        let settings = &config.detection.default;
        let (keeper, restored) = match &config.detector_files {
            Some(files) => {
                let kept = (Arc::clone(&links.mailbox), Arc::clone(&links.metrics));
                let (keeper, restored) = Keeper::open(files, &*links.store, &config.detection, kept)?;
                (Some(keeper), restored)
            }
            None => (None, None),
        };
        let stood = restored.as_ref().map(|restored| (restored.cursor, restored.verdict));
        let mut detector = match restored {
            Some(restored) => restored.detector,
            None => Detector::new(settings.clone())?,
        };
        show::set_up(&mut detector, &config.detection, config.rules.current().as_ref())?;
        if let Some(keeper) = &keeper {
            detector.set_spill(Box::new(keeper.aside()));
        }
        let mut worker = Self::new(links, detector, keeper)?;
        worker.rules = config.rules.clone();
        let cursor = worker.concluded;
        match stood {
            Some((from, verdict)) => worker.recall_snapshot(from, verdict, cursor)?,
            None => worker.recall_history(cursor, settings)?,
        }
        Ok(worker)
    }

    fn new(links: Links, detector: Detector, keeper: Option<Keeper>) -> Result<Self, StoreError> {
        let (cursor, up_to) = (links.store.cursor()?, links.store.last_seq()?);
        let (pace, received_ms) = (Clock::system(), links.clock.now().as_millis());
        Ok(Self {
            links,
            pace,
            detector,
            rules: HotRules::default(),
            edition: 0,
            keeper,
            clearing: false,
            examined: cursor,
            up_to,
            received_ms,
            concluded: cursor,
            concluded_at: Duration::ZERO,
            rest: CONCLUDE_EVERY,
            changes: Vec::new(),
            known: Known::new(),
            obeyed: 0,
            due: VecDeque::new(),
            newly_obeyed: Vec::new(),
            verdicts_wait: true,
        })
    }

    /// Works until it is told to stop and nothing is left.
    pub(crate) fn run(mut self) {
        let mut failed = false;
        self.report();
        loop {
            let delivery = self.links.mailbox.collect(self.patience(failed));
            let stop = delivery.stop;
            self.up_to = delivery.up_to;
            let result = self
                .work(delivery)
                .and_then(|()| self.conclude_if_due(stop))
                .and_then(|()| self.keep_if_due());
            if let Err(error) = &result {
                tracing::error!(%error, "detection is held up");
            }
            failed = result.is_err();
            if stop && (failed || self.examined >= self.up_to) {
                break;
            }
        }
        self.keep_at_the_end(failed);
    }

    /// How long to wait for the next delivery; `None` when there is nothing to do before it.
    fn patience(&self, failed: bool) -> Option<Duration> {
        if failed {
            Some(AFTER_FAILURE)
        } else if self.examined < self.up_to || self.verdicts_wait || self.clearing {
            Some(Duration::ZERO)
        } else if self.is_concluded() {
            self.keeper.as_ref().and_then(|keeper| keeper.due_in(self.examined))
        } else {
            Some(self.rest.saturating_sub(self.pace.elapsed().saturating_sub(self.concluded_at)))
        }
    }

    fn work(&mut self, delivery: Delivery) -> Result<(), StoreError> {
        if let Some(rules) = self.rules.newer(&mut self.edition) {
            self.detector.set_rules(None, rules);
        }
        if delivery.verdicts || self.verdicts_wait {
            self.verdicts_wait = true;
            self.hear()?;
            self.verdicts_wait = false;
        }
        for commit in delivery.committed {
            self.catch_up(commit.after)?;
            self.examine_all(&commit.events)?;
        }
        self.catch_up(self.up_to)?;
        self.obey_before(Seq::new(self.examined.get().saturating_add(1)))
    }

    /// Reads from the store what was not delivered.
    fn catch_up(&mut self, to: Seq) -> Result<(), StoreError> {
        while self.examined < to {
            let events = self.links.store.read_from(self.examined, READ_CHUNK)?;
            self.examine_all(&events)?;
            if events.len() < READ_CHUNK {
                // Places up to `to` that hold nothing were purged.
                self.examined = self.examined.max(to);
                self.report();
            }
            self.conclude_if_due(false)?;
        }
        Ok(())
    }

    fn examine_all(&mut self, events: &[StoredEvent]) -> Result<(), StoreError> {
        for event in events {
            if !self.due.is_empty() {
                self.obey_before(event.seq)?;
            }
            self.examine(event);
        }
        self.measure(events);
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

    /// Counts how long after their arrival these were examined, by the first of them.
    fn measure(&self, events: &[StoredEvent]) {
        if let Some(first) = events.first() {
            let arrived = Timestamp::from_millis(first.event.received_ms);
            self.links.metrics.examined(events.len(), self.links.clock.now().saturating_since(arrived));
        }
    }

    /// Says how far detection is; an event whose alert is not recorded yet does not count.
    fn report(&self) {
        if self.is_recorded() {
            self.links.mailbox.set_examined(self.examined, self.received_ms);
        }
    }

    pub(super) fn show(&mut self, stored: &StoredEvent) {
        let raised = show::show(&mut self.detector, stored);
        if let Some(kept) = &stored.event.enrichment {
            self.known.extend(raised.into_iter().map(|alert| (alert, kept.clone())));
        }
    }

    /// All that has followed from the events shown and is not recorded, each alert once.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        let mut changes = std::mem::take(&mut self.changes);
        show::append_changes(&mut self.detector, &mut changes);
        coalesce(&mut changes);
        changes
    }

    /// Whether all that has followed from the events shown is recorded.
    fn is_recorded(&self) -> bool {
        self.changes.is_empty() && !self.detector.has_changes()
    }

    /// Reads what people have decided since it last looked.
    fn hear(&mut self) -> Result<(), StoreError> {
        loop {
            let heard = self.due.back().map_or(self.obeyed, |verdict| verdict.number);
            let verdicts = self.links.store.verdicts(heard, verdicts::CHUNK)?;
            if verdicts.is_empty() {
                return Ok(());
            }
            self.due.extend(verdicts);
        }
    }

    /// Obeys the verdicts that were given before this event was stored.
    ///
    /// Everything found before is recorded first: the alerts decided on are then what the store says they are, and what is
    /// recorded never speaks of a verdict that a process after this one would obey later.
    fn obey_before(&mut self, next: Seq) -> Result<(), StoreError> {
        while self.due.front().is_some_and(|verdict| verdict.given_after < next) {
            if !self.is_recorded() {
                self.conclude()?;
            }
            let Some(verdict) = self.due.front() else { return Ok(()) };
            verdicts::obey(&mut self.detector, &*self.links.store, verdict)?;
            self.obeyed = verdict.number;
            self.newly_obeyed.push(Obeyed::new(verdict.number, self.examined));
            self.due.pop_front();
        }
        Ok(())
    }

    /// Whether the store knows all that was found and obeyed; how far the events were examined it may not know.
    fn is_concluded(&self) -> bool {
        self.is_recorded() && self.newly_obeyed.is_empty()
    }

    fn conclude_if_due(&mut self, stop: bool) -> Result<(), StoreError> {
        let passed = self.pace.elapsed().saturating_sub(self.concluded_at);
        let due = if self.is_concluded() {
            self.examined.get() - self.concluded.get() >= CURSOR_EVERY
                || (stop && self.examined > self.concluded)
        } else {
            stop || passed >= self.rest
        };
        if due { self.conclude() } else { Ok(()) }
    }

    fn conclude(&mut self) -> Result<(), StoreError> {
        self.conclude_for(false)
    }

    /// Takes a snapshot if it is time.
    fn keep_if_due(&mut self) -> Result<(), StoreError> {
        let examined = self.examined;
        let Some(keeper) = &mut self.keeper else { return Ok(()) };
        self.clearing = keeper.clear_some();
        if keeper.due_in(examined) == Some(Duration::ZERO) && keeper.is_free() { self.keep() } else { Ok(()) }
    }

    /// Takes a snapshot, once everything up to it is on the disk: a snapshot that is ahead of the store would swallow alerts.
    fn keep(&mut self) -> Result<(), StoreError> {
        self.conclude_for(true)?;
        if let Some(keeper) = &mut self.keeper {
            keeper.take(&self.detector, &*self.links.store, (self.concluded, self.obeyed));
        }
        Ok(())
    }

    fn keep_at_the_end(&mut self, failed: bool) {
        let examined = self.examined;
        let Some(keeper) = &mut self.keeper else { return };
        keeper.finish();
        if !failed
            && keeper.due_in(examined).is_some()
            && let Err(error) = self.keep()
        {
            tracing::error!(%error, "the detector could not be kept");
        }
        if let Some(keeper) = &mut self.keeper {
            keeper.finish();
        }
    }

    fn conclude_for(&mut self, durable: bool) -> Result<(), StoreError> {
        let began = self.pace.elapsed();
        self.changes = self.take_changes();
        let now_ms = self.links.clock.now().as_millis();
        let mut effects: Effects = effects::effects(&self.changes, &self.known, now_ms)?;
        effects.obeyed.clone_from(&self.newly_obeyed);
        effects.durable = durable;
        self.links.store.conclude(self.examined, &effects)?;
        self.links.metrics.concluded(&effects);
        if !effects.notices.is_empty() {
            self.links.bell.ring();
        }
        self.changes.clear();
        self.known.clear();
        self.newly_obeyed.clear();
        self.concluded = self.examined;
        self.concluded_at = self.pace.elapsed();
        self.rest = (self.concluded_at.saturating_sub(began) * REST).clamp(CONCLUDE_EVERY, CONCLUDE_WITHIN);
        self.report();
        Ok(())
    }
}
