//! `GET /events` and `GET /events/:id`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use litesoc_events::{EventType, normalize};
use litesoc_model::{EventRecord, EventSeverity, Metadata, SingleBody, Target, Timestamp};
use litesoc_store::{EventQuery, StoredEvent};
use uuid::Uuid;

use super::page::Page;
use super::query::Parameters;
use super::{Admitted, known};
use crate::access::Caller;
use crate::answer::{Refusal, json};
use crate::state::State;

/// In which configuration of the audit API the record of an event is, and at which place.
const CONFIGURATION: HeaderName = HeaderName::from_static("x-litesoc-audit-config");
const RECORD: HeaderName = HeaderName::from_static("x-litesoc-audit-index");

/// Rows of a page when the caller does not say.
const USUAL_PAGE: usize = 50;
/// The least that the largest page may be: a client that pages takes a shorter page for the last one.
const LEAST_PAGE: usize = 100;

/// The events of the caller's organization, newest first.
pub(super) async fn list(
    Shared(state): Shared<Arc<State>>,
    admitted: Admitted,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let caller = &admitted.caller;
    let now = state.config.clock.now();
    let parameters = Parameters::new(pairs);
    let most = state.config.limits.events_page.max(LEAST_PAGE);
    let mut query = EventQuery::new(caller.organization.clone());
    query.names = parameters.text(&["event_name", "event_type", "event"]).map(names).unwrap_or_default();
    query.actor_id = parameters.text(&["actor_id"]).map(str::to_owned);
    query.severity = parameters.text(&["severity"]).map(severity);
    let page = Page::asked(&parameters, USUAL_PAGE, most);
    (query.from_ms, query.to_ms) = (page.from_ms, page.to_ms);
    query.not_before_ms = Some(caller.cutoff(now).as_millis());
    (query.limit, query.offset, query.cursor) = (page.limit, page.offset, page.cursor);
    let rows = state.ask(move |store| store.events(&query)).await?;
    page.answer((&admitted, now), rows, |row| record(row, caller), |body| body.and_events())
}

/// One event of the caller's organization.
pub(super) async fn one(
    Shared(state): Shared<Arc<State>>,
    admitted: Admitted,
    id: Result<Path<Uuid>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Refusal> {
    let Ok(Path(id)) = id else { return Err(Refusal::no_such_event()) };
    let caller = &admitted.caller;
    let now = state.config.clock.now();
    let (organization, cutoff) = (caller.organization.clone(), caller.cutoff(now).as_millis());
    let found = state.ask(move |store| store.event(&organization, id, Some(cutoff))).await?;
    let record = record(found.ok_or_else(Refusal::no_such_event)?, caller);
    json(StatusCode::OK, &SingleBody::new(&record, caller.meta(now)))
}

/// The proof that one event is in the audit log of its organization (C2SP tlog-proof), and where its record is.
pub(super) async fn proof(
    Shared(state): Shared<Arc<State>>,
    admitted: Admitted,
    id: Result<Path<Uuid>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Refusal> {
    let Ok(Path(id)) = id else { return Err(Refusal::no_such_event()) };
    let caller = &admitted.caller;
    let (organization, cutoff) =
        (caller.organization.clone(), caller.cutoff(state.config.clock.now()).as_millis());
    let found = state.ask(move |store| store.event(&organization, id, Some(cutoff))).await?;
    let event = found.ok_or_else(Refusal::no_such_event)?.event;
    let audit = state.audit.as_ref().ok_or_else(Refusal::no_proof)?;
    let proven = audit.event_proof(caller.organization.as_str(), id, event.received_ms).await?;
    let proven = proven.ok_or_else(Refusal::no_proof)?;
    let mut response = Response::new(Body::from(proven.proof));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(RECORD, HeaderValue::from(proven.index));
    if let Ok(config) = HeaderValue::from_str(&proven.config) {
        headers.insert(CONFIGURATION, config);
    }
    Ok(response)
}

/// A filter matches the canonical name and the one that was sent.
fn names(asked: &str) -> Vec<String> {
    let canonical = normalize(asked).event;
    let mut names = vec![canonical.as_str().to_owned()];
    if canonical != *asked {
        names.push(asked.to_owned());
    }
    names
}

/// Words of older scales stand for the nearest of the current one.
fn severity(asked: &str) -> String {
    let severity = EventSeverity::from(asked);
    if severity.is_known() { severity.class().as_str().to_owned() } else { asked.to_owned() }
}

fn record(stored: StoredEvent, caller: &Caller) -> EventRecord {
    let row = stored.event;
    let happened = Timestamp::from_millis(row.event_time_ms);
    let mut record = EventRecord::new(row.id.to_string(), EventType::from(row.event_name), happened);
    record.org_id = Some(row.organization.as_str().to_owned());
    record.original_event = row.original_event;
    record.actor_id = row.actor_id;
    record.actor_email = row.actor_email;
    record.actor_name = row.actor_name;
    record.target = row.target.as_deref().and_then(Target::from_json);
    record.user_ip = row.user_ip.map(|ip| ip.to_string());
    record.server_ip = row.server_ip.map(|ip| ip.to_string());
    record.severity = EventSeverity::from(&*row.severity);
    record.severity_detail = row.severity_detail.as_deref().map(EventSeverity::from);
    record.metadata = Metadata::from_json(row.metadata).unwrap_or_default();
    record.received_at = Some(Timestamp::from_millis(row.received_ms));
    if let Some(known) = known::read(row.enrichment.as_deref()) {
        known::show(&mut record, &known, caller.limits.redacted);
    }
    record
}
