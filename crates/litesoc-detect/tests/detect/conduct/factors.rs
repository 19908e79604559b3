//! Second factors, and what follows a suspicious sign-in.

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType};

use super::{HOUR, Stage, story};

const FAILED: EventType = EventType::AUTH_MFA_CHALLENGE_FAILED;
const ANSWERED: EventType = EventType::AUTH_MFA_CHALLENGE_SUCCESS;

#[test]
fn challenges_until_the_owner_gives_in_are_critical() {
    let mut stage = Stage::new();
    for number in 0..7 {
        stage.does(FAILED, "alice", number * 60, r#"{"method":"push","reason":"denied"}"#);
    }
    let alert = stage.scene.only();
    assert_eq!((&alert.alert_type, &alert.severity), (&AlertType::MfaFatigue, &AlertSeverity::High));
    stage.does(ANSWERED, "alice", 460, r#"{"method":"push"}"#);
    let alert = stage.scene.only();
    assert_eq!(alert.severity, AlertSeverity::Critical);
    insta::assert_snapshot!(story(alert));
}

#[test]
fn a_success_that_overtakes_its_challenges_counts() {
    let mut stage = Stage::new();
    stage.does(ANSWERED, "alice", 400, "{}");
    for number in [4, 0, 3, 1, 2] {
        stage.does(FAILED, "alice", number * 60, "{}");
    }
    assert_eq!(stage.scene.only().severity, AlertSeverity::Critical);
}

#[test]
fn wrong_codes_are_not_fatigue() {
    let mut stage = Stage::new();
    for number in 0..5 {
        stage.does(FAILED, "bob", number * 20, r#"{"method":"TOTP"}"#);
    }
    assert_eq!(stage.scene.only().severity, AlertSeverity::Medium);
    stage.does(ANSWERED, "bob", 130, r#"{"method":"TOTP"}"#);
    assert_eq!(stage.scene.only().severity, AlertSeverity::High);
}

#[test]
fn four_or_slow_ones_are_nothing() {
    let mut stage = Stage::new();
    for number in 0..4 {
        stage.does(FAILED, "alice", number * 60, "{}");
    }
    stage.does(ANSWERED, "alice", 300, "{}");
    for number in 0..12 {
        stage.does(FAILED, "bob", number * 200, "{}");
    }
    assert_eq!(stage.scene.list().len(), 0);
}

#[test]
fn sign_ins_reported_before_the_second_factor_prove_nothing() {
    let mut stage = Stage::new();
    for number in 0..8 {
        stage.does(EventType::AUTH_LOGIN_SUCCESS, "alice", number * 60, "{}");
        stage.does(FAILED, "alice", number * 60 + 5, "{}");
    }
    assert_eq!(stage.scene.only().severity, AlertSeverity::High);
}

#[test]
fn prompts_nobody_answers_count_and_answered_ones_do_not() {
    let sent = || EventType::custom("auth.mfa_challenge_sent");
    let mut stage = Stage::new();
    for number in 0..12 {
        stage.does(sent(), "alice", number * 30, "{}");
        stage.does(sent(), "bob", number * 30, "{}");
        stage.does(ANSWERED, "bob", number * 30 + 9, "{}");
    }
    let alert = stage.scene.only();
    assert_eq!((alert.actor_id.as_deref(), &alert.severity), (Some("alice"), &AlertSeverity::High));
}

#[test]
fn the_second_factor_turned_off_after_a_guessed_password_is_critical() {
    let mut stage = Stage::new();
    stage.is_guessed("alice", 0);
    stage.does(EventType::AUTH_MFA_DISABLED, "alice", 600, "{}");
    let alert = stage.only_of_rule("account_takeover");
    assert_eq!(
        (&alert.alert_type, &alert.severity),
        (&AlertType::AccountCompromise, &AlertSeverity::Critical)
    );
    assert_eq!(alert.technique.as_deref(), Some("T1556.006"));
    insta::assert_snapshot!(story(alert));
}

#[test]
fn lighter_changes_are_high_and_a_key_is_named() {
    let mut stage = Stage::new();
    stage.is_guessed("alice", 0);
    stage.does(EventType::AUTH_PASSWORD_RESET, "alice", 600, "{}");
    assert_eq!(stage.only_of_rule("account_takeover").severity, AlertSeverity::High);
    stage.does(EventType::ADMIN_API_KEY_CREATED, "alice", 700, r#"{"name":"ci"}"#);
    let alert = stage.only_of_rule("account_takeover");
    assert_eq!((&alert.severity, alert.technique.as_deref()), (&AlertSeverity::Critical, Some("T1098.001")));
}

#[test]
fn without_a_suspicious_sign_in_changes_are_nothing() {
    let mut stage = Stage::new();
    stage.does(EventType::AUTH_PASSWORD_RESET, "alice", 0, "{}");
    stage.does(EventType::AUTH_LOGIN_SUCCESS, "alice", 60, "{}");
    stage.does(EventType::AUTH_MFA_DISABLED, "alice", 120, "{}");
    stage.does(EventType::AUTH_MFA_ENABLED, "alice", 180, "{}");
    stage.does(EventType::ADMIN_API_KEY_CREATED, "alice", 240, "{}");
    // Before it, as when a password was forgotten, or an hour later.
    stage.does(EventType::AUTH_PASSWORD_RESET, "bob", -300, "{}");
    stage.is_guessed("bob", 0);
    stage.does(EventType::AUTH_MFA_DISABLED, "bob", HOUR + 1, "{}");
    assert_eq!(stage.of_type(&AlertType::AccountCompromise).len(), 0);
}
