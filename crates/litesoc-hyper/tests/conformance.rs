//! The transport contract, over plain HTTP, and proof that the suite notices who breaks it.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test")]

use std::time::Duration;

use bytes::Bytes;
use litesoc_core::testing::conformance;
use litesoc_core::transport::{Transport, TransportError, TransportErrorKind};
use litesoc_hyper::HyperTransport;

type Answer = Result<http::Response<Bytes>, TransportError>;

fn hyper() -> HyperTransport {
    HyperTransport::builder().build()
}

#[test]
fn the_contract_holds() {
    conformance::check(hyper);
}

/// What a bad transport does to a good one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sin {
    Retries,
    FollowsRedirects,
    StatusIsError,
    TruncatesBodies,
    DropsRepeatedHeaders,
    AddsAHeader,
    MisnamesErrors,
    Blabs,
    ForgetsConnections,
    SpawnsAndForgets,
}

#[derive(Debug)]
struct Sinner {
    inner: HyperTransport,
    sin: Sin,
    /// Shown by Debug, as everything is.
    last_key: std::sync::Mutex<String>,
}

impl Sinner {
    async fn follow(&self, mut request: http::Request<Bytes>) -> Answer {
        let answer = self.inner.send(request.clone()).await?;
        let Some(location) = answer.headers().get("location") else { return Ok(answer) };
        *request.uri_mut() = location.to_str().unwrap().parse().unwrap();
        self.inner.send(request).await
    }
}

impl Transport for Sinner {
    async fn send(&self, mut request: http::Request<Bytes>) -> Answer {
        let again = request.clone();
        match self.sin {
            Sin::FollowsRedirects => return self.follow(request).await,
            Sin::AddsAHeader => {
                request.headers_mut().insert("x-tracking", "1".parse().unwrap());
            }
            Sin::Blabs => {
                let key = request.headers().get("x-api-key").map(|key| key.to_str().unwrap().to_owned());
                *self.last_key.lock().unwrap() = key.unwrap_or_default();
            }
            Sin::ForgetsConnections => return hyper().send(request).await,
            Sin::SpawnsAndForgets => {
                let inner = hyper();
                return tokio::spawn(async move { inner.send(request).await }).await.unwrap();
            }
            Sin::Retries
            | Sin::StatusIsError
            | Sin::TruncatesBodies
            | Sin::DropsRepeatedHeaders
            | Sin::MisnamesErrors => {}
        }
        let mut answer = self.inner.send(request).await;
        match (self.sin, &mut answer) {
            (Sin::Retries, Err(_)) => return self.inner.send(again).await,
            (Sin::StatusIsError, Ok(response)) if response.status().is_server_error() => {
                return Err(TransportErrorKind::Other.into());
            }
            (Sin::TruncatesBodies, Ok(response)) => {
                let kept = response.body().len().min(64 * 1024);
                *response.body_mut() = response.body().slice(..kept);
            }
            (Sin::DropsRepeatedHeaders, Ok(response)) => {
                let headers = std::mem::take(response.headers_mut());
                for (name, value) in &headers {
                    response.headers_mut().insert(name, value.clone());
                }
            }
            (Sin::MisnamesErrors, Err(_)) => return Err(TransportErrorKind::Other.into()),
            _ => {}
        }
        answer
    }
}

#[test]
fn each_sin_is_noticed_by_its_rule() {
    let table = [
        (Sin::Retries, "one call is one attempt"),
        (Sin::FollowsRedirects, "redirects are answers"),
        (Sin::StatusIsError, "every status is an answer"),
        (Sin::TruncatesBodies, "the body arrives whole"),
        (Sin::DropsRepeatedHeaders, "answer headers arrive unchanged"),
        (Sin::AddsAHeader, "request headers are sent unchanged"),
        (Sin::MisnamesErrors, "a refused connection is Connect"),
        (Sin::Blabs, "secrets stay secret"),
        (Sin::ForgetsConnections, "one connection serves requests in sequence"),
        (Sin::SpawnsAndForgets, "an answer that does not come ends in time"),
    ];
    for (sin, rule) in table {
        let sinner = || Sinner { inner: hyper(), sin, last_key: std::sync::Mutex::default() };
        let violation = conformance::violation(rule, sinner);
        assert!(violation.is_some(), "{sin:?} should break the rule: {rule}");
    }
}

#[test]
fn without_a_runtime_it_is_an_error() {
    let request = http::Request::post("http://127.0.0.1:1/").body(Bytes::new()).unwrap();
    let transport = hyper();
    let mut sent = std::pin::pin!(transport.send(request));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = sent.as_mut().poll(&mut cx) else {
        panic!("it cannot wait for anything")
    };
    assert_eq!(error.kind(), TransportErrorKind::Stopped);
}

#[test]
fn https_without_roots_is_unsupported_and_not_retryable() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for address in ["https://127.0.0.1:1/", "ftp://127.0.0.1:1/", "/path"] {
        let request = http::Request::post(address).body(Bytes::new()).unwrap();
        let error = runtime.block_on(hyper().send(request)).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Unsupported, "{address}: {error}");
        assert!(!error.is_retryable());
    }
}

#[test]
fn a_connection_stays_with_its_runtime() {
    use litesoc_core::testing::server::{Answer, HostileServer};

    let server = HostileServer::start(Answer::default());
    let transport = hyper();
    let request = || http::Request::post(server.url("/")).body(Bytes::new()).unwrap();
    let runtimes: Vec<_> =
        (0..2).map(|_| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()).collect();
    for runtime in runtimes.iter().chain(&runtimes) {
        runtime.block_on(transport.send(request())).unwrap();
    }
    assert_eq!(server.counts().connections, 2, "one for each runtime, used twice");
    drop(runtimes);
    drop(transport);
}

#[test]
fn an_idle_connection_is_not_trusted_for_ever() {
    use litesoc_core::testing::server::{Answer, HostileServer};

    let server = HostileServer::start(Answer::default());
    let transport = hyper();
    let request = || http::Request::post(server.url("/")).body(Bytes::new()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        transport.send(request()).await.unwrap();
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(40)).await;
        tokio::time::resume();
        transport.send(request()).await.unwrap();
        assert_eq!(server.counts().connections, 1, "after 40 seconds");
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(60)).await;
        tokio::time::resume();
        transport.send(request()).await.unwrap();
        assert_eq!(server.counts().connections, 2, "after another 60 seconds");
    });
}
