//! Events come in: every form a client sends, and what becomes of it.

use serde_json::{Value, json};

use crate::support::{NOW, World};

/// Sends one event and returns it as it is listed.
fn stored(world: &World, event: Value) -> Value {
    world.collect(event);
    world.latest()
}

#[test]
fn a_single_event_is_stored_once_with_its_severity() {
    let world = World::new();
    let answer = world.collect(json!({
        "event": "auth.login_failed",
        "actor": {"id": "u", "email": null},
        "user_ip": "203.0.113.9",
        "metadata": {"reason": "bad", "_sdk": "litesoc-python", "_sdk_version": "2.6.0"},
    }));
    assert_eq!((&answer["success"], &answer["status"]), (&json!(true), &json!("queued")));
    assert_eq!((&answer["queued"], &answer["events_accepted"]), (&json!(1), &json!(1)));
    assert_eq!(world.stored(), 1);
    let event = world.latest();
    assert_eq!(event["id"], answer["event_id"]);
    assert_eq!(event["severity"], "warning");
    assert_eq!(event["metadata"], json!({"reason": "bad"}), "marks of the client are not shown as its data");
}

#[test]
fn the_oldest_clients_post_to_their_path_with_a_bearer_key() {
    let world = World::new();
    let body = r#"{"events":[{"event":"auth.logout","actor":{"id":"u"},"timestamp":"2026-02-01T00:00:00Z","metadata":{"_severity":"low"}}]}"#;
    let answer = world.post("/api/v1/collect", body).header("Authorization", "Bearer good").send();
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json()["success"], true);
    assert_eq!(answer.json()["events_accepted"], 1);
    assert_eq!(world.stored(), 1);
}

#[test]
fn a_batch_answers_how_many_it_took() {
    let world = World::new();
    for size in [1, 2, 3, 100] {
        let events: Vec<_> = (0..size).map(|n| json!({"event": "data.export", "actor": {"id": n}})).collect();
        let answer = world.collect(json!({ "events": events }));
        assert_eq!(answer["queued"], size);
        assert_eq!(answer["event_ids"].as_array().unwrap().len(), size);
    }
    assert_eq!(world.stored(), 106);
}

