//! A pipeline, a service and one clock that only moves when nothing else can happen.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use litesoc_core::pipeline::{Pipeline, PipelineConfig, Report};
use litesoc_core::transport::{TransportError, TransportErrorKind};
use serde_json::Value;

/// The time of day at which simulations start.
pub(crate) const NOON_MS: u64 = 1_700_000_000_000;

/// How the service treats one request.
pub(crate) enum Treatment {
    /// Takes the events and says so.
    Accept,
    /// Answers with status, headers and body, and takes nothing.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The connection ends before an answer; the events were not taken.
    Cut,
    /// The events were taken, but the answer is lost.
    LoseReply,
}

impl Treatment {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), r#"{"error":"no"}"#.to_owned())
    }
}

/// A request as the service saw it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) at: Duration,
    pub(crate) body: Bytes,
    /// The numbers in the events, as `n` in their JSON.
    pub(crate) events: Vec<u64>,
}

pub(crate) struct Simulation<F> {
    pub(crate) pipeline: Pipeline,
    pub(crate) now: Duration,
    pub(crate) seen: Vec<Seen>,
    pub(crate) taken: Vec<u64>,
    pub(crate) reports: Vec<Report>,
    treat: F,
}

/// The event with this number; about `padding` bytes long.
pub(crate) fn event(number: u64, padding: usize) -> String {
    format!(r#"{{"event":"auth.logout","n":{number},"p":"{}"}}"#, "x".repeat(padding))
}

fn numbers(body: &[u8]) -> Vec<u64> {
    let body: Value = serde_json::from_slice(body).expect("a request body is JSON");
    let number = |event: &Value| event["n"].as_u64().expect("a test event has a number");
    match body["events"].as_array() {
        Some(events) => {
            assert!(
                (2..=100).contains(&events.len()),
                "one event goes flat, more than 100 never go together"
            );
            events.iter().map(number).collect()
        }
        None => vec![number(&body)],
    }
}

impl<F: FnMut(&Seen, usize) -> Treatment> Simulation<F> {
    /// A service that treats each request as `treat` says, given the request and how many came before it.
    pub(crate) fn new(config: &PipelineConfig, treat: F) -> Self {
        let pipeline = Pipeline::new(config, 42);
        let (seen, taken, reports) = (Vec::new(), Vec::new(), Vec::new());
        Self { pipeline, now: Duration::ZERO, seen, taken, reports, treat }
    }

    pub(crate) fn track(&mut self, events: std::ops::Range<u64>) {
        for number in events {
            self.pipeline.push(event(number, 100).as_bytes(), NOON_MS).expect("the queue has room");
        }
    }

    /// Lets time pass until nothing is due any more, or until `end`.
    pub(crate) fn run_until(&mut self, end: Duration) {
        // Bounded, so that a pipeline that retries without a pause fails the test and does not hang it.
        for _ in 0..100_000 {
            while let Some(report) = self.pipeline.poll_report() {
                self.reports.push(report);
            }
            if let Some(body) = self.pipeline.poll_transmit(self.now) {
                self.exchange(body);
                continue;
            }
            match self.pipeline.poll_timeout() {
                Some(next) if next <= end => self.now = self.now.max(next),
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("the pipeline does not come to rest: {} requests", self.seen.len());
    }

    fn exchange(&mut self, body: Bytes) {
        assert!(body.len() <= 1 << 20, "a request is at most 1 MiB");
        let events = numbers(&body);
        let seen = Seen { at: self.now, body, events };
        let treatment = (self.treat)(&seen, self.seen.len());
        // An exchange takes a moment.
        self.now += Duration::from_millis(1);
        let wall = NOON_MS + self.now.as_millis() as u64;
        match treatment {
            Treatment::Accept => {
                self.taken.extend(&seen.events);
                let body = Bytes::from_static(br#"{"success":true,"status":"queued"}"#);
                let answer = Response::builder().status(202).body(body).expect("the answer is well-formed");
                self.pipeline.handle_response(self.now, wall, &answer);
            }
            Treatment::Answer(status, headers, body) => {
                let mut answer = Response::builder().status(status);
                for (name, value) in headers {
                    answer = answer.header(name, value);
                }
                self.pipeline.handle_response(
                    self.now,
                    wall,
                    &answer.body(Bytes::from(body)).expect("the answer is well-formed"),
                );
            }
            Treatment::Cut => self.pipeline.handle_failure(self.now, TransportErrorKind::Closed.into()),
            Treatment::LoseReply => {
                self.taken.extend(&seen.events);
                self.pipeline.handle_failure(self.now, TransportError::timeout());
            }
        }
        self.seen.push(seen);
    }

    /// The pauses between requests.
    pub(crate) fn gaps(&self) -> Vec<Duration> {
        self.seen.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
    }
}
