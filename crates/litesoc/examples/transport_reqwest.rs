//! A transport over reqwest, for programs that have a configured `reqwest::Client` already.
//!
//! `LITESOC_API_KEY=... cargo run -p litesoc --example transport_reqwest` sends to the hosted service; without a key
//! the example starts a server of its own.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use litesoc::transport::{MAX_RESPONSE_BYTES, Transport, TransportError, TransportErrorKind};
use litesoc::{Client, Event};

mod support;

#[derive(Debug)]
struct Reqwest(reqwest::Client);

impl Reqwest {
    fn new() -> reqwest::Result<Self> {
        // The client decides about retries and proxies are chosen by hand; a redirect would carry the key elsewhere.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()?;
        Ok(Self(client))
    }
}

impl Transport for Reqwest {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut answer = self.0.execute(request).await.map_err(failed)?;
        let mut response = http::Response::new(());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        let mut body = BytesMut::new();
        while let Some(piece) = answer.chunk().await.map_err(failed)? {
            body.extend_from_slice(&piece);
            if body.len() > MAX_RESPONSE_BYTES {
                return Err(TransportErrorKind::Protocol.into());
            }
        }
        Ok(response.map(|()| body.freeze()))
    }
}

fn failed(error: reqwest::Error) -> TransportError {
    let kind = if error.is_builder() {
        TransportErrorKind::Unsupported
    } else if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if is_not_http(&error) {
        TransportErrorKind::Protocol
    } else {
        TransportErrorKind::Closed
    };
    // Without the address: a query can hold what nobody should read in a log.
    TransportError::new(kind, error.without_url())
}

/// Whether hyper, somewhere below, could not read the answer.
fn is_not_http(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
        || error.source().is_some_and(is_not_http)
}

fn main() -> Result<(), Box<dyn Error>> {
    let service = support::service();
    let client = Client::builder_with(service.key(), Reqwest::new()?).base_url(service.url()).build()?;
    client.track(Event::login_failed("user_123").metadata("reason", "invalid_password"));
    let report = client.shutdown(Duration::from_secs(5)).wait();
    println!("{} delivered, {} lost, {} not sent", report.delivered, report.lost, report.pending);
    Ok(())
}
