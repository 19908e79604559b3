//! `GET /alerts`, `GET /alerts/:id`, and the ways to change an alert.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, Request, State as Shared};
use axum::response::Response;
use http::StatusCode;
use litesoc_model::{
    Alert, AlertAction, AlertSeverity, AlertStatus, AlertType, AlertUpdate, AlertUpdatedBody, Forensics,
    Metadata, Resolution, SingleBody, Timestamp,
};
use litesoc_store::{AlertChange, AlertQuery, StoredAlert};
use serde::Serialize;
use uuid::Uuid;

use super::known::Summary;
use super::page::Page;
use super::query::Parameters;
use super::{Admitted, body, known};
use crate::access::Caller;
use crate::answer::{Refusal, json};
use crate::state::State;

/// Rows of a page when the caller does not say.
const USUAL_PAGE: usize = 100;

/// Who changed an alert, when neither the request nor the key's name says.
const NOBODY: &str = "api";

/// The largest page of the caller's plan, if the plan has alerts at all.
fn largest_page(caller: &Caller) -> Result<usize, Refusal> {
    caller.limits.alerts_page.ok_or_else(|| Refusal::plan(&caller.plan))
}

/// The alerts of the caller's organization, newest first.
pub(super) async fn list(
    Shared(state): Shared<Arc<State>>,
    admitted: Admitted,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let caller = &admitted.caller;
    let most = largest_page(caller)?;
    let now = state.config.clock.now();
    let parameters = Parameters::new(pairs);
    let mut query = AlertQuery::new(caller.organization.clone());
    query.status = parameters.text(&["status"]).map(|word| AlertStatus::from(word).to_string());
    query.severity = parameters.text(&["severity"]).map(|word| AlertSeverity::from(word).to_string());
    query.alert_type = parameters.text(&["alert_type", "type"]).map(|word| AlertType::from(word).to_string());
    query.actor_id = parameters.text(&["actor_id"]).map(str::to_owned);
    let page = Page::asked(&parameters, USUAL_PAGE, most);
    (query.from_ms, query.to_ms) = (page.from_ms, page.to_ms);
    query.not_before_ms = Some(caller.cutoff(now).as_millis());
    (query.limit, query.offset, query.cursor) = (page.limit, page.offset, page.cursor);
    let rows = state.ask(move |store| store.alerts(&query)).await?;
    page.answer((&admitted, now), rows, |row| alert(&row, caller), |body| body.and_alerts())
}

