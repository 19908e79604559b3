//! A server that is killed while records of the audit log come in keeps every record it acknowledged, and takes a call that is
//! repeated once.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::command::Served;
use crate::wire::{exchange, exchange_with};

const KEY: &str = "key-of-the-test";
const PAIR: [&str; 4] = ["--bootstrap-key", KEY, "--bootstrap-plan", "enterprise"];
const ROUNDS: usize = 3;
const SENDERS: usize = 4;
/// Acknowledgements of a round after which the server is killed, while the others are under way.
const ENOUGH: usize = 150;

/// Logs until the server is gone; the envelopes of the answers with what was sent.
fn load(server: Served, round: usize) -> Vec<(Value, Value)> {
    let acknowledged = Mutex::new(Vec::new());
    let count = AtomicUsize::new(0);
    let address = server.address.clone();
    thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (acknowledged, count, address) = (&acknowledged, &count, &address);
            scope.spawn(move || {
                for number in 0.. {
                    let message = format!("round {round}, sender {sender}, record {number}");
                    let body = json!({"event": {"message": message}, "verbose": true});
                    let Ok((200, text)) = exchange(address, KEY, "POST", "/v1/log", &body.to_string()) else {
                        break;
                    };
                    // An answer that was cut off acknowledges nothing.
                    let Ok(answer) = serde_json::from_str(&text) else { break };
                    acknowledged.lock().expect("no sender panicked").push((body, answer));
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while count.load(Ordering::Relaxed) < ENOUGH {
            thread::yield_now();
        }
        server.kill();
    });
    acknowledged.into_inner().expect("no sender panicked")
}

fn call(server: &Served, path: &str, body: &Value, retried: Option<&Value>) -> Value {
    let header =
        retried.map(|id| format!("X-Pangea-Retried-Request-Ids: {}\r\n", id.as_str().expect("an id")));
    let header = header.unwrap_or_default();
    let answer = exchange_with(&server.address, KEY, "POST", path, &header, &body.to_string());
    let (status, text) = answer.expect("an answer");
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str::<Value>(&text).expect("JSON")["result"].clone()
}

/// The hashes of all records, in the order of their places.
fn hashes(server: &Served) -> Vec<String> {
    let first = call(server, "/v1/search", &json!({"query": "", "order": "asc", "limit": 1}), None);
    let (count, mut all) = (first["count"].as_u64().expect("a count"), Vec::new());
    for offset in (0..count).step_by(1_000) {
        let page = json!({"id": first["id"], "offset": offset, "limit": 1_000});
        let page = call(server, "/v1/results", &page, None);
        let events = page["events"].as_array().expect("events");
        all.extend(events.iter().map(|event| event["hash"].as_str().expect("a hash").to_owned()));
    }
    all
}

#[test]
fn kill_9_loses_no_acknowledged_record_and_doubles_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        acknowledged.extend(load(Served::start(folder.path(), &PAIR), round));
    }
    assert!(acknowledged.len() >= ROUNDS * ENOUGH);
    let server = Served::start(folder.path(), &PAIR);
    let before = hashes(&server);
    let stored: BTreeSet<_> = before.iter().map(String::as_str).collect();
    for (_, answer) in &acknowledged {
        let hash = answer["result"]["hash"].as_str().expect("a hash");
        assert!(stored.contains(hash), "acknowledged and lost: {answer}");
    }
    for (body, answer) in acknowledged.iter().step_by(40) {
        let again = call(&server, "/v1/log", body, Some(&answer["request_id"]));
        assert_eq!(again["hash"], answer["result"]["hash"]);
        assert_eq!(again["envelope"], answer["result"]["envelope"]);
    }
    assert_eq!(hashes(&server), before, "repeated calls appended nothing");

    // Whatever root a client saw, the log is a continuation of it.
    for (_, answer) in acknowledged.iter().step_by(40) {
        let root = &answer["result"]["unpublished_root"];
        let body = json!({"event": {"message": "afterwards"}, "verbose": true, "prev_root": root});
        assert!(call(&server, "/v1/log", &body, None)["consistency_proof"].is_array(), "{root} is forgotten");
    }
}
