//! A transport that keeps what it is given.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use crate::transport::{Transport, TransportError};

type Answer = Result<http::Response<Bytes>, TransportError>;
type Compute = dyn Fn(&http::Request<Bytes>) -> Answer + Send + Sync;

/// Records every request and answers at once. Clones share the record.
///
/// # Examples
///
/// ```
/// use litesoc_core::testing::Capture;
/// use litesoc_core::transport::Transport;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let capture = Capture::new();
/// let request = http::Request::post("https://api.example/collect").body("{}".into()).unwrap();
/// let answer = capture.send(request).await.unwrap();
/// assert_eq!(answer.status(), 202);
/// assert_eq!(capture.requests()[0].uri().path(), "/collect");
/// # });
/// ```
#[derive(Clone)]
pub struct Capture {
    shared: Arc<Shared>,
}

struct Shared {
    requests: Mutex<Vec<http::Request<Bytes>>>,
    seen: watch::Sender<usize>,
    compute: Box<Compute>,
}

impl Capture {
    /// Answers `202` with the body of an accepted event, `{"success":true,"status":"queued"}`.
    #[must_use]
    pub fn new() -> Self {
        let mut accepted = http::Response::new(Bytes::from_static(br#"{"success":true,"status":"queued"}"#));
        *accepted.status_mut() = http::StatusCode::ACCEPTED;
        Self::answering(accepted)
    }

    /// Answers every request with a copy of `response`.
    #[must_use]
    pub fn answering(response: http::Response<Bytes>) -> Self {
        Self::computing(move |_| Ok(response.clone()))
    }

    /// Answers each request with what `compute` makes of it.
    #[must_use]
    pub fn computing(compute: impl Fn(&http::Request<Bytes>) -> Answer + Send + Sync + 'static) -> Self {
        let shared =
            Shared { requests: Mutex::default(), seen: watch::Sender::new(0), compute: Box::new(compute) };
        Self { shared: Arc::new(shared) }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<http::Request<Bytes>>> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Copies of the requests recorded so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.lock().clone()
    }

    /// Takes the requests recorded so far, so that the next look shows only newer ones.
    #[must_use]
    pub fn take(&self) -> Vec<http::Request<Bytes>> {
        std::mem::take(&mut *self.lock())
    }

    /// How many requests there were since the beginning, taken ones included.
    #[must_use]
    pub fn count(&self) -> usize {
        *self.shared.seen.borrow()
    }

    /// Waits until there were `count` requests since the beginning. It has no limit of its own: put it into
    /// `tokio::time::timeout`.
    pub async fn until(&self, count: usize) {
        // The sender lives as long as `self`, so the only way out is a count that is enough.
        let _ = self.shared.seen.subscribe().wait_for(|seen| *seen >= count).await;
    }
}

impl Default for Capture {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The count alone: requests carry keys, and a transport's Debug must not.
        f.debug_struct("Capture").field("count", &self.count()).finish()
    }
}

impl Transport for Capture {
    async fn send(&self, request: http::Request<Bytes>) -> Answer {
        let answer = (self.shared.compute)(&request);
        self.lock().push(request);
        self.shared.seen.send_modify(|seen| *seen += 1);
        answer
    }
}
