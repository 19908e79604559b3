//! [`Outcome`]: what a call comes to, and the envelope it is written in.

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use litesoc_audit::{Fault, NoConfiguration, Refused};
use litesoc_ledger::canonical::push_string;
use litesoc_ledger::time::Moment;

use crate::answer::Refusal;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a call comes to.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    http: StatusCode,
    status: &'static str,
    summary: String,
    /// JSON of an object, or `null`.
    result: String,
}

impl Outcome {
    pub(super) fn success(result: String) -> Self {
        Self { http: StatusCode::OK, status: "Success", summary: "Success".to_owned(), result }
    }

    /// The result comes later; `location` is where to ask for it.
    pub(super) fn accepted(location: &str) -> Self {
        let mut result = String::from("{\"ttl_mins\":60,\"retry_counter\":0,\"location\":");
        push_string(location, &mut result);
        result.push('}');
        let summary = "The request was accepted; its result can be had from the location".to_owned();
        Self { http: StatusCode::ACCEPTED, status: "Accepted", summary, result }
    }

    pub(super) fn error(http: StatusCode, status: &'static str, summary: impl Into<String>) -> Self {
        Self { http, status, summary: summary.into(), result: "null".to_owned() }
    }

    pub(super) fn not_found(what: impl Into<String>) -> Self {
        Self::error(StatusCode::NOT_FOUND, "NotFound", what)
    }

    pub(super) fn invalid(faults: &[Fault]) -> Self {
        let mut result = String::from("{\"errors\":[");
        for (place, fault) in faults.iter().enumerate() {
            result.push_str(if place == 0 { "{\"code\":" } else { ",{\"code\":" });
            push_string(fault.code, &mut result);
            result.push_str(",\"detail\":");
            push_string(&fault.detail, &mut result);
            result.push_str(",\"source\":");
            push_string(&fault.source, &mut result);
            result.push('}');
        }
        result.push_str("]}");
        let summary = match faults {
            [one] => format!("There was 1 error: {one}"),
            _ => format!("There were {} errors in the request", faults.len()),
        };
        Self { http: StatusCode::BAD_REQUEST, status: "ValidationError", summary, result }
    }

    /// Bytes of the result.
    pub(super) const fn len(&self) -> usize {
        self.result.len()
    }

    /// The outcome on the wire.
    pub(super) fn write(&self, request_id: &str, arrived: Moment, answered: Moment) -> Response {
        let mut body = String::with_capacity(self.result.len() + self.summary.len() + 256);
        body.push_str(&format!(
            "{{\"request_id\":\"{request_id}\",\"request_time\":\"{arrived}\",\"response_time\":\"{answered}\",\
             \"status\":\"{}\",\"summary\":",
            self.status
        ));
        push_string(&self.summary, &mut body);
        body.push_str(",\"result\":");
        body.push_str(&self.result);
        body.push('}');
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.http;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(X_REQUEST_ID, id);
        }
        response
    }
}

impl From<Refused> for Outcome {
    fn from(refused: Refused) -> Self {
        let text = refused.to_string();
        match refused {
            Refused::Invalid(faults) => Self::invalid(&faults),
            Refused::NotFound(_) => Self::not_found(text),
            Refused::TreeNotFound { .. } => Self::error(StatusCode::BAD_REQUEST, "TreeNotFound", text),
            Refused::BadOffset { .. } => Self::error(StatusCode::BAD_REQUEST, "BadOffset", text),
            Refused::Unavailable(_) => {
                tracing::warn!(why = text, "an audit log takes nothing at present");
                Self::error(StatusCode::SERVICE_UNAVAILABLE, "ServiceNotAvailable", text)
            }
            Refused::Failed(_) | _ => {
                tracing::error!(why = text, "a call to an audit log failed");
                Self::error(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "The server failed")
            }
        }
    }
}

impl From<NoConfiguration> for Outcome {
    fn from(none: NoConfiguration) -> Self {
        match none {
            NoConfiguration::Missing => {
                Self::error(StatusCode::BAD_REQUEST, "MissingConfigID", none.to_string())
            }
            NoConfiguration::Unknown(_) | _ => {
                Self::invalid(&[Fault::new("DoesNotExist", "/config_id", none.to_string())])
            }
        }
    }
}

impl From<Vec<Fault>> for Outcome {
    fn from(faults: Vec<Fault>) -> Self {
        Self::invalid(&faults)
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.status() {
            StatusCode::UNAUTHORIZED => "Unauthorized",
            StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
            StatusCode::SERVICE_UNAVAILABLE => "ServiceNotAvailable",
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => "ValidationError",
            status if status.is_server_error() => "InternalError",
            _ => "Failed",
        };
        Self::error(refusal.status(), status, refusal.message())
    }
}
