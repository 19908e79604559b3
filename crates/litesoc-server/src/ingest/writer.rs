//! The one writer: takes what waits, commits it, tells the requests, hands the events to the detector.

use std::sync::Arc;
use std::time::Duration;

use litesoc_store::{Appended, Commit, NewEvent, Seq, Store, StoreError, StoredEvent};
use tokio::sync::oneshot;

use super::queue::{IngestQueue, Job, Unwritten};
use crate::access::Reservation;
use crate::clock::Clock;
use crate::detection::{Committed, Mailbox};
use crate::metrics::{Metrics, Reason};

/// Runs until the queue is closed and empty.
pub(crate) struct Writer {
    store: Arc<dyn Store>,
    queue: Arc<IngestQueue>,
    mailbox: Arc<Mailbox>,
    metrics: Arc<Metrics>,
    pace: Clock,
    /// The place of the last event written.
    last: Seq,
}

/// A job whose events are on their way to the disk.
struct Ticket {
    events: usize,
    reservation: Reservation,
    reply: oneshot::Sender<Result<(), Unwritten>>,
}

impl Writer {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        queue: Arc<IngestQueue>,
        mailbox: Arc<Mailbox>,
        metrics: Arc<Metrics>,
        last: Seq,
    ) -> Self {
        Self { store, queue, mailbox, metrics, pace: Clock::system(), last }
    }

    pub(crate) fn run(mut self) {
        let _abandon = AbandonQueue(Arc::clone(&self.queue));
        let mut jobs = Vec::new();
        while self.queue.take(&mut jobs) {
            self.write(std::mem::take(&mut jobs));
        }
    }

    fn write(&mut self, jobs: Vec<Job>) {
        let mut batch = Vec::with_capacity(jobs.iter().map(|job| job.events.len()).sum());
        let mut tickets = Vec::with_capacity(jobs.len());
        for mut job in jobs {
            tickets.push(Ticket { events: job.events.len(), reservation: job.reservation, reply: job.reply });
            batch.append(&mut job.events);
        }
        let began = self.pace.elapsed();
        match self.store.append(&batch) {
            Ok(commit) => self.settle(batch, tickets, &commit, began),
            // One request may have spoiled it for the others, say by the key of an organization that is gone.
            Err(StoreError::UnknownOrganization(_) | StoreError::Invalid(_)) if tickets.len() > 1 => {
                self.write_apart(batch, tickets);
            }
            Err(error) => {
                tracing::error!(%error, events = batch.len(), "could not store events");
                self.metrics.refused(Reason::Store, batch.len());
                for ticket in tickets {
                    ticket.fail();
                }
            }
        }
    }

    fn write_apart(&mut self, mut batch: Vec<NewEvent>, tickets: Vec<Ticket>) {
        for ticket in tickets {
            let rest = batch.split_off(ticket.events);
            let own = std::mem::replace(&mut batch, rest);
            let began = self.pace.elapsed();
            match self.store.append(&own) {
                Ok(commit) => self.settle(own, vec![ticket], &commit, began),
                Err(error) => {
                    tracing::error!(%error, events = own.len(), "could not store events");
                    self.metrics.refused(Reason::Store, own.len());
                    ticket.fail();
                }
            }
        }
    }

    /// Everything in the batch is on the disk: answers first, detection after.
    fn settle(&mut self, batch: Vec<NewEvent>, tickets: Vec<Ticket>, commit: &Commit, began: Duration) {
        let took = self.pace.elapsed().saturating_sub(began);
        let stored = commit.outcomes.iter().filter(|outcome| outcome.is_stored());
        if let Some(last) = stored.map(|outcome| outcome.seq()).max() {
            self.mailbox.set_written(last);
        }
        let mut outcomes = commit.outcomes.as_slice();
        for ticket in tickets {
            let (own, rest) = outcomes.split_at(ticket.events.min(outcomes.len()));
            outcomes = rest;
            ticket.succeed(own);
        }
        let stored = batch.into_iter().zip(&commit.outcomes).filter(|(_, outcome)| outcome.is_stored());
        let events: Vec<_> = stored.map(|(event, outcome)| StoredEvent::new(outcome.seq(), event)).collect();
        self.metrics.committed(commit.outcomes.len(), events.len(), took);
        self.metrics.stored(events.iter().map(|stored| &stored.event));
        if let Some(last) = events.last().map(|event| event.seq) {
            let after = std::mem::replace(&mut self.last, last);
            self.mailbox.committed(Committed { after, events });
        }
    }
}

impl Ticket {
    fn succeed(self, outcomes: &[Appended]) {
        let stored = outcomes.iter().filter(|outcome| outcome.is_stored()).count();
        self.reservation.settle(stored as u64);
        // The client may have gone; its events are stored all the same.
        let _gone = self.reply.send(Ok(()));
    }

    fn fail(self) {
        drop(self.reservation);
        let _gone = self.reply.send(Err(Unwritten::Failed));
    }
}

/// Should the writer ever panic, requests must learn of it at once instead of waiting for ever.
struct AbandonQueue(Arc<IngestQueue>);

impl Drop for AbandonQueue {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
