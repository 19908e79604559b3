//! The Pangea Audit API: its calls, their envelope, and what they do to the audit logs.

mod alarm;
mod envelope;
mod files;
mod jobs;
mod node;
mod public;
mod remote;
mod route;
mod slow;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::{ALLOW, HOST, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, StatusCode};
use litesoc_audit::{
    AuditLog, AuditService, BulkRequest, Call, Choice, DownloadRequest, EraseRequest, LogRequest, OpenError,
    Refused, Restriction, ResultsRequest, RootRequest, SearchRequest, Settings, bulk_result, config_id,
    download_result, new_request_id,
};
use litesoc_ledger::Hash;
use litesoc_ledger::canonical::Value;
use litesoc_ledger::time::Moment;
use litesoc_store::Store;
use tokio::sync::Semaphore;

use self::envelope::Outcome;
use self::files::Files;
use self::jobs::Jobs;
pub(crate) use self::node::{KNOWN, Lines, TRAIL, Whose, answer as answer_node, is_for_nodes};
pub(crate) use self::public::{PublicRoute, answer as answer_public};
pub(crate) use self::remote::Remote;
pub(crate) use self::route::AuditRoute;
use self::slow::{blocking, success};
use crate::access::{ApiKey, Caller, presented_key};
use crate::clock::Clock;
use crate::config::AuditConfig;
use crate::front::Visitor;
use crate::routes::{body, path};
use crate::state::State;
use crate::trail::{self, Act};

const RETRIED: HeaderName = HeaderName::from_static("x-pangea-retried-request-ids");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The audit logs behind the API.
#[derive(Debug)]
pub(crate) struct Audit {
    service: Arc<AuditService>,
    jobs: Arc<Jobs>,
    files: Files,
    public_url: Option<String>,
    body_bytes: usize,
    node_token: Option<ApiKey>,
    /// Held while the name of a published root is looked for.
    searching: Semaphore,
}

impl Audit {
    /// Opens the logs of a folder. Blocks, also for the first record of a new log.
    pub(crate) fn open(
        config: &AuditConfig,
        clock: &Clock,
        store: Arc<dyn Store>,
    ) -> Result<Self, OpenError> {
        let clock = clock.clone();
        let alarm = alarm::alarm(store, clock.clone());
        let mut settings = Settings::new(Arc::new(move || moment(&clock)));
        settings.host.clone_from(&config.host);
        settings.alarm = Some(alarm);
        settings.publish_every = Some(config.publish_every);
        (settings.policy, settings.ask_witness) = (config.policy.clone(), config.ask_witness.clone());
        let service = Arc::new(AuditService::open(&config.directory, settings)?);
        Ok(Self {
            service,
            jobs: Arc::default(),
            files: Files::default(),
            public_url: config.public_url.clone(),
            body_bytes: config.body_bytes,
            node_token: config.node_token.clone(),
            searching: Semaphore::new(1),
        })
    }

    /// The logs.
    pub(crate) fn service(&self) -> Arc<AuditService> {
        Arc::clone(&self.service)
    }

    /// Writes that somebody did something; done once it is durable.
    async fn record(&self, caller: &Caller, id: &str, act: Act) -> Result<(), Outcome> {
        let (service, organization) = (self.service(), caller.organization.clone());
        let id = format!("act.{id}");
        blocking(move || trail::write(&service, organization.as_str(), &id, &act)).await
    }

