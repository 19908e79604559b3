//! A transport over any tower service: layers that a program uses for all its requests apply to these, too.
//!
//! `LITESOC_API_KEY=... LITESOC_BASE_URL=http://127.0.0.1:8787 cargo run -p litesoc --example transport_tower` sends to
//! your server; without a key the example starts one of its own. (The stack of this example has no TLS.)

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Body;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::rt::TokioExecutor;
use litesoc::transport::{MAX_RESPONSE_BYTES, Transport, TransportError, TransportErrorKind};
use litesoc::{Client, Event};
use tower::{BoxError, ServiceBuilder, ServiceExt};
use tower_service::Service;

mod support;

struct Tower<S>(S);

impl<S> fmt::Debug for Tower<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tower")
    }
}

impl<S, B> Transport for Tower<S>
where
    S: Service<http::Request<Full<Bytes>>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body<Data: Send, Error: Into<BoxError>> + Send,
{
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let answer =
            self.0.clone().oneshot(request.map(Full::new)).await.map_err(|error| failed(error.into()))?;
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, MAX_RESPONSE_BYTES).collect().await.map_err(failed)?;
        Ok(http::Response::from_parts(parts, body.to_bytes()))
    }
}

fn failed(error: BoxError) -> TransportError {
    let kind = if error.is::<tower::timeout::error::Elapsed>() {
        TransportErrorKind::Timeout
    } else if error.is::<LengthLimitError>() {
        TransportErrorKind::Protocol
    } else if error
        .downcast_ref::<hyper_util::client::legacy::Error>()
        .is_some_and(|error| error.is_connect())
    {
        TransportErrorKind::Connect
    } else if is_not_http(&*error) {
        TransportErrorKind::Protocol
    } else {
        TransportErrorKind::Closed
    };
    TransportError::new(kind, error)
}

/// Whether hyper, somewhere below, could not read the answer.
fn is_not_http(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
        || error.source().is_some_and(is_not_http)
}

fn main() -> Result<(), Box<dyn Error>> {
    let stack = ServiceBuilder::new()
        .timeout(Duration::from_secs(10))
        .map_request(|mut request: http::Request<Full<Bytes>>| {
            request.headers_mut().insert("x-tenant", http::HeaderValue::from_static("blue"));
            request
        })
        .service(HyperClient::builder(TokioExecutor::new()).build_http());

    let service = support::service();
    let client = Client::builder_with(service.key(), Tower(stack)).base_url(service.url()).build()?;
    client.track(Event::login_failed("user_123").metadata("reason", "invalid_password"));
    let report = client.shutdown(Duration::from_secs(5)).wait();
    println!("{} delivered, {} lost, {} not sent", report.delivered, report.lost, report.pending);
    Ok(())
}
