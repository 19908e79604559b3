//! Traffic made to blind, flood or stop detection, and ordinary traffic that looks like an attack.

use std::time::Duration;

use litesoc_detect::SettingsFile;
use serde_json::{Value, json};

use crate::support::World;

fn failure(actor: &str, address: &str) -> Value {
    json!({"event": "auth.login_failed", "actor": {"id": actor}, "user_ip": address})
}

fn batch(world: &World, events: &[Value]) {
    for events in events.chunks(100) {
        let answer = world.post("/collect", json!({"events": events})).key("big").send();
        assert_eq!(answer.status, 202, "{answer:?}");
    }
}

/// Alerts of one type about one account, or all of that type.
fn alerts(world: &World, filter: &str) -> Vec<Value> {
    world.settle();
    let list = world.get(&format!("/alerts?limit=500&{filter}")).key("big").send().json();
    list["data"].as_array().unwrap().clone()
}

fn attack(world: &World, actor: &str, address: &str) {
    batch(world, &vec![failure(actor, address); 5]);
}

#[test]
fn a_flood_of_names_and_addresses_does_not_hide_an_attack_beside_it() {
    // A memory that the flood fills many times over.
    let world = World::with(|config| {
        let small =
            "[capacity]\naddresses = 400\naccounts = 400\nsuccesses = 400\nsignals = 400\nalerts = 400\n";
        config.detection = SettingsFile::parse(small).unwrap();
        config.plans.enterprise.requests_per_minute = None;
    });
    let flood = |from: usize| -> Vec<Value> {
        (from..from + 100)
            .map(|n| failure(&format!("flood-{n}"), &format!("10.{}.{}.{}", n >> 16, n >> 8 & 255, n & 255)))
            .collect()
    };
    for round in 0..5 {
        batch(&world, &flood(round * 100));
        batch(&world, &[failure("victim", "203.0.113.9")]);
    }
    let found = alerts(&world, "actor_id=victim&type=brute_force_attack");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["source_ip"], "203.0.113.9");
    // Far more than fits: nothing breaks, and a new attack is seen.
    for round in 5..30 {
        batch(&world, &flood(round * 100));
    }
    attack(&world, "second", "203.0.113.10");
    assert_eq!(alerts(&world, "actor_id=second&type=brute_force_attack").len(), 1);
}

#[test]
fn a_thousand_users_behind_one_address_are_no_attack() {
    let world = World::with(|config| config.plans.enterprise.requests_per_minute = None);
    for hour in 0..10 {
        world.clock.advance(Duration::from_secs(3_600));
        let mut events = Vec::new();
        for user in hour * 100..hour * 100 + 100 {
            let actor = format!("user-{user}");
            if user % 25 == 0 {
                events.push(failure(&actor, "203.0.113.1"));
            }
            events.push(
                json!({"event": "auth.login_success", "actor": {"id": actor}, "user_ip": "203.0.113.1"}),
            );
        }
        batch(&world, &events);
    }
    let loud: Vec<_> = alerts(&world, "")
        .into_iter()
        .filter(|alert| alert["severity"] == "high" || alert["severity"] == "critical")
        .collect();
    assert_eq!(loud, Vec::<Value>::new());
}

#[test]
fn many_addresses_of_one_network_are_one_source() {
    let world = World::new();
    for n in 1..=5 {
        batch(&world, &[failure("u1", &format!("2001:db8:1:2:{n:x}:{n:x}::{n}"))]);
    }
    let found = alerts(&world, "type=brute_force_attack");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["metadata"]["count"], 5);
}

#[test]
fn an_address_and_its_mapped_form_are_one() {
    let world = World::new();
    for address in ["203.0.113.9", "::ffff:203.0.113.9", "203.0.113.9", "::FFFF:203.0.113.9", " 203.0.113.9 "]
    {
        batch(&world, &[failure("u1", address)]);
    }
    let found = alerts(&world, "type=brute_force_attack");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((&found[0]["source_ip"], &found[0]["metadata"]["count"]), (&json!("203.0.113.9"), &json!(5)));
}

