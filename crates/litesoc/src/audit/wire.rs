//! One call of the Pangea Audit API: its request, its repeats, its answer.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Request, Response};
use litesoc_core::Messenger;
use litesoc_core::transport::{TransportError, TransportErrorKind};
use litesoc_ledger::canonical::{Object, Value};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::{Error, ErrorKind, Fault};

const AGENT: &str = concat!("litesoc-rust/", env!("CARGO_PKG_VERSION"));
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// The first question after something that is not finished, and the longest time between two.
const FIRST_POLL: Duration = Duration::from_millis(200);
const LONGEST_POLL: Duration = Duration::from_secs(10);

/// Where the service is and who asks.
#[derive(Debug)]
pub(super) struct Wire {
    /// Without a slash at its end.
    pub(super) base: String,
    pub(super) token: HeaderValue,
    pub(super) config_id: Option<String>,
    /// The time of one exchange.
    pub(super) attempt: Duration,
    /// Repeats of one call at most.
    pub(super) retries: u32,
}

/// Whether a call may be made twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It changes nothing.
    Always,
    /// It records something: again only when nothing was sent, or when the failed try has an id that the next one can name,
    /// by which the service knows it.
    IfKnown,
}

/// A success.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) request_id: String,
    /// The service has taken it and is still working on it.
    pub(super) accepted: bool,
    pub(super) result: Box<RawValue>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    request_id: String,
    status: String,
    #[serde(default)]
    summary: Option<String>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Refused {
    #[serde(default)]
    errors: Vec<RefusedField>,
}

#[derive(Deserialize)]
struct RefusedField {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    source: String,
}

impl Wire {
    /// Posts a call and waits for its result, also where the service answers that it is still working.
    pub(super) async fn call(
        &self,
        messenger: &Messenger,
        path: &str,
        body: Object,
        repeat: Repeat,
    ) -> Result<Answer, Error> {
        let answer = self.post(messenger, path, body, repeat).await?;
        if answer.accepted { self.poll(messenger, &answer.request_id).await } else { Ok(answer) }
    }

    /// Posts a call; the answer may be that the service is still working.
    pub(super) async fn post(
        &self,
        messenger: &Messenger,
        path: &str,
        mut body: Object,
        repeat: Repeat,
    ) -> Result<Answer, Error> {
        if let Some(id) = &self.config_id {
            body.insert("config_id".to_owned(), Value::from(&**id));
        }
        let body = Bytes::from(Value::Object(body).to_canonical());
        self.attempts(messenger, Method::POST, path, body, repeat).await
    }

