//! What servers without audit logs ask of the node that keeps them, on their own behalf.

use axum::body::Body;
use axum::response::Response;
use http::header::{HeaderMap, HeaderName};
use http::{Method, Request, StatusCode};
use litesoc_audit::{Refused, new_request_id};
use litesoc_tlog::RequestId;
use serde::{Deserialize, Serialize};

use super::envelope::Outcome;
use super::{Audit, moment, success};
use crate::access::ApiKey;
use crate::routes::body;
use crate::state::State;
use crate::trail::{self, Line};

/// Says that a request comes from a server that this node knows.
pub(super) const NODE_TOKEN: HeaderName = HeaderName::from_static("x-litesoc-node-token");
/// The id that such a server has given to a request.
pub(super) const GIVEN_ID: HeaderName = HeaderName::from_static("x-litesoc-request-id");

/// Where lines of the trail are written.
pub(crate) const TRAIL: &str = "/node/v1/trail";
/// Where it is asked what the trail of an organization says already.
pub(crate) const KNOWN: &str = "/node/v1/known";

/// Lines for one log of the trail.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Lines {
    pub(crate) organization: String,
    /// The name of its configuration.
    pub(crate) log: String,
    pub(crate) lines: Vec<Line>,
}

/// A question about an organization.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Whose {
    pub(crate) organization: String,
    /// Which store tells of it.
    pub(crate) store: String,
}

impl Audit {
    /// Whether a request comes from a server that this node knows by its token.
    fn knows(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(&NODE_TOKEN);
        let matches = |token: &ApiKey| given.is_some_and(|given| token.is(given.as_bytes()));
        self.node_token.as_ref().is_some_and(matches)
    }

    /// The id of a request: that which a server gave it that this node knows, or a new one.
    pub(super) fn id_of(&self, headers: &HeaderMap) -> String {
        let given = headers.get(&GIVEN_ID).filter(|_| self.knows(headers)).and_then(|id| id.to_str().ok());
        let given = given.filter(|id| id.starts_with("prq_") && RequestId::new(id).is_some());
        given.map_or_else(new_request_id, str::to_owned)
    }
}

/// Whether a path is for the servers that this node knows.
pub(crate) fn is_for_nodes(path: &str) -> bool {
    [TRAIL, KNOWN].contains(&path)
}

/// The answer to such a server; there always is one.
pub(crate) async fn answer(state: &State, request: Request<Body>) -> Response {
    let arrived = moment(&state.config.clock);
    let outcome = match respond(state, request).await {
        Ok(outcome) | Err(outcome) => outcome,
    };
    outcome.write(&new_request_id(), arrived, moment(&state.config.clock))
}

async fn respond(state: &State, request: Request<Body>) -> Result<Outcome, Outcome> {
    let stranger = || {
        let summary = "This path is for nodes that have the token of this one";
        Outcome::error(StatusCode::FORBIDDEN, "Unauthorized", summary)
    };
    let audit = state.audit.as_ref().filter(|audit| audit.knows(request.headers())).ok_or_else(stranger)?;
    if *request.method() != Method::POST {
        return Err(Outcome::error(StatusCode::METHOD_NOT_ALLOWED, "Failed", "This path takes POST"));
    }
    let path = request.uri().path().to_owned();
    let bytes = body::read(request, audit.body_bytes, &state.config.timeouts).await?;
    let service = audit.service();
    if path == KNOWN {
        let Whose { organization, store } = read(&bytes)?;
        return success(move || {
            let known = trail::known(&service, &organization, &store).map_err(|error| failed(&error))?;
            serde_json::to_string(&known).map_err(|error| Refused::Failed(error.to_string()))
        })
        .await;
    }
    let Lines { organization, log, lines } = read(&bytes)?;
    let name = [trail::ADMIN, trail::EVENTS].into_iter().find(|name| *name == log);
    let name = name.ok_or_else(|| Outcome::not_found("There is no trail of this name"))?;
    success(move || {
        trail::append(&service, &organization, name, &lines).map_err(|error| failed(&error))?;
        Ok(format!("{{\"lines\":{}}}", lines.len()))
    })
    .await
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Outcome> {
    serde_json::from_slice(bytes).map_err(|error| {
        Outcome::error(
            StatusCode::BAD_REQUEST,
            "ValidationError",
            format!("The body is not as it should be: {error}"),
        )
    })
}

fn failed(error: &trail::Held) -> Refused {
    Refused::Unavailable(format!("the trail could not be written: {error}"))
}
