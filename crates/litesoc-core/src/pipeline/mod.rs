//! The ingest pipeline: a state machine without IO that takes events in and says what to send.
#![cfg_attr(
    not(feature = "client"),
    expect(
        dead_code,
        unused_imports,
        reason = "the client drives the parts and uses more of them than `Pipeline`"
    )
)]

mod chunk;
mod counters;
mod dispatch;
mod flush;
mod intake;
mod random;
mod retry;
mod verdict;

use std::time::Duration;

use bytes::Bytes;

pub(crate) use counters::Counters;
pub use counters::{LossReason, Losses};
pub(crate) use dispatch::{Dispatch, Outcome};
pub(crate) use flush::Watch;
pub use intake::Overflow;
pub(crate) use intake::{Intake, Limits, Sleep};
pub(crate) use random::Random;
pub use retry::RetryPolicy;
pub(crate) use verdict::{Verdict, refusal};

use crate::error::Error;
use crate::transport::TransportError;

/// How much waits and how it goes out.
///
/// # Examples
///
/// ```
/// use litesoc_core::pipeline::PipelineConfig;
///
/// let mut config = PipelineConfig::default();
/// config.queue_events = 10_000;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipelineConfig {
    /// Events that may wait, those in flight included. Default 100,000.
    pub queue_events: usize,
    /// Bytes of events that may wait, those in flight included. Default 64 MiB.
    pub queue_bytes: usize,
    /// Events in one request, 1 to 100. Default 100, the most the service takes.
    pub batch_events: usize,
    /// Bytes of one request body, 1 KiB to 1 MiB. Default 1 MiB, the most our server takes.
    pub batch_bytes: usize,
    /// How long an event may wait for its batch to fill. Default 1 s.
    pub linger: Duration,
    /// What gives way when the queue is full. Default: the event being tracked.
    pub overflow: Overflow,
    /// When to try again, and for how long.
    pub retry: RetryPolicy,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        Self {
            queue_events: 100_000,
            queue_bytes: 64 << 20,
            batch_events: 100,
            batch_bytes: 1 << 20,
            linger: Duration::from_secs(1),
            overflow: Overflow::DropNewest,
            retry: RetryPolicy::default(),
        }
    }
}

impl PipelineConfig {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            queue_events: self.queue_events.max(1),
            queue_bytes: self.queue_bytes.max(1024),
            batch_events: self.batch_events.clamp(1, 100),
            batch_bytes: self.batch_bytes.clamp(1024, 1 << 20),
            overflow: self.overflow,
        }
    }
}

/// What became of one or more events, told in the order in which it was decided.
///
/// Events are numbered from 0 in the order in which they were tracked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Report {
    /// The service has acknowledged these events.
    #[non_exhaustive]
    Delivered {
        /// The numbers of the events.
        events: std::ops::Range<u64>,
    },
    /// These events will not be delivered.
    #[non_exhaustive]
    Lost {
        /// The numbers of the events.
        events: std::ops::Range<u64>,
        /// Why.
        reason: LossReason,
        /// What the service said, if it was asked.
        error: Option<Error>,
    },
    /// An attempt failed; these events will be sent again.
    #[non_exhaustive]
    Deferred {
        /// The numbers of the events.
        events: std::ops::Range<u64>,
        /// Why the attempt failed.
        error: Error,
        /// How many attempts were made.
        attempt: u32,
        /// The pause before the next one.
        delay: Duration,
    },
    /// The service refuses the key or the account. Events stay queued until the key is replaced or the pause is over.
    #[non_exhaustive]
    Refused {
        /// The numbers of the events in the refused request.
        events: std::ops::Range<u64>,
        /// What the service said.
        error: Error,
        /// The pause before it is asked again.
        pause: Duration,
    },
}

impl From<Outcome> for Report {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Delivered(events) => Self::Delivered { events },
            Outcome::Lost { events, reason, error } => Self::Lost { events, reason, error },
            Outcome::Deferred { events, error, attempt, delay } => {
                Self::Deferred { events, error, attempt, delay }
            }
            Outcome::Refused { events, error, pause } => Self::Refused { events, error, pause },
        }
    }
}

