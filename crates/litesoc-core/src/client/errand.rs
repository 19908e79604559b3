//! Calls of other APIs, made by the client's worker over its transport and within its limits.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::oneshot;

use super::Client;
use super::identity::seeded;
use super::pending::Pending;
use super::shared::Shared;
use super::worker::{Command, exchange};
use crate::error::Error;
use crate::transport::TransportError;

/// Something the worker does for somebody until it is done.
pub(super) struct Errand(pub(super) Pin<Box<dyn Future<Output = ()> + Send>>);

impl fmt::Debug for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Errand(..)")
    }
}

/// What an errand works with: the client's transport and its timer.
#[derive(Clone, Debug)]
pub struct Messenger {
    shared: Arc<Shared>,
}

impl Messenger {
    /// Makes one attempt at one exchange; no header is added to the request.
    ///
    /// # Errors
    ///
    /// There was no complete answer within `limit`.
    pub async fn exchange(
        &self,
        request: Request<Bytes>,
        limit: Duration,
    ) -> Result<Response<Bytes>, TransportError> {
        exchange(&self.shared.settings.transport, request, limit).await
    }

    /// Waits without holding anything up.
    pub async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Waits for a random part of a time, at least half of it, so that many clients do not come back at once.
    pub async fn back_off(&self, time: Duration) {
        let share = seeded().next_u64() % 1_000;
        self.pause(time / 2 + time / 2 * u32::try_from(share).unwrap_or(0) / 1_000).await;
    }

    /// The wall clock of the client, in milliseconds since 1970 began.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.shared.settings.clock.now_ms()
    }
}

impl Client {
    /// Has the worker do something with the client's transport, such as a call of another API of the same service.
    ///
    /// It ends with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when `limit` is over, whatever it waits for then, and
    /// with [`ErrorKind::Closed`](crate::ErrorKind::Closed) when the client is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use bytes::Bytes;
    /// use litesoc_core::testing::Capture;
    /// use litesoc_core::{Client, Error};
    ///
    /// let client = Client::new("lsoc_live_0123456789abcdef", Capture::new())?;
    /// let status = client.errand(Duration::from_secs(5), |messenger| async move {
    ///     let request = http::Request::get("http://127.0.0.1/").body(Bytes::new()).expect("a valid request");
    ///     let answer = messenger.exchange(request, Duration::from_secs(1)).await?;
    ///     Ok::<_, Error>(answer.status())
    /// });
    /// assert!(status.wait().is_ok());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn errand<T, E, F>(&self, limit: Duration, task: impl FnOnce(Messenger) -> F) -> Pending<Result<T, E>>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let task = task(Messenger { shared: Arc::clone(self.shared()) });
        let errand = async move {
            let done = tokio::time::timeout(limit, task).await;
            let late = |_| Err(Error::timeout(format!("the call took longer than {limit:?}")).into());
            // Nobody waits any more: the answer is of no use.
            let _ = answer.send(done.unwrap_or_else(late));
        };
        let command = Command::Errand(Errand(Box::pin(errand)));
        let sent =
            self.shared().link().and_then(|link| link.commands.send(command).map_err(|_| Error::closed()));
        match sent {
            Ok(()) => Pending::new(result, || Err(Error::closed().into())),
            Err(error) => Pending::ready(Err(error.into())),
        }
    }
}
