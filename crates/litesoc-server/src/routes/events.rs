//! `GET /events` and `GET /events/:id`.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use http::StatusCode;
use litesoc_events::{EventType, normalize};
use litesoc_model::{
    EventRecord, EventSeverity, ListBody, Metadata, Pagination, SingleBody, Target, Timestamp,
};
use litesoc_store::{EventQuery, Rows, StoredEvent};
use uuid::Uuid;

use super::Admitted;
use super::query::Parameters;
use crate::access::Caller;
use crate::answer::{Refusal, json};
use crate::state::State;

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
    query.from_ms = parameters.moment(&["from", "start_date"]);
    query.to_ms = parameters.moment(&["to", "end_date"]);
    query.not_before_ms = Some(caller.cutoff(now).as_millis());
    query.limit = parameters.limit(USUAL_PAGE, most);
    query.offset = parameters.offset();
    query.cursor = parameters.text(&["cursor"]).and_then(|cursor| cursor.parse().ok());
    let (limit, offset) = (query.limit, query.offset);
    let rows = state.ask(move |store| store.events(&query)).await?;
    let pagination = pagination(&rows, limit, offset);
    let records: Vec<_> = rows.rows.into_iter().map(|row| record(row, caller)).collect();
    let mut meta = caller.meta(now);
    meta.max_limit = Some(most as u64);
    let body = ListBody::new(&records, pagination, meta);
    json(StatusCode::OK, &if admitted.wants_named_list { body.and_events() } else { body })
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

/// Where a page stands. Clients page by `total` or by `has_more`, so the two never disagree, even where counting stopped.
pub(super) fn pagination<T>(rows: &Rows<T>, limit: usize, offset: u64) -> Pagination {
    let has_more = rows.next.is_some();
    let seen = offset.saturating_add(rows.rows.len() as u64);
    let total =
        rows.total.at_least().max(seen.saturating_add(u64::from(has_more)).min(rows_known(rows, seen)));
    let mut pagination = Pagination::new(total, limit as u64, offset, rows.rows.len() as u64);
    pagination.has_more = Some(has_more);
    pagination.next_cursor = rows.next.map(|cursor| cursor.to_string());
    pagination
}

/// How many rows there are beyond doubt: an offset behind the last row says nothing.
fn rows_known<T>(rows: &Rows<T>, seen: u64) -> u64 {
    if rows.rows.is_empty() { 0 } else { seen + u64::from(rows.next.is_some()) }
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
    if caller.limits.redacted {
        redact(&mut record);
    }
    record
}

/// Hides what the free plan does not show: place and network, all but the country.
fn redact(record: &mut EventRecord) {
    record.city = None;
    (record.is_vpn, record.is_tor, record.is_proxy, record.is_datacenter) = (None, None, None, None);
    (record.latitude, record.longitude) = (None, None);
    record.forensics = None;
    record.risk_score = None;
}
