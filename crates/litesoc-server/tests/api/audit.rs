//! The Pangea Audit API: its envelope, what it takes in, what it refuses, and what it says when asked again.

use std::collections::BTreeSet;
use std::fs;

use litesoc_ledger::Hash;
use litesoc_ledger::note::VerifierKey;
use litesoc_ledger::ptree::{ConsistencyProof, MembershipProof, TrustedRoot};
use litesoc_ledger::receipt::Receipt;
use serde_json::{Value, json};

use crate::support::World;

const HEADER: &str = "X-Pangea-Retried-Request-Ids";

fn hash(value: &Value) -> Hash {
    Hash::from_hex(value.as_str().unwrap()).unwrap()
}

fn members(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The result of a call that is refused with this status.
fn refused(world: &World, path: &str, body: &Value, http: u16, status: &str) -> Value {
    let answer = world.audit(path, body);
    let envelope = answer.json();
    assert_eq!((answer.status, &envelope["status"]), (http, &json!(status)), "{path} {body}: {envelope}");
    envelope["result"].clone()
}

/// The codes and places of a refused body.
fn faults(world: &World, path: &str, body: &Value) -> Vec<(String, String)> {
    let result = refused(world, path, body, 400, "ValidationError");
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    result["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (text(fault, "code"), text(fault, "source")))
        .collect()
}

#[test]
fn the_envelope_has_its_members_and_the_id_of_its_header() {
    let world = World::auditing();
    for path in ["/v1/log", "/audit/v1/log", "//audit/v1/log/"] {
        let answer = world.audit(path, &json!({"event": {"message": "m"}}));
        let envelope = answer.json();
        let expected = ["request_id", "request_time", "response_time", "result", "status", "summary"];
        assert_eq!(members(&envelope), BTreeSet::from(expected));
        let id = envelope["request_id"].as_str().unwrap();
        assert_eq!(answer.header("x-request-id"), Some(id));
        assert_eq!((id.len(), &id[..4], answer.status), (36, "prq_", 200));
        assert!(envelope["summary"].is_string());
        assert_eq!(envelope["request_time"], "2026-03-10T12:00:00.000000Z");
    }
}

#[test]
fn what_the_sdk_sends_is_taken() {
    let world = World::auditing();
    world.audited("/v1/log", &json!({"event": {"message": "m"}}));
    world.published(2);
    let wire: Value = serde_json::from_str(include_str!("audit_wire.json")).unwrap();
    let (mut answers, mut records) = (String::new(), 2);
    for (name, call) in wire.as_object().unwrap() {
        // Bound to what an earlier answer said.
        if ["poll_result", "results", "download_results", "log_verify_second"].contains(&name.as_str()) {
            continue;
        }
        let answer = world.audit(call["path"].as_str().unwrap(), &call["body"]).json();
        // What is not published looks different in a search.
        records += call["body"]["events"]
            .as_array()
            .map_or_else(|| u64::from(call["path"] == "/v1/log"), |all| all.len() as u64);
        world.published(records);
        answers.push_str(&format!("{name}: {} {}\n", answer["status"], shape(&answer["result"])));
    }
    insta::assert_snapshot!("audit_wire", answers);
}

/// The members of a value and their types.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(text) => if Hash::from_hex(text).is_ok() { "hash" } else { "text" }.to_owned(),
        Value::Array(list) => format!("[{}]", list.first().map(shape).unwrap_or_default()),
        Value::Object(object) => {
            let members: Vec<_> =
                object.iter().map(|(name, value)| format!("{name}: {}", shape(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

#[test]
fn a_record_comes_with_proofs_that_hold() {
    let world = World::auditing();
    let quiet = world.audited("/v1/log", &json!({"event": {"message": "quiet"}}));
    assert_eq!(members(&quiet), BTreeSet::from(["hash", "receipt"]));
    let first = world.audited("/v1/log", &json!({"event": {"message": "first"}, "verbose": true}));
    let expected = ["envelope", "hash", "membership_proof", "receipt", "unpublished_root"];
    assert_eq!(members(&first), BTreeSet::from(expected), "no consistency without an earlier root");
    let again = json!({"event": {"message": "m"}, "verbose": true, "prev_root": first["unpublished_root"]});
    let second = world.audited("/v1/log", &again);

    let envelope = second["envelope"].to_string();
    let leaf = litesoc_ledger::envelope::leaf_hash(envelope.as_bytes()).unwrap();
    assert_eq!(leaf, hash(&second["hash"]));
    let receipt = receipt(&world, &second);
    assert_eq!((receipt.index, receipt.leaf_hash), (3, leaf));
    let proof: MembershipProof = second["membership_proof"].as_str().unwrap().parse().unwrap();
    proof.verify(&leaf, 3, &receipt.trusted_root()).unwrap();
    assert_eq!(hash(&second["unpublished_root"]), receipt.root);
    let strings: Vec<String> = serde_json::from_value(second["consistency_proof"].clone()).unwrap();
    let before = TrustedRoot::pinned(3, hash(&first["unpublished_root"]));
    ConsistencyProof::parse(&strings).unwrap().verify(&before, &receipt.trusted_root()).unwrap();
}

/// The receipt of a result, by the key that its log shows.
fn receipt(world: &World, result: &Value) -> Receipt {
    let note = result["receipt"].as_str().unwrap();
    let keys = world.get(&format!("/log/{}/vkey", note.lines().nth(1).unwrap())).send();
    let verifier: VerifierKey = keys.text().lines().nth(1).unwrap().parse().unwrap();
    Receipt::open(note, &verifier).unwrap()
}

#[test]
fn an_unknown_root_gets_no_proof_and_alarms() {
    let world = World::auditing();
    let body = json!({"event": {"message": "m"}, "verbose": true, "prev_root": "ab".repeat(32)});
    for _ in 0..3 {
        let result = world.audited("/v1/log", &body);
        assert!(result.get("consistency_proof").is_none() && result["membership_proof"].is_string());
    }
    let alerts = world.get("/alerts").key("big").send().json();
    let alerts = alerts["data"].as_array().unwrap();
    assert_eq!(alerts.len(), 1, "one an hour: {alerts:?}");
    assert_eq!(alerts[0]["severity"], "critical");
    assert!(alerts[0]["description"].as_str().unwrap().contains("prev_root"), "{:?}", alerts[0]);
}

#[test]
fn a_bulk_keeps_its_order_and_is_all_or_nothing() {
    let world = World::auditing();
    let events: Vec<_> = (0..1_000).map(|n| json!({"event": {"message": format!("bulk {n}")}})).collect();
    let bulk = world.audited("/v2/log", &json!({"events": events, "verbose": true}));
    let results = bulk["results"].as_array().unwrap();
    assert_eq!(members(&results[0]), BTreeSet::from(["envelope", "hash"]));
    for (n, result) in results.iter().enumerate() {
        assert_eq!(result["envelope"]["event"]["message"], format!("bulk {n}"));
    }
    let short = world.audited("/v2/log", &json!({"events": [{"event": {"message": "m"}}]}));
    assert_eq!(members(&short["results"][0]), BTreeSet::from(["hash"]));

    let bad = json!({"events": [
        {"event": {"message": "stray"}}, {"event": {"action": "x"}}, {"event": {"message": "stray", "colour": 1}},
    ]});
    let expected =
        [("FieldRequired", "/events/1/event/message"), ("UnexpectedProperty", "/events/2/event/colour")];
    assert_eq!(
        faults(&world, "/v2/log", &bad),
        expected.map(|(code, place)| (code.to_owned(), place.to_owned()))
    );
    let many = vec![json!({"event": {"message": "stray"}}); 1_001];
    assert_eq!(faults(&world, "/v2/log", &json!({"events": many}))[0].0, "AboveMaxItems");
    assert_eq!(faults(&world, "/v2/log", &json!({"events": []}))[0].0, "BelowMinItems");
    assert_eq!(world.audited("/v1/search", &json!({"query": "stray"}))["count"], 0);
}

#[test]
fn a_call_that_is_repeated_is_taken_once() {
    let world = World::auditing();
    let send = |path: &str, body: &Value, earlier: &str| {
        let call = world.post(path, body.clone()).key("big");
        let answer = if earlier.is_empty() { call.send() } else { call.header(HEADER, earlier).send() };
        answer.json()
    };
    let one = json!({"event": {"message": "once"}, "verbose": true});
    let many =
        json!({"events": [{"event": {"message": "once"}}, {"event": {"message": "twice"}}], "verbose": true});
    for (path, body) in [("/v1/log", one), ("/v2/log", many)] {
        let first = send(path, &body, "");
        let id = first["request_id"].as_str().unwrap();
        let unknown = format!("prq_{}", "a".repeat(32));
        let second = send(path, &body, &format!("{unknown}, {id}"));
        assert_ne!(first["request_id"], second["request_id"]);
        let (mut first, mut second) = (first["result"].clone(), second["result"].clone());
        for result in [&mut first, &mut second] {
            // These are of the log as it is.
            for name in ["receipt", "membership_proof", "unpublished_root"] {
                result.as_object_mut().unwrap().remove(name);
            }
        }
        assert_eq!(first, second, "{path}");
    }
    let equal = json!({"event": {"message": "once"}});
    world.audited("/v1/log", &equal);
    // The genesis record came with an id of another form, which repeats nothing.
    assert_eq!(send("/v1/log", &equal, "genesis")["status"], "Success");
    assert_eq!(world.audited("/v1/search", &json!({"query": "once"}))["count"], 4);
    assert_eq!(world.audited("/v1/search", &json!({"query": "twice"}))["count"], 1);
}

#[test]
fn what_is_accepted_can_be_asked_for_later() {
    let world = World::auditing();
    let body = json!({"events": [{"event": {"message": "later"}}]});
    let answer = world.audit("/v2/log_async", &body);
    let accepted = answer.json();
    assert_eq!((answer.status, &accepted["status"]), (202, &json!("Accepted")));
    let expected = ["location", "retry_counter", "ttl_mins"];
    assert_eq!(members(&accepted["result"]), BTreeSet::from(expected));
    let id = accepted["request_id"].as_str().unwrap().to_owned();
    assert!(accepted["result"]["location"].as_str().unwrap().ends_with(&format!("/request/{id}")));
    let path = format!("/request/{id}");
    let polled = world.get(&path).key("big").send().json();
    assert_eq!(polled["result"]["results"][0]["hash"].as_str().unwrap().len(), 64);
    assert_eq!(world.get(&path).key("other").send().json()["status"], "NotFound", "another organization");
    assert_eq!(world.get("/audit/request/prq_x").key("big").send().status, 404);
    let world = world.restart();
    let again = world.get(&path).key("big").send().json();
    assert_eq!(
        again["result"]["results"][0]["hash"], polled["result"]["results"][0]["hash"],
        "after a restart"
    );
}

#[test]
fn a_stream_becomes_messages() {
    let world = World::auditing();
    let logs = json!({"logs": [{"type": "login", "b": {"c": 1}}, {"type": "logout"}]});
    assert_eq!(world.audited("/v1/log_stream", &logs), json!({}));
    let found = world.audited("/v1/search", &json!({"query": "", "order": "asc"}));
    assert_eq!(found["events"][0]["envelope"]["event"]["message"], r#"{"b":{"c":1},"type":"login"}"#);
    assert_eq!(found["count"], 2);
}

#[test]
fn who_may_and_who_may_not() {
    let world = World::auditing();
    let body = json!({"event": {"message": "m"}});
    for key in ["", "unknown"] {
        let call = world.post("/v1/log", body.clone());
        let answer = if key.is_empty() { call.send() } else { call.key(key).send() };
        assert_eq!((answer.status, &answer.json()["status"]), (401, &json!("Unauthorized")));
        assert!(answer.header("x-request-id").is_some());
    }
    let unknown = format!("pci_{}", "a".repeat(32));
    for id in [json!(unknown), json!("../../etc/passwd"), json!("")] {
        let body = json!({"event": {"message": "m"}, "config_id": id});
        assert_eq!(faults(&world, "/v1/log", &body), [("DoesNotExist".to_owned(), "/config_id".to_owned())]);
    }
    world.audited("/v1/log", &body);
    let count = |key: &str| world.post("/v1/search", "{}").key(key).send().json()["result"]["count"].clone();
    assert_eq!((count("big"), count("other")), (json!(1), json!(0)), "each organization has its own log");
    let without = World::new();
    assert_eq!(without.audit("/v1/log", &body).json()["status"], "ServiceNotEnabled");
}

#[test]
fn limits_of_a_plan_hold() {
    let world = World::auditing();
    let body = json!({"event": {"message": "m"}});
    let log = |key: &str| world.post("/v1/log", body.clone()).key(key).send();
    let answers: Vec<_> = (0..101).map(|_| log("free").status).collect();
    assert_eq!((&answers[..100], answers[100]), (&[200; 100][..], 429));
    assert_eq!(log("free").json()["status"], "TooManyRequests");
    assert_eq!(
        world.post("/v1/root", "{}").key("free").send().json()["status"]
            .as_str()
            .map(|s| s != "TooManyRequests"),
        Some(true)
    );
    assert!((0..150).all(|_| log("big").status == 200));
}

#[test]
fn no_body_makes_the_server_fail() {
    let world = World::auditing();
    let calls = [
        "/v1/log",
        "/v2/log",
        "/v2/log_async",
        "/v1/log_stream",
        "/v1/search",
        "/v1/results",
        "/v1/root",
        "/v1/download_results",
        "/v1/export",
        "/v1/schema",
    ];
    let bodies: [&[u8]; 22] = [
        b"", b"{", b"[]", b"null", b"7", b"\"x\"", b"{}", b"{\"event\":null}", b"{\"event\":[]}", b"\xff\xfe",
        b"{\"event\":{\"message\":0.5}}", b"{\"event\":{\"message\":\"\\ud800\"}}", b"{\"event\":{},\"event\":{}}",
        b"{\"events\":7}", b"{\"events\":[7]}", b"{\"limit\":-1}", b"{\"limit\":1e3}", b"{\"query\":7}",
        b"{\"tree_size\":0}", b"{\"tree_size\":99999999999999999999}", b"{\"id\":\"../../x\",\"result_id\":\"../x\"}",
        b"{\"search_restriction\":{\"actor\":7},\"start\":\"never\",\"order\":\"up\",\"order_by\":\"nothing\"}",
    ];
    let deep = [b"{\"event\":".repeat(5_000), b"}".repeat(5_000)].concat();
    for path in calls {
        for body in bodies.iter().copied().chain([deep.as_slice()]) {
            let answer = world.post(path, body.to_vec()).key("big").send();
            let text = String::from_utf8_lossy(body);
            assert!(answer.status < 500, "{path} {text:.80}: {answer:?}");
            assert!(answer.json()["status"].is_string());
        }
        assert_eq!(world.get(path).key("big").send().status, 405, "{path}");
    }
    assert_eq!(world.audit("/audit/v9/nothing", &json!({})).json()["status"], "NotFound");
}

#[test]
fn a_damaged_log_is_refused_at_the_start() {
    let world = World::auditing();
    let events: Vec<_> = (0..50).map(|n| json!({"event": {"message": format!("m{n}")}})).collect();
    world.audited("/v2/log", &json!({"events": events}));
    world.published(51);
    let refusal = world.start_again(|folder| {
        let audit = fs::read_dir(folder.join("audit")).unwrap();
        let rec = audit.map(|entry| entry.unwrap().path().join("rec")).find(|rec| rec.exists()).unwrap();
        let segment = fs::read_dir(rec).unwrap().next().unwrap().unwrap().path();
        let mut bytes = fs::read(&segment).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&segment, bytes).unwrap();
    });
    let refusal = refusal.unwrap_err();
    assert!(refusal.contains(".seg") && refusal.contains("record"), "{refusal}");
}
