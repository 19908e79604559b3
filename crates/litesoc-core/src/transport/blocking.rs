//! Blocking HTTP stacks as transports: one thread that makes the calls.

use std::fmt;

use bytes::Bytes;

use super::TransportError;

/// A [`Transport`](super::Transport) of a stack that blocks. Wrap it in [`Blocking`] to give it to a client.
///
/// The rules of [`Transport`](super::Transport) hold. As a blocking call cannot be cancelled, an implementation
/// must end it by itself when the [`TimeLimit`](super::TimeLimit) in the request's extensions is over.
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
    use std::fmt;
    use std::sync::{Arc, Mutex, PoisonError, mpsc};

    use bytes::Bytes;
    use tokio::sync::oneshot;

    use super::BlockingTransport;
    use crate::transport::{Transport, TransportError, TransportErrorKind};

    type Answer = Result<http::Response<Bytes>, TransportError>;

    struct Job {
        request: http::Request<Bytes>,
        answer: oneshot::Sender<Answer>,
    }

    struct Thread {
        process: u32,
        jobs: mpsc::Sender<Job>,
    }

    /// Makes a [`Transport`] of a [`BlockingTransport`]: its calls are made one after another on a thread of its
    /// own, which starts with the first request and ends when the adaptor is dropped.
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
        thread: Mutex<Option<Thread>>,
    }

    impl<T: BlockingTransport> Blocking<T> {
        /// Wraps a blocking transport. No thread starts before the first request.
        #[must_use]
        pub fn new(inner: T) -> Self {
            Self { inner: Arc::new(inner), thread: Mutex::new(None) }
        }

        fn submit(&self, job: Job) -> Result<(), TransportError> {
            let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
            // A thread does not survive a fork: the child starts its own.
            let process = std::process::id();
            let mut job = job;
            if let Some(running) = thread.as_ref().filter(|running| running.process == process) {
                match running.jobs.send(job) {
                    Ok(()) => return Ok(()),
                    Err(mpsc::SendError(returned)) => job = returned,
                }
            }
            let (jobs, queue) = mpsc::channel();
            let inner = Arc::clone(&self.inner);
            std::thread::Builder::new()
                .name("litesoc-http".to_owned())
                .spawn(move || run(&*inner, &queue))
                .map_err(|error| TransportError::new(TransportErrorKind::Stopped, error))?;
            // The receiver lives in the thread just started, so this send cannot fail.
            let sent = jobs.send(job).map_err(|_| TransportError::from(TransportErrorKind::Stopped));
            *thread = Some(Thread { process, jobs });
            sent
        }
    }

    fn run<T: BlockingTransport>(transport: &T, queue: &mpsc::Receiver<Job>) {
        while let Ok(job) = queue.recv() {
            // The caller gave up while the job waited: sending it now would be a request nobody reads.
            if job.answer.is_closed() {
                continue;
            }
            let _ = job.answer.send(transport.send(job.request));
        }
    }

    impl<T: fmt::Debug> fmt::Debug for Blocking<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_tuple("Blocking").field(&self.inner).finish()
        }
    }

    impl<T: BlockingTransport> Transport for Blocking<T> {
        async fn send(&self, request: http::Request<Bytes>) -> Answer {
            let (answer, reply) = oneshot::channel();
            self.submit(Job { request, answer })?;
            reply.await.map_err(|_| TransportError::from(TransportErrorKind::Stopped))?
        }
    }
}
