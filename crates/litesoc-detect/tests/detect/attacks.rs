//! What an analyst sees: each attack as one alert, with its text.

use crate::scene::{Happening, NOON, Scene};
use litesoc_detect::{AlertDraft, Settings};
use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType, Timestamp};

fn story(alert: &AlertDraft) -> String {
    format!(
        "{} {} x{} {} {}\n{}\n{}\nip {:?} actor {:?} rules {:?}",
        alert.severity,
        alert.alert_type,
        alert.count,
        alert.technique.as_deref().unwrap_or("-"),
        alert.fingerprint,
        alert.title,
        alert.description,
        alert.source_ip,
        alert.actor_id,
        alert.evidence.rules,
    )
}

#[test]
fn a_guess_at_one_account_that_ends_in_a_success_is_one_critical_alert() {
    let mut scene = Scene::new();
    for try_number in 0..24 {
        scene.fails("alice", "203.0.113.5", try_number * 5);
    }
    scene.succeeds("alice", "203.0.113.5", 130);
    insta::assert_snapshot!(story(scene.only()));
    assert_eq!(scene.only().sample_event_ids.len(), 20);
    assert_eq!(scene.only().last_seen, Timestamp::from_millis(NOON + 130_000));
}

#[test]
fn a_spray_is_one_alert_that_names_how_many_accounts() {
    let mut scene = Scene::new();
    for account in 0..41 {
        scene.fails(&format!("user_{account}"), "198.51.100.7", account * 3);
    }
    insta::assert_snapshot!(story(scene.only()));
}

#[test]
fn a_guess_spread_over_many_addresses_is_one_alert_of_the_account() {
    let mut scene = Scene::new();
    for address in 0..12 {
        scene.fails("alice", &format!("198.51.100.{address}"), address * 120);
    }
    insta::assert_snapshot!(story(scene.only()));
}

#[test]
fn a_source_that_turns_to_more_accounts_stays_one_alert() {
    let mut scene = Scene::new();
    for second in 0..12 {
        scene.fails("alice", "203.0.113.5", second);
    }
    for second in 12..30 {
        scene.fails(&format!("user_{second}"), "203.0.113.5", second);
    }
    for second in 30..40 {
        scene.fails("alice", "198.51.100.9", second);
    }
    assert_eq!(
        (scene.only().count, scene.only().evidence.accounts, scene.only().evidence.addresses),
        (40, 19, 2)
    );
    assert_eq!(scene.only().source_ip, None);
    assert_eq!(scene.only().actor_id, None);
}

#[test]
fn instant_events_are_told_in_words_and_grouped() {
    let mut scene = Scene::new();
    let mut escalation =
        Happening::new(900, EventType::ADMIN_PRIVILEGE_ESCALATION, "mallory", "203.0.113.80", 0);
    escalation.metadata = r#"{"old_role":"user","new_role":"owner","x":[1]}"#.to_owned();
    scene.show(&escalation);
    for second in [10, 20, 3_000] {
        scene.happens(EventType::AUTHZ_ACCESS_DENIED, "bob", "203.0.113.9", second);
    }
    scene.happens(EventType::AUTHZ_ROLE_CHANGED, "bob", "203.0.113.9", 3_100);
    scene.happens(EventType::SECURITY_SUSPICIOUS_ACTIVITY, "", "203.0.113.77", 50);
    scene.happens(EventType::DATA_BULK_DELETE, "carol", "", 60);
    scene.happens(EventType::SECURITY_BRUTE_FORCE_DETECTED, "dave", "203.0.113.10", 70);
    let stories: Vec<String> = scene.list().into_iter().map(story).collect();
    insta::assert_snapshot!(stories.join("\n\n"));
}

#[test]
fn below_a_threshold_nothing_is_said() {
    let mut scene = Scene::new();
    // Four in five minutes from one address, then the fifth a moment too late.
    for second in [0, 60, 120, 180, 301] {
        scene.fails(&format!("user_{second}"), "203.0.113.5", second);
    }
    // Nine in an hour on one account, the tenth a moment too late.
    for number in 0..9 {
        scene.fails("alice", &format!("198.51.100.{number}"), number * 400);
    }
    scene.fails("alice", "198.51.100.10", 3_601);
    scene.succeeds("alice", "198.51.100.10", 3_602);
    assert_eq!(scene.list(), Vec::<&AlertDraft>::new());
}

