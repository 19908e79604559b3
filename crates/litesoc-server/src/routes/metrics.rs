//! `GET /metrics`: what the server counts, for a monitoring system on the same machine or with the key for it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State as Shared;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderValue};

use crate::answer::Refusal;
use crate::front::Visitor;
use crate::state::State;

/// What [`crate::metrics::Metrics`] writes.
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// Tells of all organizations together, so the key of one of them does not open it; whoever may not see it is told that
/// there is nothing.
pub(super) async fn metrics(
    Shared(state): Shared<Arc<State>>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    if !visitor.may_see_metrics {
        return Err(Refusal::no_such_route());
    }
    let mut response = Response::new(Body::from(state.metrics.text(&state.gauges())));
    response.headers_mut().insert(CONTENT_TYPE, OPEN_METRICS);
    Ok(response)
}
