//! Whole answers, header by header and member by member.

use serde_json::json;

use crate::support::World;

const ID: &str = "0195801a-5c00-7000-8000-000000000001";

#[test]
fn accepted() {
    let world = World::new();
    let single = json!({"event": "auth.logout", "metadata": {"_event_id": ID}});
    insta::assert_snapshot!("collect_single", world.post("/collect", single).key("good").send().fixture());
    let batch = json!({"events": [
        {"event": "auth.logout", "metadata": {"_event_id": ID}},
        {"actor": {"id": "u"}},
    ]});
    insta::assert_snapshot!("collect_batch", world.post("/collect", batch).key("big").send().fixture());
}

#[test]
fn lists_and_look_ups() {
    let world = World::new();
    let event = json!({
        "event": "user.login.failed",
        "actor": {"id": "u1", "email": "u1@example.com", "name": "Ada"},
        "user_ip": "203.0.113.9",
        "target": {"id": "doc_1", "type": "document"},
        "metadata": {"reason": "bad password", "_event_id": ID},
    });
    world.collect(event);
    insta::assert_snapshot!("event_list", world.get("/events").key("good").send().fixture());
    insta::assert_snapshot!("event", world.get(&format!("/events/{ID}")).key("good").send().fixture());
    let old = world.get("/events").key("good").header("User-Agent", "litesoc-python-sdk/2.1.0").send().json();
    assert_eq!(old["events"], old["data"], "the oldest clients look for the list under its name");
}

#[test]
fn alerts() {
    let world = World::new();
    let event = |n: u32| {
        let id = format!("0195801a-5c00-7000-8000-00000000000{n}");
        json!({"event": "auth.login_failed", "actor": {"id": "u1"}, "user_ip": "203.0.113.9", "metadata": {"_event_id": id}})
    };
    world.collect(json!({"events": (1..=5).map(event).collect::<Vec<_>>()}));
    world.settle();
    let list = world.get("/alerts").key("good").send();
    insta::assert_snapshot!("alert_list", list.fixture());
    let path = format!("/alerts/{}", list.json()["data"][0]["id"].as_str().unwrap());
    let body = json!({
        "action": "resolve", "resolution_type": "blocked_ip", "internal_notes": "in the firewall", "resolved_by": "ada",
    });
    insta::assert_snapshot!("alert_resolved", world.patch(&path, body).key("good").send().fixture());
}

#[test]
fn errors_are_flat_or_nested_as_the_client_needs() {
    let world = World::new();
    let alerts = |agent: &str| world.get("/alerts").key("free").header("User-Agent", agent).send();
    insta::assert_snapshot!("error_plan_flat", alerts("litesoc-python-sdk/2.6.0").fixture());
    insta::assert_snapshot!("error_plan_nested", alerts("litesoc-node-sdk/2.5.0").fixture());
    for (agent, nested) in [
        ("litesoc-node-sdk/2.0.0", true),
        ("litesoc-node-sdk/2.5.0", true),
        ("n8n-litesoc-node/1.4.0", true),
        ("litesoc-node-sdk/2.6.0", false),
        ("litesoc-node-sdk/2.50.0", false),
        ("litesoc-php-sdk/2.5.0", false),
        ("curl/8", false),
        ("", false),
    ] {
        assert_eq!(alerts(agent).json()["error"].is_object(), nested, "{agent}");
    }
}

#[test]
fn refusals() {
    let world = World::with(|config| {
        config.plans.free.requests_per_minute = Some(9);
        config.plans.pro.events_per_month = Some(0);
    });
    insta::assert_snapshot!("error_no_key", world.get("/events").send().fixture());
    insta::assert_snapshot!(
        "error_json",
        world.post("/collect", "{\"event\": }").key("big").send().fixture()
    );
    let quota = world.post("/collect", r#"{"event":"auth.logout"}"#).key("good").send();
    insta::assert_snapshot!("error_quota", quota.fixture());
    for _ in 0..9 {
        world.get("/events").key("free").send();
    }
    insta::assert_snapshot!("error_rate", world.get("/events").key("free").send().fixture());
    insta::assert_snapshot!("error_method", world.request("DELETE", "/alerts").key("big").send().fixture());
    insta::assert_snapshot!("error_path", world.get("/nowhere").key("big").send().fixture());
}

#[test]
fn health() {
    let world = World::new();
    insta::assert_snapshot!("health", world.get("/health").send().fixture());
    insta::assert_snapshot!("health_key", world.get("/health").key("good").send().fixture());
    insta::assert_snapshot!("health_bad_key", world.get("/health").key("bad").send().fixture());
}

#[test]
fn browsers() {
    let world = World::with(|config| config.origins = vec!["https://*.example.com".into()]);
    let preflight =
        world.request("OPTIONS", "/v1/collect").header("Origin", "https://app.example.com").send();
    insta::assert_snapshot!("preflight", preflight.fixture());
    let page = |origin: &str| {
        world.post("/collect", r#"{"event":"auth.logout"}"#).key("good").header("Origin", origin).send()
    };
    let allowed = page("https://app.example.com");
    assert_eq!(
        (allowed.status, allowed.header("access-control-allow-origin")),
        (202, Some("https://app.example.com"))
    );
    let refused = page("https://example.net");
    assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("Origin not authorized")));
    assert_eq!(world.stored(), 1);
}
