//! The sender's half of the pipeline: one request at a time, until each event has its outcome.
//!
//! ```text
//!              poll_transmit                 accepted, refused, given up
//!   Idle ─────────────────────▶ In flight ───────────────────────────────▶ Idle
//!    ▲                           │   │  413, 400: the batch is split
//!    │                           │   └──────────────────────────────────▶ Idle (parts first in line)
//!    │  time is over             │  408, 429, 5xx, no answer
//!    └──────── Waiting ◀─────────┤
//!    │  time is over, new key    │  401, 402, 403
//!    └──────── Refused ◀─────────┘
//! ```

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::chunk::{Batch, Storage};
use super::counters::LossReason;
use super::intake::Intake;
use super::random::Random;
use super::retry::RetryPolicy;
use super::verdict::{Verdict, Wait};
use crate::error::Error;

/// How long batches stay off after the service showed that it takes single events only.
const SINGLES_FOR: Duration = Duration::from_secs(600);

/// What became of events, in the order in which it was decided.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The service has them.
    Delivered(Range<u64>),
    /// They will not be delivered.
    Lost { events: Range<u64>, reason: LossReason, error: Option<Error> },
    /// They will be sent again.
    Deferred { events: Range<u64>, error: Error, attempt: u32, delay: Duration },
    /// The service refuses key or account: they stay in the queue until it is replaced or the pause is over.
    Refused { events: Range<u64>, error: Error, pause: Duration },
}

/// Some events of a batch that go together.
#[derive(Debug)]
struct Parcel {
    batch: Arc<Batch>,
    events: Range<usize>,
    attempts: u32,
    server_faults: u32,
    first_attempt: Option<Duration>,
}

#[derive(Debug, Default)]
enum Pause {
    #[default]
    None,
    Until(Duration),
    /// The service refused key or account.
    Refused(Duration),
}

/// What the splitting of the present batch has shown so far.
#[derive(Debug, Default)]
struct Split {
    refused_together: bool,
    refused_alone: bool,
    accepted_together: bool,
}

#[derive(Debug)]
pub(crate) struct Dispatch {
    policy: RetryPolicy,
    random: Random,
    parcels: VecDeque<Parcel>,
    in_flight: Option<Parcel>,
    pause: Pause,
    split: Split,
    singles_until: Option<Duration>,
    outcomes: VecDeque<Outcome>,
    /// Memory of finished batches, on its way back to the queue.
    spent: Vec<Storage>,
}

impl Dispatch {
    pub(crate) fn new(policy: RetryPolicy, seed: u64) -> Self {
        Self {
            policy,
            random: Random::new(seed),
            parcels: VecDeque::new(),
            in_flight: None,
            pause: Pause::None,
            split: Split::default(),
            singles_until: None,
            outcomes: VecDeque::new(),
            spent: Vec::new(),
        }
    }

    /// The body of the next request, if one should be made now.
    ///
    /// `all` asks for whatever waits, even a batch that is neither full nor urgent.
    pub(crate) fn poll_transmit(&mut self, now: Duration, intake: &mut Intake, all: bool) -> Option<Bytes> {
        intake.recycle(&mut self.spent);
        for events in intake.take_evicted() {
            self.outcomes.push_back(Outcome::Lost { events, reason: LossReason::QueueFull, error: None });
        }
        if self.in_flight.is_some() || self.paused_until().is_some_and(|until| now < until) {
            return None;
        }
        self.pause = Pause::None;
        if self.parcels.is_empty() && (all || intake.is_due()) {
            self.split = Split::default();
            if let Some(batch) = intake.take() {
                let events = 0..batch.len();
                self.enqueue_parts(Arc::new(batch), events, now);
            }
        }
        let mut parcel = self.parcels.pop_front()?;
        parcel.attempts += 1;
        parcel.first_attempt.get_or_insert(now);
        let counters = intake.counters_mut();
        counters.requests += 1;
        counters.retries += u64::from(parcel.attempts > 1);
        let body = parcel.batch.body(parcel.events.clone());
        self.in_flight = Some(parcel);
        Some(body)
    }

