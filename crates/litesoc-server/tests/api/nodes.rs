//! Two servers, one of which keeps the audit logs: the other hands on what is asked of it, and tells it what is done there.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use litesoc_audit::{AuditService, Settings, Unpacked};
use litesoc_core::testing::server::{Answer as Answers, HostileServer};
use litesoc_ledger::bundle::{self, Signatures, Trust};
use litesoc_ledger::signature::AllowedKeys;
use litesoc_ledger::time::Moment;
use litesoc_server::{ApiKey, AuditConfig, AuditNode, Clock, Config, EventTrail, Running, Server};
use litesoc_store::{SqliteStore, Store};
use litesoc_tlog::{Body, Record};
use serde_json::{Value, json};

use crate::support::{Answer, NOW, World, connect};
use crate::trail::until;

const TOKEN: &str = "the-token-of-the-nodes";

/// The node that keeps the logs, and one before it with a store of its own.
struct Pair {
    owner: World,
    front: World,
    folder: tempfile::TempDir,
}

fn token() -> ApiKey {
    ApiKey::new(TOKEN).unwrap()
}

fn keeper(config: &mut Config, folder: &tempfile::TempDir) {
    let mut audit = AuditConfig::new(folder.path().join("audit"));
    audit.publish_every = Duration::from_millis(5);
    audit.node_token = Some(token());
    config.audit = Some(audit);
}

impl Pair {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut AuditNode)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let owner = World::with(|config| keeper(config, &folder));
        let mut node = AuditNode::new(
            format!("http://{}", owner.server.local_addr()),
            token(),
            folder.path().join("front"),
        );
        change(&mut node);
        let front = World::with(|config| config.audit_node = Some(node));
        Self { owner, front, folder }
    }

    /// A call of the Pangea Audit API through the server without logs.
    fn call(&self, path: &str, body: &Value) -> Value {
        let answer = self.front.audit(path, body);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()["result"].clone()
    }

    fn get(&self, path: &str) -> Answer {
        self.front.get(path).header("Authorization", "Bearer big").send()
    }

    /// The origin of a log of the trail of an organization.
    fn trail(&self, organization: &str, name: &str) -> Option<String> {
        std::fs::read_dir(self.folder.path().join("audit")).unwrap().find_map(|entry| {
            let text = std::fs::read(entry.unwrap().path().join("configuration.json")).ok()?;
            let configuration: Value = serde_json::from_slice(&text).ok()?;
            let is_it = configuration["name"] == name && configuration["organization"] == organization;
            is_it.then(|| configuration["origin"].as_str().unwrap().to_owned())
        })
    }

    /// How many records of a log of the trail are published.
    fn size(&self, organization: &str, name: &str) -> Option<u64> {
        let checkpoint =
            self.front.get(&format!("/log/{}/checkpoint", self.trail(organization, name)?)).send();
        checkpoint.text().lines().nth(1)?.parse().ok()
    }
}

/// The events of a log, once no server has it.
fn events(folder: &Path, organization: &str, name: &str) -> Vec<Value> {
    let clock = Arc::new(|| Moment::from_micros(1_800_000_000_000_000).unwrap());
    let service = AuditService::open(&folder.join("audit"), Settings::new(clock)).unwrap();
    let log = service.named_already(organization, name).unwrap();
    let mut events = Vec::new();
    let show = |record: Record| {
        let Body::Envelope(bytes) = record.body else { panic!("nothing is erased") };
        events.push(serde_json::from_slice::<Value>(&bytes).unwrap()["event"].clone());
    };
    log.records().records(1, log.records().state().size, show).unwrap();
    events
}

