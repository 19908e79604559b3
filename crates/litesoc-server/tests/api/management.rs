//! Reading events and alerts, and dealing with alerts.

use std::time::Duration;

use litesoc_store::Store;
use serde_json::{Value, json};

use crate::support::World;

const ADDRESS: &str = "203.0.113.9";

fn total(world: &World, path: &str) -> Value {
    world.get(path).key("good").send().json()["pagination"]["total"].clone()
}

#[test]
fn a_list_has_its_numbers_where_new_and_old_clients_look() {
    let world = World::new();
    world.collect(json!({"events": vec![json!({"event": "auth.logout"}); 5]}));
    for path in ["/events?limit=2", "/v1/events?limit=2", "/api/v1/events/?limit=2"] {
        let list = world.get(path).key("good").send().json();
        assert_eq!(list["data"].as_array().unwrap().len(), 2, "{path}");
        for numbers in [&list["pagination"], &list] {
            assert_eq!((&numbers["total"], &numbers["limit"]), (&json!(5), &json!(2)));
            assert_eq!((&numbers["offset"], &numbers["has_more"]), (&json!(0), &json!(true)));
        }
        assert_eq!(list["meta"]["plan"], "pro");
    }
}

#[test]
fn pages_by_offset_and_by_cursor_give_every_event_once_newest_first() {
    let world = World::new();
    for n in 0..7 {
        world.collect(json!({"event": "auth.logout", "actor": {"id": n}}));
        world.clock.advance(Duration::from_secs(1));
    }
    let expected: Vec<_> = (0..7).rev().map(|n| n.to_string()).collect();
    let actors = |list: &Value| -> Vec<String> {
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["actor_id"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut by_offset = Vec::new();
    for offset in [0, 3, 6] {
        let list = world.get(&format!("/events?limit=3&offset={offset}")).key("good").send().json();
        assert_eq!(list["pagination"]["has_more"], offset < 6);
        by_offset.extend(actors(&list));
    }
    assert_eq!(by_offset, expected);
    let mut by_cursor = Vec::new();
    let mut path = "/events?limit=3".to_owned();
    loop {
        let list = world.get(&path).key("good").send().json();
        by_cursor.extend(actors(&list));
        let Some(next) = list["pagination"]["next_cursor"].as_str() else { break };
        path = format!("/events?limit=3&cursor={next}");
    }
    assert_eq!(by_cursor, expected);
}

#[test]
fn every_field_an_old_client_reads_is_text_or_null() {
    let world = World::new();
    world.collect(json!({"event": "auth.logout"}));
    let row = world.latest();
    let text_or_null = [
        "id",
        "org_id",
        "event_name",
        "actor_id",
        "user_ip",
        "server_ip",
        "country_code",
        "city",
        "severity",
        "created_at",
    ];
    for field in text_or_null {
        assert!(row.get(field).is_some_and(|value| value.is_string() || value.is_null()), "{field}");
    }
    for field in ["is_vpn", "is_tor", "is_proxy", "is_datacenter", "latitude", "longitude"] {
        assert_eq!(row.get(field), Some(&Value::Null), "{field}");
    }
    assert!(row["metadata"].is_object());
}

#[test]
fn one_event_is_shown_and_an_unknown_one_is_404() {
    let world = World::new();
    let id = world.collect(json!({"event": "auth.logout"}))["event_id"].as_str().unwrap().to_owned();
    let answer = world.get(&format!("/events/{id}")).key("good").send().json();
    assert_eq!((&answer["data"]["id"], &answer["success"]), (&json!(id), &json!(true)));
    for unknown in ["00000000-0000-0000-0000-000000000000", "evt_1", "1", "x'%20or%201=1--", "%ff%fe", "%00"]
    {
        let answer = world.get(&format!("/events/{unknown}")).key("good").send();
        assert_eq!(answer.status, 404, "{unknown}");
        assert_eq!(answer.json()["code"], "NOT_FOUND");
    }
}

#[test]
fn hostile_ids_in_paths_are_404() {
    let world = World::new();
    let long = "a".repeat(10_000);
    for id in [
        "%2e%2e%2falerts",
        "..%2f..%2fhealth",
        "'; drop table events; --".replace(' ', "%20").as_str(),
        &long,
    ] {
        for list in ["events", "alerts"] {
            assert_eq!(world.get(&format!("/{list}/{id}")).key("good").send().status, 404, "{id}");
        }
        assert_eq!(
            world.patch(&format!("/alerts/{id}"), r#"{"action":"resolve"}"#).key("good").send().status,
            404
        );
    }
}

#[test]
fn limits_and_offsets_out_of_range_are_clamped() {
    let world = World::new();
    world.collect(json!({"events": vec![json!({"event": "auth.logout"}); 3]}));
    for (query, limit, offset) in [
        ("limit=0", 1, 0),
        ("limit=-1", 1, 0),
        ("limit=abc", 50, 0),
        ("limit=99999", 200, 0),
        ("limit=99999999999999999999999999", 200, 0),
        ("offset=-5", 50, 0),
        ("offset=x&limit=&from=never&cursor=%27", 50, 0),
        ("limit=2&limit=1", 1, 0),
    ] {
        let answer = world.get(&format!("/events?{query}")).key("good").send();
        assert_eq!(answer.status, 200, "{query}");
        let pagination = &answer.json()["pagination"];
        assert_eq!((&pagination["limit"], &pagination["offset"]), (&json!(limit), &json!(offset)), "{query}");
    }
    let beyond = world.get("/events?offset=99999999999999999999999999").key("good").send();
    assert_eq!(beyond.json()["data"], json!([]));
}

#[test]
fn events_are_filtered_by_actor_severity_and_time() {
    let world = World::new();
    world.collect(json!({"event": "auth.login_failed", "actor": {"id": "a b&c"}}));
    world.clock.advance(Duration::from_hours(1));
    world.collect(json!({"event": "auth.logout", "actor": {"id": "u2"}}));
    for (query, expected) in [
        ("actor_id=a%20b%26c", 1),
        ("actor_id=a+b%26c", 1),
        ("actor_id=nobody", 0),
        ("severity=warning", 1),
        ("severity=medium", 1),
        ("severity=critical", 0),
        ("severity=nonsense", 0),
        ("from=2026-03-10T12:30:00Z", 1),
        ("start_date=2026-03-10T12:30:00Z", 1),
        ("from=2026-03-10T13:30:00+01:00", 1),
        ("to=2026-03-10T12:30:00Z", 1),
        ("end_date=2026-03-10T11:30:00Z", 0),
    ] {
        assert_eq!(total(&world, &format!("/events?{query}")), expected, "{query}");
    }
}

#[test]
fn alerts_are_filtered_by_status_severity_and_type() {
    let world = World::new();
    world.brute_force("good", "u1", ADDRESS);
    for (query, expected) in [
        ("status=open", 1),
        ("status=active", 1),
        ("status=resolved", 0),
        ("severity=high", 1),
        ("severity=low", 0),
        ("alert_type=brute_force_attack", 1),
        ("alert_type=brute_force", 1),
        ("type=brute_force", 1),
        ("alert_type=new_device", 0),
        ("status=open&severity=high&alert_type=brute_force_attack&actor_id=u1", 1),
        ("start_date=2026-03-10T12:00:01Z", 0),
        ("limit=0&offset=-1", 1),
    ] {
        assert_eq!(total(&world, &format!("/alerts?{query}")), expected, "{query}");
        assert_eq!(total(&world, &format!("/v1/alerts/list?{query}")), expected, "{query}");
    }
}

#[test]
fn an_alert_tells_who_from_where_and_how_often() {
    let world = World::new();
    let alert = world.brute_force("good", "u1", ADDRESS);
    assert_eq!((&alert["source_ip"], &alert["actor_id"]), (&json!(ADDRESS), &json!("u1")));
    assert_eq!((&alert["status"], &alert["severity"]), (&json!("open"), &json!("high")));
    let metadata = alert["metadata"].as_object().unwrap();
    let names: Vec<_> = metadata.keys().map(String::as_str).collect();
    assert_eq!(names, ["count", "evidence", "first_seen", "last_seen", "sample_event_ids", "technique"]);
    assert_eq!((&metadata["count"], &metadata["technique"]), (&json!(5), &json!("T1110.001")));
    assert!(alert["trigger_event_id"].is_string());
    assert_eq!(alert["forensics"], Value::Null);
    let id = alert["id"].as_str().unwrap();
    assert_eq!(world.get(&format!("/alerts/{id}")).key("good").send().json()["data"], alert);
}

#[test]
fn every_form_of_resolving_has_the_same_effect() {
    let forms = [
        (
            "PATCH",
            "",
            json!({"action": "resolve", "resolution_type": "blocked_ip", "internal_notes": "n", "resolved_by": "me"}),
            "blocked_ip",
        ),
        ("PATCH", "", json!({"action": "resolve", "resolution_type": "reset_password"}), "reset_password"),
        ("PATCH", "", json!({"action": "resolve", "resolution_type": "contacted_user"}), "contacted_user"),
        ("PATCH", "", json!({"action": "resolve", "resolution_type": "false_positive"}), "false_positive"),
        ("PATCH", "", json!({"action": "resolve", "resolution_type": "other"}), "other"),
        ("PATCH", "", json!({"status": "resolved", "resolution_type": "fixed", "notes": ""}), "fixed"),
        (
            "PATCH",
            "",
            json!({"status": "resolved", "resolution_type": "resolved", "resolution_notes": "n"}),
            "resolved",
        ),
        ("POST", "/resolve", json!({"resolution_type": "resolved", "internal_notes": "n"}), "resolved"),
    ];
    let world = World::new();
    for (n, (method, suffix, body, resolution)) in forms.into_iter().enumerate() {
        // Attacks on many accounts at a time would be one more.
        world.clock.advance(Duration::from_secs(7_200));
        let alert = world.brute_force("good", &format!("u{n}"), &format!("203.0.113.{n}"));
        let path = format!("/v1/alerts/{}{suffix}", alert["id"].as_str().unwrap());
        // An empty note is none.
        let notes = if body.to_string().contains("\"n\"") { json!("n") } else { Value::Null };
        let call = if method == "PATCH" { world.patch(&path, body) } else { world.post(&path, body) };
        let answer = call.key("good").send();
        assert_eq!(answer.status, 200, "{answer:?}");
        let data = answer.json()["data"].clone();
        assert_eq!((&data["status"], &data["action"]), (&json!("resolved"), &json!("resolve")));
        assert_eq!(data["resolution_type"], resolution);
        assert!(
            data["resolved_at"].is_string()
                && data["resolved_by"].is_string()
                && data["updated_at"].is_string()
        );
        assert_eq!(data["title"], alert["title"], "the answer is the whole alert");
        assert_eq!(data["metadata"]["resolution_type"], resolution);
        assert_eq!(data["metadata"]["internal_notes"], notes);
        assert_eq!(data["metadata"]["evidence"], alert["metadata"]["evidence"]);
        let path = path.trim_end_matches(suffix);
        assert_eq!(world.get(path).key("good").send().json()["data"]["metadata"], data["metadata"]);
    }
    let audit = world.store.audit(&world.organization("good"), 0, 100).unwrap();
    assert_eq!(audit.len(), 8, "each change is on record");
    assert_eq!((audit[0].by.as_str(), audit[0].action.as_str()), ("me", "alert.resolve"));
    assert_eq!(audit[1].by, "bootstrap", "without a name it is the key's");
}

#[test]
fn every_form_of_marking_safe_has_the_same_effect() {
    let forms = [
        ("PATCH", "", json!({"action": "mark_safe", "internal_notes": "n", "resolved_by": "me"})),
        ("PATCH", "", json!({"status": "safe", "notes": "n"})),
        ("PATCH", "", json!({"status": "dismissed", "resolution_type": "false_positive"})),
        ("POST", "/safe", json!({"internal_notes": "n"})),
    ];
    let world = World::new();
    for (n, (method, suffix, body)) in forms.into_iter().enumerate() {
        let alert = world.brute_force("good", &format!("u{n}"), &format!("203.0.113.{n}"));
        let path = format!("/alerts/{}{suffix}", alert["id"].as_str().unwrap());
        let call = if method == "PATCH" { world.patch(&path, body) } else { world.post(&path, body) };
        let data = call.key("good").send().json()["data"].clone();
        assert_eq!((&data["status"], &data["action"]), (&json!("dismissed"), &json!("mark_safe")));
        assert_eq!((&data["resolution_type"], &data["resolved_at"]), (&Value::Null, &Value::Null));
        let notes = if n == 2 { Value::Null } else { json!("n") };
        assert_eq!((&data["metadata"]["internal_notes"], &data["metadata"]["count"]), (&notes, &json!(5)));
        assert_eq!(data["metadata"].get("resolution_type"), None);
    }
    assert_eq!(total(&world, "/alerts?status=safe"), 4);
    assert_eq!(total(&world, "/alerts?status=dismissed"), 4);
}

#[test]
fn an_alert_can_be_opened_again() {
    let world = World::new();
    let alert = world.brute_force("good", "u1", ADDRESS);
    let path = format!("/alerts/{}", alert["id"].as_str().unwrap());
    world.patch(&path, r#"{"action":"resolve"}"#).key("good").send();
    let data = world.patch(&path, r#"{"status":"open"}"#).key("good").send().json()["data"].clone();
    assert_eq!((&data["status"], &data["resolved_at"]), (&json!("open"), &Value::Null));
}

#[test]
fn a_change_that_says_nothing_sensible_is_400() {
    let world = World::new();
    let alert = world.brute_force("good", "u1", ADDRESS);
    let path = format!("/alerts/{}", alert["id"].as_str().unwrap());
    let long = json!({"action": "resolve", "internal_notes": "x".repeat(2_001)}).to_string();
    for body in [
        "",
        "{",
        "[]",
        "{}",
        "null",
        r#"{"action":"explode"}"#,
        r#"{"status":"acknowledged!"}"#,
        r#"{"action":7}"#,
        &long,
    ] {
        let answer = world.patch(&path, body).key("good").send();
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.json()["success"], false);
    }
    assert_eq!(world.get(&path).key("good").send().json()["data"]["status"], "open");
}

#[test]
fn the_free_plan_reads_redacted_events_and_no_alerts() {
    let world = World::new();
    world.post("/collect", r#"{"event":"auth.logout","user_ip":"203.0.113.9"}"#).key("free").send();
    let list = world.get("/events").key("free").send().json();
    assert_eq!(list["meta"]["redacted"], true);
    assert_eq!(list["meta"]["retention_days"], 7);
    for field in
        ["city", "is_vpn", "is_tor", "is_proxy", "is_datacenter", "latitude", "longitude", "forensics"]
    {
        assert_eq!(list["data"][0].get(field), Some(&Value::Null), "{field}");
    }
    let id = "00000000-0000-0000-0000-000000000000";
    for call in [
        world.get("/alerts"),
        world.get(&format!("/alerts/{id}")),
        world.patch(&format!("/alerts/{id}"), r#"{"action":"resolve"}"#),
        world.post(&format!("/v1/alerts/{id}/safe"), "{}"),
    ] {
        let answer = call.key("free").send();
        assert_eq!(answer.status, 403);
        assert_eq!(answer.json()["code"], "PLAN_RESTRICTED");
        assert_eq!(answer.json()["required_plan"], "pro");
    }
}

#[test]
fn what_is_older_than_the_retention_is_not_there() {
    let world = World::new();
    let alert = world.brute_force("good", "u1", ADDRESS);
    let id = world.collect(json!({"event": "auth.logout"}))["event_id"].as_str().unwrap().to_owned();
    world.clock.advance(Duration::from_hours(24 * 30) + Duration::from_millis(1));
    assert_eq!(world.get(&format!("/events/{id}")).key("good").send().status, 404);
    assert_eq!(total(&world, "/events"), 0);
    let path = format!("/alerts/{}", alert["id"].as_str().unwrap());
    assert_eq!(world.get(&path).key("good").send().status, 404);
    assert_eq!(world.patch(&path, r#"{"action":"resolve"}"#).key("good").send().status, 404);
    assert_eq!(total(&world, "/alerts"), 0);
}

#[test]
fn an_organization_never_meets_the_rows_of_another() {
    let world = World::new();
    let alert = world.brute_force("good", "u1", ADDRESS);
    let event = world.latest()["id"].as_str().unwrap().to_owned();
    let path = format!("/alerts/{}", alert["id"].as_str().unwrap());
    for call in [
        world.get(&format!("/events/{event}")),
        world.get(&path),
        world.patch(&path, r#"{"action":"resolve"}"#),
        world.post(&format!("{path}/safe"), ""),
    ] {
        assert_eq!(call.key("other").send().status, 404);
    }
    for list in ["/events", "/alerts"] {
        assert_eq!(world.get(list).key("other").send().json()["data"], json!([]));
    }
    assert_eq!(world.get(&path).key("good").send().json()["data"]["status"], "open");
}

#[test]
fn health_needs_no_key_and_refuses_a_bad_one() {
    let world = World::new();
    let open = world.get("/health").send();
    assert_eq!((open.status, &open.json()["status"]), (200, &json!("ok")));
    assert_eq!(open.json().get("organization"), None);
    let known = world.get("/v1/health").key("good").send().json();
    assert_eq!((&known["authenticated"], &known["plan"]), (&json!(true), &json!("pro")));
    assert!(known["organization"]["id"].is_string() && known["organization"]["name"].is_string());
    assert_eq!(known["quota"]["resets_at"], "2026-04-01T00:00:00.000Z");
    let bad = world.get("/health").key("bad").send();
    assert_eq!((bad.status, bad.json()), (401, json!({"status": "error", "error": "Invalid API key"})));
}
