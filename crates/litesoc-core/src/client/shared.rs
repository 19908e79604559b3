//! What the application's threads and the worker share: the queue, its lock, and the way into it.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use litesoc_model::{Event, Marks, PlanInfo, Timestamp};
use tokio::sync::{Notify, mpsc};
use uuid::Uuid;

use super::confirm::{Confirm, Failure};
use super::hooks::{Hooks, inside_hook};
use super::identity::next_id;
use super::settings::Settings;
use super::worker::{self, Command};
use crate::error::{Error, ErrorKind};
use crate::operation::Service;
use crate::pipeline::{Intake, LossReason};
use crate::stats::Stats;

/// Allocated memory a thread keeps for its next event, in bytes. Larger events give theirs back.
const KEPT_SCRATCH: usize = 64 * 1024;

thread_local! {
    /// Where this thread writes an event before it enters the queue, so that the lock is held for a copy only.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The worker of this process, as others reach it.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) wake: Notify,
    pub(super) commands: mpsc::UnboundedSender<Command>,
}

#[derive(Debug)]
pub(super) struct Queue {
    pub(super) intake: Intake,
    /// When the oldest event that was taken from the intake was tracked, in ms since the Unix epoch.
    pub(super) taken_since_ms: Option<u64>,
    /// Events below this number were certainly tracked by the process that started the worker.
    own_below: u64,
    link: Option<Arc<Link>>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) hooks: Hooks,
    pub(super) plan: Mutex<Option<PlanInfo>>,
    service: Mutex<Service>,
    queue: Mutex<Queue>,
    /// Those who wait for particular events. Locked before the queue where both are.
    confirms: Mutex<Vec<Confirm>>,
    /// How many they are, so that nobody locks for none.
    confirming: AtomicUsize,
    /// The process the queue belongs to.
    process: AtomicU32,
    /// When that was last checked, in ms since the Unix epoch.
    checked_ms: AtomicU64,
}

/// An event as JSON in a buffer.
struct Written {
    /// The time of day, in ms since the Unix epoch.
    now_ms: u64,
    id: Uuid,
    /// Whether it is certain that no fork has happened since the worker was started.
    checked: bool,
}

/// What the caller has to do after it let go of the lock.
enum Nudge {
    None,
    Wake(Arc<Link>),
    Start,
}

impl Queue {
    fn nudge(&self, wake: bool) -> Nudge {
        match &self.link {
            None => Nudge::Start,
            Some(_) if !wake => Nudge::None,
            Some(link) if link.commands.is_closed() => Nudge::Start,
            Some(link) => Nudge::Wake(Arc::clone(link)),
        }
    }
}

impl Shared {
    pub(super) fn new(settings: Settings, hooks: Hooks, service: Service) -> Self {
        let intake = Intake::new(settings.pipeline.limits());
        Self {
            settings,
            hooks,
            plan: Mutex::new(None),
            service: Mutex::new(service),
            queue: Mutex::new(Queue { intake, taken_since_ms: None, own_below: 0, link: None }),
            confirms: Mutex::new(Vec::new()),
            confirming: AtomicUsize::new(0),
            process: AtomicU32::new(std::process::id()),
            checked_ms: AtomicU64::new(0),
        }
    }

    pub(super) fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing that runs under this lock leaves it half done, so a panic elsewhere does not make it unusable.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tracks one event.
    pub(super) fn track(self: &Arc<Self>, event: Event) {
        let Ok(event) = self.prepare(event) else { return };
        SCRATCH.with_borrow_mut(|scratch| {
            let written = self.write(&event, scratch);
            let now_ms = written.now_ms;
            let nudge = {
                let mut queue = self.queue();
                if written.checked {
                    queue.own_below = queue.intake.watermark();
                }
                let wake = match queue.intake.push(scratch, now_ms, false) {
                    Ok(queued) => queued.wake,
                    Err(_) => queue.intake.alarm(),
                };
                queue.nudge(wake)
            };
            if scratch.capacity() > KEPT_SCRATCH {
                *scratch = Vec::new();
            }
            self.act(nudge);
        });
    }

    /// Tracks events whose outcomes somebody waits for.
    pub(super) fn track_confirmed(
        self: &Arc<Self>,
        events: impl Iterator<Item = Event>,
        mut confirm: Confirm,
    ) {
        let mut written = Vec::new();
        let mut scratch = Vec::new();
        for event in events {
            written.push(self.prepare(event).map(|event| {
                let Written { now_ms, id, .. } = self.write(&event, &mut scratch);
                (now_ms, id, scratch.clone())
            }));
        }
        // Registered before the events can be sent: no outcome may be known before there is somebody to tell it to.
        let mut confirms = self.confirms();
        let nudge = {
            let mut queue = self.queue();
            for item in written {
                match item {
                    Err(failure) => confirm.add_refused(failure),
                    Ok((now_ms, id, json)) => match queue.intake.push(&json, now_ms, true) {
                        Ok(queued) => confirm.add_queued(queued.number, id),
                        Err(reason) => confirm.add_refused(Failure::of(reason, None)),
                    },
                }
            }
            confirms.push(confirm);
            self.confirming.store(confirms.len(), Ordering::Release);
            queue.nudge(true)
        };
        drop(confirms);
        self.act(nudge);
    }

