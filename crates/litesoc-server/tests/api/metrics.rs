//! `/metrics`: what was counted, and who may see it.

use litesoc_server::ApiKey;
use serde_json::json;

use crate::support::World;

fn metrics(world: &World) -> String {
    let answer = world.get("/metrics").send();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    assert!(answer.text().ends_with("# EOF\n"));
    answer.text().to_owned()
}

/// The value of the series that is written like this.
fn value(metrics: &str, series: &str) -> Option<f64> {
    let line =
        metrics.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn what_happens_is_counted() {
    let world = World::with(|config| config.plans.pro.events_per_month = Some(7));
    let _first = world.brute_force("good", "u1", "203.0.113.9");
    let repeated =
        json!({"event": "auth.logout", "metadata": {"_event_id": "0195801a-5c00-7000-8000-000000000001"}});
    for _ in 0..2 {
        world.collect(repeated.clone());
    }
    let mixed = json!({"events": [{"event": "auth.logout"}, {"actor": {"id": "u"}}]});
    assert_eq!(world.post("/collect", mixed.clone()).key("good").send().status, 202);
    assert_eq!(world.post("/collect", mixed).key("good").send().status, 403);
    world.get("/events").key("bad").send();
    world.settle();
    let told = metrics(&world);
    for (series, wanted) in [
        ("litesoc_events_accepted_total", 7.0),
        ("litesoc_events_repeated_total", 1.0),
        ("litesoc_events_with_address_total", 5.0),
        (r#"litesoc_events_refused_total{reason="invalid"}"#, 2.0),
        (r#"litesoc_events_refused_total{reason="quota"}"#, 1.0),
        (r#"litesoc_errors_total{code="UNAUTHORIZED"}"#, 1.0),
        ("litesoc_commit_events_sum", 8.0),
        ("litesoc_detection_lag_seconds_count", 7.0),
        ("litesoc_detection_lag_events", 0.0),
        ("litesoc_queue_events", 0.0),
        (r#"litesoc_alerts_raised_total{alert_type="brute_force_attack",severity="high"}"#, 1.0),
        ("litesoc_snapshot_age_seconds", -1.0),
    ] {
        assert_eq!(value(&told, series), Some(wanted), "{series} in\n{told}");
    }
}

#[test]
fn only_this_machine_and_the_key_for_it_see_metrics() {
    let world = World::with(|config| config.metrics_key = Some(ApiKey::new("monitoring").unwrap()));
    let through_a_proxy = || world.get("/metrics").header("X-Forwarded-For", "203.0.113.9");
    assert_eq!(through_a_proxy().send().status, 404);
    assert_eq!(world.get("/metrics").header("Forwarded", "for=203.0.113.9").send().status, 404);
    assert_eq!(through_a_proxy().key("big").send().status, 404, "an organization sees nothing of the others");
    assert_eq!(through_a_proxy().header("Authorization", "Bearer monitoring").send().status, 200);
    assert_eq!(world.get("/v1/metrics/").send().status, 200);
    assert_eq!(world.post("/metrics", "{}").send().status, 405);
}
