//! [`Refusal`]: why a request gets nothing, before it is known in which shape its client wants to hear it.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use litesoc_model::{ErrorBody, ErrorCode, ErrorShape, Plan, RetryAfter};

use super::json_bytes;
use crate::ingest::Unwritten;

/// Where errors are explained.
const LINK: &str = "https://www.litesoc.io/docs/api";
/// Where a larger plan is to be had.
const UPGRADE: &str = "https://www.litesoc.io/pricing";

/// Why a request gets nothing.
///
/// Turned into a response it travels as an extension until the front writes it in the shape that the client understands.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Box<ErrorBody>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, body: ErrorBody) -> Self {
        let link = body.link.clone().unwrap_or_else(|| LINK.to_owned());
        Self { status, body: Box::new(body.with_link(link)) }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn message(&self) -> &str {
        &self.body.message
    }

    pub(crate) const fn code(&self) -> Option<&ErrorCode> {
        self.body.code.as_ref()
    }

    fn of(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self::new(status, ErrorBody::new(code, message))
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.body = Box::new(self.body.with_retry_after(RetryAfter::from_seconds(seconds)));
        self
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, ErrorCode::ValidationFailed, message)
    }

    pub(crate) fn no_key() -> Self {
        let message = "API key required: send it as X-API-Key or Authorization: Bearer";
        Self::of(StatusCode::UNAUTHORIZED, ErrorCode::Unauthorized, message)
    }

    pub(crate) fn bad_key() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, ErrorCode::Unauthorized, "Invalid API key")
    }

    pub(crate) fn no_such_route() -> Self {
        Self::of(StatusCode::NOT_FOUND, ErrorCode::NotFound, "There is nothing at this path")
    }

    pub(crate) fn no_such_event() -> Self {
        let message = "No such event, or it is older than the plan's retention";
        Self::of(StatusCode::NOT_FOUND, ErrorCode::NotFound, message)
    }

    pub(crate) fn no_proof() -> Self {
        let message = "No proof of this event: the events of this organization are not written to an audit log, or this one \
                       is not published yet";
        Self::of(StatusCode::NOT_FOUND, ErrorCode::NotFound, message)
    }

    pub(crate) fn no_such_alert() -> Self {
        let message = "No such alert, or it is older than the plan's retention";
        Self::of(StatusCode::NOT_FOUND, ErrorCode::AlertNotFound, message)
    }

    pub(crate) fn wrong_method() -> Self {
        let message = "This path does not take this method";
        Self::of(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::MethodNotAllowed, message)
    }

    pub(crate) fn plan(plan: &Plan) -> Self {
        let message = format!("The {plan} plan has no alerts over the API: Pro or Enterprise is required");
        let body = ErrorBody::new(ErrorCode::PlanRestricted, message).with_plan(&Plan::Pro, UPGRADE);
        Self::new(StatusCode::FORBIDDEN, body)
    }

    /// Clients recognise this one by the word `quota`.
    pub(crate) fn quota(limit: u64, wanted: u64, left: u64, month_ends_in: u64) -> Self {
        let message = format!(
            "Monthly quota exceeded: {left} of {limit} events are left this month, {wanted} were sent"
        );
        let mut body = ErrorBody::new(ErrorCode::QuotaExceeded, message);
        body.upgrade_url = Some(UPGRADE.to_owned());
        Self::new(StatusCode::FORBIDDEN, body).retry_after(month_ends_in)
    }

    pub(crate) fn rate(limit: u32, seconds: u64) -> Self {
        let message = format!("Rate limit of {limit} requests a minute exceeded: try again in {seconds} s");
        Self::of(StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimitExceeded, message)
            .retry_after(seconds.max(1))
    }

    /// Browser pages recognise this one by the word `Origin`.
    pub(crate) fn origin() -> Self {
        Self::of(StatusCode::FORBIDDEN, ErrorCode::OriginNotAuthorized, "Origin not authorized")
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("The body is larger than {limit} bytes: send fewer events in a request");
        Self::of(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::PayloadTooLarge, message)
    }

    pub(crate) fn slow_body() -> Self {
        let message = "The body did not arrive in time";
        Self::of(StatusCode::REQUEST_TIMEOUT, ErrorCode::Timeout, message)
    }

    pub(crate) fn broken_body() -> Self {
        Self::invalid("The body could not be read")
    }

    /// The store cannot be read or written at present.
    pub(crate) fn unavailable() -> Self {
        let message = "The events cannot be stored at present: try again";
        Self::of(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::ServiceUnavailable, message).retry_after(1)
    }

    /// A defect of the server.
    pub(crate) fn failure() -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::ServerError, "The server failed")
    }

    /// The refusal as bytes on the wire.
    pub(crate) fn write(&self, shape: ErrorShape) -> Response {
        let mut response = json_bytes(self.status, self.body.encode(shape));
        if let Some(wait) = self.body.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.seconds()));
        }
        response
    }
}

impl From<Unwritten> for Refusal {
    fn from(unwritten: Unwritten) -> Self {
        match unwritten {
            Unwritten::Full => {
                let message = "Too many events are waiting to be stored: try again";
                Self::of(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::ServiceUnavailable, message)
                    .retry_after(1)
            }
            Unwritten::Failed => Self::unavailable(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}
