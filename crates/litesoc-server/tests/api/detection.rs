//! From stored events to alerts: once, across restarts, and as people decided.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::World;

fn failure(actor: &str, address: &str) -> Value {
    json!({"event": "auth.login_failed", "actor": {"id": actor}, "user_ip": address})
}

fn alerts(world: &World) -> Vec<Value> {
    world.settle();
    world.get("/alerts").key("good").send().json()["data"].as_array().unwrap().clone()
}

#[test]
fn an_attack_is_one_alert_that_counts() {
    let world = World::new();
    world.brute_force("good", "u1", "203.0.113.9");
    for _ in 0..7 {
        world.collect(failure("u1", "203.0.113.9"));
    }
    let alerts = alerts(&world);
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["metadata"]["count"], 12);
}

#[test]
fn ordinary_traffic_raises_nothing() {
    let world = World::new();
    for n in 0..50 {
        // Many failures at a time would be a spray from many addresses.
        world.clock.advance(Duration::from_secs(1_200));
        world.collect(json!({"event": "auth.login_success", "actor": {"id": n}, "user_ip": "203.0.113.9"}));
        world.collect(failure(&n.to_string(), &format!("198.51.100.{n}")));
    }
    assert_eq!(alerts(&world), Vec::<Value>::new());
}

#[test]
fn a_success_after_the_attack_makes_it_critical() {
    let world = World::new();
    world.brute_force("good", "u1", "203.0.113.9");
    world.collect(json!({"event": "auth.login_success", "actor": {"id": "u1"}, "user_ip": "203.0.113.9"}));
    let alerts = alerts(&world);
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["severity"], "critical");
}

#[test]
fn an_instant_event_is_an_alert_on_every_plan() {
    let world = World::new();
    world.collect(json!({"event": "admin.privilege_escalation", "actor": {"id": "u1"}}));
    let alerts = alerts(&world);
    assert_eq!(
        (&alerts[0]["alert_type"], &alerts[0]["severity"]),
        (&json!("privilege_escalation"), &json!("critical"))
    );
}

#[test]
fn a_restart_in_the_middle_of_an_attack_loses_no_count_and_raises_no_second_alert() {
    let world = World::new();
    for _ in 0..3 {
        world.collect(failure("u1", "203.0.113.9"));
    }
    let world = world.restart();
    assert_eq!(alerts(&world).len(), 0);
    for _ in 0..3 {
        world.collect(failure("u1", "203.0.113.9"));
    }
    let before = alerts(&world);
    let world = world.restart();
    assert_eq!(alerts(&world), before, "a replay changes nothing");
    world.collect(failure("u1", "203.0.113.9"));
    let after = alerts(&world);
    assert_eq!(after.len(), 1);
    assert_eq!((&after[0]["id"], &after[0]["metadata"]["count"]), (&before[0]["id"], &json!(7)));
}

/// A guess at one account from one address, which goes on to other accounts while others join in on the first one: what a
/// client reads of its alert from time to time.
fn attack_that_grows(restart_before: Option<u64>) -> Vec<Value> {
    let mut world = World::new();
    let mut read = Vec::new();
    for n in 0..36 {
        if restart_before == Some(n) {
            let before = alerts(&world);
            world = world.restart();
            assert_eq!(alerts(&world), before, "a restart changes nothing");
        }
        // Two hours in all, longer than the windows of the rules; some names and addresses come again.
        world.clock.advance(Duration::from_secs(if n < 10 { 10 } else { 300 }));
        let (actor, address) = match n {
            10.. if n % 2 == 0 => (format!("u{}", n % 9), "203.0.113.9".to_owned()),
            10.. => ("u0".to_owned(), format!("198.51.100.{}", n % 7)),
            _ => ("u0".to_owned(), "203.0.113.9".to_owned()),
        };
        let mut event = failure(&actor, &address);
        event["metadata"] = json!({"_event_id": format!("0195801a-5c00-7000-8000-0000000000{n:02}")});
        world.collect(event);
        if n % 6 == 5 {
            let mut alert = alerts(&world).remove(0);
            // When it was recorded depends on how many events were examined at a time.
            alert
                .as_object_mut()
                .unwrap()
                .retain(|name, _| !["created_at", "updated_at"].contains(&name.as_str()));
            read.push(alert);
        }
    }
    read
}

#[test]
fn an_attack_is_told_the_same_whether_the_server_restarts_in_the_middle_or_not() {
    let wanted = attack_that_grows(None);
    insta::assert_json_snapshot!("attack_at_its_end", wanted.last().unwrap());
    for restart_before in [6, 11, 13, 20, 35] {
        let found = attack_that_grows(Some(restart_before));
        assert_eq!(found, wanted, "a restart before event {restart_before}");
    }
}