    fn enqueue_parts(&mut self, batch: Arc<Batch>, events: Range<usize>, now: Duration) {
        let singles = self.singles_until.is_some_and(|until| now < until);
        let step = if singles { 1 } else { events.len() };
        for start in events.clone().step_by(step.max(1)) {
            let part = start..(start + step).min(events.end);
            self.parcels.push_back(Parcel::new(Arc::clone(&batch), part));
        }
    }

    /// The answer to the request in flight, or the reason why there is none.
    pub(crate) fn handle_verdict(&mut self, now: Duration, verdict: Verdict, intake: &mut Intake) {
        let Some(parcel) = self.in_flight.take() else { return };
        match verdict {
            Verdict::Accepted { refused } => self.accept(parcel, refused, intake),
            Verdict::Again { wait, error } => self.try_again(now, parcel, wait, error, intake),
            Verdict::TooLarge(error) => self.split_or_lose(parcel, LossReason::TooLarge, error, intake),
            Verdict::Invalid(error) => {
                if parcel.events.len() == 1 {
                    self.split.refused_alone = true;
                } else {
                    self.split.refused_together = true;
                }
                self.split_or_lose(parcel, LossReason::Rejected, error, intake);
            }
            Verdict::NoSuchPath(error) if parcel.events.len() > 1 => {
                // An old service without batches answers 404 or 405 to them, and takes the same events singly.
                self.singles_until = Some(now + SINGLES_FOR);
                self.split.refused_together = true;
                self.outcomes.push_back(parcel.deferred(error, Duration::ZERO));
                self.split_into(parcel, 1);
            }
            Verdict::NoSuchPath(error) | Verdict::Refused(error) => self.hold(now, parcel, error),
        }
        if self.parcels.is_empty() && self.in_flight.is_none() && self.split.refused_together {
            if !self.split.refused_alone && !self.split.accepted_together {
                // Every event was taken alone and none together: this service does not know batches.
                self.singles_until = Some(now + SINGLES_FOR);
            }
            self.split = Split::default();
        }
    }

    fn accept(&mut self, parcel: Parcel, mut refused: Vec<(usize, Error)>, intake: &mut Intake) {
        self.split.accepted_together |= parcel.events.len() > 1;
        refused.retain(|(index, _)| *index < parcel.events.len());
        refused.sort_by_key(|(index, _)| *index);
        refused.dedup_by_key(|(index, _)| *index);
        let bytes = parcel.batch.event_bytes_of(parcel.events.clone());
        let lost = refused.len() as u64;
        intake.counters_mut().settle(parcel.events.len() as u64 - lost, lost, bytes, LossReason::Rejected);
        let numbers = parcel.numbers();
        let mut next = numbers.start;
        for (index, error) in refused {
            let number = numbers.start + index as u64;
            if next < number {
                self.outcomes.push_back(Outcome::Delivered(next..number));
            }
            let events = number..number + 1;
            self.outcomes.push_back(Outcome::Lost {
                events,
                reason: LossReason::Rejected,
                error: Some(error),
            });
            next = number + 1;
        }
        if next < numbers.end {
            self.outcomes.push_back(Outcome::Delivered(next..numbers.end));
        }
        self.spent.extend(Arc::try_unwrap(parcel.batch).ok().and_then(Batch::into_storage));
    }

    fn try_again(
        &mut self,
        now: Duration,
        mut parcel: Parcel,
        wait: Wait,
        error: Error,
        intake: &mut Intake,
    ) {
        let age = parcel.first_attempt.map_or(Duration::ZERO, |first| now.saturating_sub(first));
        if age >= self.policy.max_age {
            return self.lose(parcel, LossReason::Expired, Some(error), intake);
        }
        parcel.server_faults += u32::from(wait == Wait::ServerFault);
        if parcel.server_faults >= self.policy.max_server_faults {
            // Not an outage but something in these events that the service cannot digest: find it.
            return self.split_or_lose(parcel, LossReason::ServerFault, error, intake);
        }
        let asked = if let Wait::Asked(asked) = wait { Some(asked) } else { None };
        let delay = self.policy.delay(parcel.attempts, asked, self.random.next_u32());
        self.pause = Pause::Until(now + delay);
        self.outcomes.push_back(parcel.deferred(error, delay));
        self.parcels.push_front(parcel);
    }

