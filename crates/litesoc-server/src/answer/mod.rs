//! What goes back: answers, refusals in the shape their client understands, and the headers on all of them.

mod cors;
mod refusal;

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

pub(crate) use self::cors::{Origins, preflight};
pub(crate) use self::refusal::Refusal;

/// A JSON answer.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Result<Response, Refusal> {
    match serde_json::to_vec(body) {
        Ok(body) => Ok(json_bytes(status, body)),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            Err(Refusal::failure())
        }
    }
}

/// An answer that is JSON already.
pub(crate) fn json_bytes(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
