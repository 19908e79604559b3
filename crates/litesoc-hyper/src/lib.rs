//! The default HTTP transport of the LiteSOC client: hyper and rustls.
#![doc = include_str!("../README.md")]

mod answering;
mod builder;
mod connect;
mod error;
mod line;
mod pool;
#[cfg(feature = "tls")]
mod roots;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::uri::Scheme;
use http::{HeaderValue, Uri, Version, header};
use http_body_util::Full;
use litesoc_core::transport::{PerProcess, Transport, TransportError, TransportErrorKind};

pub use answering::Answering;
pub use builder::{Builder, Proxy};
#[cfg(feature = "tls")]
pub use roots::Roots;

use answering::Home;
use connect::Connector;
use line::Line;
use pool::{Origin, Pool};

/// Sends requests with hyper, over kept HTTP/1.1 connections.
///
/// It needs a tokio runtime with IO and time around it, which the client's worker has. It spawns nothing: a
/// connection is driven by the request that uses it, so dropping the request's future closes the connection at once,
/// and an idle transport does nothing at all. Connections stay with the runtime they were opened on; a forked process
/// opens its own.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use litesoc_hyper::{HyperTransport, Proxy};
///
/// # fn main() -> Result<(), litesoc_core::transport::TransportError> {
/// let transport = HyperTransport::builder()
///     .connect_timeout(Duration::from_secs(3))
///     .proxy(Proxy::new("http://user:pass@proxy.example:3128")?)
///     .build();
/// assert!(!format!("{transport:?}").contains("pass"));
/// # Ok(())
/// # }
/// ```
pub struct HyperTransport {
    connector: Connector,
    pool: Arc<PerProcess<Pool>>,
}

impl HyperTransport {
    /// Settings to choose from. Without [`Builder::roots`], `https` addresses are
    /// [`Unsupported`](TransportErrorKind::Unsupported).
    pub const fn builder() -> Builder {
        Builder::new()
    }

    /// The default settings, trusting the Mozilla roots compiled into the program.
    #[cfg(feature = "webpki-roots")]
    #[must_use]
    pub fn with_webpki_roots() -> Self {
        Self::builder().roots(Roots::webpki()).build()
    }

    /// The default settings, trusting the roots of the operating system.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](TransportErrorKind::Unsupported) when the operating system has no usable root.
    #[cfg(feature = "native-roots")]
    pub fn with_native_roots() -> Result<Self, TransportError> {
        Ok(Self::builder().roots(Roots::native()?).build())
    }

    /// Sends one request over a connection of its own, and passes the body of the answer on piece by piece, however long
    /// it is: for files, which are longer than the answers of a [`Transport`] may be.
    ///
    /// `take` sees the head of the answer with every piece. Its error ends the exchange and comes back as it is. There is
    /// no limit in time and none in length: both are the caller's.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] when there is no complete answer. Any complete answer is `Ok`, whatever its status.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use litesoc_core::testing::server::{Answer, HostileServer};
    /// use litesoc_hyper::HyperTransport;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = HostileServer::start(Answer::ok("a long file"));
    /// let transport = HyperTransport::builder().build();
    /// let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let request = http::Request::get(server.url("/file")).body(Bytes::new())?;
    /// let mut length = 0;
    /// let answer = runtime.block_on(transport.stream(request, |_head, piece| {
    ///     length += piece.len();
    ///     Ok(())
    /// }))?;
    /// assert_eq!((answer.status().as_u16(), length), (200, 11));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stream(
        &self,
        request: http::Request<Bytes>,
        take: impl FnMut(&http::response::Parts, &[u8]) -> Result<(), TransportError>,
    ) -> Result<http::Response<()>, TransportError> {
        let (address, request) = prepare(request)?;
        self.connector.connect(address).await?.stream(request, take).await
    }

    /// Sends one request over a kept connection, and returns when the head of the answer is there; the body is read by
    /// whoever takes it, as slowly as they like. For handing answers on.
    ///
    /// There is no limit in time and none in length: both are the caller's.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] when there is no answer. Any answer is `Ok`, whatever its status.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http_body_util::BodyExt;
    /// use litesoc_core::testing::server::{Answer, HostileServer};
    /// use litesoc_hyper::HyperTransport;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = HostileServer::start(Answer::ok("a long file"));
    /// let transport = HyperTransport::builder().build();
    /// let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let request = http::Request::get(server.url("/file")).body(Bytes::new())?;
    /// let body = runtime.block_on(async { transport.open(request).await?.into_body().collect().await })?;
    /// assert_eq!(body.to_bytes(), "a long file");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn open(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Answering>, TransportError> {
        let (mut line, home, request) = self.line_for(request).await?;
        let answer = line.open(request).await?;
        Ok(answer.map(|body| Answering::new(body, line, home)))
    }

    /// A connection for a request, a kept one where there is one, and where it goes when it is free.
    async fn line_for(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<(Box<Line>, Home, http::Request<Full<Bytes>>), TransportError> {
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|error| TransportError::new(TransportErrorKind::Stopped, error))?
            .id();
        let (address, request) = prepare(request)?;
        let origin = Origin::of(&address);
        let line = match self.pool.get().take(&origin, runtime).await {
            Some(line) => line,
            None => Box::new(self.connector.connect(address).await?),
        };
        Ok((line, Home { pool: Arc::clone(&self.pool), origin, runtime }, request))
    }

    const fn from_connector(connector: Connector, pool: Arc<PerProcess<Pool>>) -> Self {
        Self { connector, pool }
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport").field("connector", &self.connector).finish_non_exhaustive()
    }
}

impl Transport for HyperTransport {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let (mut line, Home { pool, origin, runtime }, request) = self.line_for(request).await?;
        let response = line.exchange(request).await?;
        if line.is_reusable() {
            pool.get().put(origin, runtime, line);
        }
        Ok(response)
    }
}

/// Splits a request into where it goes and what is written there.
fn prepare(request: http::Request<Bytes>) -> Result<(Uri, http::Request<Full<Bytes>>), TransportError> {
    let (mut parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().cloned().map_or_else(|| Uri::from_static("/"), Uri::from);
    let address = std::mem::replace(&mut parts.uri, target);
    let default_port = match address.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => 80,
        Some(scheme) if *scheme == Scheme::HTTPS => 443,
        _ => return Err(unsupported("the address is neither http nor https")),
    };
    let Some(host) = address.host().filter(|host| !host.is_empty()) else {
        return Err(unsupported("the address names no host"));
    };
    if !parts.headers.contains_key(header::HOST) {
        // RFC 9110, section 7.2: the authority without user information.
        let value = match address.port_u16().filter(|port| *port != default_port) {
            Some(port) => HeaderValue::try_from(format!("{host}:{port}")),
            None => HeaderValue::from_str(host),
        };
        let value = value.map_err(|error| TransportError::new(TransportErrorKind::Unsupported, error))?;
        parts.headers.insert(header::HOST, value);
    }
    parts.version = Version::HTTP_11;
    Ok((address, http::Request::from_parts(parts, Full::new(body))))
}

fn unsupported(reason: &'static str) -> TransportError {
    TransportError::new(TransportErrorKind::Unsupported, reason)
}
