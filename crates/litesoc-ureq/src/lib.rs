//! A blocking HTTP transport for the LiteSOC client: ureq.
#![doc = include_str!("../README.md")]

mod error;

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use litesoc_core::transport::{
    Blocking, BlockingTransport, MAX_RESPONSE_BYTES, PerProcess, TimeLimit, TransportError,
    TransportErrorKind,
};
use ureq::config::{AutoHeaderValue, Config};
use ureq::{Agent, AsSendBody, Body, Proxy};

/// How long a call without a [`TimeLimit`] may take.
const DEFAULT_LIMIT: Duration = Duration::from_secs(30);

/// Sends requests with ureq, over kept HTTP/1.1 connections, and blocks meanwhile.
///
/// # Examples
///
/// ```
/// use litesoc_core::transport::Blocking;
/// use litesoc_ureq::UreqTransport;
///
/// # fn main() -> Result<(), litesoc_core::transport::TransportError> {
/// let direct = UreqTransport::new().transport();
/// let behind_proxy = UreqTransport::with_proxy("http://user:pass@proxy.example:3128")?;
/// let few_threads = Blocking::new(behind_proxy).with_threads(2);
/// # let _ = (direct, few_threads);
/// # Ok(())
/// # }
/// ```
pub struct UreqTransport {
    config: Config,
    // A forked process opens its own connections.
    agent: PerProcess<OnceLock<Agent>>,
}

impl UreqTransport {
    /// Connects directly.
    #[must_use]
    pub fn new() -> Self {
        Self::with_config(None)
    }

    /// Reaches `https` addresses through a proxy, `http://host:port` or `http://user:pass@host:port`, with `CONNECT`
    /// (RFC 9110, section 9.3.6). Plain `http` addresses, which are loopback ones, are
    /// [`Unsupported`](TransportErrorKind::Unsupported) then.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](TransportErrorKind::Unsupported) when the address is not of that form. The error's text does
    /// not repeat it, as it may hold a password.
    pub fn with_proxy(address: &str) -> Result<Self, TransportError> {
        let unusable = || unsupported("the proxy's address is not http://[user:pass@]host[:port]");
        let proxy = address.starts_with("http://").then(|| Proxy::new(address).ok()).flatten();
        Ok(Self::with_config(Some(proxy.ok_or_else(unusable)?)))
    }

    /// The transport to give to a client: this one, with the threads it needs.
    #[must_use]
    pub fn transport(self) -> Blocking<Self> {
        Blocking::new(self)
    }

    fn with_config(proxy: Option<Proxy>) -> Self {
        // Every default that would look at the environment, follow, or add a header is switched off.
        let config = Agent::config_builder()
            .proxy(proxy)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(AutoHeaderValue::None)
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .build();
        Self { config, agent: PerProcess::new() }
    }

    fn check(&self, address: &http::Uri) -> Result<(), TransportError> {
        let secure = match address.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(unsupported("the address is neither http nor https")),
        };
        if secure && cfg!(not(feature = "tls")) {
            return Err(unsupported("built without TLS"));
        }
        if !secure && self.config.proxy().is_some() {
            // The client sends plain http to loopback addresses only, and the proxy's loopback is not ours.
            return Err(unsupported("plain http does not go through a proxy"));
        }
        Ok(())
    }

    fn run(
        &self,
        request: http::Request<impl AsSendBody>,
        limit: Duration,
    ) -> Result<http::Response<Body>, TransportError> {
        let agent = self.agent.get().get_or_init(|| self.config.new_agent());
        let request = agent.configure_request(request).timeout_global(Some(limit)).build();
        agent.run(request).map_err(error::of_exchange)
    }
}

impl Default for UreqTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UreqTransport").field("proxy", &self.config.proxy().is_some()).finish_non_exhaustive()
    }
}

impl BlockingTransport for UreqTransport {
    fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        self.check(request.uri())?;
        let (mut parts, body) = request.into_parts();
        let limit = parts.extensions.remove::<TimeLimit>().map_or(DEFAULT_LIMIT, TimeLimit::get);
        let response = if body.is_empty() && matches!(parts.method.as_str(), "GET" | "HEAD" | "DELETE") {
            self.run(http::Request::from_parts(parts, ()), limit)
        } else {
            self.run(http::Request::from_parts(parts, &body[..]), limit)
        }?;
        let (mut parts, body) = response.into_parts();
        parts.extensions = http::Extensions::new();
        let most = MAX_RESPONSE_BYTES as u64;
        if body.content_length().is_some_and(|length| length > most) {
            return Err(error::too_long());
        }
        // ureq fails when the limit is reached, not when it is exceeded.
        let body = body.into_with_config().limit(most + 1).read_to_vec().map_err(error::of_exchange)?;
        Ok(http::Response::from_parts(parts, Bytes::from(body)))
    }
}

fn unsupported(reason: &'static str) -> TransportError {
    TransportError::new(TransportErrorKind::Unsupported, reason)
}
