//! A collecting service with faults on demand, and the book it keeps.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use litesoc_core::testing::server::{Answer, HostileServer, Received, Script};
use litesoc_core::transport::SharedTransport;
use litesoc_core::{Client, ClientBuilder, Event};
use serde_json::Value;

/// Long enough for anything on loopback, short enough for a hang to be noticed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const KEY: &str = "lsoc_live_0123456789abcdef0123456789abcdef";

/// What a service has stored: how often each event arrived, by id, and `n` of its metadata.
#[derive(Clone, Default)]
pub(crate) struct Book(Arc<Mutex<Pages>>);

#[derive(Default)]
struct Pages {
    arrivals: BTreeMap<String, usize>,
    order: Vec<u64>,
}

impl Book {
    /// Stores the events of a request; repeats are recognised by their id, as our server does.
    pub(crate) fn store(&self, request: &Received) {
        let mut pages = self.0.lock().expect("no test thread panicked");
        for event in events_of(request) {
            let id = event["metadata"]["_event_id"].as_str().expect("every event has an id").to_owned();
            let arrivals = pages.arrivals.entry(id).or_default();
            *arrivals += 1;
            if *arrivals == 1 {
                pages.order.push(event["metadata"]["n"].as_u64().unwrap_or_default());
            }
        }
    }

    /// The numbers of the stored events, in the order in which they were stored.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.0.lock().expect("no test thread panicked").order.clone()
    }

    /// How often events arrived, repeats included.
    pub(crate) fn arrivals(&self) -> usize {
        self.0.lock().expect("no test thread panicked").arrivals.values().sum()
    }
}

/// The events in the body of a request.
pub(crate) fn events_of(request: &Received) -> Vec<Value> {
    let body: Value = serde_json::from_slice(request.body()).expect("a request body is JSON");
    match body["events"].as_array() {
        Some(events) => {
            assert!((2..=100).contains(&events.len()), "{} events in a batch", events.len());
            events.clone()
        }
        None => vec![body],
    }
}

pub(crate) fn accepted() -> Answer {
    Answer::status(202).body(r#"{"success":true,"status":"queued"}"#)
}

/// A service that treats the requests with these answers first and stores everything afterwards.
pub(crate) fn collecting_after(faults: Vec<Answer>, book: &Book) -> HostileServer {
    let book = book.clone();
    let mut faults = faults.into_iter();
    HostileServer::start(Script::computed(move |request| {
        faults.next().unwrap_or_else(|| {
            book.store(request);
            accepted()
        })
    }))
}

pub(crate) fn builder(transport: SharedTransport, server: &HostileServer) -> ClientBuilder {
    Client::builder(KEY, transport).base_url(server.url(""))
}

pub(crate) fn numbered(number: u64) -> Event {
    Event::login_failed("user_123").metadata("n", number)
}

pub(crate) fn track(client: &Client, numbers: std::ops::Range<u64>) {
    for number in numbers {
        client.track(numbered(number));
    }
}
