//! The seam between the client and an HTTP stack: one request in, one answer out.

mod blocking;
mod error;
mod process;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

#[cfg(feature = "client")]
pub use blocking::Blocking;
pub use blocking::BlockingTransport;
pub use error::{TransportError, TransportErrorKind};
pub use process::PerProcess;

/// One attempt at one HTTP exchange.
///
/// The client owns everything that has to do with *whether* and *when* to send; a transport only sends. That is
/// what makes a transport about a screenful of code and lets one suite ([`crate::testing::conformance`], feature
/// `testing`) test all of them.
///
/// A transport
///
/// * makes exactly one attempt: it never retries and never follows a redirect (a redirect that is followed hands
///   the API key and the events to whoever the answer names);
/// * answers `Ok` for every status, with the whole body, at most [`MAX_RESPONSE_BYTES`] long;
/// * sends the request's headers as they are and adds none that carry a secret;
/// * stops when its future is dropped, at any point of the exchange;
/// * looks at [`TimeLimit`] in the request's extensions if it cannot be cancelled by a drop (blocking stacks);
/// * opens new connections after a `fork`: a child that writes to its parent's socket corrupts both.
///
/// Implementors write `async fn send`.
///
/// # Why this shape
///
/// `http::Request<Bytes>` is a value that every Rust HTTP stack can take. The whole body is in memory because a
/// request of this API is at most 1 MiB. The method returns `impl Future` instead of a boxed one so that an
/// implementation needs no macro; [`SharedTransport`] boxes it once for the client, which costs one allocation a
/// request of a hundred events.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use litesoc_core::transport::{Transport, TransportError};
///
/// /// Accepts everything, sends nothing.
/// #[derive(Debug)]
/// struct Void;
///
/// impl Transport for Void {
///     async fn send(&self, _request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
///         Ok(http::Response::new(Bytes::from_static(br#"{"success":true,"status":"queued"}"#)))
///     }
/// }
/// ```
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] when there is no complete answer. Any complete answer is `Ok`, whatever its status.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send;
}

/// The longest response body a transport reads, in bytes: 16 MiB.
///
/// The largest legitimate answer is a page of 500 alerts. Without a bound, a hostile or broken server decides how
/// much memory the application uses.
pub const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;

/// The time the whole exchange may take, body included. The client puts it into the extensions of each request.
///
/// Transports whose future can be dropped need not look at it: the client drops it when the time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimit(Duration);

impl TimeLimit {
    /// A limit for one exchange.
    #[must_use]
    pub const fn new(limit: Duration) -> Self {
        Self(limit)
    }

    /// The time the exchange may take, counted from the call of `send`.
    #[must_use]
    pub const fn get(self) -> Duration {
        self.0
    }
}

type ResponseFuture<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, TransportError>> + Send + 'a>>;

trait Erased: fmt::Debug + Send + Sync {
    fn send_boxed(&self, request: http::Request<Bytes>) -> ResponseFuture<'_>;
}

impl<T: Transport> Erased for T {
    fn send_boxed(&self, request: http::Request<Bytes>) -> ResponseFuture<'_> {
        Box::pin(self.send(request))
    }
}

/// Any transport behind one pointer, so that the client has no type parameter. Cheap to clone.
#[derive(Clone)]
pub struct SharedTransport(Arc<dyn Erased>);

impl SharedTransport {
    /// Erases the type of `transport`.
    #[must_use]
    pub fn new(transport: impl Transport) -> Self {
        Self(Arc::new(transport))
    }
}

impl fmt::Debug for SharedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Transport for SharedTransport {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        self.0.send_boxed(request).await
    }
}