    /// Asks once for the result of an earlier request.
    pub(super) async fn ask(&self, messenger: &Messenger, request_id: &str) -> Result<Answer, Error> {
        // An id is part of an address; one with a slash in it would be another address.
        if !request_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(Error::new(ErrorKind::Validation, "a request id has letters, digits and _ only"));
        }
        let path = format!("/request/{request_id}");
        self.attempts(messenger, Method::GET, &path, Bytes::new(), Repeat::Always).await
    }

    /// Asks for the result of an earlier request until it is there; the time of the whole call ends it.
    pub(super) async fn poll(&self, messenger: &Messenger, request_id: &str) -> Result<Answer, Error> {
        let mut pause = FIRST_POLL;
        loop {
            messenger.pause(pause).await;
            let answer = self.ask(messenger, request_id).await?;
            if !answer.accepted {
                return Ok(answer);
            }
            pause = (pause * 2).min(LONGEST_POLL);
        }
    }

    /// The text at an address of the service that is not in the form of the API.
    pub(super) async fn text(&self, messenger: &Messenger, path: &str) -> Result<String, Error> {
        let query = self.config_id.as_ref().map(|id| format!("?config_id={id}")).unwrap_or_default();
        let mut failed = 0;
        loop {
            let request = self.request(Method::GET, &format!("{path}{query}"), Bytes::new(), &[])?;
            let answer = messenger.exchange(request, self.attempt).await;
            let again = matches!(&answer, Ok(answer) if may_pass(answer)) || answer.is_err();
            if !again || failed == self.retries {
                let answer = answer?;
                if answer.status().is_success() {
                    return String::from_utf8(answer.body().to_vec())
                        .map_err(|_| Error::decode(format!("{path} is no text")));
                }
                return Err(read(&answer).err().unwrap_or_else(|| Error::decode(format!("{path}: no text"))));
            }
            messenger.back_off(pause_after(failed)).await;
            failed += 1;
        }
    }

    /// A file at an address that needs no token, which goes nowhere but to the service.
    pub(super) async fn file(&self, messenger: &Messenger, url: &str) -> Result<Bytes, Error> {
        let request = Request::get(url).header(USER_AGENT, AGENT).body(Bytes::new());
        let request = request.map_err(|error| Error::decode(format!("the download's address: {error}")))?;
        let answer = messenger.exchange(request, self.attempt).await?;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        Err(Error::new(ErrorKind::NotFound, format!("the download answers {}", answer.status())))
    }

    async fn attempts(
        &self,
        messenger: &Messenger,
        method: Method,
        path: &str,
        body: Bytes,
        repeat: Repeat,
    ) -> Result<Answer, Error> {
        let mut tried: Vec<HeaderValue> = Vec::new();
        let mut failed = 0;
        loop {
            let request = self.request(method.clone(), path, body.clone(), &tried)?;
            let answer = messenger.exchange(request, self.attempt).await;
            let again = match &answer {
                Ok(answer) if may_pass(answer) => {
                    let id = answer.headers().get("x-request-id").cloned();
                    let known = id.is_some();
                    tried.extend(id);
                    known || repeat == Repeat::Always
                }
                Ok(_) => false,
                Err(error) => repeat == Repeat::Always || sent_nothing(error),
            };
            if !again || failed == self.retries {
                return read(&answer?);
            }
            messenger.back_off(pause_after(failed)).await;
            failed += 1;
        }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        tried: &[HeaderValue],
    ) -> Result<Request<Bytes>, Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(AUTHORIZATION, self.token.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static(AGENT));
        if !tried.is_empty() {
            let list = tried.iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b","[..]);
            request = request.header("x-pangea-retried-request-ids", list);
        }
        request.body(body).map_err(|error| Error::new(ErrorKind::Configuration, format!("{path}: {error}")))
    }
}

/// Statuses after which the same request may succeed.
fn may_pass(answer: &Response<Bytes>) -> bool {
    matches!(answer.status().as_u16(), 500 | 502 | 503 | 504)
}

fn sent_nothing(error: &TransportError) -> bool {
    error.kind() == TransportErrorKind::Connect
}

fn pause_after(failed: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failed.min(5)).min(LONGEST_PAUSE)
}

fn read(answer: &Response<Bytes>) -> Result<Answer, Error> {
    let status = answer.status();
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(answer.body()) else {
        let message = format!("status {}, and a body that is not of this API", status.as_u16());
        let kind = match status.as_u16() {
            401 | 403 => ErrorKind::Authentication,
            404 => ErrorKind::NotFound,
            429 => ErrorKind::RateLimit,
            500.. => ErrorKind::Server,
            _ => ErrorKind::Decode,
        };
        return Err(Error::new(kind, message));
    };
    let accepted = envelope.status == "Accepted";
    let result = envelope.result.map_or_else(|| RawValue::NULL.to_owned(), ToOwned::to_owned);
    if envelope.status == "Success" || accepted {
        return Ok(Answer { request_id: envelope.request_id, accepted, result });
    }
    let faults = serde_json::from_str::<Refused>(result.get()).unwrap_or_default().errors.into_iter();
    let faults = faults.map(|RefusedField { code, detail, source }| Fault { code, detail, source });
    let message = envelope.summary.unwrap_or_else(|| "no reason given".to_owned());
    let error = Error::new(kind_of(&envelope.status), message);
    Err(error.answered(&envelope.status, &envelope.request_id, faults.collect()))
}

fn kind_of(status: &str) -> ErrorKind {
    match status {
        "Unauthorized" | "ServiceNotEnabled" | "Forbidden" => ErrorKind::Authentication,
        "NoCredit" | "TooManyRequests" => ErrorKind::RateLimit,
        "NotFound" | "TreeNotFound" => ErrorKind::NotFound,
        "ServiceNotAvailable" | "InternalError" | "ProviderError" => ErrorKind::Server,
        _ => ErrorKind::Validation,
    }
}
