//! Opening connections: directly, through a proxy, with TLS.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use litesoc_core::transport::{TransportError, TransportErrorKind};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::builder::Proxy;
use crate::line::Line;
use crate::unsupported;

type Plain = TokioIo<TcpStream>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[cfg(feature = "tls")]
pub(crate) type Stream = hyper_rustls::MaybeHttpsStream<Plain>;
#[cfg(not(feature = "tls"))]
pub(crate) type Stream = Plain;

/// What a transport needs to know to open a connection.
pub(crate) struct Connector {
    route: Route,
    timeout: Duration,
    #[cfg(feature = "tls")]
    tls: Option<rustls::ClientConfig>,
}

/// How the bytes get to the server.
#[derive(Clone)]
enum Route {
    Direct(HttpConnector),
    Proxied(Tunnel<HttpConnector>),
}

impl Connector {
    pub(crate) fn new(
        proxy: Option<Proxy>,
        timeout: Duration,
        #[cfg(feature = "tls")] tls: Option<rustls::ClientConfig>,
    ) -> Self {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        direct.set_nodelay(true);
        direct.set_connect_timeout(Some(timeout));
        let route = match proxy {
            Some(proxy) => Route::Proxied(proxy.tunnel(direct)),
            None => Route::Direct(direct),
        };
        Self {
            route,
            timeout,
            #[cfg(feature = "tls")]
            tls,
        }
    }

    pub(crate) async fn connect(&self, address: Uri) -> Result<Line, TransportError> {
        if address.scheme() == Some(&Scheme::HTTP) && matches!(self.route, Route::Proxied(_)) {
            // The client sends plain http to loopback addresses only, and the proxy's loopback is not ours.
            return Err(unsupported("plain http does not go through a proxy"));
        }
        // The limit holds for all of it: name resolution, proxy and TLS.
        let stream = tokio::time::timeout(self.timeout, self.open(address)).await;
        Line::new(stream.map_err(|_| TransportError::new(TransportErrorKind::Connect, "took too long"))??)
            .await
    }

    #[cfg(feature = "tls")]
    async fn open(&self, address: Uri) -> Result<Stream, TransportError> {
        if address.scheme() == Some(&Scheme::HTTP) {
            return Ok(Stream::Http(self.route.clone().call(address).await.map_err(not_connected)?));
        }
        let Some(tls) = &self.tls else {
            return Err(unsupported("https without roots to trust"));
        };
        let mut secure = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls.clone())
            .https_only()
            .enable_http1()
            .wrap_connector(self.route.clone());
        secure.call(address).await.map_err(not_connected)
    }

    #[cfg(not(feature = "tls"))]
    async fn open(&self, address: Uri) -> Result<Stream, TransportError> {
        if address.scheme() == Some(&Scheme::HTTPS) {
            return Err(unsupported("built without TLS"));
        }
        self.route.clone().call(address).await.map_err(not_connected)
    }
}

fn not_connected(error: BoxError) -> TransportError {
    TransportError::new(TransportErrorKind::Connect, error)
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let route = match self.route {
            Route::Direct(_) => "direct",
            Route::Proxied(_) => "proxied",
        };
        let mut text = f.debug_struct("Connector");
        text.field("route", &route).field("timeout", &self.timeout);
        #[cfg(feature = "tls")]
        text.field("tls", &self.tls.is_some());
        text.finish()
    }
}

impl Service<Uri> for Route {
    type Response = Plain;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Plain, BoxError>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // The connector of hyper-util is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        match self {
            Self::Direct(connector) => {
                let connecting = connector.call(address);
                Box::pin(async move { connecting.await.map_err(BoxError::from) })
            }
            Self::Proxied(tunnel) => {
                let connecting = tunnel.call(address);
                Box::pin(async move { connecting.await.map_err(BoxError::from) })
            }
        }
    }
}