#[test]
fn a_request_without_a_valid_event_is_refused_whole() {
    let world = World::new();
    let many = json!({"events": vec![json!({"event": "auth.logout"}); 101]}).to_string();
    for (body, code) in [
        (many.as_str(), "BATCH_TOO_LARGE"),
        (r#"{"events":[]}"#, "VALIDATION_FAILED"),
        (r#"{"events":5}"#, "VALIDATION_FAILED"),
        (r#"{"actor":{"id":"u"}}"#, "VALIDATION_FAILED"),
        (r#"{"event":""}"#, "VALIDATION_FAILED"),
        (r#"{"event":null}"#, "VALIDATION_FAILED"),
        (r#"{"events":[{"no":"name"},7]}"#, "VALIDATION_FAILED"),
        ("[1,2]", "VALIDATION_FAILED"),
        ("\"text\"", "VALIDATION_FAILED"),
        ("", "INVALID_JSON"),
        ("{\"event\":\n  \"auth.logout\" \"actor\"}", "INVALID_JSON"),
    ] {
        let answer = world.post("/collect", body).key("good").send();
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.json()["code"], code, "{body}");
    }
    assert_eq!(world.stored(), 0);
    assert_eq!(world.get("/health").key("good").send().header("x-litesoc-quota-used"), Some("0"));
}

#[test]
fn broken_json_is_refused_with_the_position_of_the_fault() {
    let world = World::new();
    let answer = world.post("/collect", "{\"event\":\n  \"auth.logout\" \"actor\"}").key("good").send();
    let error = answer.json()["error"].as_str().unwrap().to_owned();
    assert!(error.contains("line 2, column 17"), "{error}");
}

#[test]
fn the_valid_events_of_a_batch_are_taken_and_the_others_named() {
    let world = World::new();
    let long = "x".repeat(129);
    let events = json!([{"event": "auth.logout"}, {"event": long}, "no object", {"event": "data.export"}]);
    let answer = world.collect(json!({ "events": events }));
    assert_eq!(answer["queued"], 2);
    let refused: Vec<_> =
        answer["errors"].as_array().unwrap().iter().map(|error| error["index"].clone()).collect();
    assert_eq!(refused, [1, 2]);
    assert_eq!(world.stored(), 2);
}

#[test]
fn old_names_of_members_are_understood() {
    let world = World::new();
    for event in [
        json!({"event_type": "auth.logout", "actor": "u1", "user_ip": "203.0.113.9"}),
        json!({"event_name": "auth.logout", "user_id": "u1", "ip_address": "203.0.113.9"}),
        json!({"event": "auth.logout", "userId": "u1", "context": {"ip_address": "203.0.113.9"}}),
        json!({"event": "auth.logout", "actor": {"user_id": "u1"}, "metadata": {"ip_address": "203.0.113.9"}}),
    ] {
        let row = stored(&world, event.clone());
        assert_eq!(row["event_name"], "auth.logout", "{event}");
        assert_eq!((&row["actor_id"], &row["user_ip"]), (&json!("u1"), &json!("203.0.113.9")), "{event}");
    }
    let row = stored(&world, json!({"event": "auth.logout", "email": "a@example.com"}));
    assert_eq!((&row["actor_id"], &row["actor_email"]), (&json!("a@example.com"), &json!("a@example.com")));
}

#[test]
fn a_number_as_actor_id_is_stored_as_text() {
    let row = stored(&World::new(), json!({"event": "auth.logout", "actor": {"id": 7}}));
    assert_eq!(row["actor_id"], "7");
}

#[test]
fn what_is_no_address_never_becomes_the_callers() {
    let world = World::new();
    for (sent, address) in [
        ("unknown", Value::Null),
        ("[REDACTED]", Value::Null),
        ("fe80::1%eth0", Value::Null),
        ("", Value::Null),
        ("1.2.3.4, 5.6.7.8", json!("5.6.7.8")),
        ("203.0.113.7, 10.0.0.1", json!("203.0.113.7")),
        ("::ffff:1.2.3.4", json!("1.2.3.4")),
        ("[2001:db8::1]:443", json!("2001:db8::1")),
    ] {
        let row = stored(&world, json!({"event": "auth.logout", "user_ip": sent}));
        assert_eq!(row["user_ip"], address, "{sent}");
    }
    assert_eq!(world.latest()["server_ip"], "127.0.0.1");
}

#[test]
fn the_severity_of_a_client_is_ignored() {
    let row = stored(&World::new(), json!({"event": "auth.logout", "severity": "critical"}));
    assert_eq!(row["severity"], "info");
}

#[test]
fn a_name_of_somebody_else_is_stored_under_ours_and_found_under_both() {
    let world = World::new();
    for (sent, canonical) in [
        ("user.login.failed", "auth.login_failed"),
        ("permission.denied", "authz.access_denied"),
        ("privilege.escalation", "admin.privilege_escalation"),
        ("rate_limit.exceeded", "security.rate_limit_exceeded"),
        ("AUTH.LOGIN-SUCCESS", "auth.login_success"),
    ] {
        let row = stored(&world, json!({"event": sent}));
        assert_eq!(row["event_name"], canonical, "{sent}");
        assert_eq!(row["metadata"]["original_event"], sent);
        for filter in [sent, canonical] {
            for parameter in ["event_name", "event_type"] {
                let found = world.get(&format!("/events?{parameter}={filter}")).key("good").send().json();
                assert_eq!(found["pagination"]["total"], 1, "{parameter}={filter}");
            }
        }
    }
}

#[test]
fn a_name_nobody_knows_is_stored_and_flagged() {
    let world = World::new();
    for name in ["foo.bar", "nodot"] {
        let row = stored(&world, json!({"event": name, "metadata": {"k": 1}}));
        assert_eq!(row["metadata"]["unrecognized_format"], true, "{name}");
        assert_eq!(row["metadata"]["k"], 1);
        assert_eq!(row["severity"], "info");
    }
    let row = stored(&world, json!({"event": "billing.voucher_used"}));
    assert_eq!(row["metadata"], json!({}), "a custom event of a known category is not flagged");
}

#[test]
fn every_spelling_of_the_path_takes_events() {
    let world = World::new();
    let paths =
        ["//collect", "/collect/", "/v1/collect", "/api/v1/collect", "/collect/batch", "/v1//collect/batch/"];
    for path in paths {
        let answer = world.post(path, r#"{"event":"auth.logout"}"#).key("good").send();
        assert_eq!(answer.status, 202, "{path}");
    }
    assert_eq!(world.stored(), paths.len());
}

#[test]
fn without_a_valid_key_nothing_is_stored() {
    let world = World::new();
    let body = r#"{"event":"auth.logout"}"#;
    for call in [
        world.post("/collect", body),
        world.post("/collect", body).key("bad"),
        world.post("/collect", body).header("Authorization", "Bearer bad"),
        world.post("/collect", body).header("Authorization", "Basic good"),
        world.post("/collect?api_key=good", body),
    ] {
        let answer = call.send();
        assert_eq!(answer.status, 401);
        assert_eq!(answer.json()["code"], "UNAUTHORIZED");
    }
    assert_eq!(world.stored(), 0);
}

#[test]
fn the_time_of_a_foreign_client_is_ignored() {
    let world = World::new();
    let row = stored(&world, json!({"event": "auth.logout", "timestamp": "2020-01-01T00:00:00Z"}));
    assert_eq!(row["created_at"], NOW);
}

#[test]
fn our_own_client_says_when_an_event_happened_within_bounds() {
    let world = World::new();
    let own = |timestamp: &str| json!({"event": "auth.logout", "timestamp": timestamp, "metadata": {"_sdk": "litesoc-rust"}});
    world.collect(own("2026-03-10T11:00:00Z"));
    world.collect(own("2026-03-08T11:00:00Z"));
    world.collect(own("2026-03-10T12:06:00Z"));
    let events = world.get("/events").key("good").send().json();
    let times: Vec<_> = events["data"].as_array().unwrap().iter().map(|event| &event["created_at"]).collect();
    assert_eq!(times, [NOW, NOW, "2026-03-10T11:00:00.000Z"]);
    assert_eq!(events["data"][2]["received_at"], NOW);
}

#[test]
fn the_same_event_sent_twice_is_stored_and_counted_once() {
    let world = World::new();
    let id = "0195801a-5c00-7000-8000-000000000001";
    let event = json!({"event": "auth.logout", "metadata": {"_event_id": id}});
    let first = world.collect(event.clone());
    let again = world.collect(event.clone());
    let both = world.collect(json!({"events": [event.clone(), event]}));
    for answer in [&first, &again, &both] {
        assert_eq!(answer["event_id"], id);
        assert_eq!(answer["quota"]["remaining"], 499_999);
    }
    assert_eq!(both["queued"], 2, "to the client a repeat is as good as stored");
    assert_eq!(world.stored(), 1);
}

#[test]
fn the_same_id_in_another_organization_is_another_event() {
    let world = World::new();
    let event =
        json!({"event": "auth.logout", "metadata": {"_event_id": "0195801a-5c00-7000-8000-000000000001"}});
    world.collect(event.clone());
    assert_eq!(world.post("/collect", event).key("other").send().status, 202);
    assert_eq!(world.stored(), 2);
}
