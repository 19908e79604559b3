//! A server that is killed or stopped under load keeps what it acknowledged, and its alerts count it once.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;
use uuid::Uuid;

use crate::command::Served;
use crate::wire::exchange;

const KEY: &str = "key-of-the-test";
const PAIR: [&str; 4] = ["--bootstrap-key", KEY, "--bootstrap-plan", "enterprise"];
const ROUNDS: usize = 3;
const SENDERS: usize = 4;
/// Acknowledgements of a round after which the server is killed, while the others are under way.
const ENOUGH: usize = 150;

/// Sends failed sign-ins of one attack until the server is gone; the ids it acknowledged.
fn load(server: Served, round: usize, end: fn(Served)) -> Vec<String> {
    let acknowledged = Mutex::new(Vec::new());
    let count = AtomicUsize::new(0);
    let address = server.address.clone();
    thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (acknowledged, count, address) = (&acknowledged, &count, &address);
            scope.spawn(move || {
                for number in 0.. {
                    let id = Uuid::from_u128((round << 40 | sender << 32 | number) as u128 | 0x8_000 << 64).to_string();
                    let body = format!(
                        r#"{{"event":"auth.login_failed","actor":{{"id":"alice"}},"user_ip":"203.0.113.5","metadata":{{"_event_id":"{id}"}}}}"#
                    );
                    match exchange(address, KEY, "POST", "/collect", &body) {
                        Ok((202, _)) => {
                            acknowledged.lock().expect("no sender panicked").push(id);
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                        // A server that stops may say so to the requests that come too late.
                        Ok((503, _)) | Err(_) => break,
                        Ok((status, body)) => panic!("{status}: {body}"),
                    }
                }
            });
        }
        while count.load(Ordering::Relaxed) < ENOUGH {
            thread::yield_now();
        }
        end(server);
    });
    acknowledged.into_inner().expect("no sender panicked")
}

fn rows(server: &Served, path: &str) -> Vec<Value> {
    let (status, body) = exchange(&server.address, KEY, "GET", path, "").expect("an answer");
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    body["data"].as_array().expect("rows").clone()
}

/// How often each id is stored.
fn stored(server: &Served) -> BTreeMap<String, usize> {
    let mut stored = BTreeMap::new();
    for offset in (0..).step_by(100) {
        let page = rows(server, &format!("/events?limit=100&offset={offset}"));
        if page.is_empty() {
            break;
        }
        for event in page {
            *stored.entry(event["id"].as_str().expect("an id").to_owned()).or_default() += 1;
        }
    }
    stored
}

#[test]
fn kill_9_loses_no_acknowledged_event_and_no_count() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        acknowledged.extend(load(Served::start(folder.path(), &PAIR), round, Served::kill));
    }
    let server = Served::start(folder.path(), &PAIR);
    let stored = stored(&server);
    let lost: Vec<&String> = acknowledged.iter().filter(|id| !stored.contains_key(*id)).collect();
    assert_eq!(lost, Vec::<&String>::new(), "acknowledged and lost");
    assert!(stored.values().all(|count| *count == 1), "stored twice");
    assert!(acknowledged.len() >= ROUNDS * ENOUGH);

    // One attack, so one alert, which counts every stored event once: neither lost nor repeated over three crashes.
    let counted = || {
        let alerts = rows(&server, "/alerts");
        assert!(alerts.len() <= 1, "{alerts:#?}");
        alerts.first().and_then(|alert| alert["metadata"]["count"].as_u64())
    };
    let all = Some(stored.len() as u64);
    let last = (0..500).map(|_| counted()).find(|count| *count == all);
    assert_eq!(last.flatten(), all, "the alert counts {:?}", counted());
}

#[test]
fn a_stop_under_load_finishes_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let stop = |server: Served| {
        server.signal("TERM");
        assert_eq!(server.ended(), Some(0));
    };
    let acknowledged = load(Served::start(folder.path(), &PAIR), 0, stop);
    let server = Served::start(folder.path(), &PAIR);
    let stored = stored(&server);
    assert!(acknowledged.iter().all(|id| stored.get(id) == Some(&1)), "acknowledged and lost");
    // What was stored before the stop was examined before it too: nothing is left for the next start to do.
    let alerts = rows(&server, "/alerts");
    assert_eq!(
        alerts.first().and_then(|alert| alert["metadata"]["count"].as_u64()),
        Some(stored.len() as u64)
    );
}
