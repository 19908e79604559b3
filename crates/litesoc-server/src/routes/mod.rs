//! The routes and what they have in common.

mod alerts;
pub(crate) mod body;
mod collect;
mod events;
mod health;
mod known;
mod metrics;
mod page;
pub(crate) mod path;
mod query;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::{get, post};
use http::request::Parts;
use litesoc_model::{Meta, Timestamp};

use crate::access::{Caller, whole_seconds};
use crate::answer::Refusal;
use crate::front::{Key, Visitor};
use crate::state::State;

/// All routes, in the one spelling of their paths.
pub(crate) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/collect", post(collect::collect))
        .route("/collect/batch", post(collect::collect))
        .route("/events", get(events::list))
        .route("/events/{id}", get(events::one))
        .route("/events/{id}/proof", get(events::proof))
        .route("/alerts", get(alerts::list))
        .route("/alerts/list", get(alerts::list))
        .route("/alerts/{id}", get(alerts::one).patch(alerts::update))
        .route("/alerts/{id}/resolve", post(alerts::resolve))
        .route("/alerts/{id}/safe", post(alerts::mark_safe))
        .route("/health", get(health::health))
        .route("/metrics", get(metrics::metrics))
        .fallback(async || Refusal::no_such_route())
        .method_not_allowed_fallback(async || Refusal::wrong_method())
        .with_state(state)
}

impl Visitor {
    /// The caller, if the key is valid.
    pub(crate) fn caller(&self) -> Result<&Arc<Caller>, Refusal> {
        match &self.key {
            Key::Of(caller) => Ok(caller),
            Key::Absent => Err(Refusal::no_key()),
            Key::Unknown => Err(Refusal::bad_key()),
            Key::Unasked => Err(Refusal::unavailable()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.remove::<Self>().ok_or_else(Refusal::failure)
    }
}

/// A caller with a valid key that is within its rate limit; this request is counted.
struct Admitted {
    caller: Arc<Caller>,
    wants_named_list: bool,
}

impl FromRequestParts<Arc<State>> for Admitted {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Refusal> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let caller = Arc::clone(visitor.caller()?);
        state.charge(&caller, 1)?;
        Ok(Self { caller, wants_named_list: visitor.wants_named_list })
    }
}

impl State {
    /// Counts requests against the rate limit of the key.
    pub(crate) fn charge(&self, caller: &Caller, requests: u32) -> Result<(), Refusal> {
        let Some(limit) = caller.limits.requests_per_minute else { return Ok(()) };
        let taken = caller.rate.take(limit, requests, self.config.clock.elapsed());
        taken.map_err(|too_many| Refusal::rate(limit, whole_seconds(too_many.wait)))
    }
}

impl Caller {
    /// What every list and look-up tells of the plan.
    fn meta(&self, now: Timestamp) -> Meta {
        let mut meta = Meta::default();
        meta.plan = Some(self.plan.clone());
        meta.retention_days = Some(self.limits.retention_days);
        meta.cutoff_date = Some(self.cutoff(now));
        meta.redacted = Some(self.limits.redacted);
        meta
    }
}
