//! Blocking HTTP stacks as transports: a few threads that make the calls.

use std::fmt;

use bytes::Bytes;

use super::TransportError;

/// A [`Transport`](super::Transport) of a stack that blocks. Wrap it in [`Blocking`] to give it to a client.
///
/// The rules of [`Transport`](super::Transport) hold. As a blocking call cannot be cancelled, an implementation
/// must end it by itself when the [`TimeLimit`](super::TimeLimit) in the request's extensions is over. Calls come
/// from several threads at once.
pub trait BlockingTransport: fmt::Debug + Send + Sync + 'static {
    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] when there is no complete answer. Any complete answer is `Ok`, whatever its status.
    fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError>;
}

#[cfg(feature = "client")]
pub use adaptor::Blocking;

#[cfg(feature = "client")]
mod adaptor {
    use std::collections::VecDeque;
    use std::fmt;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
    use std::time::{Duration, Instant};

    use bytes::Bytes;
    use tokio::sync::oneshot;

    use super::BlockingTransport;
    use crate::transport::{PerProcess, TimeLimit, Transport, TransportError, TransportErrorKind};

    type Answer = Result<http::Response<Bytes>, TransportError>;

    /// Threads unless [`Blocking::with_threads`] says otherwise.
    const THREADS: usize = 4;

    /// How long a thread waits for its next call before it ends.
    const IDLE: Duration = Duration::from_secs(10);

    /// Makes a [`Transport`] of a [`BlockingTransport`]: its calls are made on a few threads of its own.
    ///
    /// A thread starts when a call finds none free, up to four ([`Blocking::with_threads`] sets another number),
    /// and ends after ten seconds without a call. Calls beyond that number wait their turn; the wait counts against
    /// their [`TimeLimit`]. A call whose future is dropped before its turn is never made; a call being made ends
    /// with its time limit.
    ///
    /// Dropping the adaptor waits for nothing: threads end with the call they are making.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use litesoc_core::transport::{Blocking, BlockingTransport, TransportError};
    ///
    /// #[derive(Debug)]
    /// struct Void;
    ///
    /// impl BlockingTransport for Void {
    ///     fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
    ///         Ok(http::Response::new(Bytes::from_static(b"{}")))
    ///     }
    /// }
    ///
    /// let transport = Blocking::new(Void);
    /// ```
    pub struct Blocking<T> {
        inner: Arc<T>,
        threads: usize,
        // Threads do not survive a fork: the child starts its own.
        crew: PerProcess<Arc<Crew>>,
    }

    impl<T: BlockingTransport> Blocking<T> {
        /// Wraps a blocking transport. No thread starts before the first call.
        #[must_use]
        pub fn new(inner: T) -> Self {
            Self { inner: Arc::new(inner), threads: THREADS, crew: PerProcess::new() }
        }

        /// Sets how many calls are made at the same time, at least one.
        #[must_use]
        pub fn with_threads(mut self, threads: usize) -> Self {
            self.threads = threads.max(1);
            self
        }

        fn submit(&self, job: Job) -> Result<(), TransportError> {
            let crew = self.crew.get();
            if !crew.enqueue(job, self.threads) {
                return Ok(());
            }
            let (inner, member) = (Arc::clone(&self.inner), Arc::clone(crew));
            let spawned = std::thread::Builder::new()
                .name("litesoc-http".to_owned())
                .spawn(move || member.work(&*inner));
            match spawned {
                Ok(_) => Ok(()),
                Err(error) => crew.not_started(error),
            }
        }
    }

    struct Job {
        request: http::Request<Bytes>,
        since: Instant,
        answer: oneshot::Sender<Answer>,
    }

    /// The threads of one process and the calls that wait for them.
    #[derive(Default)]
    struct Crew {
        state: Mutex<State>,
        wake: Condvar,
    }

    #[derive(Default)]
    struct State {
        queue: VecDeque<Job>,
        threads: usize,
        idle: usize,
        closed: bool,
    }

    impl Crew {
        fn lock(&self) -> MutexGuard<'_, State> {
            self.state.lock().unwrap_or_else(PoisonError::into_inner)
        }

        /// Queues a call. Answers whether another thread has to start, which is then counted already.
        fn enqueue(&self, job: Job, most: usize) -> bool {
            let mut state = self.lock();
            // A caller that gave up leaves its job behind: without this, a stalled server fills the queue.
            state.queue.retain(|job| !job.answer.is_closed());
            state.queue.push_back(job);
            // A thread that was woken but does not run yet counts as idle still, hence the comparison with the queue.
            if state.idle >= state.queue.len() {
                drop(state);
                self.wake.notify_one();
                return false;
            }
            let start = state.threads < most;
            state.threads += usize::from(start);
            start
        }

        /// Takes back a thread that could not be started. Calls are lost only if there is no other.
        fn not_started(&self, error: std::io::Error) -> Result<(), TransportError> {
            let mut state = self.lock();
            state.threads -= 1;
            if state.threads > 0 {
                return Ok(());
            }
            state.queue.clear();
            Err(TransportError::new(TransportErrorKind::Stopped, error))
        }

        /// The next call, or `None` when this thread is to end. It is no longer counted then.
        fn next(&self) -> Option<Job> {
            let mut state = self.lock();
            loop {
                if let Some(job) = state.queue.pop_front() {
                    return Some(job);
                }
                if state.closed {
                    state.threads -= 1;
                    return None;
                }
                state.idle += 1;
                let waited = self.wake.wait_timeout(state, IDLE);
                let (after, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                state = after;
                state.idle -= 1;
                if timeout.timed_out() && state.queue.is_empty() {
                    state.threads -= 1;
                    return None;
                }
            }
        }

        fn work<T: BlockingTransport>(&self, transport: &T) {
            while let Some(job) = self.next() {
                job.run(transport);
            }
        }

        fn close(&self) {
            let mut state = self.lock();
            state.closed = true;
            state.queue.clear();
            drop(state);
            self.wake.notify_all();
        }
    }

    impl Job {
        fn run<T: BlockingTransport>(mut self, transport: &T) {
            // The caller gave up while the job waited: sending it now would be a request nobody reads.
            if self.answer.is_closed() {
                return;
            }
            if let Some(limit) = self.request.extensions_mut().get_mut::<TimeLimit>() {
                let left = limit.get().saturating_sub(self.since.elapsed());
                if left.is_zero() {
                    let _ = self.answer.send(Err(TransportError::timeout()));
                    return;
                }
                *limit = TimeLimit::new(left);
            }
            // A panic would end the thread with calls still in the queue, whose callers would wait for ever.
            let answer = catch_unwind(AssertUnwindSafe(|| transport.send(self.request)));
            let panicked =
                |_| Err(TransportError::new(TransportErrorKind::Other, "the blocking transport panicked"));
            let _ = self.answer.send(answer.unwrap_or_else(panicked));
        }
    }

    impl<T> Drop for Blocking<T> {
        fn drop(&mut self) {
            self.crew.get().close();
        }
    }

    impl<T: fmt::Debug> fmt::Debug for Blocking<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_tuple("Blocking").field(&self.inner).finish()
        }
    }

    impl<T: BlockingTransport> Transport for Blocking<T> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the driver of blocking calls: their time runs while they wait"
        )]
        async fn send(&self, request: http::Request<Bytes>) -> Answer {
            let (answer, reply) = oneshot::channel();
            self.submit(Job { request, since: Instant::now(), answer })?;
            reply.await.map_err(|_| TransportError::from(TransportErrorKind::Stopped))?
        }
    }
}
