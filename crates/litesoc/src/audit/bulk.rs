//! Recording many events in one call, at once or handed over.

use std::time::Duration;

use litesoc_core::Pending;
use litesoc_ledger::canonical::{Object, Value};
use litesoc_ledger::event::Event;
use serde::Deserialize;

use super::client::{Audit, Inner};
use super::error::{Error, ErrorKind};
use super::log::{LogResult, Logged, envelope_of, logged, members};
use super::verdict::Unverified;
use super::wire::{Answer, Repeat};

const WHY: &str = "the API gives no proofs for many events at once; a search or a bundle shows them later";

/// Events that are ready to be recorded together.
#[derive(Clone, Debug)]
#[must_use = "nothing is recorded until `send` is called"]
pub struct LogBulk {
    audit: Audit,
    events: Vec<Event>,
    limit: Option<Duration>,
}

/// Events that were handed over, and the request under which their fate can be asked for.
#[derive(Clone, Debug)]
#[must_use = "what became of the events is known only to those who ask with it"]
pub struct Ticket {
    request_id: String,
    events: Vec<Event>,
}

impl Ticket {
    /// The request, as the service names it.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}

#[derive(Deserialize)]
struct Results<'a> {
    #[serde(borrow)]
    results: Vec<LogResult<'a>>,
}

impl LogBulk {
    pub(super) fn new(audit: &Audit, events: Vec<Event>) -> Self {
        Self { audit: audit.clone(), events, limit: None }
    }

    /// The time this call may take with its repeats. Default: that of the client.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Records the events. Each answer was checked against its event, hash and signature; the API gives no proofs here.
    pub fn send(self) -> Pending<Result<Vec<Unverified<Logged>>, Error>> {
        let Self { audit, events, limit } = self;
        audit.run(limit, |inner, messenger| async move {
            let (events, body) = request(&inner, events);
            let answer = inner.wire.call(&messenger, "/v2/log", body, Repeat::IfKnown).await?;
            read(&inner, &events, &answer)
        })
    }

    /// Hands the events over; what became of them is asked for with [`Audit::poll`].
    pub fn send_async(self) -> Pending<Result<Ticket, Error>> {
        let Self { audit, events, limit } = self;
        audit.run(limit, |inner, messenger| async move {
            let (events, body) = request(&inner, events);
            let answer = inner.wire.post(&messenger, "/v2/log_async", body, Repeat::IfKnown).await?;
            Ok(Ticket { request_id: answer.request_id, events })
        })
    }
}

fn request(inner: &Inner, events: Vec<Event>) -> (Vec<Event>, Object) {
    let events: Vec<Event> = events.into_iter().map(|event| inner.prepare(event)).collect();
    let each = events.iter().map(|event| Value::Object(members(inner, event))).collect();
    let body =
        Object::from([("events".to_owned(), Value::Array(each)), ("verbose".to_owned(), Value::Bool(true))]);
    (events, body)
}

fn read(inner: &Inner, events: &[Event], answer: &Answer) -> Result<Vec<Unverified<Logged>>, Error> {
    let read: Results<'_> = serde_json::from_str(answer.result.get())
        .map_err(|error| Error::decode(format!("the results of the call: {error}")))?;
    if read.results.len() != events.len() {
        let (given, sent) = (read.results.len(), events.len());
        return Err(Error::forged(format!("{given} results for {sent} events")));
    }
    let results = events.iter().zip(read.results).enumerate().map(|(place, (event, result))| {
        let at = |error: Error| Error::new(error.kind(), format!("event {place}: {}", error.message()));
        // The same key over the same bytes gives the same signature, so it need not be kept.
        let signature = inner.key.as_ref().map(|key| key.sign(event.to_canonical().as_bytes()));
        let strict = inner.trust.is_some();
        let sealed = envelope_of(&result, inner, event, signature.as_deref(), strict).map_err(at)?;
        Ok(Unverified::new(logged(sealed, None, None, answer.request_id.clone()), WHY))
    });
    results.collect()
}

/// A question after events that were handed over.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked until `send` is called"]
pub struct PollBulk {
    audit: Audit,
    ticket: Ticket,
    limit: Option<Duration>,
}

impl PollBulk {
    pub(super) fn new(audit: &Audit, ticket: Ticket) -> Self {
        Self { audit: audit.clone(), ticket, limit: None }
    }

    /// The time this call may take. Default: that of the client.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Asks once; [`ErrorKind::Pending`] says that it takes longer.
    pub fn send(self) -> Pending<Result<Vec<Unverified<Logged>>, Error>> {
        let Self { audit, ticket, limit } = self;
        audit.run(limit, |inner, messenger| async move {
            let answer = inner.wire.ask(&messenger, &ticket.request_id).await?;
            if answer.accepted {
                return Err(Error::new(ErrorKind::Pending, "the events are not recorded yet"));
            }
            read(&inner, &ticket.events, &answer)
        })
    }

    /// Asks until the events are recorded, for as long as the call may take.
    pub fn until_done(self) -> Pending<Result<Vec<Unverified<Logged>>, Error>> {
        let Self { audit, ticket, limit } = self;
        audit.run(limit, |inner, messenger| async move {
            let answer = inner.wire.poll(&messenger, &ticket.request_id).await?;
            read(&inner, &ticket.events, &answer)
        })
    }
}
