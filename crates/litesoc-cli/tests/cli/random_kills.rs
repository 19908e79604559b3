//! A server that is killed at random moments, over and over, while attacks come in: no event is lost, every alert is there
//! once and counts right, and there is one notice for each change that was kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use litesoc_server::Clock;
use litesoc_store::{NoticeKind, Seq, SqliteStore, Store};
use serde_json::Value;
use uuid::Uuid;

use crate::command::Served;
use crate::wire::exchange;

const KEY: &str = "key-of-the-test";
const SENDERS: u64 = 3;
/// Events of one attack, each in a request of its own.
const PARTS: u64 = 3;

/// How long it goes on, in seconds; `LITESOC_CRASH_SECONDS` makes it minutes.
fn length() -> Duration {
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests chooses how long this one takes")]
    let asked = std::env::var("LITESOC_CRASH_SECONDS");
    Duration::from_secs(asked.ok().and_then(|asked| asked.parse().ok()).unwrap_or(12))
}

/// What is to be sent, and what the server has acknowledged.
#[derive(Debug, Default)]
struct Traffic {
    next: AtomicU64,
    /// Sent and not acknowledged: the server may have stored it or not.
    again: Mutex<Vec<(u64, u64)>>,
    acknowledged: Mutex<BTreeSet<Uuid>>,
}

fn id(attack: u64, part: u64) -> Uuid {
    Uuid::from_u128(u128::from(attack) << 8 | u128::from(part) | 0x0195_801a_5c00_7000_8000 << 64)
}

impl Traffic {
    /// Sends until the server is gone or `enough` says so.
    fn send(&self, address: &str, enough: &AtomicBool) {
        while !enough.load(Ordering::Relaxed) {
            let again = self.again.lock().expect("no sender panicked").pop();
            let parts = match again {
                Some(one) => vec![one],
                None => {
                    let attack = self.next.fetch_add(1, Ordering::Relaxed);
                    (0..PARTS).map(|part| (attack, part)).collect()
                }
            };
            let mut gone = false;
            for (attack, part) in parts {
                gone = gone || !self.send_one(address, attack, part);
                if gone {
                    self.again.lock().expect("no sender panicked").push((attack, part));
                }
            }
            if gone {
                return;
            }
        }
    }

    fn send_one(&self, address: &str, attack: u64, part: u64) -> bool {
        let id = id(attack, part);
        let body = format!(
            r#"{{"events":[{{"event":"auth.login_success","actor":{{"id":"user-{}"}},"user_ip":"192.0.2.{part}"}},
                {{"event":"admin.privilege_escalation","actor":{{"id":"admin-{attack}"}},"metadata":{{"_event_id":"{id}"}}}}]}}"#,
            attack % 50
        );
        match exchange(address, KEY, "POST", "/collect", &body) {
            Ok((202, _)) => self.acknowledged.lock().expect("no sender panicked").insert(id),
            Ok((503, _)) | Err(_) => return false,
            Ok((status, body)) => panic!("{status}: {body}"),
        };
        true
    }

    /// Lets senders work on a server for a while.
    fn round(&self, server: Served, until: impl FnOnce(), end: impl FnOnce(Served)) {
        let (address, enough) = (server.address.clone(), AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..SENDERS {
                scope.spawn(|| self.send(&address, &enough));
            }
            until();
            end(server);
            enough.store(true, Ordering::Relaxed);
        });
    }
}

fn serve(data: &Path) -> Served {
    // Snapshots as often as can be, so that kills fall between and into them.
    let arguments = ["--bootstrap-key", KEY, "--bootstrap-plan", "enterprise", "--snapshot-every", "0"];
    Served::start(data, &arguments)
}

fn get(server: &Served, path: &str) -> Value {
    let (status, body) = exchange(&server.address, KEY, "GET", path, "").expect("an answer");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).expect("JSON")
}

/// How many events each attack's alert counts, with the ids of all its alerts.
fn alerts(server: &Served) -> BTreeMap<String, Vec<(String, u64)>> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for offset in (0..).step_by(500) {
        let page = get(server, &format!("/alerts?type=privilege_escalation&limit=500&offset={offset}"));
        let rows = page["data"].as_array().expect("rows").clone();
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let text = |name: &str| row[name].as_str().expect("text").to_owned();
            let count = row["metadata"]["count"].as_u64().expect("a count");
            found.entry(text("actor_id")).or_default().push((text("id"), count));
        }
    }
    found
}

#[test]
fn whenever_it_is_killed_every_alert_is_there_once_and_counts_right() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, traffic) = (Clock::system(), Traffic::default());
    let (mut random, mut kills) = (0x9e37_79b9_7f4a_7c15_u64, 0);
    while clock.elapsed() < length() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let stored = || traffic.acknowledged.lock().expect("no sender panicked").len() as u64;
        let enough = stored() + 10 + (random >> 33) % 300;
        traffic.round(
            serve(folder.path()),
            || {
                while stored() < enough {
                    thread::yield_now()
                }
            },
            Served::kill,
        );
        kills += 1;
    }
    assert!(kills >= 3, "{kills} kills are no test");

    // What was not acknowledged is sent again, as clients do; then everything has to be there.
    let server = serve(folder.path());
    while !traffic.again.lock().expect("no sender panicked").is_empty() {
        let one = traffic.again.lock().expect("no sender panicked").pop();
        let sent = one.is_none_or(|(attack, part)| traffic.send_one(&server.address, attack, part));
        assert!(sent, "the server does not answer");
    }
    while get(&server, "/health")["detection"]["lag_events"] != 0 {
        assert!(clock.elapsed() < 10 * length(), "detection does not come to an end");
    }
    let alerts = alerts(&server);
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));

    let attacks = traffic.next.load(Ordering::Relaxed);
    for attack in 0..attacks {
        let found = alerts.get(&format!("admin-{attack}")).cloned().unwrap_or_default();
        let counts: Vec<_> = found.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [PARTS], "attack {attack} of {attacks} after {kills} kills");
    }
    check_store(folder.path(), &traffic, &alerts);
}

fn check_store(data: &Path, traffic: &Traffic, alerts: &BTreeMap<String, Vec<(String, u64)>>) {
    let store = SqliteStore::open(data).expect("a store");
    let (mut at, mut stored) = (Seq::START, BTreeMap::<Uuid, u64>::new());
    loop {
        let events = store.read_from(at, 10_000).expect("events");
        let Some(last) = events.last() else { break };
        at = last.seq;
        for event in events {
            *stored.entry(event.event.id).or_default() += 1;
        }
    }
    let acknowledged = traffic.acknowledged.lock().expect("no sender panicked");
    assert!(acknowledged.iter().all(|id| stored.contains_key(id)), "acknowledged and lost");
    assert!(stored.values().all(|count| *count == 1), "stored twice");

    let (mut after, mut raised) = (0, BTreeMap::<String, u64>::new());
    loop {
        let notices = store.notices(after, 1_000).expect("notices");
        let Some(last) = notices.last() else { break };
        after = last.number;
        for notice in notices.iter().filter(|row| row.notice.kind == NoticeKind::Raised) {
            *raised.entry(notice.notice.alert.to_string()).or_default() += 1;
        }
    }
    for (id, _) in alerts.values().flatten() {
        assert_eq!(raised.get(id), Some(&1), "notices that the alert {id} was raised");
    }
    assert_eq!(store.notices_done("log").expect("a number"), after, "all were told");
}