#[test]
fn a_success_counts_only_from_the_source_or_on_the_account_and_in_time() {
    let severity_after = |actor: &str, ip: &str, second: i64| {
        let mut scene = Scene::new();
        for account in 0..6 {
            scene.fails(&format!("user_{account}"), "203.0.113.5", account);
        }
        scene.succeeds(actor, ip, second);
        scene.only().severity.clone()
    };
    assert_eq!(severity_after("zoe", "203.0.113.5", 200), AlertSeverity::Critical);
    assert_eq!(severity_after("user_1", "192.0.2.44", 200), AlertSeverity::High);
    assert_eq!(severity_after("user_1", "203.0.113.5", 306), AlertSeverity::High);
    assert_eq!(severity_after("user_1", "203.0.113.5", 2), AlertSeverity::High);
}

#[test]
fn late_events_count_by_the_time_they_happened() {
    let mut scene = Scene::new();
    scene.succeeds("alice", "203.0.113.5", 10);
    for second in [9, 5, 7, 3_000, 6] {
        scene.fails("alice", "203.0.113.5", second);
    }
    assert_eq!(scene.list().len(), 0, "four within five minutes");
    scene.fails("alice", "203.0.113.5", 8);
    let alert = scene.only();
    assert_eq!((alert.count, &alert.severity), (6, &AlertSeverity::Critical));
    assert_eq!(alert.first_seen, Timestamp::from_millis(NOON + 5_000));
    assert_eq!(alert.last_seen, Timestamp::from_millis(NOON + 3_000_000));
}

#[test]
fn an_alert_takes_in_repeats_for_an_hour() {
    let mut scene = Scene::new();
    for second in [0, 3_600, 7_200, 10_801] {
        scene.happens(EventType::DATA_SENSITIVE_ACCESS, "bob", "", second);
    }
    let counts: Vec<u64> = scene.list().iter().map(|alert| alert.count).collect();
    assert_eq!(counts, [3, 1]);
    // One that arrives a day late stands alone and does not end the current grouping.
    scene.happens(EventType::DATA_SENSITIVE_ACCESS, "bob", "", -80_000);
    scene.happens(EventType::DATA_SENSITIVE_ACCESS, "bob", "", 10_900);
    let counts: Vec<u64> = scene.list().iter().map(|alert| alert.count).collect();
    assert_eq!(counts, [3, 2, 1]);
}

#[test]
fn after_resolving_the_next_attack_is_a_new_alert() {
    let mut scene = Scene::new();
    for second in 0..6 {
        scene.fails("alice", "203.0.113.5", second);
    }
    let first = scene.only().id;
    scene.detector.forget(first);
    for second in 6..10 {
        scene.fails("alice", "203.0.113.5", second);
    }
    assert_eq!(scene.list().len(), 1, "what the resolved alert counted is spent");
    scene.fails("alice", "203.0.113.5", 10);
    assert_eq!(scene.list().iter().map(|alert| alert.count).collect::<Vec<_>>(), [6, 5]);
}

#[test]
fn marked_safe_is_silent_under_every_rule_until_it_ends() {
    let mut scene = Scene::new();
    for second in 0..5 {
        scene.fails("alice", "203.0.113.5", second);
    }
    let fingerprint = scene.only().fingerprint.clone();
    scene.detector.suppress("acme", &fingerprint, Timestamp::from_millis(NOON + 30 * 86_400_000));
    for second in 5..50 {
        scene.fails("alice", "203.0.113.5", second);
    }
    for second in 90_000..90_050 {
        scene.fails("alice", "203.0.113.5", second);
    }
    assert_eq!(scene.only().count, 5);
    for second in 0..5 {
        scene.fails("alice", "203.0.113.5", 31 * 86_400 + second);
    }
    assert_eq!(scene.list().len(), 2);
}

#[test]
fn an_attack_that_never_pauses_is_heard_again_when_the_silence_ends() {
    let mut scene = Scene::new();
    let until = Timestamp::from_millis(NOON + 10_000_000);
    scene.detector.suppress("acme", "brute_force_attack/ip:203.0.113.5", until);
    for second in (0..10_000).step_by(10) {
        scene.fails("alice", "203.0.113.5", second);
    }
    assert_eq!(scene.list().len(), 0);
    for second in (10_000..10_050).step_by(10) {
        scene.fails("alice", "203.0.113.5", second);
    }
    assert_eq!((scene.only().count, scene.only().first_seen), (5, until));
}

#[test]
fn a_restart_makes_up_for_evidence_that_was_stored_too_early() {
    let mut before = Scene::new();
    for second in 0..5 {
        before.fails("alice", "203.0.113.5", second);
    }
    let mut stored = before.only().clone();
    for second in 5..8 {
        before.fails("alice", "203.0.113.5", second);
    }
    before.succeeds("alice", "203.0.113.5", 8);
    (stored.count, stored.severity) = (before.only().count, before.only().severity.clone());
    stored.last_seen = before.only().last_seen;
    let mut after = Scene::new();
    after.detector.resume(&stored);
    after.alerts.insert(stored.id, stored.clone());
    after.fails("alice", "203.0.113.5", 9);
    let alert = &after.alerts[&stored.id];
    assert_eq!((alert.count, alert.evidence.failures, alert.evidence.successes), (9, 9, 1));
    assert_eq!(alert.title, "Brute force on alice from 203.0.113.5, then a successful sign-in");
}

