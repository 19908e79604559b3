//! [`Remote`]: the node that keeps the audit logs, as a server sees it that hands requests on to it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderMap, HeaderName, HeaderValue, ORIGIN, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::{PathAndQuery, Scheme};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Frame, SizeHint};
use litesoc_audit::new_request_id;
use litesoc_hyper::{Answering, HyperTransport};
use tokio::time::Sleep;

use super::envelope::{Outcome, X_REQUEST_ID};
use super::moment;
use super::node::{GIVEN_ID, NODE_TOKEN};
use crate::clock::Clock;
use crate::config::{AuditNode, Timeouts};
use crate::metrics::Metrics;
use crate::routes::body;

/// What belongs to one connection and is not handed on (RFC 9110, section 7.6.1). The server has judged the origin.
const OWN: [HeaderName; 8] =
    [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, CONTENT_LENGTH, EXPECT, ORIGIN];
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
/// Bytes of the longest answer to the server itself.
const LONGEST_ANSWER: usize = 1 << 20;

/// The node that keeps the audit logs.
pub(crate) struct Remote {
    transport: HyperTransport,
    base: Uri,
    token: HeaderValue,
    body_bytes: usize,
    answer_within: Duration,
    metrics: Arc<Metrics>,
}

impl Remote {
    /// Opens no connection yet: the node may start later.
    pub(crate) fn new(config: &AuditNode, metrics: Arc<Metrics>) -> Result<Self, String> {
        let unusable = || format!("{:?} is no address of a node, http://.. or https://..", config.url);
        let base: Uri = config.url.trim_end_matches('/').parse().map_err(|_| unusable())?;
        let bare = base.path() == "/" && base.query().is_none();
        let transport = match base.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS && bare => {
                HyperTransport::with_native_roots().map_err(|error| error.to_string())?
            }
            Some(scheme) if *scheme == Scheme::HTTP && bare => HyperTransport::builder().build(),
            _ => return Err(unusable()),
        };
        let mut token = HeaderValue::from_str(config.token.reveal()).map_err(|error| error.to_string())?;
        token.set_sensitive(true);
        let (body_bytes, answer_within) = (config.body_bytes, config.answer_within);
        Ok(Self { transport, base, token, body_bytes, answer_within, metrics })
    }

    /// Hands a request on and its answer back, as they are.
    ///
    /// The request gets its id here, so that a client knows it whatever happens on the way: when it repeats the call, the
    /// node finds the record that it did not hear of.
    pub(crate) async fn forward(
        &self,
        request: Request<Body>,
        clock: &Clock,
        timeouts: &Timeouts,
    ) -> Response {
        let (arrived, id) = (moment(clock), new_request_id());
        let (parts, incoming) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), incoming);
        let outcome = match body::read(whole, self.body_bytes, timeouts).await {
            Ok(bytes) => {
                let mut handed = Request::new(bytes);
                *handed.method_mut() = parts.method;
                *handed.headers_mut() = handed_on(parts.headers);
                let path = parts.uri.into_parts().path_and_query;
                match self.exchange(handed, path, &id).await {
                    Ok(answer) => return answered(answer, &id, self.answer_within),
                    Err(fault) => self.unreached(&fault),
                }
            }
            Err(refusal) => refusal.into(),
        };
        outcome.write(&id, arrived, moment(clock))
    }

    /// Asks the node for something on the server's own behalf; the body of its answer.
    pub(crate) async fn ask(&self, path: &'static str, question: String) -> Result<Bytes, String> {
        let mut request =
            Request::post("/").body(Bytes::from(question)).map_err(|error| error.to_string())?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let path = PathAndQuery::from_static(path);
        let answer = self.exchange(request, Some(path), &new_request_id()).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect();
        let body = tokio::time::timeout(self.answer_within, body).await.map_err(|_| late())?;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        if status == StatusCode::OK {
            return Ok(body);
        }
        let summary: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        Err(format!("it answered {status}: {}", summary["summary"].as_str().unwrap_or_default()))
    }

    async fn exchange(
        &self,
        mut request: Request<Bytes>,
        path: Option<PathAndQuery>,
        id: &str,
    ) -> Result<Response<Answering>, String> {
        let mut address = self.base.clone().into_parts();
        address.path_and_query = path.or(address.path_and_query);
        *request.uri_mut() = Uri::from_parts(address).map_err(|error| error.to_string())?;
        request.headers_mut().insert(NODE_TOKEN, self.token.clone());
        let id = HeaderValue::from_str(id).map_err(|error| error.to_string())?;
        request.headers_mut().insert(GIVEN_ID, id);
        let answer = tokio::time::timeout(self.answer_within, self.transport.open(request)).await;
        answer.map_err(|_| late())?.map_err(|error| error.to_string())
    }

    fn unreached(&self, fault: &str) -> Outcome {
        self.metrics.audit_node_failed();
        tracing::error!(node = %self.base, fault, "the node that keeps the audit logs could not be reached");
        let summary = "The node that keeps the audit logs cannot be reached at present: try again";
        Outcome::error(StatusCode::SERVICE_UNAVAILABLE, "ServiceNotAvailable", summary)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("base", &self.base).finish_non_exhaustive()
    }
}

fn late() -> String {
    "it took too long".to_owned()
}

/// The headers that are for the node too.
fn handed_on(mut headers: HeaderMap) -> HeaderMap {
    for name in OWN.iter().chain([&KEEP_ALIVE]) {
        headers.remove(name);
    }
    headers
}

fn answered(answer: Response<Answering>, id: &str, within: Duration) -> Response {
    if answer.headers().get(&X_REQUEST_ID).is_some_and(|given| given.as_bytes() != id.as_bytes()) {
        tracing::error!(
            "the node that keeps the audit logs does not know this one by its token: a call whose answer is lost will be \
             recorded again when it is repeated"
        );
    }
    let mut response = answer.map(|body| Body::new(Lively { body, within, waiting: None }));
    for name in [CONNECTION, TRANSFER_ENCODING, TRAILER, UPGRADE, KEEP_ALIVE] {
        response.headers_mut().remove(name);
    }
    response
}

/// A body that may not stand still: a node that is cut off says nothing for ever, and its reader would wait as long.
struct Lively {
    body: Answering,
    within: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl HttpBody for Lively {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            this.waiting = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        let within = this.within;
        let waiting = this.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(within)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Some(Err(late().into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