    /// What a request is about, as far as its token lets it.
    fn choose<'a>(&self, token: &Hash, asked: Option<&'a str>) -> Result<Choice<'a>, Outcome> {
        match self.service.choose(token, asked) {
            Ok(Ok(choice)) => Ok(choice),
            Ok(Err(none)) => Err(none.into()),
            Err(error) => Err(cannot_open(&error)),
        }
    }

    /// The log of an organization: the configuration that is named, or the default one.
    async fn log_of(&self, organization: &str, config: Option<&str>) -> Result<Arc<AuditLog>, Outcome> {
        if let Some(log) = self.service.known(organization, config) {
            return Ok(log);
        }
        let service = Arc::clone(&self.service);
        let (organization, config) = (organization.to_owned(), config.map(str::to_owned));
        let found = blocking(move || Ok(service.log_of(&organization, config.as_deref()))).await?;
        match found {
            Ok(Ok(log)) => Ok(log),
            Ok(Err(none)) => Err(none.into()),
            Err(error) => Err(cannot_open(&error)),
        }
    }

    /// A file of results. Whoever has its address may fetch it.
    async fn file(&self, token: &str, name: &str, headers: &HeaderMap) -> Result<Response, Outcome> {
        let service = Arc::clone(&self.service);
        let (token, name) = (token.to_owned(), name.to_owned());
        let file = blocking(move || Ok(service.fetch(&token, &name))).await?;
        let summary = "This address of a file was never given out, or has expired";
        let file = file.ok_or_else(|| Outcome::error(StatusCode::FORBIDDEN, "Unauthorized", summary))?;
        self.files.send(file, self.base(headers), headers)
    }

    /// The address under which the client reaches the server.
    fn base(&self, headers: &HeaderMap) -> String {
        if let Some(url) = &self.public_url {
            return url.trim_end_matches('/').to_owned();
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let secure = headers.get(X_FORWARDED_PROTO).is_some_and(|protocol| protocol == "https");
        format!("{}://{host}", if secure { "https" } else { "http" })
    }
}

/// Whether the logs are needed for what is at a path: the proof of an event is among it.
pub(crate) fn is_of_logs(path: &str) -> bool {
    let is_proof = |path: &str| path.starts_with("/events/") && path.ends_with("/proof");
    PublicRoute::of(path).is_some() || AuditRoute::of(path).is_some() || is_proof(&path::normalize(path))
}

fn moment(clock: &Clock) -> Moment {
    Moment::from_micros(clock.now_micros()).expect("the clock shows a year below 10000")
}

/// One request: who asks, what for, and under which id.
struct Asked<'a> {
    audit: &'a Audit,
    route: &'a AuditRoute,
    caller: &'a Arc<Caller>,
    /// The SHA-256 of the token.
    token: Hash,
    id: String,
    retried: String,
    base: String,
    now: Moment,
}

/// The answer to a call; there always is one.
pub(crate) async fn answer(
    state: &State,
    route: &AuditRoute,
    request: Request<Body>,
    visitor: &Visitor,
) -> Response {
    let arrived = moment(&state.config.clock);
    let id = state.audit.as_ref().map_or_else(new_request_id, |audit| audit.id_of(request.headers()));
    if let (AuditRoute::Download(token, name), Some(audit)) = (route, &state.audit)
        && *request.method() == Method::GET
    {
        return match audit.file(token, name, request.headers()).await {
            Ok(file) => file,
            Err(outcome) => outcome.write(&id, arrived, moment(&state.config.clock)),
        };
    }
    let outcome = match respond(state, route, request, visitor, &id).await {
        Ok(outcome) | Err(outcome) => outcome,
    };
    let mut response = outcome.write(&id, arrived, moment(&state.config.clock));
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = if route.is_get() { "GET" } else { "POST" };
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    response
}

async fn respond(
    state: &State,
    route: &AuditRoute,
    request: Request<Body>,
    visitor: &Visitor,
    id: &str,
) -> Result<Outcome, Outcome> {
    let Some(audit) = &state.audit else {
        let summary = "This server has no audit logs";
        return Err(Outcome::error(StatusCode::FORBIDDEN, "ServiceNotEnabled", summary));
    };
    let caller = visitor.caller()?;
    if *route == AuditRoute::Unknown {
        return Err(Outcome::not_found("There is nothing at this path"));
    }
    let right = if route.is_get() { Method::GET } else { Method::POST };
    if *request.method() != right {
        let summary = format!("This path takes {right}");
        return Err(Outcome::error(StatusCode::METHOD_NOT_ALLOWED, "Failed", summary));
    }
    if route.is_counted() {
        state.charge(caller, 1)?;
    }
    let retried = request.headers().get(&RETRIED).and_then(|ids| ids.to_str().ok()).unwrap_or_default();
    let retried = retried.to_owned();
    let base = audit.base(request.headers());
    let now = moment(&state.config.clock);
    let token = Hash::of(presented_key(request.headers()).unwrap_or_default());
    let asked = Asked { audit, route, caller, token, id: id.to_owned(), retried, base, now };
    if let AuditRoute::Request(earlier) = route {
        return asked.poll(earlier).await;
    }
    let bytes = body::read(request, audit.body_bytes, &state.config.timeouts).await?;
    let body = parse(&bytes)?;
    let Choice { config, mandatory, .. } = audit.choose(&asked.token, config_id(&body)?)?;
    let log = asked.log(config.as_deref()).await?;
    asked.call(log, &body, mandatory).await
}

