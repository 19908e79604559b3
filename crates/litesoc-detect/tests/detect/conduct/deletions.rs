//! Data destroyed and accounts removed.

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType};

use super::{DAY, HOUR, Stage, story};

#[test]
fn deletions_across_midnight_do_not_make_a_habit() {
    let told = |start: i64| {
        let mut stage = Stage::new();
        stage.does(EventType::DATA_BULK_DELETE, "carol", 0, r#"{"records_deleted":10}"#);
        for number in 0..6 {
            stage.does(
                EventType::DATA_BULK_DELETE,
                "carol",
                start + number * 300,
                r#"{"records_deleted":10}"#,
            );
        }
        stage.of_rule("data_destruction").iter().map(|alert| alert.count).collect::<Vec<_>>()
    };
    let expected = told(2 * DAY);
    assert_eq!(expected.len(), 1);
    for place in 0..=6 {
        assert_eq!(told(2 * DAY + 12 * HOUR - place * 300), expected, "{place} before midnight");
    }
}

#[test]
fn a_campaign_of_deletions_after_an_export_is_critical() {
    let mut stage = Stage::new();
    stage.exports("carol", 0, 10);
    for number in 0..3 {
        stage.does(EventType::DATA_BULK_DELETE, "carol", 600 + number * 120, r#"{"records_deleted":4000}"#);
    }
    let alert = stage.only_of_rule("data_destruction");
    assert_eq!((&alert.severity, alert.technique.as_deref()), (&AlertSeverity::Critical, Some("T1485")));
    insta::assert_snapshot!(story(alert));
}

#[test]
fn a_retention_job_is_known_after_three_days() {
    let mut stage = Stage::new();
    for night in 0..20 {
        for number in 0..5 {
            stage.does(
                EventType::DATA_BULK_DELETE,
                "retention",
                night * DAY + number * 60,
                r#"{"count":100}"#,
            );
        }
    }
    let told: Vec<_> = stage.of_rule("data_destruction");
    assert!(told.len() <= 4, "{} alerts", told.len());
}

#[test]
fn accounts_removed_in_a_row_are_told() {
    let mut stage = Stage::new();
    for number in 0..10 {
        let metadata = format!(r#"{{"target_user_id":"u{number}"}}"#);
        stage.does(EventType::ADMIN_USER_DELETED, "mallory", number * 20, &metadata);
    }
    let alert = stage.scene.only();
    assert_eq!(
        (&alert.alert_type, alert.technique.as_deref()),
        (&AlertType::SuspiciousActivity, Some("T1531"))
    );
    assert_eq!(alert.severity, AlertSeverity::High);
}

#[test]
fn the_day_under_way_makes_no_retention_job() {
    let told = |days: i64| {
        let mut stage = Stage::new();
        for day in (0..days).chain([10]) {
            let times = if day == 10 { 6 } else { 1 };
            for number in 0..times {
                let second = day * DAY + number * 300;
                stage.does(EventType::DATA_BULK_DELETE, "carol", second, r#"{"records_deleted":10}"#);
            }
        }
        stage.of_rule("data_destruction").len()
    };
    assert_eq!((told(2), told(3)), (1, 0));
}
