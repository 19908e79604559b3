//! The bounded queue before the sequencer, and the answer that a caller waits for.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use litesoc_ledger::Hash;
use litesoc_ledger::envelope::Prepared;
use litesoc_ledger::time::Moment;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::error::{AppendError, ReadError};
use crate::log::State;
use crate::record::RequestId;

/// What became of the records of one call: they are on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Appended {
    /// The index of the first record; the others follow it.
    pub first: u64,
    /// Of each record, in the order of the call.
    pub records: Vec<Placed>,
    /// The log as it was when the records became durable: at the end of their batch.
    pub state: State,
}

/// A record that found its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Placed {
    /// Its leaf hash in the P-tree.
    pub leaf_hash: Hash,
    /// The time it was given.
    pub received_at: Moment,
}

/// Something for the sequencer to do.
#[derive(Debug)]
pub(crate) enum Job {
    Append {
        request: RequestId,
        drafts: Vec<Prepared>,
        reply: oneshot::Sender<Result<Appended, AppendError>>,
    },
    /// Makes tombstones of records.
    Erase { indexes: Vec<u64>, reply: oneshot::Sender<Result<u64, EraseError>> },
}

/// Why records were not erased.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EraseError {
    /// A record cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The segment could not be rewritten; it is as it was.
    #[error("rewriting {}: {source}", path.display())]
    Write {
        /// The segment.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The log takes no more changes.
    #[error("the log takes no more changes: {cause}")]
    Stopped {
        /// What happened first.
        cause: String,
    },
}

/// Jobs in the order of their arrival, bounded by bytes.
#[derive(Debug)]
pub(crate) struct Queue {
    bound: usize,
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<(Job, usize)>,
    bytes: usize,
    /// Why nothing more is taken.
    stopped: Option<String>,
    closed: bool,
    sleeping: bool,
}

impl Queue {
    pub(crate) fn new(bound: usize) -> Self {
        Self { bound, waiting: Mutex::default(), arrived: Condvar::new() }
    }

    pub(crate) fn push(&self, job: Job, bytes: usize) -> Result<(), AppendError> {
        let mut waiting = self.waiting.lock();
        if let Some(cause) = &waiting.stopped {
            return Err(AppendError::Stopped { cause: cause.clone() });
        }
        // One call alone may be larger than the bound; it then waits for nobody but itself.
        if waiting.bytes > 0 && waiting.bytes + bytes > self.bound {
            return Err(AppendError::Busy { waiting: waiting.bytes });
        }
        waiting.bytes += bytes;
        waiting.jobs.push_back((job, bytes));
        if std::mem::take(&mut waiting.sleeping) {
            drop(waiting);
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Waits for jobs and takes what piled up during the last flush, up to `most` bytes; nothing when the queue is closed
    /// and empty.
    pub(crate) fn take(&self, most: usize) -> Vec<Job> {
        let mut waiting = self.waiting.lock();
        while waiting.jobs.is_empty() {
            if waiting.closed {
                return Vec::new();
            }
            waiting.sleeping = true;
            self.arrived.wait(&mut waiting);
        }
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some((_, size)) = waiting.jobs.front() {
            bytes += size;
            if !taken.is_empty() && bytes > most {
                break;
            }
            if let Some((job, size)) = waiting.jobs.pop_front() {
                waiting.bytes -= size;
                taken.push(job);
            }
        }
        taken
    }

    /// Takes nothing more; what waits is still done.
    pub(crate) fn close(&self) {
        let mut waiting = self.waiting.lock();
        waiting.closed = true;
        waiting.stopped.get_or_insert_with(|| "it was closed".to_owned());
        drop(waiting);
        self.arrived.notify_one();
    }

    /// Takes nothing more, and gives back what waits so that it can be refused.
    pub(crate) fn stop(&self, cause: &str) -> Vec<Job> {
        let mut waiting = self.waiting.lock();
        waiting.stopped.get_or_insert_with(|| cause.to_owned());
        waiting.closed = true;
        waiting.bytes = 0;
        waiting.jobs.drain(..).map(|(job, _)| job).collect()
    }

    pub(crate) fn cause(&self) -> String {
        self.waiting.lock().stopped.clone().unwrap_or_else(|| "the sequencer ended".to_owned())
    }
}

/// The answer to an append: a future, or something to wait for on a plain thread.
#[derive(Debug)]
#[must_use = "records are only known to be durable once the answer is there"]
pub struct Appending {
    pub(crate) reply: oneshot::Receiver<Result<Appended, AppendError>>,
}

impl Appending {
    /// Blocks until the records are on the disk.
    ///
    /// # Errors
    ///
    /// [`AppendError`]; none of the records was appended.
    ///
    /// # Panics
    ///
    /// Inside an asynchronous runtime: await it there.
    pub fn wait(self) -> Result<Appended, AppendError> {
        self.reply.blocking_recv().unwrap_or_else(|_| Err(ended()))
    }
}

impl Future for Appending {
    type Output = Result<Appended, AppendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.reply).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(ended())))
    }
}

fn ended() -> AppendError {
    AppendError::Stopped { cause: "the sequencer ended".to_owned() }
}
