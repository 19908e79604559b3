//! A forked child delivers its own events, and none of its parent's.

#![expect(clippy::print_stdout, reason = "a test without the harness reports by itself")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fork::{Fork, fork, waitpid};
use litesoc_core::testing::server::{Answer, HostileServer, Script};
use litesoc_core::transport::{Blocking, BlockingTransport, TransportError, TransportErrorKind};
use litesoc_core::{Client, Event};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let mut held = true;
    let server = HostileServer::start(Script::computed(move |request| {
        // The parent's first request is in flight while the child is made.
        if std::mem::take(&mut held) && request.body().windows(6).any(|word| word == b"parent") {
            return Answer::status(503);
        }
        Answer::status(202)
    }));
    let client =
        Client::builder("lsoc_live_0123456789abcdef", Blocking::new(Plain)).base_url(server.url("")).build();
    let client = client.expect("the settings are valid");
    for _ in 0..150 {
        client.track(Event::logout("parent"));
    }
    match fork().expect("this machine can fork") {
        Fork::Child => child(&client),
        Fork::Parent(child) => {
            waitpid(child).expect("the child ends by itself");
            let report = client.shutdown(PATIENCE).wait();
            assert!(report.is_complete(), "the parent delivers what is its own: {report:?}");
        }
    }
    let mut arrived = BTreeMap::<String, BTreeSet<String>>::new();
    for request in server.requests() {
        let body: Value = serde_json::from_slice(request.body()).expect("a request body is JSON");
        let events = body["events"].as_array().cloned().unwrap_or_else(|| vec![body]);
        for event in events {
            let text = |value: &Value| value.as_str().expect("every event has an actor and an id").to_owned();
            let ids = arrived.entry(text(&event["actor"]["id"])).or_default();
            ids.insert(text(&event["metadata"]["_event_id"]));
        }
    }
    // Repeats carry the ids of the first attempt, so a service stores each event once.
    assert_eq!(arrived["parent"].len(), 150);
    assert_eq!(arrived["child"].len(), 3);
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
}

/// Runs in the child, where neither the worker nor the parent's queue exists any more.
fn child(client: &Client) -> ! {
    for _ in 0..3 {
        client.track(Event::logout("child"));
    }
    let report = client.shutdown(PATIENCE).wait();
    // What the parent tracked before its last look at the process id is not the child's to deliver.
    let right = report.is_complete() && report.delivered >= 3;
    // Not a panic: it would run the parent's destructors in this process.
    std::process::exit(i32::from(!right));
}

/// HTTP in a few lines, so that this crate tests itself without an HTTP stack.
#[derive(Debug)]
struct Plain;

impl BlockingTransport for Plain {
    fn send(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> Result<http::Response<bytes::Bytes>, TransportError> {
        use std::io::{Read, Write};
        let failed = |error| TransportError::new(TransportErrorKind::Connect, error);
        let host = request.uri().authority().expect("requests have a host").as_str().to_owned();
        let mut stream = std::net::TcpStream::connect(&host).map_err(failed)?;
        let head = format!(
            "{} {} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            request.method(),
            request.uri().path(),
            request.body().len(),
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(request.body())).map_err(failed)?;
        // Only the status line: the end of the connection may not come, as the other process holds it too.
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).map_err(failed)?;
        let status = std::str::from_utf8(&answer[9..]).ok().and_then(|status| status.parse::<u16>().ok());
        let status = status.ok_or(TransportErrorKind::Protocol)?;
        let mut response = http::Response::new(bytes::Bytes::new());
        *response.status_mut() =
            http::StatusCode::from_u16(status).map_err(|_| TransportErrorKind::Protocol)?;
        Ok(response)
    }
}