/// The body of a call; an empty one is an empty object.
fn parse(bytes: &[u8]) -> Result<Value, Outcome> {
    let text = if bytes.is_empty() { b"{}" } else { bytes };
    Value::parse(text).map_err(|error| {
        let fault = litesoc_audit::Fault::new("BadFormat", error.pointer.clone(), error.to_string());
        Outcome::invalid(&[fault])
    })
}

impl Asked<'_> {
    /// The log that the call is about.
    async fn log(&self, config: Option<&str>) -> Result<Arc<AuditLog>, Outcome> {
        self.audit.log_of(self.caller.organization.as_str(), config).await
    }

    async fn call(
        self,
        log: Arc<AuditLog>,
        body: &Value,
        mandatory: Restriction,
    ) -> Result<Outcome, Outcome> {
        let writes = matches!(
            self.route,
            AuditRoute::Log | AuditRoute::LogBulk | AuditRoute::LogBulkAsync | AuditRoute::LogStream
        );
        let erases = *self.route == AuditRoute::Erase;
        let is_own = |name| self.audit.service.is_own(&log, name);
        if (writes || erases) && is_own(trail::ADMIN) || writes && is_own(trail::EVENTS) {
            let detail = "this log is written by the server alone";
            return Err(Refused::fault("BadState", "/config_id", detail).into());
        }
        if erases && !mandatory.is_empty() {
            let summary = "This token sees a part of the log, and may erase nothing";
            return Err(Outcome::error(StatusCode::FORBIDDEN, "Unauthorized", summary));
        }
        match self.route {
            AuditRoute::Log => self.log_one(log, body).await,
            AuditRoute::LogBulk => self.log_bulk(&log, &BulkRequest::read(body)?).await,
            AuditRoute::LogBulkAsync => self.log_later(&log, &BulkRequest::read(body)?).await,
            AuditRoute::LogStream => {
                self.log_bulk(&log, &BulkRequest::read_stream(body)?).await?;
                Ok(Outcome::success("{}".to_owned()))
            }
            AuditRoute::Search => {
                let (mut request, base) = (SearchRequest::read(body)?, self.base);
                request.mandatory = mandatory;
                success(move || log.search_result(&request, &base)).await
            }
            AuditRoute::Results => {
                let (request, base) = (ResultsRequest::read(body)?, self.base);
                success(move || log.results_result(&request, &base)).await
            }
            AuditRoute::Root => {
                let request = RootRequest::read(body)?;
                Ok(Outcome::success(log.root_result(&request, &self.base)?))
            }
            AuditRoute::Schema => Ok(Outcome::success(log.schema().to_value().to_canonical())),
            AuditRoute::DownloadResults => {
                let (request, base) = (DownloadRequest::read(body)?, self.base);
                let service = Arc::clone(&self.audit.service);
                success(move || Ok(download_result(&service.offer(&log, &request)?, &base))).await
            }
            AuditRoute::Erase => self.erase(log, body).await,
            AuditRoute::Export => {
                let mut request = SearchRequest::read_export(body)?;
                request.mandatory = mandatory;
                self.audit.record(self.caller, &self.id, act(self.caller, "audit.export", &log)).await?;
                Ok(self.export(log, request))
            }
            AuditRoute::Request(_) | AuditRoute::Download(..) | AuditRoute::Unknown => {
                Err(Outcome::not_found("There is nothing at this path"))
            }
        }
    }

    async fn log_one(&self, log: Arc<AuditLog>, body: &Value) -> Result<Outcome, Outcome> {
        let LogRequest { item, verbose, prev_root, .. } = LogRequest::read(body)?;
        let logged = log.log(&item, verbose, &Call::new(&self.id, &self.retried)).await?;
        // An old root is looked for in a file.
        if prev_root.is_some_and(|root| !log.knows_root(&root)) {
            return success(move || log.log_result(&logged, verbose, prev_root.as_ref())).await;
        }
        Ok(Outcome::success(log.log_result(&logged, verbose, prev_root.as_ref())?))
    }

    async fn log_bulk(&self, log: &AuditLog, request: &BulkRequest) -> Result<Outcome, Outcome> {
        let call = Call::new(&self.id, &self.retried);
        let logged = log.log_bulk(&request.items, request.verbose, &call).await?;
        Ok(Outcome::success(bulk_result(&logged, request.verbose)))
    }

    /// Durable before it is accepted: what was accepted is never lost.
    async fn log_later(&self, log: &AuditLog, request: &BulkRequest) -> Result<Outcome, Outcome> {
        let outcome = self.log_bulk(log, request).await?;
        self.audit.jobs.done(&self.id, self.organization(), outcome);
        Ok(Outcome::accepted(&self.location(&self.id)))
    }

    async fn erase(self, log: Arc<AuditLog>, body: &Value) -> Result<Outcome, Outcome> {
        let request = EraseRequest::read(body, self.now)?;
        let act = match &request {
            EraseRequest::Records(indexes) => {
                act(self.caller, "audit.erase", &log).with("indexes", indexes.as_slice())
            }
            EraseRequest::Before(before) => {
                act(self.caller, "audit.erase", &log).with("before", before.to_string())
            }
            _ => act(self.caller, "audit.erase", &log),
        };
        // Before it happens: nothing is erased without a trace.
        self.audit.record(self.caller, &self.id, act).await?;
        success(move || Ok(format!("{{\"erased\":{}}}", log.erase(&request)?))).await
    }

    /// Runs beside the answer.
    fn export(&self, log: Arc<AuditLog>, request: SearchRequest) -> Outcome {
        let (id, organization, jobs) =
            (self.id.clone(), self.organization().to_owned(), Arc::clone(&self.audit.jobs));
        jobs.begin(&id, &organization);
        let work = move || {
            let outcome = match log.export(&request, &id) {
                Ok(()) => Outcome::success("{}".to_owned()),
                Err(refused) => refused.into(),
            };
            jobs.done(&id, &organization, outcome);
            Ok(())
        };
        tokio::spawn(blocking(work));
        Outcome::accepted(&self.location(&self.id))
    }

    async fn poll(&self, earlier: &str) -> Result<Outcome, Outcome> {
        let unknown = || Outcome::not_found("There is no such request, or its result has expired");
        match self.audit.jobs.get(earlier, self.organization()) {
            Some(Some(outcome)) => Ok(outcome),
            Some(None) => Ok(Outcome::accepted(&self.location(earlier))),
            None => {
                let service = Arc::clone(&self.audit.service);
                let (organization, id) = (self.organization().to_owned(), earlier.to_owned());
                let found = blocking(move || Ok(service.earlier(&organization, &id))).await?;
                found.map(Outcome::success).ok_or_else(unknown)
            }
        }
    }

    fn organization(&self) -> &str {
        self.caller.organization.as_str()
    }

    fn location(&self, id: &str) -> String {
        format!("{}/request/{id}", self.base)
    }
}

fn cannot_open(error: &OpenError) -> Outcome {
    tracing::error!(%error, "an audit log could not be opened");
    let summary = "The audit log cannot be opened at present";
    Outcome::error(StatusCode::SERVICE_UNAVAILABLE, "ServiceNotAvailable", summary)
}

fn act(caller: &Caller, action: &'static str, log: &AuditLog) -> Act {
    let by = if caller.key_name.is_empty() { "api" } else { &*caller.key_name };
    Act::new(action, by).on(log.configuration().id.as_str())
}