    fn hold(&mut self, now: Duration, parcel: Parcel, error: Error) {
        let pause = error.retry_after().unwrap_or_default().max(self.policy.refused_pause);
        self.pause = Pause::Refused(now + pause);
        self.outcomes.push_back(Outcome::Refused { events: parcel.numbers(), error, pause });
        self.parcels.push_front(parcel);
    }

    fn split_or_lose(&mut self, parcel: Parcel, reason: LossReason, error: Error, intake: &mut Intake) {
        if parcel.events.len() == 1 {
            return self.lose(parcel, reason, Some(error), intake);
        }
        self.outcomes.push_back(parcel.deferred(error, Duration::ZERO));
        let half = parcel.events.len().div_ceil(2);
        self.split_into(parcel, half);
    }

    /// Puts the parts of a parcel first in line, in order.
    fn split_into(&mut self, parcel: Parcel, size: usize) {
        let Parcel { batch, events, first_attempt, .. } = parcel;
        for start in events.clone().step_by(size).rev() {
            let part = start..(start + size).min(events.end);
            self.parcels.push_front(Parcel { first_attempt, ..Parcel::new(Arc::clone(&batch), part) });
        }
    }

    fn lose(&mut self, parcel: Parcel, reason: LossReason, error: Option<Error>, intake: &mut Intake) {
        let bytes = parcel.batch.event_bytes_of(parcel.events.clone());
        intake.counters_mut().settle(0, parcel.events.len() as u64, bytes, reason);
        self.outcomes.push_back(Outcome::Lost { events: parcel.numbers(), reason, error });
    }

    /// What became of events since the last call.
    pub(crate) fn poll_outcome(&mut self) -> Option<Outcome> {
        self.outcomes.pop_front()
    }

    /// When to call [`poll_transmit`](Self::poll_transmit) again although nothing happened.
    pub(crate) const fn paused_until(&self) -> Option<Duration> {
        match self.pause {
            Pause::None => None,
            Pause::Until(until) | Pause::Refused(until) => Some(until),
        }
    }

    /// Whether the service refuses key or account at present.
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(self.pause, Pause::Refused(_))
    }

    /// Ends the pause after a refusal: the key was replaced.
    pub(crate) fn resume(&mut self) {
        if self.is_refused() {
            self.pause = Pause::None;
        }
    }

    /// Whether nothing is in flight or waits here.
    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.is_none() && self.parcels.is_empty()
    }

    /// The number of the first event that has no outcome yet, among those taken from the queue.
    pub(crate) fn first_unsettled(&self) -> Option<u64> {
        let parcel = self.in_flight.as_ref().or_else(|| self.parcels.front())?;
        Some(parcel.numbers().start)
    }

    /// When the oldest event here was tracked, in ms since the Unix epoch.
    pub(crate) fn oldest_ms(&self) -> Option<u64> {
        self.in_flight.as_ref().or_else(|| self.parcels.front()).map(|parcel| parcel.batch.since_ms())
    }

    /// Gives everything up that has no outcome yet, and what waits in the queue as well.
    pub(crate) fn abandon(&mut self, reason: LossReason, intake: &mut Intake) {
        for parcel in
            self.in_flight.take().into_iter().chain(std::mem::take(&mut self.parcels)).collect::<Vec<_>>()
        {
            self.lose(parcel, reason, None, intake);
        }
        if let Some(events) = intake.abandon(reason) {
            self.outcomes.push_back(Outcome::Lost { events, reason, error: None });
        }
    }
}

impl Parcel {
    const fn new(batch: Arc<Batch>, events: Range<usize>) -> Self {
        Self { batch, events, attempts: 0, server_faults: 0, first_attempt: None }
    }

    fn numbers(&self) -> Range<u64> {
        let first = self.batch.first();
        first + self.events.start as u64..first + self.events.end as u64
    }

    fn deferred(&self, error: Error, delay: Duration) -> Outcome {
        Outcome::Deferred { events: self.numbers(), error, attempt: self.attempts, delay }
    }
}