#[test]
fn whatever_is_asked_of_the_logs_is_handed_on() {
    let pair = Pair::new();
    let logged = pair
        .call("/v1/log", &json!({"event": {"message": "salary changed", "actor": "alice"}, "verbose": true}));
    assert_eq!(logged["envelope"]["event"]["actor"], "alice");
    pair.call(
        "/audit/v2/log",
        &json!({"events": [{"event": {"message": "one"}}, {"event": {"message": "two"}}]}),
    );
    until(|| Some(pair.get("/v1/proof/3")).filter(|answer| answer.status == 200));
    let found = pair.call("/audit/v1/search", &json!({"query": "actor:alice", "verbose": true}));
    assert_eq!(found["count"], 1);
    assert_eq!(found["events"][0]["hash"], logged["hash"]);
    let page = pair.call("/v1/results", &json!({"id": found["id"], "limit": 1}));
    assert_eq!(page["events"], found["events"]);

    let proof = pair.get("/audit/v1/proof/1");
    let origin = proof.text().lines().find(|line| line.starts_with("litesoc.localhost/")).unwrap().to_owned();
    for path in [
        format!("/log/{origin}/vkey"),
        format!("/log/{origin}/tile/entries/000.p/2"),
        "/v1/proof/1".to_owned(),
    ] {
        let [there, here] = [&pair.owner, &pair.front]
            .map(|world| world.get(&path).header("Authorization", "Bearer big").send());
        assert_eq!((here.status, &here.body), (200, &there.body), "{path}");
        for name in ["content-type", "cache-control", "content-length"] {
            assert_eq!(here.header(name), there.header(name), "{path}: {name}");
        }
    }
    let bundle = pair.get("/v1/bundle");
    let files = Unpacked::read(&bundle.body[..], 1 << 20).unwrap();
    let verified =
        bundle::verify(&files.bundle(), Trust::Embedded, &Signatures::Verify(AllowedKeys::Any)).unwrap();
    assert_eq!(verified.range, 0..4);

    let id = pair.call("/v1/download_results", &json!({"result_id": found["id"], "format": "csv"}));
    let url = id["dest_url"].as_str().unwrap();
    let path =
        url.strip_prefix("http://test").unwrap_or_else(|| panic!("{url} leads past the node that was asked"));
    assert!(pair.front.get(path).whole().text().contains("salary changed"));
    let later = pair.front.audit("/v2/log_async", &json!({"events": [{"event": {"message": "later"}}]}));
    assert_eq!(later.status, 202);
    let request = format!("/audit/request/{}", later.header("x-request-id").unwrap());
    assert_eq!(pair.get(&request).json()["status"], "Success");
    assert_eq!(
        pair.front.post("/arweave/graphql", "{}").send().status,
        pair.owner.post("/arweave/graphql", "{}").send().status
    );
    assert_eq!(pair.front.post("/v1/log", "{}").header("Authorization", "Bearer nobody").send().status, 401);
    assert_eq!(pair.get("/audit/v9/log").status, 404);
    let event = pair.owner.brute_force("big", "carol", "203.0.113.9")["id"].as_str().unwrap().to_owned();
    let [there, here] = [&pair.owner, &pair.front].map(|world| {
        let answer = world.get(&format!("/v1/events/{event}/proof")).key("big").send();
        (answer.status, answer.text().to_owned())
    });
    assert_eq!(here, there, "the proof of an event");
    assert_eq!(pair.front.request("HEAD", &format!("/log/{origin}/vkey")).whole().status, 200);
}

#[test]
fn a_call_that_is_repeated_is_recorded_once_even_when_its_answer_was_lost() {
    let pair = Pair::new();
    let body = json!({"event": {"message": "once"}, "verbose": true});
    let first = pair.front.audit("/v1/log", &body);
    let id = first.header("x-request-id").unwrap().to_owned();
    assert_eq!(first.json()["request_id"], id);
    let again = |world: &World, id: &str| {
        let call = world.post("/v1/log", body.clone()).header("Authorization", "Bearer big");
        call.header("X-Pangea-Retried-Request-Ids", id).send().json()["result"].clone()
    };
    assert_eq!(again(&pair.front, &id)["hash"], first.json()["result"]["hash"]);
    // The id that a server gives counts only with the token.
    let given = "prq_22222222222222222222222222222222";
    for (token, counts) in [(TOKEN, true), ("another", false)] {
        let call = pair.owner.post("/v1/log", body.clone()).header("Authorization", "Bearer big");
        let answer = call.header("X-LiteSOC-Node-Token", token).header("X-LiteSOC-Request-Id", given).send();
        assert_eq!(answer.header("x-request-id") == Some(given), counts, "{token}");
    }
    let call = pair.front.post("/v1/log", body.clone()).header("Authorization", "Bearer big");
    let answer = call.header("X-LiteSOC-Request-Id", given).send();
    assert_ne!(answer.header("x-request-id"), Some(given), "a client gives none");
}

