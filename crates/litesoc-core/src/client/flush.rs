//! Waiting until the queue has been worked off up to a mark.

use std::ops::Range;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::error::Error;
use crate::pipeline::Watch;

/// What became of everything that was tracked before a flush or a shutdown and had no outcome then.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[must_use = "it says whether events were lost"]
pub struct FlushReport {
    /// Events the service acknowledged.
    pub delivered: u64,
    /// Events that will not be delivered. [`Stats::lost`](crate::Stats::lost) has the reasons.
    pub lost: u64,
    /// Events that had no outcome at the deadline. After a flush they stay queued; a shutdown gave them up, and
    /// counts them as [`LossReason::Closed`](crate::LossReason::Closed).
    pub pending: u64,
    /// The last thing that went wrong meanwhile, even if it was overcome.
    pub error: Option<Error>,
}

impl FlushReport {
    /// Whether everything was delivered.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.lost == 0 && self.pending == 0
    }
}

#[derive(Debug)]
pub(super) struct Flushing {
    pub(super) watch: Watch,
    pub(super) deadline: Instant,
    error: Option<Error>,
    answer: Option<oneshot::Sender<FlushReport>>,
}

impl Flushing {
    /// Waits for these events. `error` is what keeps them from being delivered, if that is known already.
    pub(super) const fn new(
        events: Range<u64>,
        deadline: Instant,
        error: Option<Error>,
        answer: oneshot::Sender<FlushReport>,
    ) -> Self {
        Self { watch: Watch::new(events), deadline, error, answer: Some(answer) }
    }

    /// The same, but over by this time at the latest.
    pub(super) fn until(self, deadline: Instant) -> Self {
        Self { deadline: self.deadline.min(deadline), ..self }
    }

    pub(super) fn handle_lost(&mut self, events: &Range<u64>, error: Option<&Error>) {
        self.watch.handle_lost(events);
        if let Some(error) = error {
            self.handle_error(error);
        }
    }

    pub(super) fn handle_error(&mut self, error: &Error) {
        self.error = Some(error.clone());
    }

    /// Answers if all events have an outcome, at the deadline, or if there is no use in waiting for it.
    pub(super) fn finish(&mut self, now: Instant, hopeless: bool) -> bool {
        if self.watch.pending() > 0 && now < self.deadline && !hopeless {
            return false;
        }
        self.answer(self.watch.lost(), self.watch.pending());
        true
    }

    /// Answers a shutdown, in which `pending` events were given up at the end.
    pub(super) fn answer_closed(mut self, pending: u64) {
        self.answer(self.watch.lost() - pending, pending);
    }

    fn answer(&mut self, lost: u64, pending: u64) {
        if let Some(answer) = self.answer.take() {
            let report =
                FlushReport { delivered: self.watch.delivered(), lost, pending, error: self.error.take() };
            // The caller may have stopped waiting in this very moment.
            let _ = answer.send(report);
        }
    }
}
