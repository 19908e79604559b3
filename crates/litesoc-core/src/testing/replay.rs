//! A transport that follows a script.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::transport::{Transport, TransportError, TransportErrorKind};

/// One step of a [`Replay`]: an answer or an error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Step {
    /// A complete answer.
    Answer(http::Response<Bytes>),
    /// No complete answer.
    Fail(TransportError),
}

impl From<http::Response<Bytes>> for Step {
    fn from(response: http::Response<Bytes>) -> Self {
        Self::Answer(response)
    }
}

impl From<TransportError> for Step {
    fn from(error: TransportError) -> Self {
        Self::Fail(error)
    }
}

impl From<TransportErrorKind> for Step {
    fn from(kind: TransportErrorKind) -> Self {
        Self::Fail(kind.into())
    }
}

/// An answer with this status and the body `{}`.
///
/// # Panics
///
/// When the number is no HTTP status (100 to 999).
impl From<u16> for Step {
    fn from(status: u16) -> Self {
        let mut response = http::Response::new(Bytes::from_static(b"{}"));
        *response.status_mut() = http::StatusCode::from_u16(status).expect("a scripted status is 100 to 999");
        Self::Answer(response)
    }
}

/// Answers requests from a script, in order, and records them. Clones share script and record.
///
/// A request after the last step gets an error of kind [`Unsupported`](TransportErrorKind::Unsupported), which
/// nobody retries, and makes [`Replay::assert_finished`] fail.
///
/// # Examples
///
/// ```
/// use litesoc_core::testing::{Replay, Step};
/// use litesoc_core::transport::{Transport, TransportErrorKind};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let replay = Replay::new([Step::from(TransportErrorKind::Connect), Step::from(202)]);
/// let request = http::Request::post("https://api.example/collect").body("{}".into()).unwrap();
/// assert!(replay.send(request.clone()).await.is_err());
/// assert_eq!(replay.send(request).await.unwrap().status(), 202);
/// replay.assert_finished();
/// # });
/// ```
#[derive(Clone)]
pub struct Replay {
    shared: Arc<Mutex<State>>,
}

struct State {
    steps: VecDeque<Step>,
    requests: Vec<http::Request<Bytes>>,
    unexpected: usize,
}

impl Replay {
    /// A script of these steps.
    #[must_use]
    pub fn new(steps: impl IntoIterator<Item = impl Into<Step>>) -> Self {
        let steps = steps.into_iter().map(Into::into).collect();
        Self { shared: Arc::new(Mutex::new(State { steps, requests: Vec::new(), unexpected: 0 })) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Copies of all requests, unexpected ones included, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.lock().requests.clone()
    }

    /// How many steps are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.lock().steps.len()
    }

    /// How many requests came after the last step.
    #[must_use]
    pub fn unexpected(&self) -> usize {
        self.lock().unexpected
    }

    /// Checks that every step was used and nothing more was asked for.
    ///
    /// # Panics
    ///
    /// When steps are left or requests came after the last step.
    #[track_caller]
    pub fn assert_finished(&self) {
        let (remaining, unexpected) = (self.remaining(), self.unexpected());
        assert!(
            remaining == 0 && unexpected == 0,
            "the script should be used up exactly: {remaining} steps left, {unexpected} requests too many"
        );
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Replay")
            .field("remaining", &state.steps.len())
            .field("requests", &state.requests.len())
            .field("unexpected", &state.unexpected)
            .finish()
    }
}

impl Transport for Replay {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let mut state = self.lock();
        state.requests.push(request);
        match state.steps.pop_front() {
            Some(Step::Answer(response)) => Ok(response),
            Some(Step::Fail(error)) => Err(error),
            None => {
                state.unexpected += 1;
                Err(TransportError::new(
                    TransportErrorKind::Unsupported,
                    "the replayed script has no more steps",
                ))
            }
        }
    }
}
