//! `POST /collect` and `POST /collect/batch`: events come in.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::StatusCode;
use litesoc_model::{CollectRequest, CollectResponse, ErrorBody, ItemError, Timestamp};
use litesoc_store::{Month, NewEvent};

use super::body;
use crate::access::{Caller, Reservation, month_end};
use crate::answer::{Refusal, json};
use crate::front::Visitor;
use crate::ingest::{self, Arrival, Unwritten};
use crate::metrics::Reason;
use crate::state::State;

/// Takes one event or a batch; answers when they are on the disk.
pub(super) async fn collect(
    Shared(state): Shared<Arc<State>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refusal> {
    let caller = visitor.caller()?;
    state.charge(caller, 1)?;
    let body = body::read(request, state.config.limits.body_bytes, &state.config.timeouts).await?;
    let now = state.config.clock.now();
    let taken = Taken::from(&state, caller, visitor.peer, now, &body)?;
    let answer = taken.answer;
    let events = taken.events.len();
    let refused = |reason| state.metrics.refused(reason, events);
    state.metrics.refused(Reason::Invalid, answer.errors.len());
    charge_rest(&state, caller, events).inspect_err(|_| refused(Reason::Rate))?;
    let reservation = reserve(caller, now, events as u64).inspect_err(|_| refused(Reason::Quota))?;
    let written = ingest::write(&state.queue, taken.events, body.len(), reservation).await;
    written.inspect_err(|unwritten| {
        // The writer counts what it failed to write.
        if *unwritten == Unwritten::Full {
            refused(Reason::QueueFull);
        }
    })?;
    let quota = caller.quota_numbers(state.config.clock.now());
    let response = match answer.batch {
        true => CollectResponse::batch(answer.ids, quota, answer.errors),
        false => CollectResponse::single(answer.ids.into_iter().next().unwrap_or_default(), quota),
    };
    json(StatusCode::ACCEPTED, &response)
}

/// The valid events of a request, and what to say when they are stored.
struct Taken {
    events: Vec<NewEvent>,
    answer: Accepted,
}

struct Accepted {
    batch: bool,
    ids: Vec<String>,
    errors: Vec<ItemError>,
}

impl Taken {
    fn from(
        state: &State,
        caller: &Caller,
        peer: IpAddr,
        at: Timestamp,
        body: &[u8],
    ) -> Result<Self, Refusal> {
        let refuse = |error: ErrorBody| Refusal::new(StatusCode::BAD_REQUEST, error);
        let request = CollectRequest::parse(body).map_err(|error| refuse(ErrorBody::from(&error)))?;
        let enricher = state.config.enrichment.current();
        let arrival =
            Arrival { organization: &caller.organization, peer, at, ids: &state.ids, enricher: &enricher };
        let mut events = Vec::with_capacity(request.items.len());
        let mut errors = Vec::new();
        for item in request.items {
            match item {
                Ok(event) => events.push(arrival.take_in(event)),
                Err(error) => errors.push(error),
            }
        }
        if let (true, Some(error)) = (events.is_empty(), errors.first()) {
            let mut body = ErrorBody::from(error);
            if request.batch {
                body.message =
                    format!("none of the events is valid; event {}: {}", error.index, error.message);
            }
            return Err(refuse(body));
        }
        let ids = events.iter().map(|event| event.id.to_string()).collect();
        Ok(Self { events, answer: Accepted { batch: request.batch, ids, errors } })
    }
}

/// A batch counts as many requests as it has events; one is counted already.
fn charge_rest(state: &State, caller: &Caller, events: usize) -> Result<(), Refusal> {
    let rest = u32::try_from(events.saturating_sub(1)).unwrap_or(u32::MAX);
    state.charge(caller, rest).inspect_err(|_| {
        // What is refused does not count.
        if let Some(limit) = caller.limits.requests_per_minute {
            caller.rate.put_back(limit, 1);
        }
    })
}

fn reserve(caller: &Caller, now: Timestamp, events: u64) -> Result<Reservation, Refusal> {
    let limit = caller.limits.events_per_month;
    caller.quota.reserve(Month::containing(now.as_millis()), events, limit).ok_or_else(|| {
        let left = caller.quota_numbers(now).remaining.unwrap_or_default();
        let wait = month_end(now).saturating_since(now).as_secs().max(1);
        Refusal::quota(limit.unwrap_or_default(), events, left, wait)
    })
}
