//! The front door: what happens to every request before its route, and to every answer after it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::header::{ALLOW, CACHE_CONTROL, FORWARDED, HeaderName, HeaderValue, ORIGIN, USER_AGENT};
use http::uri::PathAndQuery;
use http::{Method, Request, Uri};
use hyper::body::Incoming;
use litesoc_model::ErrorShape;
use tower_service::Service;

use crate::access::{Caller, presented_key};
use crate::answer::{Origins, Refusal, preflight};
use crate::audit::{self, AuditRoute, PublicRoute};
use crate::listener::Answer;
use crate::routes::{self, path};
use crate::state::State;

/// The header by which proxies that do not use `Forwarded` say for whom they ask.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Knows the caller, finds the route, dresses the answer.
#[derive(Debug)]
pub(crate) struct Front {
    state: Arc<State>,
    router: Router,
    origins: Origins,
}

/// What is known of a request when its route gets it.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) peer: IpAddr,
    pub(crate) key: Key,
    /// It comes from this machine, or with the key for it.
    pub(crate) may_see_metrics: bool,
    /// The client is one of the oldest, which look for a list under its own name.
    pub(crate) wants_named_list: bool,
}

/// The key of a request.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    Absent,
    Unknown,
    Of(Arc<Caller>),
    /// The store could not be asked.
    Unasked,
}

impl Answer for Front {
    async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Response {
        self.respond(request, peer).await
    }
}

impl Front {
    pub(crate) fn new(state: Arc<State>) -> Self {
        let router = routes::router(Arc::clone(&state));
        let origins = Origins::new(&state.config.origins);
        Self { state, router, origins }
    }

    async fn respond(&self, request: Request<Incoming>, peer: IpAddr) -> Response {
        let origin = request.headers().get(ORIGIN).cloned();
        let client = Client::of(&request);
        if *request.method() == Method::OPTIONS {
            return dressed(preflight(), origin);
        }
        if !self.origins.admit(request.headers()) {
            return dressed(Refusal::origin().write(client.shape), None);
        }
        // Whose key it is the node that keeps the logs knows.
        if let Some(remote) = &self.state.remote
            && audit::is_of_logs(request.uri().path())
        {
            let config = &self.state.config;
            let answer = remote.forward(request.map(Body::new), &config.clock, &config.timeouts).await;
            return dressed(answer, origin);
        }
        let may_see_metrics = self.may_see_metrics(&request, peer);
        let key = self.key_of(&request).await;
        let caller = match &key {
            Key::Of(caller) => Some(Arc::clone(caller)),
            Key::Absent | Key::Unknown | Key::Unasked => None,
        };
        let visitor = Visitor { peer, key, may_see_metrics, wants_named_list: client.wants_named_list };
        if audit::is_for_nodes(request.uri().path()) && self.state.audit.is_some() {
            return audit::answer_node(&self.state, request.map(Body::new)).await;
        }
        if let Some(route) = PublicRoute::of(request.uri().path()) {
            let answer = audit::answer_public(&self.state, route, request.map(Body::new), &visitor);
            return dressed(answer.await, origin);
        }
        if let Some(route) = AuditRoute::of(request.uri().path()) {
            return dressed(
                audit::answer(&self.state, &route, request.map(Body::new), &visitor).await,
                origin,
            );
        }
        let mut response = self.route(request, visitor).await;
        if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
            self.state.metrics.error(refusal.code());
            let allow = response.headers_mut().remove(ALLOW);
            response = refusal.write(client.shape);
            // The router adds it to a wrong method.
            response.headers_mut().extend(allow.map(|allow| (ALLOW, allow)));
        }
        if let Some(caller) = caller {
            caller.plan_info(&self.state.config.clock).write_headers(response.headers_mut());
        }
        dressed(response, origin)
    }

    /// Whether the request comes from this machine itself and not through a proxy on it, or has the key for the metrics.
    fn may_see_metrics(&self, request: &Request<Incoming>, peer: IpAddr) -> bool {
        let forwarded = [FORWARDED, X_FORWARDED_FOR].iter().any(|name| request.headers().contains_key(name));
        let local = peer.to_canonical().is_loopback() && !forwarded;
        local || self.state.config.metrics_key.as_ref().is_some_and(|key| key.opens(request.headers()))
    }

    async fn key_of(&self, request: &Request<Incoming>) -> Key {
        let Some(key) = presented_key(request.headers()) else { return Key::Absent };
        match self.state.keys.identify(key).await {
            Ok(Some(caller)) => Key::Of(caller),
            Ok(None) => Key::Unknown,
            Err(error) => {
                tracing::error!(%error, "could not look up a key");
                Key::Unasked
            }
        }
    }

    async fn route(&self, mut request: Request<Incoming>, visitor: Visitor) -> Response {
        if let Some(plain) = plain_uri(request.uri()) {
            *request.uri_mut() = plain;
        }
        request.extensions_mut().insert(visitor);
        let mut router = self.router.clone();
        match router.call(request.map(Body::new)).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// The address with its path in the one spelling, if it was in another.
fn plain_uri(uri: &Uri) -> Option<Uri> {
    let plain = path::normalize(uri.path());
    if plain == uri.path() {
        return None;
    }
    let target = match uri.query() {
        Some(query) => format!("{plain}?{query}"),
        None => plain.into_owned(),
    };
    PathAndQuery::try_from(target).ok().map(Uri::from)
}

/// What the User-Agent tells of a client's needs.
struct Client {
    shape: ErrorShape,
    wants_named_list: bool,
}

impl Client {
    fn of<B>(request: &Request<B>) -> Self {
        let agent =
            request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let oldest = ["litesoc-python-sdk/2.0", "litesoc-python-sdk/2.1", "n8n-litesoc-node/1.0"];
        Self {
            shape: ErrorShape::for_user_agent(agent),
            wants_named_list: oldest.iter().any(|oldest| agent.contains(oldest)),
        }
    }
}

fn dressed(mut response: Response, origin: Option<HeaderValue>) -> Response {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Some(origin) = origin {
        Origins::expose(origin, headers);
    }
    response
}