#[test]
fn what_people_wrote_stays_when_an_alert_grows() {
    let world = World::new();
    let first = world.brute_force("good", "u1", "203.0.113.9");
    assert_eq!((&first["actor_id"], &first["metadata"]["evidence"]["accounts"]), (&json!("u1"), &json!(1)));
    let path = format!("/alerts/{}", first["id"].as_str().unwrap());
    let resolve =
        json!({"action": "resolve", "resolution_type": "blocked_ip", "internal_notes": "in the firewall"});
    for body in [resolve, json!({"status": "open"})] {
        assert_eq!(world.patch(&path, body).key("good").send().status, 200);
    }
    world.collect(failure("u2", "203.0.113.9"));
    let grown = alerts(&world).remove(0);
    assert_eq!((&grown["actor_id"], &grown["source_ip"]), (&Value::Null, &json!("203.0.113.9")));
    assert_eq!(grown["metadata"]["technique"], "T1110");
    assert_eq!(grown["metadata"]["evidence"]["accounts"], 2);
    assert_eq!(grown["metadata"]["internal_notes"], "in the firewall");
}

#[test]
fn after_a_resolution_the_next_attack_is_another_alert_even_across_a_restart() {
    for restart in [false, true] {
        let mut world = World::new();
        let first = world.brute_force("good", "u1", "203.0.113.9");
        let path = format!("/alerts/{}", first["id"].as_str().unwrap());
        assert_eq!(world.patch(&path, r#"{"action":"resolve"}"#).key("good").send().status, 200);
        if restart {
            world = world.restart();
        }
        world.clock.advance(Duration::from_secs(600));
        for _ in 0..5 {
            world.collect(failure("u1", "203.0.113.9"));
        }
        let alerts = alerts(&world);
        assert_eq!(alerts.len(), 2, "restart: {restart}");
        assert_eq!(alerts[1]["metadata"]["count"], 5, "the resolved one stands still");
    }
}

#[test]
fn what_was_marked_safe_stays_silent_even_across_a_restart() {
    for restart in [false, true] {
        let mut world = World::new();
        let first = world.brute_force("good", "u1", "203.0.113.9");
        let path = format!("/alerts/{}", first["id"].as_str().unwrap());
        assert_eq!(world.patch(&path, r#"{"action":"mark_safe"}"#).key("good").send().status, 200);
        if restart {
            world = world.restart();
        }
        for _ in 0..20 {
            world.collect(failure("u1", "203.0.113.9"));
        }
        assert_eq!(alerts(&world).len(), 1, "restart: {restart}");
    }
}

#[test]
fn an_alert_opened_again_goes_on_counting() {
    for dealt_with in ["resolve", "mark_safe"] {
        let world = World::new();
        let first = world.brute_force("good", "u1", "203.0.113.9");
        let path = format!("/alerts/{}", first["id"].as_str().unwrap());
        for body in [json!({"action": dealt_with}), json!({"status": "open"})] {
            assert_eq!(world.patch(&path, body).key("good").send().status, 200);
        }
        world.collect(failure("u1", "203.0.113.9"));
        let alerts = alerts(&world);
        assert_eq!(alerts.len(), 1, "{dealt_with}");
        assert_eq!((&alerts[0]["status"], &alerts[0]["metadata"]["count"]), (&json!("open"), &json!(6)));
    }
}

#[test]
fn organizations_are_watched_apart() {
    let world = World::new();
    for key in ["good", "other"] {
        for _ in 0..4 {
            world.post("/collect", failure("u1", "203.0.113.9")).key(key).send();
        }
    }
    assert_eq!(alerts(&world), Vec::<Value>::new());
}

#[test]
fn events_stored_while_no_server_ran_are_examined_at_the_next_start() {
    let world = World::new();
    let organization = world.organization("good");
    let at = world.now().as_millis();
    let event = |n: u128| {
        let id = uuid::Uuid::from_u128(n);
        let mut event = litesoc_store::NewEvent::new(organization.clone(), id, "auth.login_failed", at);
        event.actor_id = Some("u1".into());
        event.user_ip = "203.0.113.9".parse().ok();
        event
    };
    let batch: Vec<_> = (1..=5).map(event).collect();
    litesoc_store::Store::append(&*world.store, &batch).unwrap();
    let world = world.restart();
    assert_eq!(alerts(&world).len(), 1);
}
