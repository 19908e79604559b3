//! [`Jobs`]: requests whose results are asked for later.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;

use super::envelope::Outcome;

/// Requests that are remembered; then the oldest are forgotten.
const MOST: usize = 20_000;
/// Bytes of their results.
const MOST_BYTES: usize = 256 << 20;

/// Requests whose results are asked for later.
#[derive(Debug, Default)]
pub(super) struct Jobs(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    jobs: HashMap<String, Job>,
    /// By the order of their arrival.
    order: BTreeMap<u64, String>,
    next: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Job {
    organization: String,
    /// Nothing while it is worked on.
    outcome: Option<Outcome>,
    number: u64,
    bytes: usize,
}

impl Jobs {
    /// Remembers a request that is worked on.
    pub(super) fn begin(&self, id: &str, organization: &str) {
        self.put(id, organization, None);
    }

    /// Remembers the outcome of a request.
    pub(super) fn done(&self, id: &str, organization: &str, outcome: Outcome) {
        self.put(id, organization, Some(outcome));
    }

    fn put(&self, id: &str, organization: &str, outcome: Option<Outcome>) {
        let mut inner = self.0.lock();
        inner.remove(id);
        let number = inner.next;
        inner.next += 1;
        let bytes = outcome.as_ref().map_or(0, Outcome::len);
        inner.bytes += bytes;
        inner.order.insert(number, id.to_owned());
        let job = Job { organization: organization.to_owned(), outcome, number, bytes };
        inner.jobs.insert(id.to_owned(), job);
        while inner.jobs.len() > MOST || (inner.bytes > MOST_BYTES && inner.jobs.len() > 1) {
            let Some((_, oldest)) = inner.order.pop_first() else { break };
            inner.remove(&oldest);
        }
    }

    /// The outcome of a request of this organization: the inner `None` while it is worked on.
    pub(super) fn get(&self, id: &str, organization: &str) -> Option<Option<Outcome>> {
        let inner = self.0.lock();
        inner.jobs.get(id).filter(|job| job.organization == organization).map(|job| job.outcome.clone())
    }
}

impl Inner {
    fn remove(&mut self, id: &str) {
        if let Some(job) = self.jobs.remove(id) {
            self.order.remove(&job.number);
            self.bytes -= job.bytes;
        }
    }
}
