//! A service of the API on loopback: honest records behind answers that a test may forge.

use std::sync::{Arc, Mutex};

use litesoc::audit::{Audit, AuditBuilder, Trust};
use litesoc_audit::{
    AuditLog, AuditService, BulkRequest, Call, LogRequest, NewConfiguration, ResultsRequest, RootRequest,
    SearchRequest, Settings, bulk_result,
};
use litesoc_core::testing::server::{Answer, HostileServer, Received, Script};
use litesoc_ledger::canonical::Value;
use litesoc_ledger::time::Moment;
use serde_json::Value as Json;

/// Changes an honest answer: the path, and the `result` in it. Text such as a proof is a string.
pub(crate) type Forge = Box<dyn FnMut(&str, &mut Json) + Send>;

pub(crate) struct Service {
    pub(crate) server: HostileServer,
    pub(crate) log: Arc<AuditLog>,
    forge: Arc<Mutex<Forge>>,
    _folder: tempfile::TempDir,
}

/// A log of its own with a key of its own, that many records long.
pub(crate) fn log(folder: &std::path::Path, records: usize) -> Arc<AuditLog> {
    let ticks = Mutex::new(1_735_689_600_000_000);
    let clock = move || {
        let mut ticks = ticks.lock().unwrap();
        *ticks += 1_000;
        Moment::from_micros(*ticks).unwrap()
    };
    let mut settings = Settings::new(Arc::new(clock));
    settings.publish_every = None;
    let service = AuditService::open(folder, settings).unwrap();
    let log = service.create("acme", NewConfiguration::named("test")).unwrap();
    for number in 0..records {
        append(&log, &format!("earlier {number}"));
    }
    log.publish().unwrap();
    log
}

pub(crate) fn append(log: &AuditLog, message: &str) {
    let body = format!(r#"{{"event":{{"message":"{message}"}}}}"#);
    call(log, "/v1/log", body.as_bytes(), "prq_earlier", "");
}

impl Service {
    pub(crate) fn start(records: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path(), records);
        let forge: Arc<Mutex<Forge>> = Arc::new(Mutex::new(Box::new(|_, _| ())));
        let (serving, forging) = (Arc::clone(&log), Arc::clone(&forge));
        let mut asked = 0;
        let server = HostileServer::start(Script::computed(move |request: &Received| {
            asked += 1;
            let id = format!("prq_{asked}");
            answer(&serving, request, &id, &mut forging.lock().unwrap())
        }));
        Self { server, log, forge, _folder: folder }
    }

    /// From now on answers are changed.
    pub(crate) fn forge(&self, forge: impl FnMut(&str, &mut Json) + Send + 'static) {
        *self.forge.lock().unwrap() = Box::new(forge);
    }

    pub(crate) fn keys(&self) -> String {
        self.log.verifier_keys().map(ToString::to_string).join("\n")
    }

    pub(crate) fn builder(&self) -> AuditBuilder {
        Audit::builder("a-token").base_url(self.server.url(""))
    }

    pub(crate) fn client(&self) -> Audit {
        self.builder().trust(Trust::keys(&self.keys()).unwrap()).build().unwrap()
    }
}

fn answer(log: &AuditLog, request: &Received, id: &str, forge: &mut Forge) -> Answer {
    let path = request.target();
    if let Some(index) = path.strip_prefix("/v1/proof/") {
        let Some(proof) = log.proof(index.parse().unwrap()).unwrap() else { return Answer::status(404) };
        let mut text = Json::from(proof.to_string());
        forge(path, &mut text);
        return Answer::ok(text.as_str().unwrap().to_owned());
    }
    let retried = request.header("x-pangea-retried-request-ids").unwrap_or_default();
    let result = call(log, path, request.body(), id, retried);
    let mut result: Json = serde_json::from_str(&result).unwrap();
    forge(path, &mut result);
    if let Some(status) = result.get("fail").and_then(Json::as_u64) {
        return Answer::status(u16::try_from(status).unwrap()).header("x-request-id", id);
    }
    let time = "2025-01-01T00:00:00Z";
    let body = serde_json::json!({
        "request_id": id, "request_time": time, "response_time": time, "status": "Success", "summary": "done",
        "result": result,
    });
    Answer::ok(body.to_string()).header("x-request-id", id)
}

pub(crate) fn call(log: &AuditLog, path: &str, body: &[u8], id: &str, retried: &str) -> String {
    let body = Value::parse(body).unwrap();
    let call = Call::new(id, retried);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    match path {
        "/v1/log" => {
            let request = LogRequest::read(&body).unwrap();
            let logged = runtime.block_on(log.log(&request.item, request.verbose, &call)).unwrap();
            log.log_result(&logged, request.verbose, request.prev_root.as_ref()).unwrap()
        }
        "/v2/log" => {
            let request = BulkRequest::read(&body).unwrap();
            let logged = runtime.block_on(log.log_bulk(&request.items, request.verbose, &call)).unwrap();
            bulk_result(&logged, request.verbose)
        }
        "/v1/search" => log.search_result(&SearchRequest::read(&body).unwrap(), "").unwrap(),
        "/v1/results" => log.results_result(&ResultsRequest::read(&body).unwrap(), "").unwrap(),
        "/v1/root" => log.root_result(&RootRequest::read(&body).unwrap(), "http://localhost").unwrap(),
        other => panic!("no answer for {other}"),
    }
}
