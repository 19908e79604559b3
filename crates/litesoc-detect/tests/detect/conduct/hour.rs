//! The risk of an account's hour.

use litesoc_detect::Settings;
use litesoc_events::EventType;
use litesoc_model::AlertSeverity;

use super::{DAY, Stage, story};

/// Guesses, closed doors, a role, sensitive data: nothing of it enough for a rule of its own.
fn prowl(stage: &mut Stage, actor: &str, start: i64) {
    for number in 0..4 {
        stage.does_from(EventType::AUTH_LOGIN_FAILED, actor, "198.51.100.9", start + number * 61, "{}");
    }
    for number in 0..3 {
        stage.does(EventType::AUTHZ_ACCESS_DENIED, actor, start + 600 + number * 90, "{}");
    }
    let role = r#"{"target_user_id":"helper","new_role":"editor"}"#;
    stage.does(EventType::AUTHZ_ROLE_CHANGED, actor, start + 1_000, role);
    stage.does(EventType::DATA_SENSITIVE_ACCESS, actor, start + 1_200, "{}");
    stage.does(EventType::AUTH_MFA_DISABLED, actor, start + 1_300, "{}");
    stage.exports(actor, start + 1_500, 100);
}

#[test]
fn many_small_things_add_up() {
    let mut stage = Stage::new();
    prowl(&mut stage, "mallory", 0);
    let alert = stage.only_of_rule("suspicious_activity");
    assert!(alert.severity >= AlertSeverity::High);
    insta::assert_snapshot!(story(alert));
}

#[test]
fn everyday_work_weighs_little() {
    let mut stage = Stage::new();
    for day in 0..20 {
        for number in 0..4 {
            let second = day * DAY + number * 400;
            stage.does(EventType::AUTHZ_ACCESS_DENIED, "support", second, "{}");
            stage.does(EventType::DATA_SENSITIVE_ACCESS, "support", second + 50, "{}");
            stage.exports("support", second + 100, 10);
            let role = format!(r#"{{"target_user_id":"u{day}","new_role":"member"}}"#);
            stage.does(EventType::AUTHZ_ROLE_CHANGED, "support", second + 150, &role);
        }
    }
    let told = stage.of_rule("suspicious_activity");
    assert!(told.len() <= 2, "only before it was known: {}", told.len());
    assert!(told.iter().all(|alert| alert.severity == AlertSeverity::Medium));
}

#[test]
fn who_tries_one_door_after_the_other_is_told() {
    let mut stage = Stage::new();
    for number in 0..12 {
        let metadata = format!(r#"{{"resource":"/admin/area_{number}"}}"#);
        stage.does(EventType::AUTHZ_ACCESS_DENIED, "mallory", number * 40, &metadata);
        // A broken page asks for the same thing on every click.
        stage.does(EventType::AUTHZ_ACCESS_DENIED, "bob", number * 40, r#"{"resource":"/reports"}"#);
    }
    let alert = stage.only_of_rule("access_probing");
    assert_eq!((alert.actor_id.as_deref(), &alert.severity), (Some("mallory"), &AlertSeverity::Medium));
    insta::assert_snapshot!(story(alert));
}

#[test]
fn ordinary_work_is_told_quietly_and_the_same_after_a_guessed_password_is_not() {
    let mut stage = Stage::new();
    for day in 0..6 {
        stage.does(EventType::DATA_SENSITIVE_ACCESS, "support", day * DAY, r#"{"resource":"ticket"}"#);
        stage.does(EventType::DATA_BULK_DELETE, "cleaner", day * DAY, r#"{"count":10}"#);
    }
    let severities: Vec<String> = stage
        .scene
        .list()
        .iter()
        .map(|alert| format!("{} {}", alert.actor_id.as_deref().unwrap_or("-"), alert.severity))
        .collect();
    assert_eq!(
        severities,
        [
            "support medium",
            "cleaner high",
            "support medium",
            "cleaner medium",
            "support medium",
            "cleaner medium",
            "support low",
            "cleaner medium",
            "support low",
            "cleaner medium",
            "support low",
            "cleaner medium",
        ]
    );
    stage.is_guessed("support", 6 * DAY);
    stage.does(EventType::DATA_SENSITIVE_ACCESS, "support", 6 * DAY + 60, r#"{"resource":"payroll"}"#);
    assert_eq!(stage.scene.list().last().map(|alert| &alert.severity), Some(&AlertSeverity::Medium));
    stage.is_guessed("carol", 6 * DAY);
    stage.does(EventType::DATA_SENSITIVE_ACCESS, "carol", 6 * DAY + 60, r#"{"resource":"payroll"}"#);
    assert_eq!(stage.scene.list().last().map(|alert| &alert.severity), Some(&AlertSeverity::High));
}

#[test]
fn one_deletion_in_bulk_does_not_excuse_the_next_one_of_the_day() {
    let mut stage = Stage::new();
    for day in 0..4 {
        for hour in [0, 3] {
            let second = day * DAY + hour * 3_600;
            stage.does(EventType::DATA_SENSITIVE_ACCESS, "support", second, r#"{"resource":"ticket"}"#);
            stage.does(EventType::DATA_BULK_DELETE, "cleaner", second + 60, r#"{"count":10}"#);
        }
    }
    let of = |actor: &str| -> Vec<String> {
        let alerts = stage.scene.list().into_iter();
        let own = alerts.filter(|alert| alert.actor_id.as_deref() == Some(actor));
        own.map(|alert| alert.severity.to_string()).collect()
    };
    // On the third day the first of it is told, and what follows it is not told again.
    assert_eq!(of("support"), ["medium", "medium", "medium", "medium", "medium", "low", "low", "low"]);
    assert_eq!(of("cleaner"), ["high", "high", "medium", "medium", "medium", "medium", "medium", "medium"]);
}

#[test]
fn the_limits_are_settings() {
    let mut settings = Settings::default();
    settings.suspicious_activity.high = 500;
    settings.suspicious_activity.critical = 600;
    let mut stage = Stage::with(settings);
    prowl(&mut stage, "mallory", 0);
    assert_eq!(stage.of_rule("suspicious_activity").len(), 0);
}

#[test]
fn wrong_settings_are_all_named() {
    let mut settings = Settings::default();
    settings.suspicious_activity.high = 5;
    settings.suspicious_activity.critical = 1;
    settings.data_exfiltration.events = 0;
    settings.mfa_fatigue.failures = 1;
    settings.sign_up_velocity.window = std::time::Duration::ZERO;
    let invalid = settings.validate().unwrap_err().to_string();
    for name in [
        "suspicious_activity.high",
        "suspicious_activity.critical",
        "data_exfiltration.events",
        "mfa_fatigue.failures",
        "sign_up_velocity.window",
    ] {
        assert!(invalid.contains(name), "{invalid}");
    }
}
