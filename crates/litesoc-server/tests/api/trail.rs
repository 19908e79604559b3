//! The one trail: what is done to litesoc itself, erasure, and security events by choice.

use std::thread;
use std::time::Duration;

use litesoc_ledger::proof::RecordProof;
use litesoc_server::{Clock, EventTrail};
use serde_json::{Value, json};

use crate::published::Logs;

/// Asks again until there is an answer.
pub(crate) fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Clock::system();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "nothing comes");
        thread::yield_now();
    }
}

impl Logs {
    /// The id of the configuration of this name, as its file has it.
    fn config(&self, name: &str) -> Option<String> {
        let organization = self.world.organization("big");
        std::fs::read_dir(self.folder.path()).unwrap().find_map(|entry| {
            let text = std::fs::read(entry.unwrap().path().join("configuration.json")).ok()?;
            let configuration: Value = serde_json::from_slice(&text).unwrap();
            let is_it =
                configuration["name"] == name && configuration["organization"] == organization.as_str();
            is_it.then(|| configuration["id"].as_str().unwrap().to_owned())
        })
    }

    /// The events of a configuration, oldest first; the key `big` has no limit on how often it asks.
    fn events(&self, name: &str) -> Vec<Value> {
        let Some(config) = self.config(name) else { return Vec::new() };
        let body = json!({"config_id": config, "query": "", "order": "asc", "limit": 1000});
        let answer = self.world.post("/v1/search", body).header("Authorization", "Bearer big").send();
        assert_eq!(answer.status, 200, "{}", answer.text());
        let events = answer.json()["result"]["events"].as_array().unwrap().clone();
        events.into_iter().map(|event| event["envelope"]["event"].clone()).collect()
    }
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().unwrap()).collect()
}

#[test]
fn what_is_done_is_written_once_over_restarts() {
    let logs = Logs::new();
    let alert = logs.world.brute_force("big", "alice", "203.0.113.7");
    let path = format!("/alerts/{}/resolve", alert["id"].as_str().unwrap());
    let body =
        json!({"resolution_type": "false_positive", "resolved_by": "bob", "internal_notes": "a drill"});
    assert_eq!(logs.world.post(&path, body).key("big").send().status, 200);
    let events = until(|| Some(logs.events("litesoc-admin")).filter(|events| events.len() == 3));
    assert_eq!(actions(&events), ["key.create", "organization.plan", "alert.resolve"]);
    assert_eq!((&events[2]["actor"], &events[2]["target"]), (&json!("bob"), &alert["id"]));
    assert!(events[2]["new"].as_str().unwrap().contains("a drill"));

    let Logs { world, folder } = logs;
    let logs = Logs { world: world.restart(), folder };
    let path = format!("/alerts/{}", alert["id"].as_str().unwrap());
    assert_eq!(logs.world.patch(&path, json!({"action": "reopen"})).key("big").send().status, 200);
    let events = until(|| Some(logs.events("litesoc-admin")).filter(|events| events.len() > 3));
    assert_eq!(actions(&events), ["key.create", "organization.plan", "alert.resolve", "alert.reopen"]);
}

#[test]
fn an_erased_record_is_gone_and_its_proof_stays() {
    let logs = Logs::new();
    logs.log(5);
    logs.published(6);
    let before = logs.get("/v1/proof/3").text().to_owned();
    assert_eq!(logs.call("/audit/v1/erase", json!({"indexes": [3]})), json!({"erased": 1}));
    assert_eq!(logs.call("/audit/v1/erase", json!({"indexes": [3]})), json!({"erased": 0}));
    assert_eq!(logs.get("/v1/proof/3").text(), before);
    let found = logs.call("/v1/search", json!({"query": "", "order": "asc"}));
    let left: Vec<_> = found["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["envelope"]["event"]["message"].clone())
        .collect();
    assert_eq!(left, ["event 0", "event 1", "event 3", "event 4"]);
    for entry in walk(logs.folder.path()) {
        // What is being written beside its place has taken it meanwhile.
        let Ok(bytes) = std::fs::read(&entry) else { continue };
        assert!(!bytes.windows(7).any(|window| window == b"event 2"), "{}", entry.display());
    }
    let wrong = [
        json!({"indexes": [0]}),
        json!({"indexes": [6]}),
        json!({}),
        json!({"before": "soon"}),
        json!({"indexes": []}),
    ];
    for body in wrong {
        let answer =
            logs.world.post("/audit/v1/erase", body.clone()).header("Authorization", "Bearer good").send();
        assert_eq!(answer.status, 400, "{body}");
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn events_are_followed_by_choice_and_each_has_a_proof() {
    let logs = Logs::with(|audit| audit.events = EventTrail::All);
    for user in ["alice", "bob"] {
        let body = json!({"event": "auth.logout", "actor": {"id": user}, "user_ip": "203.0.113.9"});
        assert_eq!(logs.world.post("/collect", body).key("big").send().status, 202);
    }
    let newest = logs.world.get("/events?limit=1").key("big").send().json()["data"][0].clone();
    let path = format!("/events/{}/proof", newest["id"].as_str().unwrap());
    let answer =
        until(|| Some(logs.world.get(&path).key("big").send()).filter(|answer| answer.status == 200));
    let index: u64 = answer.header("x-litesoc-audit-index").unwrap().parse().unwrap();
    assert_eq!(answer.header("x-litesoc-audit-config"), logs.config("litesoc-events").as_deref());
    let proof: RecordProof = answer.text().parse().unwrap();
    assert_eq!(proof.proof().index, index);
    let events = logs.events("litesoc-events");
    assert_eq!(events.len(), 2);
    assert_eq!((&events[1]["target"], &events[1]["source"]), (&newest["id"], &json!("203.0.113.9")));
    assert_eq!(logs.world.get(&path).key("other").send().status, 404, "an event of another organization");

    // A place that was lost is looked for again, and nothing is written twice.
    let Logs { world, folder } = logs;
    let logs = Logs { world: world.restart(), folder };
    assert_eq!(logs.events("litesoc-events").len(), 2);
}
