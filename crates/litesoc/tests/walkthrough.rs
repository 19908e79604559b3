//! The whole public face of the crate, read from top to bottom as a user would.

use std::time::Duration;

use http::{Response, StatusCode};
use litesoc::events::{Severity, Vendor, normalize};
use litesoc::testing::{Capture, FakeClock};
use litesoc::{AlertStatus, Client, ErrorKind, Event, EventType, LossReason, Resolution};
use serde_json::{Value, json};

const KEY: &str = "lsoc_test_0123456789abcdef";
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn events_and_their_names() {
    // The catalogue is an open set with known members.
    let failed = EventType::AUTH_LOGIN_FAILED;
    assert_eq!(failed.as_str(), "auth.login_failed");
    assert_eq!(failed.severity(), Severity::Warning);
    assert!(EventType::from("acme.door_opened").info().is_none());
    // Names of other systems become ours, and unknown ones stay what they are.
    assert_eq!(normalize("USER.LOGIN-FAILED").event, failed);
    assert!(!normalize("acme.door_opened").recognized);
    let okta = Vendor::Okta.normalize("user.session.start", &[("outcome.result", "FAILURE")][..]).unwrap();
    assert_eq!(okta.event, failed);
}

#[test]
fn tracking() {
    let capture = Capture::new();
    let clock = FakeClock::at_ms(1_700_000_000_123);
    let client = Client::builder_with(KEY, capture.clone())
        .base_url("https://soc.example.com/api/v1/collect")
        .clock(clock)
        .secret_key("badge")
        .before_send(|event| (event.fields().actor_id != Some("healthcheck")).then_some(event))
        .build()
        .unwrap();

    client.track(Event::logout("healthcheck"));
    client.track(
        Event::new("acme.door_opened")
            .actor("user_123")
            .email("user@example.com")
            .user_ip("203.0.113.7".parse::<std::net::IpAddr>().unwrap())
            .metadata("door", json!({"floor": 3, "password": "hunter2", "badge": "7741"})),
    );
    let report = client.flush(PATIENCE).wait();
    assert_eq!((report.delivered, report.lost), (1, 0));

    let requests = capture.requests();
    assert_eq!(requests[0].uri(), "https://soc.example.com/api/v1/collect");
    assert_eq!(requests[0].headers()["x-api-key"], KEY);
    let event: Value = serde_json::from_slice(requests[0].body()).unwrap();
    let id = event["metadata"]["_event_id"].as_str().unwrap();
    assert_eq!(
        event,
        json!({
            "event": "acme.door_opened",
            "actor": {"id": "user_123", "email": "user@example.com"},
            "user_ip": "203.0.113.7",
            "metadata": {
                "door": {"floor": 3, "password": "[REDACTED]", "badge": "[REDACTED]"},
                "_event_id": id, "_sdk": "litesoc-rust", "_sdk_version": env!("CARGO_PKG_VERSION"),
            },
        })
    );
    // The id is a UUIDv7 that carries the time of the event.
    assert!(id.starts_with("018bcfe5-687b-7"), "{id}");

    // Everything tracked is accounted for.
    let stats = client.stats();
    assert_eq!((stats.tracked, stats.delivered, stats.lost.count(LossReason::Withheld)), (2, 1, 1));
    assert_eq!(stats.to_string(), "tracked 2, delivered 1, lost 1 (withheld 1), queued 0");
}

#[test]
fn managing() {
    let capture = Capture::computing(|request| {
        let (status, body) = match (request.method().as_str(), request.uri().path()) {
            ("GET", "/alerts") => (
                200,
                json!({"data": [{"id": "a1", "status": "active", "severity": "high",
                "alert_type": "brute_force", "title": "t"}], "pagination": {"total": 1, "has_more": false}}),
            ),
            ("PATCH", "/alerts/a1") => {
                (200, json!({"data": {"id": "a1", "status": "resolved", "action": "resolve"}}))
            }
            ("GET", "/health") => (200, json!({"status": "ok"})),
            _ => (404, json!({"error": "no such event", "code": "NOT_FOUND"})),
        };
        let response = Response::builder().status(StatusCode::from_u16(status).unwrap());
        Ok(response.header("x-litesoc-plan", "pro").body(body.to_string().into()).unwrap())
    });
    let client = Client::with_transport(KEY, capture.clone()).unwrap();

    let open = client.alerts().status(AlertStatus::Open).send().wait().unwrap();
    assert_eq!(open.data[0].id, "a1", "an older word for `open` is understood");
    let done =
        client.alert("a1").resolve(Resolution::ContactedUser).notes("called").by("me").send().wait().unwrap();
    assert_eq!(done.status, Some(AlertStatus::Resolved));
    assert!(client.health().send().wait().unwrap().is_ok());
    let error = client.event("e1").send().wait().unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("NOT_FOUND")));
    assert_eq!(error.to_string(), "not found: no such event (status 404, code NOT_FOUND)");
    assert!(client.last_plan().unwrap().plan.is_some());

    let patch = &capture.requests()[1];
    let body: Value = serde_json::from_slice(patch.body()).unwrap();
    assert_eq!(
        body,
        json!({"action": "resolve", "resolution_type": "contacted_user", "internal_notes": "called", "resolved_by": "me"})
    );
}

#[test]
fn mistakes_are_found_when_the_client_is_built() {
    for (key, url, complaint) in [
        ("", "https://api.litesoc.io", "the API key is empty"),
        ("a b", "https://api.litesoc.io", "characters that cannot be sent"),
        (KEY, "http://soc.example.com", "use https"),
        (KEY, "soc.example.com", "scheme and host"),
    ] {
        let error = Client::builder_with(key, Capture::new()).base_url(url).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(complaint), "{error}");
    }
}

#[test]
fn nothing_shows_the_key() {
    let client = Client::builder_with(KEY, Capture::new());
    assert!(!format!("{client:?}").contains(KEY));
    let client = client.build().unwrap();
    let pending = client.events();
    assert!(!format!("{client:?} {pending:?}").contains(KEY));
}
