//! The settings of the transport.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use litesoc_core::transport::{PerProcess, TransportError};

use crate::connect::Connector;
#[cfg(feature = "tls")]
use crate::roots::Roots;
use crate::{HyperTransport, unsupported};

/// How long opening a connection may take unless [`Builder::connect_timeout`] says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The settings of a [`HyperTransport`].
#[derive(Debug)]
#[must_use = "settings do nothing until `build`"]
pub struct Builder {
    proxy: Option<Proxy>,
    connect_timeout: Duration,
    #[cfg(feature = "tls")]
    roots: Option<Roots>,
}

impl Builder {
    pub(crate) const fn new() -> Self {
        Self {
            proxy: None,
            connect_timeout: CONNECT_TIMEOUT,
            #[cfg(feature = "tls")]
            roots: None,
        }
    }

    /// Sets whom to trust, which is what makes `https` addresses work.
    #[cfg(feature = "tls")]
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = Some(roots);
        self
    }

    /// Reaches `https` addresses through a proxy. Plain `http` addresses, which are loopback ones, are
    /// [`Unsupported`](litesoc_core::transport::TransportErrorKind::Unsupported) then.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Limits how long opening a connection may take: name resolution, proxy and TLS together. Five seconds by
    /// default.
    pub const fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Makes the transport. It opens no connection before the first request.
    #[must_use]
    pub fn build(self) -> HyperTransport {
        let connector = Connector::new(
            self.proxy,
            self.connect_timeout,
            #[cfg(feature = "tls")]
            self.roots.map(Roots::into_config),
        );
        HyperTransport::from_connector(connector, Arc::new(PerProcess::new()))
    }
}

/// An HTTP proxy that requests are sent through with `CONNECT` (RFC 9110, section 9.3.6), so that it sees the name of
/// the server and nothing else.
///
/// It is set by the program, never taken from the environment.
///
/// # Examples
///
/// ```
/// use litesoc_hyper::Proxy;
///
/// let proxy = Proxy::new("http://user:pass@proxy.example:3128").unwrap();
/// assert_eq!(format!("{proxy:?}"), r#"Proxy { host: "proxy.example", port: Some(3128), credentials: true }"#);
/// assert!(Proxy::new("socks5://proxy.example").is_err());
/// ```
#[derive(Clone)]
pub struct Proxy {
    address: Uri,
    credentials: Option<HeaderValue>,
}

impl Proxy {
    /// A proxy from its address, `http://host:port` or `http://user:pass@host:port`. User and password may be
    /// percent-encoded; they are sent as Basic credentials (RFC 7617).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](litesoc_core::transport::TransportErrorKind::Unsupported) when the address is not of that form.
    /// The error's text does not repeat it, as it may hold a password.
    pub fn new(address: &str) -> Result<Self, TransportError> {
        let unusable = || unsupported("the proxy's address is not http://[user:pass@]host[:port]");
        let given: Uri = address.parse().map_err(|_| unusable())?;
        let nothing_more = given.path_and_query().is_none_or(|path| path.as_str() == "/");
        if given.scheme() != Some(&Scheme::HTTP) || given.host().is_none_or(str::is_empty) || !nothing_more {
            return Err(unusable());
        }
        let matcher = Matcher::builder().all(address).build();
        let found = matcher.intercept(&Uri::from_static("https://any.example/")).ok_or_else(unusable)?;
        let credentials = found.basic_auth().cloned().map(|mut value| {
            value.set_sensitive(true);
            value
        });
        Ok(Self { address: found.uri().clone(), credentials })
    }

    pub(crate) fn tunnel(self, connector: HttpConnector) -> Tunnel<HttpConnector> {
        let tunnel = Tunnel::new(self.address, connector);
        match self.credentials {
            Some(credentials) => tunnel.with_auth(credentials),
            None => tunnel,
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("host", &self.address.host().unwrap_or_default())
            .field("port", &self.address.port_u16())
            .field("credentials", &self.credentials.is_some())
            .finish()
    }
}