/// One alert of the caller's organization.
pub(super) async fn one(
    Shared(state): Shared<Arc<State>>,
    admitted: Admitted,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Response, Refusal> {
    let caller = &admitted.caller;
    largest_page(caller)?;
    let Ok(Path(id)) = id else { return Err(Refusal::no_such_alert()) };
    let now = state.config.clock.now();
    let (organization, cutoff) = (caller.organization.clone(), caller.cutoff(now).as_millis());
    let found = state.ask(move |store| store.alert(&organization, id, Some(cutoff))).await?;
    let alert = alert(&found.ok_or_else(Refusal::no_such_alert)?, caller);
    json(StatusCode::OK, &SingleBody::new(&alert, caller.meta(now)))
}

/// `PATCH /alerts/:id`: the body says what to do.
pub(super) async fn update(
    Shared(state): Shared<Arc<State>>,
    admitted: Admitted,
    id: Result<Path<Uuid>, PathRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    change(&state, &admitted, id, request, None).await
}

/// `POST /alerts/:id/resolve`.
pub(super) async fn resolve(
    Shared(state): Shared<Arc<State>>,
    admitted: Admitted,
    id: Result<Path<Uuid>, PathRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    change(&state, &admitted, id, request, Some(AlertAction::Resolve)).await
}

/// `POST /alerts/:id/safe`.
pub(super) async fn mark_safe(
    Shared(state): Shared<Arc<State>>,
    admitted: Admitted,
    id: Result<Path<Uuid>, PathRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    change(&state, &admitted, id, request, Some(AlertAction::MarkSafe)).await
}

async fn change(
    state: &State,
    admitted: &Admitted,
    id: Result<Path<Uuid>, PathRejection>,
    request: Request<Body>,
    implied: Option<AlertAction>,
) -> Result<Response, Refusal> {
    let caller = &admitted.caller;
    largest_page(caller)?;
    let body = body::read(request, state.config.limits.body_bytes, &state.config.timeouts).await?;
    let update = AlertUpdate::parse(&body, implied).map_err(|error| Refusal::invalid(error.to_string()))?;
    let Ok(Path(id)) = id else { return Err(Refusal::no_such_alert()) };
    let now = state.config.clock.now();
    let (organization, cutoff) = (caller.organization.clone(), caller.cutoff(now).as_millis());
    let change = change_of(&update, caller);
    let changed = state.ask(move |store| match store.alert(&organization, id, Some(cutoff))? {
        Some(_) => store.update_alert(&organization, id, &change, now.as_millis()),
        None => Ok(None),
    });
    let changed = changed.await?.ok_or_else(Refusal::no_such_alert)?;
    let body = alert(&changed, caller);
    state.mailbox.verdict_given();
    state.trail.ring(&caller.organization);
    json(StatusCode::OK, &AlertUpdatedBody::new(&body, update.action, update.resolution.as_ref()))
}

fn change_of(update: &AlertUpdate, caller: &Caller) -> AlertChange {
    let by =
        update.resolved_by.as_deref().or_else(|| Some(&*caller.key_name).filter(|name| !name.is_empty()));
    let by = by.unwrap_or(NOBODY);
    let mut change = match update.action {
        AlertAction::MarkSafe => AlertChange::mark_safe(by),
        AlertAction::Reopen => AlertChange::new(litesoc_store::AlertAction::Reopen, by),
        AlertAction::Resolve | _ => {
            AlertChange::resolve(update.resolution.as_ref().unwrap_or(&Resolution::Other).as_str(), by)
        }
    };
    change.notes.clone_from(&update.notes);
    change
}

/// The metadata of an alert, where clients look for how it was resolved and people for how large the attack is.
#[derive(Serialize)]
struct Shown<'a> {
    count: u64,
    first_seen: Timestamp,
    last_seen: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    technique: Option<&'a str>,
    sample_event_ids: &'a [Uuid],
    #[serde(flatten)]
    known: Option<Summary>,
    #[serde(flatten)]
    kept: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    internal_notes: Option<&'a str>,
}

fn alert(stored: &StoredAlert, caller: &Caller) -> Alert {
    let row = &stored.alert;
    let created = Timestamp::from_millis(row.created_ms);
    let (kind, severity) = (AlertType::from(&*row.alert_type), AlertSeverity::from(&*row.severity));
    let mut alert = Alert::new(row.id.to_string(), kind, severity, &*row.title, created);
    alert.status = AlertStatus::from(&*stored.status);
    alert.description.clone_from(&row.description);
    alert.source_ip = row.source_ip.map(|ip| ip.to_string());
    alert.actor_id.clone_from(&row.actor_id);
    alert.trigger_event_id = row.trigger_event_id.map(|id| id.to_string());
    alert.updated_at = Some(Timestamp::from_millis(stored.updated_ms));
    alert.resolved_at = stored.resolved_ms.map(Timestamp::from_millis);
    alert.resolved_by.clone_from(&stored.resolved_by);
    alert.resolution_notes.clone_from(&stored.internal_notes);
    let known = known::read(row.enrichment.as_deref()).filter(|_| !caller.limits.redacted);
    alert.forensics = known.as_ref().map(Forensics::from);
    let shown = Shown {
        count: row.count,
        first_seen: Timestamp::from_millis(row.first_seen_ms),
        last_seen: Timestamp::from_millis(row.last_seen_ms),
        technique: row.technique.as_deref(),
        sample_event_ids: &row.sample_event_ids,
        known: alert.forensics.as_ref().map(Summary::of),
        kept: serde_json::from_str(&row.metadata).ok(),
        resolution_type: stored.resolution_type.as_deref(),
        internal_notes: stored.internal_notes.as_deref(),
    };
    let shown = serde_json::to_string(&shown).unwrap_or_default();
    alert.metadata = Metadata::from_json(shown).unwrap_or_default();
    alert
}
