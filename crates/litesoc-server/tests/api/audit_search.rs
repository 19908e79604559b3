//! The Pangea Audit API: searches, their pages, roots, files, configurations.

use std::io::Read;

use litesoc_audit::{AuditService, NewConfiguration, Registry, Settings, TokenBinding};
use litesoc_ledger::Hash;
use litesoc_ledger::ptree::{MembershipProof, TrustedRoot};
use serde_json::{Value, json};

use crate::support::World;

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

fn filled(records: usize) -> World {
    let world = World::auditing();
    let event = |n: usize| {
        let actor = if n.is_multiple_of(3) { "alice" } else { "bob" };
        json!({"event": {"message": format!("event {n}"), "actor": actor, "tenant_id": format!("t{}", n % 2)}})
    };
    let events: Vec<_> = (0..records).map(event).collect();
    world.audited("/v2/log", &json!({"events": events}));
    world
}

fn messages(result: &Value) -> Vec<String> {
    let events = result["events"].as_array().unwrap();
    events.iter().map(|event| event["envelope"]["event"]["message"].as_str().unwrap().to_owned()).collect()
}

fn status(world: &World, path: &str, body: &Value) -> String {
    world.audit(path, body).json()["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_search_shows_what_it_found_with_proofs_against_its_roots() {
    let world = filled(9);
    world.published(10);
    world.audited("/v1/log", &json!({"event": {"message": "newest"}}));
    world.published(11);
    let found = world.audited("/v1/search", &json!({"query": "actor:alice OR newest", "limit": 2}));
    assert_eq!(
        (&found["count"], messages(&found)),
        (&json!(4), vec!["newest".to_owned(), "event 6".to_owned()])
    );
    assert_eq!(found["id"].as_str().unwrap().len(), 36);
    assert_eq!(found["expires_at"], "2026-03-12T12:00:00.000000Z");
    assert_eq!(found["unpublished_root"].as_object().unwrap().len(), 3);
    let root = &found["root"];
    assert!(root["url"].as_str().unwrap().starts_with("http://test/arweave/"), "{root}");
    let trusted = TrustedRoot::pinned(
        root["size"].as_u64().unwrap(),
        Hash::from_hex(root["root_hash"].as_str().unwrap()).unwrap(),
    );
    for event in found["events"].as_array().unwrap() {
        assert_eq!(event["published"], true);
        let leaf = Hash::from_hex(event["hash"].as_str().unwrap()).unwrap();
        let proof: MembershipProof = event["membership_proof"].as_str().unwrap().parse().unwrap();
        proof.verify(&leaf, event["leaf_index"].as_u64().unwrap(), &trusted).unwrap();
    }
    let quiet = world.audited("/v1/search", &json!({"query": "", "verbose": false}));
    assert!(quiet.get("root").is_none() && quiet.get("unpublished_root").is_none());
    let members: Vec<_> = quiet["events"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["envelope", "hash"]);
}

#[test]
fn order_restriction_times_and_bounds() {
    let world = filled(10);
    let find = |body: &Value| messages(&world.audited("/v1/search", body));
    let by_actor = find(&json!({"query": "", "order_by": "actor", "order": "asc", "max_results": 3}));
    assert_eq!(by_actor, ["event 0", "event 3", "event 6"]);
    let restricted =
        json!({"query": "", "search_restriction": {"tenant_id": ["t0"], "actor": ["alice", "x"]}});
    assert_eq!(find(&restricted), ["event 6", "event 0"]);
    assert_eq!(find(&json!({"query": "", "search_restriction": {"actor": []}})).len(), 10);
    let exactly =
        json!({"query": "", "start": "2026-03-10T12:00:00.000003Z", "end": "2026-03-10T12:00:00.000004Z"});
    assert_eq!(find(&exactly), ["event 3", "event 2"], "times are unique, both ends are in the range");
    world.clock.advance(15 * DAY);
    assert_eq!(find(&json!({"query": ""})), [""; 0], "the last two weeks unless it says more");
    assert_eq!(find(&json!({"query": "", "last": "20d"})).len(), 10);
    for (body, place) in [
        (json!({"query": "((("}), "/query"),
        (json!({"query": "", "order": "up"}), "/order"),
        (json!({"query": "", "order_by": "colour"}), "/order_by"),
        (json!({"query": "", "limit": 0}), "/limit"),
        (json!({"query": "", "max_results": 10_001}), "/max_results"),
        (json!({"query": "", "start": "yesterday"}), "/start"),
        (json!({"query": "", "start": "1d", "last": "1d"}), "/last"),
        (json!({"query": "", "search_restriction": {"colour": ["red"]}}), "/search_restriction/colour"),
    ] {
        let answer = world.audit("/v1/search", &body).json();
        assert_eq!(answer["status"], "ValidationError", "{body}");
        assert_eq!(answer["result"]["errors"][0]["source"], place, "{answer}");
    }
}

#[test]
fn pages_stay_as_they_were_until_they_expire() {
    let world = filled(45);
    let restriction = json!({"actor": ["bob", "alice"]});
    let search = json!({"query": "event", "limit": 20, "order": "asc", "search_restriction": restriction});
    let found = world.audited("/v1/search", &search);
    world.audited("/v1/log", &json!({"event": {"message": "event afterwards", "actor": "bob"}}));
    let mut all = messages(&found);
    let mut page = json!({"id": found["id"]});
    for offset in [20, 40] {
        page["offset"] = offset.into();
        let page = world.audited("/v1/results", &page);
        assert_eq!((&page["count"], page.get("id")), (&json!(45), None));
        all.extend(messages(&page));
    }
    assert_eq!(all, (0..45).map(|n| format!("event {n}")).collect::<Vec<_>>());
    let ask = |more: Value| {
        let mut body = json!({"id": found["id"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        status(&world, "/v1/results", &body)
    };
    assert_eq!(ask(json!({"offset": 45})), "Success");
    assert_eq!(ask(json!({"offset": 46})), "BadOffset");
    assert_eq!(ask(json!({"assert_search_restriction": {"actor": ["alice", "bob"]}})), "Success");
    assert_eq!(ask(json!({"assert_search_restriction": {"actor": ["bob"]}})), "ValidationError");
    assert_eq!(status(&world, "/v1/results", &json!({"id": format!("pas_{}", "a".repeat(32))})), "NotFound");
    let world = world.restart();
    assert_eq!(world.audited("/v1/results", &page)["count"], 45, "results outlive the server");
    world.clock.advance(2 * DAY);
    assert_eq!(status(&world, "/v1/results", &page), "NotFound");
}

#[test]
fn roots_of_every_published_size() {
    let world = filled(5);
    world.published(6);
    let newest = world.audited("/v1/root", &json!({}))["data"].clone();
    assert_eq!((&newest["size"], newest["published_at"].is_string()), (&json!(6), true));
    let first = world.audited("/v1/root", &json!({"tree_size": 1}))["data"].clone();
    assert!(first.get("consistency_proof").is_none() && newest["consistency_proof"].is_array());
    assert_eq!(first["tree_name"], newest["tree_name"]);
    assert_eq!(status(&world, "/v1/root", &json!({"tree_size": 7})), "TreeNotFound");
    assert_eq!(status(&world, "/v1/root", &json!({"tree_size": 0})), "ValidationError");
}

#[test]
fn files_of_results_are_fetched_by_their_address_alone() {
    let world = filled(7);
    world.published(8);
    let found = world.audited("/v1/search", &json!({"query": "alice"}));
    let offer = |format: &str| {
        let body = json!({"result_id": found["id"], "format": format});
        let offered = world.audited("/v1/download_results", &body);
        assert_eq!(offered["expires_at"], "2026-03-11T12:00:00.000000Z");
        offered["dest_url"].as_str().unwrap().strip_prefix("http://test").unwrap().to_owned()
    };
    let (csv, json_file) = (offer("csv"), offer("json"));
    assert!(csv.ends_with(&format!("/search_results_{}.csv", found["id"].as_str().unwrap())));
    let fetch = |path: &str, coding: &str| {
        let answer = world.get(path).header("Accept-Encoding", coding).whole();
        assert_eq!(answer.status, 200);
        let mut text = String::new();
        if answer.header("content-encoding") == Some("gzip") {
            flate2::read::GzDecoder::new(&*answer.body).read_to_string(&mut text).unwrap();
        } else {
            text.push_str(answer.text());
        }
        text
    };
    let table = fetch(&csv, "gzip, deflate");
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(table.starts_with("received_at,timestamp,actor,"), "{table}");
    assert_eq!(table, fetch(&csv, "identity"));
    let whole: Value = serde_json::from_str(&fetch(&json_file, "gzip")).unwrap();
    assert_eq!(messages(&whole["result"]), ["event 0", "event 3", "event 6"], "in the order of their places");
    assert_eq!(whole["result"]["root"], found["root"]);

    for wrong in [csv.replace("/download/", "/download/a"), csv.replace(".csv", ".json")] {
        assert_eq!(world.get(&wrong).send().status, 403, "{wrong}");
    }
    for body in [
        json!({}),
        json!({"result_id": found["id"], "request_id": "prq_x"}),
        json!({"result_id": "x", "format": "xml"}),
    ] {
        assert_eq!(status(&world, "/v1/download_results", &body), "ValidationError");
    }
    assert_eq!(status(&world, "/v1/download_results", &json!({"result_id": "x"})), "NotFound");
    world.clock.advance(DAY);
    assert_eq!(world.get(&csv).send().status, 403, "after a day");
}

#[test]
fn an_export_holds_everything_and_comes_later() {
    let world = filled(30);
    let answer = world.audit("/v1/export", &json!({"format": "json", "order": "asc"})).json();
    assert_eq!(answer["status"], "Accepted");
    let id = answer["request_id"].as_str().unwrap();
    let mut polled = json!(null);
    while polled["status"] != "Success" {
        polled = world.get(&format!("/request/{id}")).key("big").send().json();
        assert!(["Success", "Accepted"].contains(&polled["status"].as_str().unwrap()), "{polled}");
    }
    assert_eq!(polled["result"], json!({}));
    let offered = world.audited("/v1/download_results", &json!({"request_id": id, "format": "json"}));
    let path = offered["dest_url"].as_str().unwrap().strip_prefix("http://test").unwrap().to_owned();
    let whole = world.get(&path).whole().json();
    assert_eq!((whole["result"]["count"].as_u64(), messages(&whole["result"]).len()), (Some(30), 30));
}

#[test]
fn tokens_are_good_for_their_configurations() {
    let world = World::auditing();
    let organization = world.organization("big");
    let registry = Registry::new(world.audit_files(), "audit.example");
    let mut custom = NewConfiguration::named("custom");
    custom.schema = Some(json!({"fields": [
        {"id": "message", "type": "string", "required": true}, {"id": "field_int", "type": "integer"},
    ]}));
    custom.vault_sign = true;
    let custom = registry.create(organization.as_str(), custom).unwrap();
    let plain = registry.create(organization.as_str(), NewConfiguration::named("plain")).unwrap();
    let event = json!({"event": {"message": "m", "field_int": 3}, "verbose": true, "config_id": custom.id});
    let signed = world.audited("/v1/log", &event);
    assert!(signed["envelope"]["public_key"].as_str().unwrap().contains("vault_key_id"));
    assert_eq!(
        status(&world, "/v1/log", &json!({"event": {"message": "m", "field_int": 3}})),
        "ValidationError"
    );
    let schema = world.audited("/v1/schema", &json!({"config_id": custom.id}));
    assert_eq!(schema["fields"][1]["id"], "field_int");

    let bound = Hash::of(b"big");
    registry.bind(&bound, &TokenBinding::to(vec![custom.id.clone(), plain.id.clone()])).unwrap();
    world.clock.advance(std::time::Duration::from_secs(3));
    assert_eq!(status(&world, "/v1/log", &json!({"event": {"message": "m"}})), "MissingConfigID");
    world.audited("/v1/log", &json!({"event": {"message": "m"}, "config_id": plain.id}));
    registry.bind(&bound, &TokenBinding::to(vec![plain.id])).unwrap();
    world.clock.advance(std::time::Duration::from_secs(3));
    assert_eq!(world.audited("/v1/search", &json!({"query": ""}))["count"], 1, "the only one");
    let other = status(&world, "/v1/log", &json!({"event": {"message": "m"}, "config_id": custom.id}));
    assert_eq!(other, "ValidationError");
}

#[test]
fn a_token_sees_no_further_than_its_restriction() {
    let world = filled(10);
    let organization = world.organization("big");
    let default = Registry::new(world.audit_files(), "x").list().unwrap();
    let id = default.into_iter().find(|one| one.organization == organization.as_str()).unwrap().id;
    let mut binding = TokenBinding::to(vec![id]);
    binding.restriction.insert("tenant_id".to_owned(), vec!["t1".to_owned()]);
    Registry::new(world.audit_files(), "x").bind(&Hash::of(b"big"), &binding).unwrap();
    world.clock.advance(std::time::Duration::from_secs(3));
    assert_eq!(world.audited("/v1/search", &json!({"query": ""}))["count"], 5);
    let wider = json!({"query": "", "search_restriction": {"tenant_id": ["t0"]}});
    assert_eq!(world.audited("/v1/search", &wider)["count"], 0);
}

#[test]
fn a_second_server_is_refused() {
    let world = filled(1);
    let clock = || litesoc_ledger::time::Moment::from_micros(0).unwrap();
    let refused = AuditService::open(world.audit_files(), Settings::new(std::sync::Arc::new(clock)));
    let told = refused.unwrap_err().to_string();
    assert!(told.contains("in use by another process"), "{told}");
}