#[test]
fn a_node_that_is_away_is_said_to_be_and_comes_back() {
    let pair = Pair::new();
    pair.call("/v1/log", &json!({"event": {"message": "before"}}));
    let Pair { owner, front, folder } = pair;
    let address = owner.server.local_addr();
    let store = Arc::clone(&owner.store);
    owner.server.shutdown();
    let log = |front: &World| front.audit("/v1/log", &json!({"event": {"message": "meanwhile"}}));
    let refused = log(&front);
    assert_eq!((refused.status, &refused.json()["status"]), (503, &json!("ServiceNotAvailable")));
    let id = refused.json()["request_id"].as_str().unwrap().to_owned();
    assert_eq!(refused.header("x-request-id"), Some(&*id));
    assert_eq!(front.get("/log/any/checkpoint").send().status, 503);
    assert_eq!(front.post("/collect", r#"{"event":"auth.login_success"}"#).key("big").send().status, 202);
    let metrics = front.get("/metrics").send();
    assert!(metrics.text().contains("litesoc_audit_node_failures_total 2\n"), "{}", metrics.text());

    let _owner = start_at(address, store, &folder);
    assert_eq!(log(&front).status, 200);
}

/// Starts the node that keeps the logs again, where it was.
fn start_at(address: SocketAddr, store: Arc<SqliteStore>, folder: &tempfile::TempDir) -> Running {
    let mut config = Config::default();
    config.listen = address;
    config.clock = Clock::manual(NOW.parse().unwrap());
    keeper(&mut config, folder);
    Server::bind(config, store).unwrap()
}

/// An alert that is raised and resolved on a server; its id.
fn resolved(world: &World, actor: &str) -> String {
    let alert = world.brute_force("big", actor, "203.0.113.7");
    let id = alert["id"].as_str().unwrap().to_owned();
    let body = json!({"resolution_type": "false_positive", "resolved_by": "bob"});
    assert_eq!(world.post(&format!("/alerts/{id}/resolve"), body).key("big").send().status, 200);
    id
}

#[test]
fn an_answer_that_breaks_off_or_stands_still_is_cut() {
    let within = Duration::from_secs(1);
    for answer in
        [Answers::ok("half of it").claiming_length(20).then_close(), Answers::ok("x").claiming_length(20)]
    {
        let node = HostileServer::start(answer);
        let folder = tempfile::tempdir().unwrap();
        let mut config = AuditNode::new(node.url(""), token(), folder.path());
        config.answer_within = within;
        let front = World::with(|front| front.audit_node = Some(config));
        let mut stream = connect(front.server.local_addr());
        stream.write_all(b"GET /v1/bundle HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
        // Even the head may be missing, if it was not on its way yet; what matters is that the client sees the end.
        let mut cut = Vec::new();
        stream.read_to_end(&mut cut).unwrap();
        let head = cut.windows(4).position(|four| four == b"\r\n\r\n").map_or(cut.len(), |head| head + 4);
        assert!(cut.len() - head < 20, "{}", String::from_utf8_lossy(&cut));
    }
    let node = HostileServer::start(Answers::stall());
    let folder = tempfile::tempdir().unwrap();
    let mut config = AuditNode::new(node.url(""), token(), folder.path());
    config.answer_within = within;
    let front = World::with(|front| front.audit_node = Some(config));
    assert_eq!(front.get("/v1/bundle").send().status, 503);
}

#[test]
fn what_is_done_on_a_server_without_logs_is_in_the_trail_once() {
    let mut pair = Pair::with(|node| node.events = EventTrail::All);
    // The id of an organization follows from its key, so both stores tell of the same one, each with rows of its own.
    let organization = pair.front.organization("big");
    let (ours, theirs) = (resolved(&pair.front, "alice"), resolved(&pair.owner, "bob"));
    let written = |pair: &Pair, name: &str, size: u64| {
        until(|| pair.size(organization.as_str(), name).filter(|found| *found >= size))
    };
    // The record it begins with; of each store a key, a plan and an alert.
    assert_eq!(written(&pair, "litesoc-admin", 7), 7);
    assert_eq!(written(&pair, "litesoc-events", 6), 6);
    pair.front = pair.front.restart();
    let reopen = json!({"action": "reopen"});
    assert_eq!(pair.front.patch(&format!("/alerts/{ours}"), reopen).key("big").send().status, 200);
    assert_eq!(written(&pair, "litesoc-admin", 8), 8);

    let Pair { owner, front, folder } = pair;
    front.server.shutdown();
    owner.server.shutdown();
    let acts = events(folder.path(), organization.as_str(), "litesoc-admin");
    let of_alerts = |id: &str| {
        let of = acts.iter().filter(|act| act["target"] == id).map(|act| act["action"].as_str().unwrap());
        of.collect::<Vec<_>>()
    };
    assert_eq!(of_alerts(&ours), ["alert.resolve", "alert.reopen"]);
    assert_eq!(of_alerts(&theirs), ["alert.resolve"]);
    let events = events(folder.path(), organization.as_str(), "litesoc-events");
    assert_eq!(events.len(), 5);
    assert!(events.iter().all(|event| event["source"] == "203.0.113.7" && event["actor"] == "alice"));
}

#[test]
fn a_trail_that_cannot_be_written_is_counted_and_made_up_for() {
    let Pair { owner, front, folder } = Pair::new();
    let (address, store) = (owner.server.local_addr(), Arc::clone(&owner.store));
    owner.server.shutdown();
    let ours = resolved(&front, "alice");
    let held = "litesoc_audit_trail_held_total{of=\"acts\"}";
    until(|| front.get("/metrics").send().text().contains(held).then_some(()));
    let owner = start_at(address, store, &folder);
    let organization = front.organization("big");
    let origin = |pair: &Pair| pair.size(organization.as_str(), "litesoc-admin").filter(|size| *size >= 6);
    let pair = Pair { owner: World::new(), front, folder };
    assert_eq!(until(|| origin(&pair)), 6);
    let Pair { front, folder, .. } = pair;
    front.server.shutdown();
    owner.shutdown();
    let acts = events(folder.path(), organization.as_str(), "litesoc-admin");
    assert_eq!(acts.iter().filter(|act| act["target"] == ours.as_str()).count(), 1);
}

#[test]
fn the_trail_is_not_open_to_strangers() {
    let pair = Pair::new();
    let line = json!({"request": "row.1", "event": {"message": "made up"}});
    let body = json!({"organization": pair.owner.organization("big").as_str(), "log": "litesoc-admin", "lines": [line]});
    for path in ["/node/v1/trail", "/node/v1/known"] {
        for headers in
            [vec![], vec![("X-LiteSOC-Node-Token", "another")], vec![("Authorization", "Bearer big")]]
        {
            let call = pair.owner.post(path, body.clone());
            let call = headers.into_iter().fold(call, |call, (name, value)| call.header(name, value));
            assert_eq!(call.send().status, 403, "{path}");
        }
        assert_eq!(pair.front.post(path, body.clone()).send().status, 404, "{path}");
    }
    let known =
        |body: &str| pair.owner.post("/node/v1/trail", body).header("X-LiteSOC-Node-Token", TOKEN).send();
    assert_eq!(known("nonsense").status, 400);
    assert_eq!(known(r#"{"organization":"x","log":"default","lines":[]}"#).status, 404);
    // Servers that share a store tell of the same.
    let body = body.to_string().replace(pair.owner.organization("big").as_str(), "org_of_nobody_else");
    for _ in 0..2 {
        assert_eq!(known(&body).json()["result"], json!({"lines": 1}));
    }
    assert_eq!(known(&body.replace("row.1", "row.2")).status, 200);
    let size = || pair.size("org_of_nobody_else", "litesoc-admin").filter(|size| *size >= 3);
    assert_eq!(until(size), 3);
}

#[test]
fn a_wrong_address_or_two_places_are_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let start = |url: &str, both: bool| {
        let mut config = Config::default();
        config.listen = "127.0.0.1:0".parse().unwrap();
        config.audit_node = Some(AuditNode::new(url, token(), folder.path().join("front")));
        if both {
            config.audit = Some(AuditConfig::new(folder.path().join("audit")));
        }
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open_temporary().unwrap());
        Server::bind(config, store).map(|_| ()).map_err(|error| error.to_string())
    };
    for url in ["", "nonsense", "ftp://a", "http://a/path", "http://a?q"] {
        assert!(start(url, false).unwrap_err().contains("no address of a node"), "{url}");
    }
    assert!(start("http://127.0.0.1:1", true).unwrap_err().contains("keeps audit logs itself"));
    assert_eq!(start("http://127.0.0.1:1", false), Ok(()), "the node may start later");
}
