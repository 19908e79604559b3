//! What an answer means for the events it is about: the one classifier of replies.

use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Response, StatusCode};
use litesoc_model::{CollectResponse, ErrorBody, RetryAfter, Timestamp};

use crate::error::{Error, ErrorKind, Refusal};
use crate::transport::TransportError;

/// What to do with the events of a request.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The service has them, but for those refused one by one: their places in the request.
    Accepted { refused: Vec<(usize, Error)> },
    /// Send them again later.
    Again { wait: Wait, error: Error },
    /// The request was too large: send less at once.
    TooLarge(Error),
    /// Something in it is not acceptable: find out what.
    Invalid(Error),
    /// No such path: a service without batches, or the wrong base URL.
    NoSuchPath(Error),
    /// The key or the account is refused: no event is at fault.
    Refused(Error),
}

/// How long to wait before trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// As the client sees fit.
    Backoff,
    /// At least as long as the service asked for.
    Asked(Duration),
    /// As the client sees fit; and the service failed in a way that these very events may cause.
    ServerFault,
}

impl Verdict {
    /// Judges an answer. `now_ms` is the time of day, from which a date in `Retry-After` is counted.
    pub(crate) fn of(response: &Response<Bytes>, now_ms: u64) -> Self {
        let status = response.status();
        if status.is_success() {
            return Self::of_success(response);
        }
        let now = Timestamp::from_millis(i64::try_from(now_ms).unwrap_or(i64::MAX));
        let error = refusal(response, now);
        let wait = |otherwise| error.retry_after().map_or(otherwise, Wait::Asked);
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge(error),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Self::NoSuchPath(error),
            StatusCode::UNAUTHORIZED | StatusCode::PAYMENT_REQUIRED | StatusCode::FORBIDDEN => {
                Self::Refused(error)
            }
            // Some services answer a used-up month with 429: a pause of seconds would not help.
            StatusCode::TOO_MANY_REQUESTS if error.kind() == ErrorKind::Quota => Self::Refused(error),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => {
                Self::Again { wait: wait(Wait::Backoff), error }
            }
            StatusCode::INTERNAL_SERVER_ERROR => Self::Again { wait: wait(Wait::ServerFault), error },
            // A redirect is a door somebody put in front of the service, such as a maintenance page. Behind it the
            // key would be somebody else's, so it is an outage until it is gone.
            _ if status.is_server_error() || status.is_redirection() || status.is_informational() => {
                Self::Again { wait: wait(Wait::Backoff), error }
            }
            _ => Self::Invalid(error),
        }
    }

    fn of_success(response: &Response<Bytes>) -> Self {
        match CollectResponse::read(response.status(), response.body()) {
            Ok(accepted) => {
                let refused = accepted.errors.into_iter().map(|item| {
                    let refusal = Refusal {
                        message: item.message,
                        code: Some(item.code.as_str().to_owned()),
                        ..Refusal::default()
                    };
                    (item.index, Error::from_status(ErrorKind::Validation, response.status(), refusal))
                });
                Self::Accepted { refused: refused.collect() }
            }
            Err(body) => Self::Invalid(error_of(ErrorKind::Validation, response, *body, None)),
        }
    }

    /// Judges the lack of an answer.
    pub(crate) fn of_failure(error: TransportError) -> Self {
        if error.is_retryable() {
            Self::Again { wait: Wait::Backoff, error: error.into() }
        } else {
            // The transport cannot do it at all: as with a wrong key, only somebody else can help.
            Self::Refused(error.into())
        }
    }
}

/// An answer that is no success, as an error of its kind.
pub(crate) fn refusal(response: &Response<Bytes>, now: Timestamp) -> Error {
    let body = ErrorBody::decode(response.body());
    let kind = kind_of(response.status(), &body);
    error_of(kind, response, body, retry_after(response.headers(), now))
}

fn error_of(
    kind: ErrorKind,
    response: &Response<Bytes>,
    body: ErrorBody,
    asked: Option<RetryAfter>,
) -> Error {
    let status = response.status();
    let asked = asked.or(body.retry_after);
    let upgrade_url = body.upgrade_address().map(str::to_owned);
    let mut message = body.message;
    if message.is_empty() {
        status.canonical_reason().unwrap_or("no reason given").clone_into(&mut message);
    }
    let refusal = Refusal {
        message,
        code: body.code.map(|code| code.as_str().to_owned()),
        retry_after: asked.map(RetryAfter::duration),
        required_plan: body.required_plan,
        upgrade_url,
    };
    Error::from_status(kind, status, refusal)
}

fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<RetryAfter> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
    RetryAfter::parse(value, now)
}

fn kind_of(status: StatusCode, body: &ErrorBody) -> ErrorKind {
    match status {
        StatusCode::UNAUTHORIZED => ErrorKind::Authentication,
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS if body.is_quota() => ErrorKind::Quota,
        // Not every 403 is about the plan: addresses, origins and suspended accounts are refused with it as well.
        StatusCode::FORBIDDEN if body.is_plan_restriction() => ErrorKind::Plan,
        StatusCode::PAYMENT_REQUIRED => ErrorKind::Plan,
        StatusCode::FORBIDDEN => ErrorKind::Forbidden,
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimit,
        _ if status.is_client_error() => ErrorKind::Validation,
        _ => ErrorKind::Server,
    }
}