#[test]
fn private_and_unreadable_addresses_do_no_harm() {
    let world = World::new();
    for address in
        ["10.0.0.1", "::1", "169.254.1.1", "fe80::1%eth0", "unknown", "", "999.1.1.1", "0.0.0.0", "::"]
    {
        let event = json!({"event": "auth.login_success", "actor": {"id": "u1"}, "user_ip": address});
        assert!([202, 400].contains(&world.post("/collect", event).key("big").send().status), "{address}");
    }
    attack(&world, "inside", "10.0.0.7");
    let found = alerts(&world, "actor_id=inside&type=brute_force_attack");
    assert_eq!((found.len(), &found[0]["source_ip"]), (1, &json!("10.0.0.7")));
}

#[test]
fn times_far_away_neither_hide_an_attack_nor_make_one() {
    let world = World::new();
    for time in
        ["2100-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]
    {
        let mut event = failure("u1", "203.0.113.9");
        event["timestamp"] = json!(time);
        assert_eq!(world.post("/collect", event).key("big").send().status, 202, "{time}");
    }
    world.clock.advance(Duration::from_secs(2 * 3_600));
    attack(&world, "u1", "203.0.113.9");
    let found = alerts(&world, "type=brute_force_attack");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["metadata"]["count"], 5, "the others were at other times");
    let first_seen = found[0]["metadata"]["first_seen"].as_str().unwrap();
    assert!(first_seen.starts_with("2026-03-10T14"), "{first_seen}");
}

#[test]
fn a_clock_that_jumps_ahead_loses_no_attack() {
    let world = World::new();
    attack(&world, "before", "203.0.113.1");
    world.clock.advance(Duration::from_secs(400 * 86_400));
    attack(&world, "after", "203.0.113.2");
    assert_eq!(alerts(&world, "actor_id=after&type=brute_force_attack").len(), 1);
    // Over a restart too: windows are counted from the events and not from the clock.
    world.clock.advance(Duration::from_secs(86_400));
    let world = world.restart();
    attack(&world, "later", "203.0.113.3");
    assert_eq!(alerts(&world, "actor_id=later&type=brute_force_attack").len(), 1);
}

#[test]
fn no_event_stops_the_detection_of_those_after_it() {
    let world = World::with(|config| config.plans.enterprise.requests_per_minute = None);
    let deep = format!("{}1{}", r#"{"a":"#.repeat(60), "}".repeat(60));
    let long = "\u{202e}\u{0}\n\r\u{1b}[31m'; DROP TABLE alerts; --".repeat(200);
    let numbers = json!({
        "records_exported": 1e308, "amount": -1e308, "count": u64::MAX, "new_role": [null, {"x": []}],
        "latitude": 1e300, "user_agent": 7, "device_id": {"a": [1, 2]}, "attempts": "NaN",
    });
    let names = [
        "data.export",
        "data.bulk_delete",
        "auth.login_success",
        "auth.mfa_challenge",
        "auth.password_reset",
        "admin.role_changed",
        "admin.privilege_escalation",
        "security.suspicious_activity",
        "auth.login_failed",
        "user.created",
        "api.rate_limit_exceeded",
        "auth.mfa_failed",
        "security.brute_force_detected",
    ];
    for name in names {
        for actor in ["u1", &long] {
            for metadata in [numbers.to_string(), deep.clone(), json!({"reason": long}).to_string()] {
                let event = format!(
                    r#"{{"event":"{name}","actor":{{"id":{}}},"user_ip":"203.0.113.77","metadata":{metadata}}}"#,
                    json!(actor)
                );
                let status = world.post("/collect", event).key("big").send().status;
                assert!(status == 202 || status == 400 || status == 413, "{name}: {status}");
            }
        }
    }
    attack(&world, "after-it-all", "198.51.100.200");
    let found = alerts(&world, "actor_id=after-it-all&type=brute_force_attack");
    assert_eq!(found.len(), 1, "detection goes on");
    for alert in alerts(&world, "") {
        let title = alert["title"].as_str().unwrap();
        assert!(!title.contains(['\n', '\r', '\0', '\u{1b}', '\u{202e}']), "{title:?}");
        assert!(title.len() < 1_000, "{} bytes", title.len());
    }
}
