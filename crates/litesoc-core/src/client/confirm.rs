//! Outcomes that somebody waits for, one for each event.

use std::ops::Range;
use std::time::Instant;

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::error::{Error, ErrorKind};
use crate::pipeline::LossReason;

/// Proof that the service has an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The event's id, under which our own server also lists it.
    pub event_id: Uuid,
}

/// Why a particular event was not acknowledged.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// Why it is lost. `None`: it is not, and will be sent again, but not within the time the caller gave.
    pub reason: Option<LossReason>,
    /// What went wrong.
    pub error: Error,
}

impl Failure {
    pub(super) fn of(reason: LossReason, error: Option<Error>) -> Self {
        let error = error.unwrap_or_else(|| {
            let kind = if reason == LossReason::Closed { ErrorKind::Closed } else { ErrorKind::Validation };
            Error::new(kind, format!("the event was not sent: {reason}"))
        });
        Self { reason: Some(reason), error }
    }

    const fn undecided(error: Error) -> Self {
        Self { reason: None, error }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// What became of each event of a batch, in its order.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct BatchReport {
    /// One result for each event.
    pub items: Vec<Result<Receipt, Failure>>,
}

impl BatchReport {
    /// How many were acknowledged.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.items.iter().filter(|item| item.is_ok()).count()
    }

    /// The events that were not acknowledged, with their places in the batch.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &Failure)> {
        self.items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_ref().err()?)))
    }
}

/// Some events of one caller, and the way back to it.
#[derive(Debug)]
pub(super) struct Confirm {
    items: Vec<Item>,
    open: usize,
    deadline: Instant,
    answer: Option<oneshot::Sender<BatchReport>>,
}

#[derive(Debug)]
struct Item {
    /// Its number in the queue, if it got there.
    number: Option<u64>,
    id: Uuid,
    result: Option<Result<Receipt, Failure>>,
}

impl Confirm {
    pub(super) const fn new(deadline: Instant, answer: oneshot::Sender<BatchReport>) -> Self {
        Self { items: Vec::new(), open: 0, deadline, answer: Some(answer) }
    }

    pub(super) fn add_queued(&mut self, number: u64, id: Uuid) {
        self.open += 1;
        self.items.push(Item { number: Some(number), id, result: None });
    }

    pub(super) fn add_refused(&mut self, failure: Failure) {
        self.items.push(Item { number: None, id: Uuid::nil(), result: Some(Err(failure)) });
    }

    pub(super) const fn deadline(&self) -> Instant {
        self.deadline
    }

    fn settle(&mut self, events: &Range<u64>, result: &dyn Fn(Uuid) -> Result<Receipt, Failure>) {
        for item in &mut self.items {
            if item.result.is_none() && item.number.is_some_and(|number| events.contains(&number)) {
                item.result = Some(result(item.id));
                self.open -= 1;
            }
        }
    }

    pub(super) fn handle_delivered(&mut self, events: &Range<u64>) {
        self.settle(events, &|event_id| Ok(Receipt { event_id }));
    }

    pub(super) fn handle_lost(&mut self, events: &Range<u64>, reason: LossReason, error: Option<&Error>) {
        self.settle(events, &|_| Err(Failure::of(reason, error.cloned())));
    }

    /// The service refuses the key or the account: what waits is not acknowledged, and not lost.
    pub(super) fn handle_refused(&mut self, error: &Error) {
        self.settle(&(0..u64::MAX), &|_| Err(Failure::undecided(error.clone())));
    }

    /// Answers the caller if every event has a result, or if its time is over. Says whether it is done.
    pub(super) fn finish(&mut self, now: Instant) -> bool {
        if self.answer.as_ref().is_none_or(oneshot::Sender::is_closed) {
            return true;
        }
        if self.open > 0 && now < self.deadline {
            return false;
        }
        let late =
            || Err(Failure::undecided(Error::timeout("not acknowledged yet; the event stays in the queue")));
        let items = self.items.drain(..).map(|item| item.result.unwrap_or_else(late)).collect();
        if let Some(answer) = self.answer.take() {
            // The caller may have stopped waiting in this very moment.
            let _ = answer.send(BatchReport { items });
        }
        true
    }
}
