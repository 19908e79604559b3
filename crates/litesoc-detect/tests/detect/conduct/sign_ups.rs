//! Accounts made in a short time.

use litesoc_events::EventType;
use litesoc_model::AlertSeverity;

use super::{DAY, HOUR, Stage, scatter, story};

const SIGN_UP: EventType = EventType::ADMIN_USER_CREATED;

#[test]
fn a_farm_of_accounts_is_told_by_its_address() {
    let mut stage = Stage::new();
    for number in 0..12 {
        stage.does_from(SIGN_UP, &format!("bot_{number}"), "198.51.100.4", number * 30, "{}");
    }
    let alert = stage.scene.only();
    assert_eq!((&alert.severity, alert.technique.as_deref()), (&AlertSeverity::Medium, Some("T1136")));
    insta::assert_snapshot!(story(alert));
}

#[test]
fn whom_the_welcome_letter_went_to_does_not_make_it_somebody_else_s_work() {
    let mut stage = Stage::new();
    for number in 0..12 {
        let metadata = format!(r#"{{"subject":"Welcome","recipient":"bot_{number}@mail.test"}}"#);
        stage.does_from(SIGN_UP, &format!("bot_{number}"), "198.51.100.4", number * 30, &metadata);
    }
    assert_eq!(stage.scene.only().fingerprint, "suspicious_activity/ip:198.51.100.4");
}

#[test]
fn nine_or_slow_ones_are_nothing() {
    let mut stage = Stage::new();
    for number in 0..9 {
        stage.does_from(SIGN_UP, &format!("bot_{number}"), "198.51.100.4", number * 30, "{}");
    }
    for number in 0..30 {
        stage.does_from(SIGN_UP, &format!("user_{number}"), "198.51.100.5", number * 70, "{}");
    }
    assert_eq!(stage.scene.list().len(), 0);
}

#[test]
fn an_administrator_without_targets_in_the_metadata_counts_once() {
    let mut stage = Stage::new();
    for number in 0..40 {
        stage.does_from(SIGN_UP, "alice", "203.0.113.7", number * 10, "{}");
    }
    assert_eq!(stage.scene.list().len(), 0);
}

#[test]
fn a_school_may_sign_up_its_class() {
    let mut stage = Stage::new();
    for day in 0..4 {
        for person in 0..10 {
            let second = day * DAY + person * 100;
            let actor = format!("pupil_{person}");
            stage.does_from(EventType::AUTH_LOGIN_SUCCESS, &actor, "203.0.113.7", second, "{}");
        }
    }
    for number in 0..30 {
        stage.does_from(SIGN_UP, &format!("new_{number}"), "203.0.113.7", 5 * DAY + number * 15, "{}");
    }
    assert_eq!(stage.scene.list().len(), 0);
}

#[test]
fn a_farm_of_many_addresses_shows_in_the_organisation() {
    let mut stage = Stage::new();
    for day in 0..12 {
        for number in 0..12 {
            let second = day * DAY + number * HOUR / 2 + scatter(day, number, 600);
            let ip = format!("192.0.2.{number}");
            stage.does_from(SIGN_UP, &format!("user_{day}_{number}"), &ip, second, "{}");
        }
    }
    assert_eq!(stage.scene.list().len(), 0);
    for number in 0..60 {
        let ip = format!("198.51.100.{number}");
        stage.does_from(SIGN_UP, &format!("bot_{number}"), &ip, 12 * DAY + number * 8, "{}");
    }
    let alert = stage.scene.only();
    assert_eq!(alert.fingerprint, "suspicious_activity/organization");
    insta::assert_snapshot!(story(alert));
}
