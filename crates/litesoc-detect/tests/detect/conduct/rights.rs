//! Rights given, and to whom.

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType};

use super::{DAY, Stage, story};

const GRANT: EventType = EventType::AUTHZ_ROLE_CHANGED;

fn rights(target: &str, role: &str) -> String {
    serde_json::json!({"target_user_id": target, "old_role": "member", "new_role": role}).to_string()
}

/// An organisation that has been seen for a while, with an administrator at work.
fn settled() -> Stage {
    let mut stage = Stage::new();
    for day in 0..20 {
        stage.does(GRANT, "alice", day * DAY, &rights(&format!("person_{day}"), "editor"));
    }
    stage
}

#[test]
fn rights_for_oneself_are_told() {
    let mut stage = settled();
    stage.does(GRANT, "mallory", 20 * DAY, &rights("mallory", "owner"));
    let alert = stage.only_of_rule("privilege_self_grant");
    assert_eq!((&alert.severity, &alert.alert_type), (&AlertSeverity::High, &AlertType::PrivilegeEscalation));
    insta::assert_snapshot!(story(alert));
}

#[test]
fn the_target_is_found_under_the_names_that_applications_use() {
    let told = |member: &str, target: &str| {
        let mut stage = settled();
        stage.does(GRANT, "mallory", 20 * DAY, &format!(r#"{{"{member}":"{target}","new_role":"owner"}}"#));
        stage.of_rule("privilege_self_grant").iter().map(|alert| alert.severity.clone()).collect::<Vec<_>>()
    };
    for member in [
        "target",
        "target_user",
        "targetUserName",
        "user_id",
        "subject",
        "subject_id",
        "granted_to",
        "grantee",
        "grantee_id",
        "assigned_to",
        "recipient",
        "principal",
        "Beneficiary",
    ] {
        assert_eq!(told(member, "mallory"), [AlertSeverity::High], "{member}");
        assert!(told(member, "bob").is_empty(), "{member}");
    }
    let stated = r#"{"subject":"mallory","target":"bob","new_role":"owner"}"#;
    let mut stage = settled();
    stage.does(GRANT, "mallory", 20 * DAY, stated);
    assert_eq!(stage.of_rule("privilege_self_grant").len(), 0, "the subject may be who gives");
    for member in ["granted_by", "approver", "subject_line"] {
        assert!(told(member, "mallory").is_empty(), "{member}");
    }
}

#[test]
fn after_a_guessed_password_they_are_critical() {
    let mut stage = settled();
    stage.is_guessed("mallory", 20 * DAY);
    stage.does(GRANT, "mallory", 20 * DAY + 300, &rights("mallory", "owner"));
    assert_eq!(stage.only_of_rule("privilege_self_grant").severity, AlertSeverity::Critical);
}

#[test]
fn rights_for_an_account_just_made_are_told() {
    let mut stage = settled();
    let made = r#"{"target":{"id":"backdoor\n1"}}"#;
    stage.does(EventType::ADMIN_USER_CREATED, "mallory", 20 * DAY, made);
    stage.does(GRANT, "mallory", 20 * DAY + 600, &rights("backdoor\n1", "org-admin"));
    let alert = stage.only_of_rule("privilege_self_grant");
    assert_eq!(alert.severity, AlertSeverity::High);
    insta::assert_snapshot!(story(alert));
}

#[test]
fn a_first_grant_is_told_once_and_then_known() {
    let mut stage = settled();
    for hour in 0..6 {
        stage.does(GRANT, "bob", 20 * DAY + hour * 7_200, &rights("carol", "editor"));
    }
    let alert = stage.only_of_rule("privilege_first_grant");
    assert_eq!((&alert.severity, alert.count), (&AlertSeverity::Medium, 1));
    insta::assert_snapshot!(story(alert));
}

#[test]
fn the_day_under_way_makes_no_giver_of_rights() {
    let told = |days: i64| {
        let mut stage = settled();
        for day in 0..days {
            stage.does(GRANT, "bob", (20 + day) * DAY, &rights("carol", "editor"));
        }
        stage.does(GRANT, "bob", 25 * DAY, &rights("carol", "editor"));
        stage.does(GRANT, "bob", 25 * DAY + 1_800, &rights("bob", "owner"));
        stage.only_of_rule("privilege_self_grant").severity.clone()
    };
    assert_eq!(told(2), AlertSeverity::High);
    assert_eq!(told(3), AlertSeverity::Medium, "three days earlier it is his work");
}

#[test]
fn in_the_first_weeks_nobody_is_a_first_time_giver() {
    let mut stage = Stage::new();
    for day in 0..13 {
        stage.does(GRANT, &format!("admin_{day}"), day * DAY, &rights("carol", "editor"));
    }
    assert_eq!(stage.of_rule("privilege_first_grant").len(), 0);
}

#[test]
fn an_administrator_may_enter_forty_people_on_a_monday() {
    let mut stage = settled();
    for person in 0..40 {
        let second = 21 * DAY + person * 45;
        let metadata = format!(r#"{{"target_user_id":"new_{person}","email":"new_{person}@acme.test"}}"#);
        stage.does_from(EventType::ADMIN_USER_CREATED, "alice", "203.0.113.7", second, &metadata);
        let role = if person % 10 == 0 { "admin" } else { "member" };
        stage.does_from(GRANT, "alice", "203.0.113.7", second + 10, &rights(&format!("new_{person}"), role));
    }
    assert_eq!(stage.loud(), Vec::<&str>::new());
    assert_eq!(stage.of_rule("privilege_first_grant").len(), 0);
    assert_eq!(stage.of_rule("sign_up_velocity").len(), 0);
}

#[test]
fn a_new_administrator_made_by_a_known_one_may_begin() {
    let mut stage = settled();
    stage.does(GRANT, "alice", 20 * DAY, &rights("dora", "admin"));
    for person in 0..40 {
        let metadata = format!(r#"{{"target_user_id":"new_{person}"}}"#);
        stage.does(EventType::ADMIN_USER_CREATED, "dora", 21 * DAY + person * 45, &metadata);
        stage.does(GRANT, "dora", 21 * DAY + person * 45 + 9, &rights(&format!("new_{person}"), "member"));
    }
    assert_eq!(stage.of_type(&AlertType::PrivilegeEscalation).len(), 0);
    assert_eq!(stage.loud(), Vec::<&str>::new());
}

#[test]
fn rights_taken_away_are_no_escalation() {
    let mut stage = settled();
    stage.does(GRANT, "bob", 20 * DAY, r#"{"target":"bob","old_role":"admin","new_role":"viewer"}"#);
    stage.does(GRANT, "eve", 20 * DAY, r#"{"target":"eve","role":"admin","action":"removed"}"#);
    assert_eq!(stage.of_type(&AlertType::PrivilegeEscalation).len(), 0);
}

#[test]
fn the_target_of_the_event_itself_counts_and_so_does_its_first_name() {
    use litesoc_detect::Observation;
    use litesoc_model::Timestamp;
    use uuid::Uuid;

    let tell = |target: &str, original: Option<&str>| {
        let mut stage = settled();
        let at = Timestamp::from_millis(crate::scene::NOON + 20 * DAY * 1_000);
        let event = GRANT;
        let seen = Observation::new("acme", Uuid::from_u128(99), &event, at, at)
            .actor(Some("mallory"))
            .target(Some(target))
            .original(original);
        let mut changes = Vec::new();
        stage.scene.detector.observe(&seen, &mut changes);
        changes.iter().any(|change| change.severity() >= &AlertSeverity::High)
    };
    assert!(tell(r#"{"id":"mallory","type":"user"}"#, None));
    assert!(tell("mallory", Some("authz.role_assigned")));
    assert!(!tell("mallory", Some("authz.role_removed")));
    assert!(!tell(r#"{"id":"bob"}"#, None));
}

#[test]
fn sign_in_rights_and_export_make_a_chain_in_any_order_of_arrival() {
    let pieces = |stage: &mut Stage, piece: usize| match piece {
        0 => stage.is_guessed("mallory", 20 * DAY),
        1 => stage.does(GRANT, "mallory", 20 * DAY + 600, &rights("helper", "editor")),
        _ => stage.exports("mallory", 20 * DAY + 1_200, 500),
    };
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1]] {
        let mut stage = settled();
        for piece in order {
            pieces(&mut stage, piece);
        }
        let alert = stage.only_of_rule("account_compromise_chain");
        assert_eq!(alert.severity, AlertSeverity::Critical, "{order:?}");
        if order == [0, 1, 2] {
            insta::assert_snapshot!(story(alert));
        }
    }
}

#[test]
fn the_chain_has_an_order_and_an_hour() {
    let mut stage = settled();
    stage.does(GRANT, "mallory", 20 * DAY - 600, &rights("helper", "editor"));
    stage.is_guessed("mallory", 20 * DAY);
    stage.exports("mallory", 20 * DAY + 600, 500);
    stage.is_guessed("nina", 20 * DAY);
    stage.does(GRANT, "nina", 20 * DAY + 600, &rights("helper", "editor"));
    stage.exports("nina", 20 * DAY + 3_700, 500);
    assert_eq!(stage.of_rule("account_compromise_chain").len(), 0);
}
