//! A transport that never answers.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use crate::transport::{Transport, TransportError};

/// Takes every request and answers none. Clones share the counts.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use litesoc_core::testing::Never;
/// use litesoc_core::transport::Transport;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
/// # runtime.block_on(async {
/// let never = Never::new();
/// let request = http::Request::post("https://api.example/collect").body("{}".into()).unwrap();
/// assert!(tokio::time::timeout(Duration::from_secs(5), never.send(request)).await.is_err());
/// assert_eq!((never.started(), never.waiting()), (1, 0));
/// # });
/// ```
#[derive(Clone, Debug, Default)]
pub struct Never {
    counts: Arc<watch::Sender<Counts>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    started: usize,
    dropped: usize,
}

impl Never {
    /// A transport that never answers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many requests it was given.
    #[must_use]
    pub fn started(&self) -> usize {
        self.counts.borrow().started
    }

    /// How many callers wait for an answer now: requests given whose future was not dropped.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let counts = *self.counts.borrow();
        counts.started - counts.dropped
    }

    /// Waits until it was given `count` requests. It has no limit of its own: put it into `tokio::time::timeout`.
    pub async fn until(&self, count: usize) {
        // The sender lives as long as `self`, so the only way out is a count that is enough.
        let _ = self.counts.subscribe().wait_for(|counts| counts.started >= count).await;
    }
}

struct Waiting<'a>(&'a Never);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.counts.send_modify(|counts| counts.dropped += 1);
    }
}

impl Transport for Never {
    async fn send(&self, _request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        self.counts.send_modify(|counts| counts.started += 1);
        let _waiting = Waiting(self);
        std::future::pending().await
    }
}
