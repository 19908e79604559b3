//! `GET /health`: whether the server is there, whether a key is valid, how far detection is.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use http::StatusCode;
use litesoc_model::{Health, Organization};
use serde::Serialize;

use crate::access::month_end;
use crate::answer::{Refusal, json};
use crate::detection::Lag;
use crate::front::{Key, Visitor};
use crate::state::State;

/// The name under which clients know the service.
const SERVICE: &str = "litesoc-api";

#[derive(Serialize)]
struct Body {
    #[serde(flatten)]
    health: Health,
    #[serde(skip_serializing_if = "Option::is_none")]
    detection: Option<Lag>,
}

/// Counts nothing and changes nothing.
pub(super) async fn health(Shared(state): Shared<Arc<State>>, visitor: Visitor) -> Result<Response, Refusal> {
    let now = state.config.clock.now();
    let health = Health::ok(SERVICE, env!("CARGO_PKG_VERSION"), now);
    match visitor.key {
        Key::Absent => json(StatusCode::OK, &Body { health, detection: None }),
        Key::Of(caller) => {
            let organization = Organization::new(caller.organization.as_str(), &*caller.organization_name);
            let mut quota = caller.quota_numbers(now);
            quota.resets_at = quota.limit.map(|_| month_end(now));
            let health = health.for_key(organization, caller.plan.clone(), quota);
            json(StatusCode::OK, &Body { health, detection: Some(state.mailbox.lag(now)) })
        }
        Key::Unknown => json(StatusCode::UNAUTHORIZED, &Body { health: Health::bad_key(), detection: None }),
        Key::Unasked => Err(Refusal::unavailable()),
    }
}
