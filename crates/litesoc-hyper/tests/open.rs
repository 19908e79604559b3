//! Answers whose bodies are read while they come: connections are kept when they were read to the end, and closed otherwise.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body;
use litesoc_core::testing::server::{Answer, HostileServer};
use litesoc_core::transport::TransportErrorKind;
use litesoc_hyper::{Answering, HyperTransport};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn open(transport: &HyperTransport, server: &HostileServer) -> http::Response<Answering> {
    transport.open(http::Request::get(server.url("/file")).body(Bytes::new()).unwrap()).await.unwrap()
}

#[test]
fn a_connection_is_kept_when_its_answer_was_read_to_the_end() {
    for answer in [Answer::ok("a file"), Answer::ok("a file in pieces").chunked(3), Answer::ok("")] {
        let server = HostileServer::start(answer.clone());
        let transport = HyperTransport::builder().build();
        runtime().block_on(async {
            for _ in 0..3 {
                let body = open(&transport, &server).await.into_body();
                assert!(body.collect().await.is_ok());
            }
        });
        assert_eq!(server.counts().connections, 1, "{answer:?}");
    }
}

#[test]
fn a_connection_is_kept_when_nobody_asks_for_the_end_of_a_body_that_has_one() {
    let server = HostileServer::start(Answer::ok("a file"));
    let transport = HyperTransport::builder().build();
    runtime().block_on(async {
        for _ in 0..3 {
            let mut body = open(&transport, &server).await.into_body();
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "a file");
            assert!(body.is_end_stream());
        }
    });
    assert_eq!(server.counts().connections, 1);
}

#[test]
fn a_body_that_is_dropped_or_cut_short_takes_its_connection_with_it() {
    let server = HostileServer::start(Answer::ok(vec![7; 100_000]).chunked(1_000));
    let transport = HyperTransport::builder().build();
    runtime().block_on(async {
        for _ in 0..2 {
            let mut body = open(&transport, &server).await.into_body();
            body.frame().await.unwrap().unwrap();
        }
    });
    assert_eq!(server.counts().connections, 2);

    let server = HostileServer::start(Answer::ok("half of it").claiming_length(20).then_close());
    let error = runtime().block_on(async {
        open(&transport, &server).await.into_body().collect().await.map(|_| ()).unwrap_err()
    });
    assert_eq!(error.kind(), TransportErrorKind::Closed);
}