#[test]
fn sources_are_networks_in_ipv6_and_mapped_addresses_are_ipv4() {
    let mut scene = Scene::new();
    for second in 0..5 {
        scene.fails(&format!("user_{second}"), &format!("2001:db8:1:2:{second}::1"), second);
    }
    for second in 0..3 {
        scene.fails(&format!("user_{second}"), "::ffff:203.0.113.5", second);
        scene.fails(&format!("user_{second}"), "203.0.113.5", second);
    }
    let fingerprints: Vec<&str> = scene.list().iter().map(|alert| &*alert.fingerprint).collect();
    assert_eq!(
        fingerprints,
        ["brute_force_attack/ip:2001:db8:1:2::/64", "brute_force_attack/ip:203.0.113.5"]
    );
}

#[test]
fn the_application_s_own_report_joins_the_attack_it_is_about() {
    let mut scene = Scene::new();
    scene.happens(EventType::SECURITY_BRUTE_FORCE_DETECTED, "alice", "203.0.113.5", 0);
    scene.fails("alice", "203.0.113.5", 1);
    assert_eq!(scene.only().count, 1, "one wrong password is not the attack");
    for second in 2..6 {
        scene.fails("alice", "203.0.113.5", second);
    }
    scene.happens(EventType::SECURITY_BRUTE_FORCE_DETECTED, "", "203.0.113.5", 9);
    assert_eq!((scene.only().count, scene.only().evidence.failures), (7, 5));
}

#[test]
fn a_restart_goes_on_with_the_stored_alert() {
    let mut before = Scene::new();
    for second in 0..8 {
        before.fails("alice", "203.0.113.5", second);
    }
    before.happens(EventType::AUTHZ_ACCESS_DENIED, "bob", "", 0);
    let mut after = Scene::new();
    for alert in before.list() {
        after.detector.resume(alert);
        after.alerts.insert(alert.id, alert.clone());
    }
    after.fails("alice", "203.0.113.5", 9);
    after.succeeds("alice", "203.0.113.5", 10);
    after.happens(EventType::AUTHZ_ACCESS_DENIED, "bob", "", 20);
    assert_eq!(after.order.len(), 0, "nothing new is raised");
    let attack = after.alerts.values().find(|alert| alert.alert_type == AlertType::BruteForceAttack);
    let attack = attack.map(|alert| (alert.count, alert.severity.clone(), alert.actor_id.clone()));
    assert_eq!(attack, Some((9, AlertSeverity::Critical, Some("alice".to_owned()))));
    assert!(after.alerts.values().any(|alert| alert.title == "bob was denied access 2 times"));
}

#[test]
fn a_restart_goes_on_with_an_attack_that_has_no_single_source_left() {
    for source in ["203.0.113.5", "2001:db8:1:2::5"] {
        let mut before = Scene::new();
        for second in 0..10 {
            before.fails("alice", source, second);
        }
        before.fails("alice", "198.51.100.7", 10);
        let stored = before.only().clone();
        assert_eq!((stored.source_ip, stored.evidence.addresses), (None, 2));
        assert!(stored.fingerprint.starts_with("brute_force_attack/ip:"), "{}", stored.fingerprint);
        let mut after = Scene::new();
        after.detector.resume(&stored);
        after.alerts.insert(stored.id, stored.clone());
        for second in 11..20 {
            after.fails("alice", source, second);
        }
        assert_eq!((after.order.len(), after.alerts[&stored.id].count), (0, 20), "{source}");
    }
}

#[test]
fn organisations_do_not_add_up() {
    let mut settings = Settings::default();
    settings.brute_force_address.failures = 2;
    let mut detector = litesoc_detect::Detector::new(settings).unwrap();
    let mut changes = Vec::new();
    let failed = EventType::AUTH_LOGIN_FAILED;
    for (id, organization) in [(1, "acme"), (2, "globex")] {
        let at = Timestamp::from_millis(NOON);
        let seen = litesoc_detect::Observation::new(organization, uuid::Uuid::from_u128(id), &failed, at, at);
        detector.observe(&seen.actor(Some("alice")).ip("203.0.113.5".parse().ok()), &mut changes);
    }
    assert_eq!(changes, []);
}
