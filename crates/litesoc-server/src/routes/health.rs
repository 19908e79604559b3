//! `GET /health`: whether the server is there, whether a key is valid, how far detection is.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use http::StatusCode;
use litesoc_model::{Health, Organization};

use crate::access::month_end;
use crate::answer::{Refusal, json};
use crate::front::{Key, Visitor};
use crate::state::State;

/// The name under which clients know the service.
const SERVICE: &str = "litesoc-api";

/// Counts nothing and changes nothing.
pub(super) async fn health(Shared(state): Shared<Arc<State>>, visitor: Visitor) -> Result<Response, Refusal> {
    let now = state.config.clock.now();
    let health = Health::ok(SERVICE, env!("CARGO_PKG_VERSION"), now);
    match visitor.key {
        Key::Absent => json(StatusCode::OK, &health),
        Key::Of(caller) => {
            let organization = Organization::new(caller.organization.as_str(), &*caller.organization_name);
            let mut quota = caller.quota_numbers(now);
            quota.resets_at = quota.limit.map(|_| month_end(now));
            let health = health.for_key(organization, caller.plan.clone(), quota);
            json(StatusCode::OK, &health.with_detection(state.mailbox.lag(now)))
        }
        Key::Unknown => json(StatusCode::UNAUTHORIZED, &Health::bad_key()),
        Key::Unasked => Err(Refusal::unavailable()),
    }
}
