//! Whatever arrives, the answer is never a 5xx, and the server goes on.

use std::io::{Read, Write};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::{World, connect};

const ROUTES: [(&str, &str); 12] = [
    ("POST", "/collect"),
    ("POST", "/collect/batch"),
    ("GET", "/events"),
    ("GET", "/events/0195801a-5c00-7000-8000-000000000001"),
    ("GET", "/alerts"),
    ("GET", "/alerts/0195801a-5c00-7000-8000-000000000001"),
    ("PATCH", "/alerts/0195801a-5c00-7000-8000-000000000001"),
    ("POST", "/alerts/0195801a-5c00-7000-8000-000000000001/resolve"),
    ("POST", "/alerts/0195801a-5c00-7000-8000-000000000001/safe"),
    ("GET", "/health"),
    ("OPTIONS", "/collect"),
    ("DELETE", "/events"),
];

/// JSON of any shape with members that the server looks for.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        Just(json!("auth.login_failed")),
        Just(json!("2026-03-10T12:00:00+99:99")),
        Just(json!("0195801a-5c00-7000-8000-000000000001")),
        Just(json!("litesoc-rust")),
        Just(json!("203.0.113.9, ::ffff:10.0.0.1")),
    ];
    let key = prop_oneof![
        proptest::sample::select(vec![
            "event",
            "event_name",
            "events",
            "actor",
            "id",
            "email",
            "user_ip",
            "ip_address",
            "context",
            "metadata",
            "timestamp",
            "target",
            "action",
            "status",
            "resolution_type",
            "internal_notes",
            "_event_id",
            "_sdk",
            "type",
        ])
        .prop_map(str::to_owned),
        ".{0,8}",
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// JSON of any shape, sometimes broken by a changed byte or an early end, or no JSON at all.
fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let whole = any_json().prop_map(|json| json.to_string().into_bytes()).boxed();
    let broken =
        (whole.clone(), any::<proptest::sample::Index>(), any::<u8>()).prop_map(|(mut body, at, byte)| {
            let at = at.index(body.len());
            body[at] = byte;
            body
        });
    let cut = (whole.clone(), any::<proptest::sample::Index>()).prop_map(|(mut body, at)| {
        body.truncate(at.index(body.len()));
        body
    });
    prop_oneof![4 => whole, 2 => broken, 1 => cut, 1 => proptest::collection::vec(any::<u8>(), 0..200)]
}

#[test]
fn no_body_and_no_query_gives_a_5xx() {
    let world = World::with(|config| config.plans.enterprise.requests_per_minute = None);
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let request = (proptest::sample::select(ROUTES.to_vec()), any_body(), "[ -~&&[^ #]]{0,60}");
    runner
        .run(&request, |((method, path), body, query)| {
            let text = if method == "GET" {
                world.request(method, &format!("{path}?{query}"))
            } else {
                world.request(method, path)
            };
            let answer = text.key("big").body(body).send();
            prop_assert!(answer.status < 500, "{} {}: {:?}", method, path, answer);
            if answer.status != 204 {
                prop_assert!(serde_json::from_slice::<Value>(&answer.body).is_ok() || answer.status == 400);
            }
            Ok(())
        })
        .unwrap();
    world.settle();
    let list = world.get("/events?limit=200").key("big").send();
    assert_eq!(list.status, 200, "whatever was stored can be listed");
    assert!(list.json()["data"].is_array());
}

#[test]
fn bytes_that_are_no_http_do_no_harm() {
    let world = World::new();
    let mut runner = TestRunner::new(Config { cases: 100, failure_persistence: None, ..Config::default() });
    runner
        .run(&proptest::collection::vec(any::<u8>(), 1..300), |mut bytes| {
            bytes.extend_from_slice(b"\r\n\r\n");
            let mut stream = connect(world.server.local_addr());
            stream.write_all(&bytes).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            // A reset is as good as an answer here.
            let _ = stream.read_to_end(&mut answer);
            prop_assert!(!answer.starts_with(b"HTTP/1.1 5"), "{}", String::from_utf8_lossy(&answer));
            Ok(())
        })
        .unwrap();
    assert_eq!(world.get("/health").send().status, 200);
}

#[test]
fn huge_and_many_headers_are_refused() {
    let world = World::new();
    let huge = "x".repeat(20 << 10);
    let answer = world.get("/health").header("X-Huge", &huge).send();
    assert_eq!(answer.status, 431);
    let mut many = world.get("/health");
    for n in 0..70 {
        many = many.header(&format!("X-{n}"), "y");
    }
    assert_eq!(many.send().status, 431);
    let odd_key = world.get("/events").header("X-API-Key", &"k".repeat(8_000)).send();
    assert_eq!(odd_key.status, 401);
}

#[test]
fn duplicate_and_unknown_members_are_taken_as_the_last_and_none() {
    let world = World::new();
    world
        .collect(r#"{"event":"auth.logout","event":"data.export","actor":{"id":"a","id":"b"},"zzz":[[[]]]}"#);
    assert_eq!(world.latest()["event_name"], "data.export");
    assert_eq!(world.latest()["actor_id"], "b");
}
