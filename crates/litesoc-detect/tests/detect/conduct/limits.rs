//! Rate limits.

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType};

use super::{DAY, HOUR, Stage, story};

const LIMITED: EventType = EventType::SECURITY_RATE_LIMIT_EXCEEDED;

#[test]
fn whoever_does_not_slow_down_is_told() {
    let mut stage = Stage::new();
    for minute in 0..6 {
        stage.does_from(LIMITED, "scraper", "203.0.113.9", minute * 60, "{}");
    }
    let alert = stage.scene.only();
    assert_eq!((&alert.alert_type, &alert.severity), (&AlertType::RateLimitExceeded, &AlertSeverity::Medium));
    insta::assert_snapshot!(story(alert));
}

#[test]
fn one_page_that_asked_too_fast_is_not() {
    let mut stage = Stage::new();
    for page in 0..5 {
        for request in 0..8 {
            stage.does_from(LIMITED, "alice", "203.0.113.9", page * 1_000 + request / 4, "{}");
        }
    }
    assert_eq!(stage.scene.list().len(), 0);
}

#[test]
fn a_load_test_is_one_alert_and_a_quiet_one() {
    let mut stage = Stage::new();
    for number in 0..2_000 {
        stage.does_from(LIMITED, "loadtest", "203.0.113.9", number, "{}");
    }
    assert_eq!(stage.scene.only().severity, AlertSeverity::Medium);
}

#[test]
fn without_an_account_the_address_counts() {
    let mut stage = Stage::new();
    for number in 0..25 {
        stage.does_from(LIMITED, "", &format!("2001:db8:7:7::{number:x}"), number * 4, "{}");
    }
    assert_eq!(stage.scene.only().fingerprint, "rate_limit_exceeded/ip:2001:db8:7:7::/64");
}

#[test]
fn an_office_may_have_a_bad_minute() {
    let mut stage = Stage::new();
    for day in 0..5 {
        for person in 0..12 {
            let actor = format!("person_{person}");
            stage.does_from(
                EventType::AUTH_LOGIN_SUCCESS,
                &actor,
                "203.0.113.7",
                day * DAY + person * 60,
                "{}",
            );
        }
    }
    for person in 0..40 {
        let actor = format!("person_{person}");
        stage.does_from(LIMITED, &actor, "203.0.113.7", 5 * DAY + HOUR + person * 5, "{}");
    }
    assert_eq!(stage.scene.list().len(), 0);
    // From an address nobody knows the same is a crowd of stolen accounts.
    for person in 0..40 {
        let actor = format!("person_{person}");
        stage.does_from(LIMITED, &actor, "198.51.100.9", 5 * DAY + HOUR + person * 5, "{}");
    }
    assert_eq!(stage.scene.only().fingerprint, "rate_limit_exceeded/ip:198.51.100.9");
}
