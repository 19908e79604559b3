//! Searches over a log find what a look at every record finds, with the index, without it, and beyond its end.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use litesoc_audit::{AuditLog, AuditService, Incoming, NewConfiguration, Query, SearchRequest, Settings};
use litesoc_ledger::canonical::Value;
use litesoc_ledger::event::Event;
use litesoc_ledger::time::Moment;
use litesoc_tlog::RequestId;
use proptest::prelude::*;
use serde_json::json;

const START: i64 = 1_735_689_600_000_000;
const RECORDS: usize = 3_000;
const WORDS: [&str; 8] =
    ["alice", "bob", "login", "failed", "\"quoted\"", "back\\slash", "übung", "naïve 😀"];

fn open(folder: &Path) -> AuditService {
    let clock = AtomicI64::new(START);
    let now = move || Moment::from_micros(clock.fetch_add(1, Ordering::Relaxed)).unwrap();
    let mut settings = Settings::new(Arc::new(now));
    settings.publish_every = None;
    AuditService::open(folder, settings).unwrap()
}

/// The events of the log, record 1 first.
fn events() -> Vec<Event> {
    let word = |n: usize| WORDS[n % WORDS.len()];
    let event = |n: usize| {
        let text = json!({
            "message": format!("{} {} {n}", word(n), word(n / 8)),
            "actor": word(n / 3),
            "status": if n.is_multiple_of(700) { "rare thing" } else { "ok" },
        });
        Event::parse(text.to_string().as_bytes()).unwrap()
    };
    (0..RECORDS).map(event).collect()
}

fn filled(folder: &Path) -> AuditService {
    let service = open(folder);
    let log = service.create("acme", NewConfiguration::named("test")).unwrap();
    let drafts = events().into_iter().map(|event| log.prepare(&Incoming::unsigned(event)).unwrap()).collect();
    log.records().append(RequestId::new("prq_test").unwrap(), drafts).unwrap().wait().unwrap();
    service
}

fn find(log: &AuditLog, body: &serde_json::Value) -> Vec<String> {
    let request = SearchRequest::read(&Value::parse(body.to_string().as_bytes()).unwrap()).unwrap();
    let result: serde_json::Value = serde_json::from_str(&log.search_result(&request, "").unwrap()).unwrap();
    let events = result["events"].as_array().unwrap();
    events.iter().map(|event| event["envelope"]["event"]["message"].as_str().unwrap().to_owned()).collect()
}

fn naive(log: &AuditLog, query: &str) -> Vec<String> {
    let query = Query::parse(query, log.schema()).unwrap();
    let now = Moment::from_micros(START).unwrap();
    let all = events();
    let found = all.iter().filter(|event| query.matches(event.members(), now, log.schema()));
    found.map(|event| event.get("message").unwrap().as_str().unwrap().to_owned()).collect()
}

fn term() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        prop::sample::select(&WORDS[..])
            .prop_map(|word| { format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")) }),
        "[0-9]{1,4}",
        Just("\"rare thing\"".to_owned()),
        "[a-z]{1,3}",
    ];
    let field =
        prop::sample::select(&["", "message:", "actor:", "actor=", "status=", "actor<", "message>"][..]);
    (field, value).prop_map(|(field, value)| format!("{field}{value}"))
}

fn query() -> impl Strategy<Value = String> {
    term().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} OR {other})")),
            (inner.clone(), inner).prop_map(|(one, other)| format!("({one} AND {other})")),
        ]
    })
}

#[test]
fn a_search_finds_what_a_look_at_every_record_finds() {
    let folder = tempfile::tempdir().unwrap();
    let service = filled(folder.path());
    let log = service.logs().pop().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(24));
    runner
        .run(&(query(), any::<bool>()), |(query, descending)| {
            let order = if descending { "desc" } else { "asc" };
            let mut found = naive(&log, &query);
            if descending {
                found.reverse();
            }
            found.truncate(1_000);
            let body = json!({
                "query": query, "order": order, "limit": 1_000, "verbose": false, "start": "2024-01-01T00:00:00Z",
            });
            prop_assert_eq!(find(&log, &body), found, "{}", query);
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_index_is_made_again_when_it_is_lost_or_another_one() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let index = |service: &AuditService| {
        let log = service.logs().pop().unwrap();
        let path = folder.path().join(log.configuration().id.as_str()).join("search-index");
        // It is made beside; there is nothing to wait for but its end.
        while log.indexed_up_to() < 2_048 {
            std::thread::yield_now();
        }
        let body = json!({"query": "\"rare thing\"", "start": "2024-01-01T00:00:00Z"});
        assert_eq!(find(&log, &body).len(), 5);
        (path, log.indexed_up_to())
    };
    let (path, up_to) = index(&open(folder.path()));
    assert_eq!(up_to, 2_048, "the third block is not whole");
    let made = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    index(&open(folder.path()));
    assert_eq!(fs::read(&path).unwrap(), made, "byte for byte");
    let mut damaged = made.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for other in [damaged, b"something else".to_vec(), Vec::new()] {
        fs::write(&path, other).unwrap();
        index(&open(folder.path()));
        assert_eq!(fs::read(&path).unwrap(), made);
    }
}
