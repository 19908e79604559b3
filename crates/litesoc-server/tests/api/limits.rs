//! Quota, rate limit, size limits: exact under parallel load, and told in the way clients understand.

use std::thread;

use serde_json::json;

use crate::support::World;

fn batch(size: usize) -> String {
    json!({"events": vec![json!({"event": "auth.logout"}); size]}).to_string()
}

#[test]
fn parallel_batches_fill_the_quota_exactly_and_never_more() {
    let world = World::with(|config| {
        config.plans.pro.events_per_month = Some(1_000);
        config.plans.pro.requests_per_minute = None;
    });
    let answers: Vec<_> = thread::scope(|scope| {
        let send = || world.post("/collect", batch(100)).key("good").send();
        let threads: Vec<_> = (0..20).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let taken: Vec<_> = answers.iter().filter(|answer| answer.status == 202).collect();
    assert_eq!(taken.len(), 10);
    assert!(taken.iter().all(|answer| answer.json()["quota"]["remaining"].as_i64().unwrap() >= 0));
    assert!(answers.iter().all(|answer| [202, 403].contains(&answer.status)));
    assert_eq!(world.stored(), 1_000);
    let health = world.get("/health").key("good").send();
    assert_eq!(health.header("x-litesoc-quota-remaining"), Some("0"));
    assert_eq!(health.json()["quota"]["used"], 1_000);
}

#[test]
fn beyond_the_quota_is_403_with_the_word_quota() {
    let world = World::with(|config| config.plans.pro.events_per_month = Some(5));
    world.collect(batch(3));
    let answer = world.post("/collect", batch(3)).key("good").send();
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["code"], "QUOTA_EXCEEDED");
    assert!(answer.json()["error"].as_str().unwrap().contains("quota"));
    assert_eq!(answer.header("retry-after"), Some("3600"), "until the end of the month, at most an hour");
    assert_eq!(world.stored(), 3, "a batch is taken whole or not at all");
    assert_eq!(world.collect(batch(2))["quota"], json!({"remaining": 0, "limit": 5}));
}

#[test]
fn the_quota_survives_a_restart_and_begins_anew_with_the_month() {
    let world = World::with(|config| config.plans.pro.events_per_month = Some(5));
    world.collect(batch(5));
    let world = world.restart();
    assert_eq!(world.post("/collect", batch(1)).key("good").send().status, 403);
    world.clock.advance(std::time::Duration::from_hours(24 * 22));
    assert_eq!(world.collect(batch(1))["quota"]["remaining"], 4);
}

#[test]
fn refused_events_give_the_quota_back() {
    let world = World::with(|config| config.plans.pro.events_per_month = Some(10));
    world.post("/collect", batch(11)).key("good").send();
    world.post("/collect", "{").key("good").send();
    assert_eq!(world.collect(batch(10))["quota"]["remaining"], 0);
}

#[test]
fn an_unlimited_plan_has_no_quota_headers() {
    let world = World::new();
    let answer = world.post("/collect", batch(2)).key("big").send();
    assert_eq!(answer.json()["quota"], json!({"remaining": null, "limit": null}));
    assert!(answer.headers.iter().all(|(name, _)| !name.contains("quota") && !name.contains("ratelimit")));
    assert_eq!(answer.header("x-litesoc-plan"), Some("enterprise"));
}

#[test]
fn over_the_rate_is_429_with_whole_seconds_on_every_route() {
    let world = World::with(|config| config.plans.pro.requests_per_minute = Some(9));
    for _ in 0..9 {
        assert_eq!(world.get("/events").key("good").send().status, 200);
    }
    for call in [
        world.get("/events").key("good"),
        world.get("/alerts").key("good"),
        world.post("/collect", batch(1)).key("good"),
    ] {
        let answer = call.send();
        assert_eq!(answer.status, 429);
        assert_eq!(answer.header("retry-after"), Some("7"));
        assert_eq!(answer.json()["retry_after"], 7);
        assert_eq!(answer.json()["code"], "RATE_LIMIT_EXCEEDED");
        assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"));
    }
    assert_eq!(world.get("/health").key("good").send().status, 200, "health counts nothing");
    assert_eq!(world.get("/events").key("other").send().status, 200, "each key has its own");
    world.clock.advance(std::time::Duration::from_secs(7));
    assert_eq!(world.get("/events").key("good").send().status, 200);
}

#[test]
fn a_batch_counts_as_many_requests_as_it_has_events() {
    let world = World::with(|config| config.plans.pro.requests_per_minute = Some(100));
    let answer = world.post("/collect", batch(60)).key("good").send();
    assert_eq!(answer.header("x-ratelimit-limit"), Some("100"));
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("40"));
    let answer = world.post("/collect", batch(60)).key("good").send();
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("40"), "what is refused does not count");
    assert_eq!(world.stored(), 60);
}

#[test]
fn a_body_over_one_mebibyte_is_413() {
    let world = World::new();
    let fits = format!(r#"{{"event":"auth.logout","ignored":"{}"}}"#, "x".repeat((1 << 20) - 40));
    assert_eq!(world.post("/collect", fits).key("good").send().status, 202);
    for size in [1 << 20, 8 << 20] {
        let large = format!(r#"{{"event":"auth.logout","ignored":"{}"}}"#, "x".repeat(size));
        let answer = world.post("/collect", large).key("good").send();
        assert_eq!(answer.status, 413);
        assert_eq!(answer.json()["code"], "PAYLOAD_TOO_LARGE");
    }
    assert_eq!(world.stored(), 1);
}

#[test]
fn metadata_over_its_limits_refuses_that_event_only() {
    let world = World::new();
    let heavy = json!({"event": "auth.logout", "metadata": {"k": "x".repeat(17 << 10)}});
    let mut nested = json!(1);
    for _ in 0..10 {
        nested = json!({ "k": nested });
    }
    let deep = json!({"event": "auth.logout", "metadata": nested});
    let answer = world.collect(json!({"events": [heavy, {"event": "auth.logout"}, deep]}));
    assert_eq!(answer["queued"], 1);
    assert_eq!(answer["errors"].as_array().unwrap().len(), 2);
}