    fn confirms(&self) -> MutexGuard<'_, Vec<Confirm>> {
        self.confirms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with those who wait for particular events, if there are any.
    pub(super) fn with_confirms<T: Default>(&self, act: impl FnOnce(&mut Vec<Confirm>) -> T) -> T {
        // What a worker has taken from the queue was put there after its confirm was counted, under the same lock.
        if self.confirming.load(Ordering::Acquire) == 0 {
            return T::default();
        }
        let mut confirms = self.confirms();
        let result = act(&mut confirms);
        self.confirming.store(confirms.len(), Ordering::Release);
        result
    }

    /// Runs the hook and the checks that an event must pass before it is written.
    fn prepare(self: &Arc<Self>, event: Event) -> Result<Event, Failure> {
        if inside_hook() {
            return Err(self.refuse(LossReason::Reentrant, None));
        }
        let event = match &self.hooks.before_send {
            None => event,
            Some(_) => {
                self.hooks.before_send(event).ok_or_else(|| self.refuse(LossReason::Withheld, None))?
            }
        };
        let event = self.settings.redact(event);
        match event.check() {
            Ok(()) => Ok(event),
            Err(error) => Err(self.refuse(LossReason::Invalid, Some(error.to_string()))),
        }
    }

    fn refuse(self: &Arc<Self>, reason: LossReason, error: Option<String>) -> Failure {
        let nudge = {
            let mut queue = self.queue();
            queue.intake.refuse(reason);
            let wake = queue.intake.alarm();
            queue.nudge(wake)
        };
        self.act(nudge);
        let error = error.map(|text| Error::new(ErrorKind::Validation, text));
        Failure::of(reason, error)
    }

    /// Writes the event as it goes over the wire.
    fn write(&self, event: &Event, out: &mut Vec<u8>) -> Written {
        let now_ms = self.settings.clock.now_ms();
        // The system call costs about as much as the rest of `track`: it is made once a millisecond.
        let checked = self.checked_ms.load(Ordering::Relaxed) != now_ms;
        if checked {
            self.checked_ms.store(now_ms, Ordering::Relaxed);
            self.check_process();
        }
        let process = self.process.load(Ordering::Relaxed);
        let fields = event.fields();
        let event_ms = fields.time.map_or(now_ms, |time| u64::try_from(time.as_millis()).unwrap_or(0));
        let id = fields.id.unwrap_or_else(|| next_id(event_ms, process));
        out.clear();
        event.write_json(out, &Marks::new(id, &self.settings.marks));
        Written { now_ms, id, checked }
    }

    /// Notices a fork: the worker exists in the parent only, and so does the right to deliver what it tracked.
    fn check_process(&self) {
        let process = std::process::id();
        if self.process.swap(process, Ordering::Relaxed) != process {
            self.with_confirms(Vec::clear);
            let mut queue = self.queue();
            let own_below = queue.own_below;
            queue.intake.disown(own_below);
            queue.taken_since_ms = None;
            queue.link = None;
        }
    }

    fn act(self: &Arc<Self>, nudge: Nudge) {
        match nudge {
            Nudge::None => {}
            Nudge::Wake(link) => link.wake.notify_one(),
            // No thread can be had at the moment: the events wait, and the next one tries again.
            Nudge::Start => drop(self.link()),
        }
    }

    /// The worker, started if this process has none yet.
    pub(super) fn link(self: &Arc<Self>) -> Result<Arc<Link>, Error> {
        self.check_process();
        let mut queue = self.queue();
        if queue.intake.is_closed() {
            return Err(Error::closed());
        }
        if let Some(link) = queue.link.as_ref().filter(|link| !link.commands.is_closed()) {
            return Ok(Arc::clone(link));
        }
        let link = worker::start(self)?;
        queue.link = Some(Arc::clone(&link));
        Ok(link)
    }

    pub(super) fn running(&self) -> Option<Arc<Link>> {
        (self.process.load(Ordering::Relaxed) == std::process::id())
            .then(|| self.queue().link.clone())
            .flatten()
    }

    /// The time of day.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(self.settings.clock.now_ms()).unwrap_or(i64::MAX))
    }

    pub(super) fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the plan and quota an answer came with.
    pub(super) fn note_plan(&self, headers: &HeaderMap) -> PlanInfo {
        let plan = PlanInfo::from_headers(headers);
        if !plan.is_empty() {
            *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Some(plan.clone());
        }
        plan
    }

    pub(super) fn stats(&self) -> Stats {
        let queue = self.queue();
        let now_ms = self.settings.clock.now_ms();
        let oldest = queue.taken_since_ms.or_else(|| queue.intake.oldest_ms());
        let mut stats = Stats::of(queue.intake.counters());
        stats.oldest_age = oldest.map(|ms| Duration::from_millis(now_ms.saturating_sub(ms)));
        stats
    }
}