/// The pipeline as one value, for those who drive it themselves: no thread, no runtime, no clock, no socket.
///
/// The [`Client`](crate::Client) drives the same parts from a thread of its own; tests drive them in virtual time.
///
/// Methods come in three kinds. `push` and `handle_*` put something in. `poll_*` take something out: call
/// [`poll_transmit`](Self::poll_transmit) after anything was put in, then [`poll_report`](Self::poll_report) until
/// it is empty, then wait until [`poll_timeout`](Self::poll_timeout) for the next thing to put in. The rest only
/// looks.
///
/// Time is an argument: the time since any fixed start on a monotonic clock. It is a [`Duration`] because an
/// `Instant` cannot be made on `wasm32-unknown-unknown`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use litesoc_core::pipeline::{Pipeline, PipelineConfig, Report};
///
/// let mut pipeline = Pipeline::new(&PipelineConfig::default(), 7);
/// pipeline.push(br#"{"event":"auth.logout"}"#, 1_700_000_000_000)?;
///
/// // Alone, the event waits for others until its batch is due.
/// assert!(pipeline.poll_transmit(Duration::ZERO).is_none());
/// let due = pipeline.poll_timeout().expect("something waits");
///
/// // One event goes flat.
/// let body = pipeline.poll_transmit(due).expect("it is due");
/// assert_eq!(&body[..], br#"{"event":"auth.logout"}"#);
///
/// let answer = http::Response::builder().status(202).body(Bytes::from_static(br#"{"status":"queued"}"#)).unwrap();
/// pipeline.handle_response(due, 1_700_000_000_000, &answer);
/// assert!(matches!(pipeline.poll_report(), Some(Report::Delivered { events, .. }) if events == (0..1)));
/// # Ok::<(), litesoc_core::pipeline::LossReason>(())
/// ```
#[derive(Debug)]
pub struct Pipeline {
    intake: Intake,
    dispatch: Dispatch,
    linger: Duration,
    /// When the open batch goes out, full or not.
    due: Option<Duration>,
    now: Duration,
}

impl Pipeline {
    /// An empty pipeline; `seed` makes the jitter of its delays.
    #[must_use]
    pub fn new(config: &PipelineConfig, seed: u64) -> Self {
        Self {
            intake: Intake::new(config.limits()),
            dispatch: Dispatch::new(config.retry, seed),
            linger: config.linger,
            due: None,
            now: Duration::ZERO,
        }
    }

    /// Takes one event, already JSON, and returns its number. `now_ms` is the wall clock in ms since the Unix epoch.
    ///
    /// # Errors
    ///
    /// The reason why it was not taken; it is counted.
    pub fn push(&mut self, event: &[u8], now_ms: u64) -> Result<u64, LossReason> {
        let queued = self.intake.push(event, now_ms, false)?;
        self.due.get_or_insert(self.now + self.linger);
        Ok(queued.number)
    }

    /// Makes everything pushed so far go out without waiting for more. Returns the watermark: all of it has an
    /// outcome once [`settled_below`](Self::settled_below) has reached that number.
    pub const fn flush(&mut self) -> u64 {
        self.intake.hurry()
    }

    /// The number of the first event that has no outcome yet.
    #[must_use]
    pub fn settled_below(&self) -> u64 {
        self.dispatch
            .first_unsettled()
            .or_else(|| self.intake.first_waiting())
            .unwrap_or_else(|| self.intake.watermark())
    }

    /// The body of the next `POST /collect`, if one should be made now. At most one is in flight at a time.
    pub fn poll_transmit(&mut self, now: Duration) -> Option<Bytes> {
        self.now = now;
        let all = self.due.is_some_and(|due| now >= due);
        let body = self.dispatch.poll_transmit(now, &mut self.intake, all)?;
        self.due = if self.intake.is_empty() { None } else { Some(now + self.linger) };
        Some(body)
    }

    /// When to call [`poll_transmit`](Self::poll_transmit) again although nothing happened.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.dispatch.paused_until().or_else(|| if self.dispatch.is_idle() { self.due } else { None })
    }

    /// The answer to the request in flight. `now_ms` is the wall clock in ms since the Unix epoch, against which a
    /// `Retry-After` date is read.
    pub fn handle_response(&mut self, now: Duration, now_ms: u64, response: &http::Response<Bytes>) {
        self.now = now;
        self.dispatch.handle_verdict(now, Verdict::of(response, now_ms), &mut self.intake);
    }

    /// The request in flight got no answer.
    pub fn handle_failure(&mut self, now: Duration, error: TransportError) {
        self.now = now;
        self.dispatch.handle_verdict(now, Verdict::of_failure(error), &mut self.intake);
    }

    /// What became of events since the last call.
    pub fn poll_report(&mut self) -> Option<Report> {
        self.dispatch.poll_outcome().map(Report::from)
    }

    /// The counts so far.
    #[must_use]
    pub fn stats(&self) -> crate::Stats {
        crate::Stats::of(self.intake.counters())
    }
}
