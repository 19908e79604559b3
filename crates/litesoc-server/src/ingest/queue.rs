//! The bounded queue between the requests and the one writer.

use std::collections::VecDeque;

use litesoc_store::NewEvent;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::access::Reservation;
use crate::config::QueueBounds;

/// The events of one request, waiting to be written.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) events: Vec<NewEvent>,
    /// The length of the request's body, which is about what the events weigh.
    pub(crate) bytes: usize,
    pub(crate) reservation: Reservation,
    pub(crate) reply: oneshot::Sender<Result<(), Unwritten>>,
}

/// The events of a request were not written, and it was not the client's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unwritten {
    /// The queue is full.
    Full,
    /// The store failed, or the server stops.
    Failed,
}

/// Jobs in the order of their arrival, bounded by events and bytes.
#[derive(Debug)]
pub(crate) struct IngestQueue {
    bounds: QueueBounds,
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    events: usize,
    bytes: usize,
    closed: bool,
    writer_sleeps: bool,
}

impl IngestQueue {
    pub(crate) fn new(bounds: QueueBounds) -> Self {
        Self { bounds, waiting: Mutex::default(), arrived: Condvar::new() }
    }

    /// Adds a job, or drops it, which gives its reservation back.
    pub(crate) fn push(&self, job: Job) -> Result<(), Unwritten> {
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return Err(Unwritten::Failed);
        }
        let events = waiting.events + job.events.len();
        let bytes = waiting.bytes + job.bytes;
        // A job that alone is over the bounds still gets its turn when nothing else waits.
        if !waiting.jobs.is_empty() && (events > self.bounds.events || bytes > self.bounds.bytes) {
            drop(waiting);
            return Err(Unwritten::Full);
        }
        (waiting.events, waiting.bytes) = (events, bytes);
        waiting.jobs.push_back(job);
        if waiting.writer_sleeps {
            waiting.writer_sleeps = false;
            drop(waiting);
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Waits for a job and takes it with everything behind it, up to the bound of a commit; `false` when the queue is closed
    /// and empty.
    ///
    /// While one commit is on its way to the disk the next one gathers here, so the commits grow with the load by themselves.
    pub(crate) fn take(&self, jobs: &mut Vec<Job>) -> bool {
        let mut waiting = self.waiting.lock();
        while waiting.jobs.is_empty() {
            if waiting.closed {
                return false;
            }
            waiting.writer_sleeps = true;
            self.arrived.wait(&mut waiting);
        }
        let mut events = 0;
        while let Some(next) = waiting.jobs.front() {
            events += next.events.len();
            if !jobs.is_empty() && events > self.bounds.commit_events {
                break;
            }
            if let Some(job) = waiting.jobs.pop_front() {
                waiting.events -= job.events.len();
                waiting.bytes -= job.bytes;
                jobs.push(job);
            }
        }
        true
    }

    /// Events and bytes that wait.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        let waiting = self.waiting.lock();
        (waiting.events, waiting.bytes)
    }

    /// Takes no more jobs; those that wait are still handed out.
    pub(crate) fn close(&self) {
        self.waiting.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Takes no more jobs and drops those that wait: nobody is left to write them.
    pub(crate) fn abandon(&self) {
        let mut waiting = self.waiting.lock();
        waiting.closed = true;
        let jobs = std::mem::take(&mut waiting.jobs);
        (waiting.events, waiting.bytes) = (0, 0);
        drop(waiting);
        drop(jobs);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use litesoc_store::{Month, NewEvent, OrganizationId};
    use tokio::sync::oneshot;
    use uuid::Uuid;

    use super::{IngestQueue, Job, Unwritten};
    use crate::access::Quota;
    use crate::config::QueueBounds;

    fn job(quota: &Arc<Quota>, events: usize) -> Job {
        let organization = OrganizationId::new("org_1").unwrap();
        let event = NewEvent::new(organization, Uuid::nil(), "auth.logout", 0);
        let reservation = quota.reserve(Month::containing(0), events as u64, None).unwrap();
        Job { events: vec![event; events], bytes: events * 100, reservation, reply: oneshot::channel().0 }
    }

    #[test]
    fn a_full_queue_refuses_and_gives_the_quota_back() {
        let quota = Arc::new(Quota::new(Month::containing(0), 0));
        let queue = IngestQueue::new(QueueBounds { events: 10, bytes: 10_000, commit_events: 6 });
        assert_eq!(queue.push(job(&quota, 6)), Ok(()));
        assert_eq!(queue.push(job(&quota, 4)), Ok(()));
        assert_eq!(queue.push(job(&quota, 1)), Err(Unwritten::Full));
        assert_eq!(quota.used(Month::containing(0)), 10);
        let mut jobs = Vec::new();
        assert!(queue.take(&mut jobs));
        assert_eq!(jobs.len(), 1, "a commit takes at most six events");
        assert_eq!(queue.push(job(&quota, 1)), Ok(()));
        queue.close();
        assert_eq!(queue.push(job(&quota, 1)), Err(Unwritten::Failed));
        jobs.clear();
        assert!(queue.take(&mut jobs));
        assert_eq!(jobs.iter().map(|job| job.events.len()).sum::<usize>(), 5);
        assert!(!queue.take(&mut jobs));
    }
}
