//! Rules of the operator's own: the examples, what their alerts say, and that they survive restarts and replays.

use litesoc_detect::sigma::RuleSet;
use litesoc_detect::{AlertDraft, Change, Detector, Observation, Settings, coalesce, taxonomy};
use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType, Enrichment, Place, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use crate::scene::NOON;

macro_rules! examples {
    ($($name:ident),* $(,)?) => {
        $(pub(super) const $name: (&str, &str) = (stringify!($name), include_str!(concat!("../../../../docs/rules/", stringify!($name), ".yml")));)*
    };
}

#[expect(non_upper_case_globals, reason = "they are the names of files")]
mod example {
    examples!(
        account_compromise,
        data_outside_approved_countries,
        failed_sign_ins_of_administrators,
        ssh_botnet,
        credential_stuffing,
        large_export_at_night,
    );
    pub(super) const ALL: [(&str, &str); 6] = [
        account_compromise,
        data_outside_approved_countries,
        failed_sign_ins_of_administrators,
        ssh_botnet,
        credential_stuffing,
        large_export_at_night,
    ];
}

/// One event of a story.
#[derive(Clone, Debug)]
struct Step {
    event: EventType,
    actor: &'static str,
    ip: String,
    second: i64,
    metadata: &'static str,
    country: &'static str,
}

fn step(event: EventType, actor: &'static str, ip: impl Into<String>, second: i64) -> Step {
    Step { event, actor, ip: ip.into(), second, metadata: "{}", country: "" }
}

impl Step {
    fn about(mut self, metadata: &'static str) -> Self {
        self.metadata = metadata;
        self
    }

    fn in_country(mut self, country: &'static str) -> Self {
        self.country = country;
        self
    }
}

fn detector(rules: &[(&str, &str)]) -> Detector {
    let mut detector = Detector::new(Settings::default()).expect("valid settings");
    detector.set_rules(None, read(rules));
    detector
}

fn read(rules: &[(&str, &str)]) -> RuleSet {
    RuleSet::parse_as(&taxonomy(), rules.iter().copied()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn show(detector: &mut Detector, number: usize, step: &Step, changes: &mut Vec<Change>) {
    let at = Timestamp::from_millis(NOON + step.second * 1_000);
    let mut known = Enrichment::default();
    if !step.country.is_empty() {
        known.place = Some(Place::of_country(step.country));
    }
    let seen = Observation::new("acme", Uuid::from_u128(number as u128 + 1), &step.event, at, at)
        .actor(Some(step.actor))
        .ip(step.ip.parse().ok())
        .metadata(step.metadata)
        .original(Some("login.failed"))
        .target(Some(r#"{"id":"doc-7","type":"document"}"#))
        .enrichment(Some(&known));
    detector.observe(&seen, changes);
}

/// The alerts of custom rules after a story.
fn alerts(detector: &mut Detector, steps: &[Step]) -> Vec<AlertDraft> {
    let mut changes = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        show(detector, number, step, &mut changes);
    }
    coalesce(&mut changes);
    let custom = changes.into_iter().filter_map(|change| {
        let Change::Raise(alert) = change else { return None };
        (alert.alert_type == AlertType::CustomThreatModel).then_some(*alert)
    });
    custom.collect()
}

fn failures(actor: &'static str, count: i64, every: i64) -> Vec<Step> {
    (0..count).map(|n| step(EventType::AUTH_LOGIN_FAILED, actor, "198.51.100.7", n * every)).collect()
}

#[test]
fn ten_failures_and_then_a_success_are_a_compromised_account() {
    let mut steps = failures("alice", 10, 55);
    steps.push(step(EventType::AUTH_LOGIN_SUCCESS, "alice", "203.0.113.5", 9 * 55 + 15 * 60));
    let found = alerts(&mut detector(&[example::account_compromise]), &steps);
    let [alert] = &found[..] else { panic!("one alert: {found:#?}") };
    assert_eq!(alert.severity, AlertSeverity::Critical);
    assert_eq!(alert.technique.as_deref(), Some("T1110.001"));
    assert_eq!(alert.fingerprint, "custom_threat_model/3b0f6b0e-8c52-4f43-9b1a-6d1f0c5e7a01/actor:alice");
    insta::assert_snapshot!(format!("{}\n{}", alert.title, alert.description));

    let mut too_few = failures("alice", 9, 55);
    too_few.push(step(EventType::AUTH_LOGIN_SUCCESS, "alice", "203.0.113.5", 600));
    assert!(alerts(&mut detector(&[example::account_compromise]), &too_few).is_empty());
    let mut too_late = failures("alice", 10, 55);
    too_late.push(step(EventType::AUTH_LOGIN_SUCCESS, "alice", "203.0.113.5", 9 * 55 + 15 * 60 + 1));
    assert!(alerts(&mut detector(&[example::account_compromise]), &too_late).is_empty());
    let mut other = failures("alice", 10, 55);
    other.push(step(EventType::AUTH_LOGIN_SUCCESS, "bob", "198.51.100.7", 600));
    assert!(alerts(&mut detector(&[example::account_compromise]), &other).is_empty());
}

#[test]
fn data_is_touched_from_approved_countries_only() {
    let read = |country| step(EventType::DATA_EXPORT, "alice", "203.0.113.5", 0).in_country(country);
    let raised =
        |step: Step| alerts(&mut detector(&[example::data_outside_approved_countries]), &[step]).len();
    assert_eq!([raised(read("KP")), raised(read("DE")), raised(read(""))], [1, 0, 0]);
    assert_eq!(raised(step(EventType::AUTH_LOGIN_SUCCESS, "alice", "203.0.113.5", 0).in_country("KP")), 0);
}

#[test]
fn administrators_have_a_lower_threshold() {
    let raised =
        |steps: &[Step]| alerts(&mut detector(&[example::failed_sign_ins_of_administrators]), steps).len();
    assert_eq!(raised(&failures("admin.eve", 5, 60)), 1);
    assert_eq!(raised(&failures("admin.eve", 4, 60)), 0);
    assert_eq!(raised(&failures("alice", 5, 60)), 0);
    let owner: Vec<Step> =
        failures("carol", 5, 60).into_iter().map(|step| step.about(r#"{"role":"owner"}"#)).collect();
    assert_eq!(raised(&owner), 1);
}

#[test]
fn an_ssh_botnet_shows_on_the_machine_it_guesses_at() {
    let guess =
        |n: i64, ip: String, metadata| step(EventType::AUTH_LOGIN_FAILED, "root", ip, n * 20).about(metadata);
    let ssh = r#"{"service":"sshd","host":"web-1"}"#;
    let log = r#"{"host":"web-1","raw_log":"Mar  1 12:00:00 web-1 sshd[71]: Failed password for root"}"#;
    let botnet = |count: i64, metadata: [&'static str; 2]| -> Vec<Step> {
        (0..count).map(|n| guess(n, format!("203.0.113.{n}"), metadata[n as usize % 2])).collect()
    };
    let raised = |steps: &[Step]| alerts(&mut detector(&[example::ssh_botnet]), steps).len();
    assert_eq!(raised(&botnet(10, [ssh, log])), 1);
    assert_eq!(raised(&botnet(9, [ssh, log])), 0);
    assert_eq!(raised(&botnet(10, [ssh, r#"{"service":"ssh","host":"web-2"}"#])), 0);
    assert_eq!(raised(&botnet(10, [r#"{"service":"web","host":"web-1"}"#; 2])), 0);
    // Addresses of one network at home are one source.
    let home: Vec<Step> = (0..30).map(|n| guess(n, format!("2001:db8::{n:x}"), ssh)).collect();
    assert_eq!(raised(&home), 0);
}

#[test]
fn stuffing_is_told_with_its_source() {
    const ACCOUNTS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let from = |ip: &str, count: usize| -> Vec<Step> {
        let accounts = ACCOUNTS.iter().take(count).zip(0..);
        accounts.map(|(actor, n)| step(EventType::AUTH_LOGIN_FAILED, actor, ip, n * 60)).collect()
    };
    let found = alerts(&mut detector(&[example::credential_stuffing]), &from("198.51.100.7", 10));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].title, "Credential stuffing: 198.51.100.7");
    assert!(found[0].fingerprint.ends_with("/ip:198.51.100.7"));
    assert_eq!(found[0].evidence.facts["count"], 10);
    assert!(alerts(&mut detector(&[example::credential_stuffing]), &from("198.51.100.7", 9)).is_empty());
    assert!(alerts(&mut detector(&[example::credential_stuffing]), &from("10.1.2.3", 10)).is_empty());
}

#[test]
fn night_and_numbers_in_metadata_are_seen() {
    let export = |hour: i64, metadata| {
        step(EventType::DATA_EXPORT, "alice", "203.0.113.5", (hour - 12) * 3_600).about(metadata)
    };
    let raised = |step: Step| alerts(&mut detector(&[example::large_export_at_night]), &[step]).len();
    assert_eq!(raised(export(21, r#"{"record_count":10001}"#)), 1);
    assert_eq!(raised(export(3, r#"{"record_count":"25000"}"#)), 1);
    assert_eq!(raised(export(21, r#"{"record_count":10000}"#)), 0);
    assert_eq!(raised(export(12, r#"{"record_count":10001}"#)), 0);
}

#[test]
fn rules_of_one_organisation_are_its_own() {
    let mut detector = Detector::new(Settings::default()).expect("valid settings");
    let export = step(EventType::DATA_EXPORT, "alice", "203.0.113.5", 0).in_country("KP");
    detector.set_rules(Some("other"), read(&[example::data_outside_approved_countries]));
    assert!(alerts(&mut detector, std::slice::from_ref(&export)).is_empty());
    detector.set_rules(Some("acme"), read(&[example::data_outside_approved_countries]));
    assert_eq!(alerts(&mut detector, std::slice::from_ref(&export)).len(), 1);
    detector.set_rules(Some("acme"), RuleSet::empty());
    assert!(detector.rules(Some("acme")).is_none());
}

#[test]
fn rules_and_groups_have_alerts_of_their_own_and_repeats_go_into_them() {
    let rule = |title: &str| {
        format!(
            "title: {title}\nlogsource: {{product: litesoc}}\ndetection: {{s: {{event: data.export}}, condition: s}}\n"
        )
    };
    let (one, two) = (rule("One"), rule("Two"));
    let mut detector = detector(&[("one.yml", &one), ("two.yml", &two)]);
    let export = |actor, second| step(EventType::DATA_EXPORT, actor, "203.0.113.5", second);
    let found = alerts(&mut detector, &[export("alice", 0), export("bob", 60), export("alice", 120)]);
    let told: Vec<(&str, u64)> = found.iter().map(|alert| (alert.title.as_str(), alert.count)).collect();
    assert_eq!(
        told,
        [("One: alice (2 times)", 2), ("Two: alice (2 times)", 2), ("One: bob", 1), ("Two: bob", 1)]
    );
}

#[test]
fn a_remark_raises_no_alert() {
    let rule =
        "{title: Remark, level: informational, logsource: {}, detection: {s: {event: '*'}, condition: s}}";
    let mut detector = detector(&[("remark.yml", rule)]);
    assert!(alerts(&mut detector, &[step(EventType::DATA_EXPORT, "alice", "203.0.113.5", 0)]).is_empty());
}

#[test]
fn fields_have_the_names_the_documents_give_them() {
    let metadata = r#"{"a":{"b":[{"c":"deep"},{"c":7}]},"x.y":"dotted","network_intelligence":{"is_tor":true},"list":["p","q"],"flag":true,"none":null}"#;
    let event =
        step(EventType::AUTH_LOGIN_FAILED, "alice", "::ffff:203.0.113.5", 0).about(metadata).in_country("KP");
    for (test, expected) in [
        ("event: auth.login_failed", true),
        ("category: auth", true),
        ("severity: warning", true),
        ("actor.id: alice", true),
        ("user.id: alice", true),
        ("user_ip: 203.0.113.5", true),
        ("source.ip|cidr: 203.0.113.0/24", true),
        ("country_code: kp", true),
        ("source.geo.country_iso_code: KP", true),
        ("is_vpn: false", true),
        ("network_type: residential", true),
        ("metadata.network_intelligence.is_tor: true", true),
        ("metadata.network_intelligence.is_vpn: false", true),
        ("network_intelligence.is_tor: true", false),
        ("threat_score: 0", true),
        ("hour: 12", true),
        ("weekday: 7", true),
        ("timestamp|hour: 12", true),
        ("metadata.a.b.c: deep", true),
        ("metadata.a.b.c: 7", true),
        ("metadata.x.y: dotted", true),
        ("metadata.list: q", true),
        ("metadata.flag: true", true),
        ("metadata.none: null", true),
        ("metadata.none|exists: true", true),
        ("metadata.a|exists: true", true),
        ("metadata.missing|exists: false", true),
        ("city|exists: true", false),
        ("original_event: login.failed", true),
        ("target.id: doc-7", true),
        ("target.type: document", true),
        ("target.name|exists: true", false),
    ] {
        let rule = format!("title: T\nlogsource: {{}}\ndetection:\n  s:\n    {test}\n  condition: s\n");
        let found = alerts(&mut detector(&[("t.yml", &rule)]), std::slice::from_ref(&event));
        assert_eq!(found.len(), usize::from(expected), "{test}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_restored_detector_goes_on_with_its_rules(
        stream in prop::collection::vec((0_usize..3, 0_usize..3, 0_i64..200), 10..80),
        cut in 0_usize..80,
    ) {
        let cut = cut.min(stream.len());
        let mut second = 0;
        let steps: Vec<Step> = stream.iter().map(|(event, actor, ahead)| {
            second += ahead;
            let event = [EventType::AUTH_LOGIN_FAILED, EventType::AUTH_LOGIN_SUCCESS, EventType::DATA_EXPORT][*event].clone();
            step(event, ["alice", "admin", "bob"][*actor], "198.51.100.7", second)
        }).collect();
        let mut original = detector(&example::ALL);
        let mut changes = Vec::new();
        for (number, step) in steps.iter().enumerate().take(cut) {
            show(&mut original, number, step, &mut changes);
        }
        let mut bytes = Vec::new();
        original.snapshot(&mut bytes).expect("written");
        let mut restored = Detector::restore(Settings::default(), &mut &bytes[..]).expect("restored");
        let mut again = Vec::new();
        restored.snapshot(&mut again).expect("written");
        prop_assert_eq!(&again, &bytes, "state that waits for its rules is kept");
        restored.set_rules(None, read(&example::ALL));
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for (number, step) in steps.iter().enumerate().skip(cut) {
            show(&mut original, number, step, &mut one);
            show(&mut restored, number, step, &mut other);
        }
        prop_assert_eq!(one, other);
    }
}

#[test]
fn exported_rules_fire_on_the_attacks_they_are_made_for() {
    let files = litesoc_detect::export(&Settings::default());
    let files: Vec<(&str, &str)> =
        files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
    let fired = |steps: &[Step]| -> Vec<String> {
        let mut rules: Vec<String> =
            alerts(&mut detector(&files), steps).into_iter().flat_map(|alert| alert.evidence.rules).collect();
        rules.sort();
        rules.dedup();
        rules
    };
    let each = |event: EventType, count: i64, every: i64| -> Vec<Step> {
        (0..count).map(|n| step(event.clone(), "alice", "198.51.100.7", n * every)).collect()
    };
    let spread = |accounts: usize, sources: i64, count: i64, every: i64| -> Vec<Step> {
        const ACCOUNTS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let failure = |n: i64| {
            let actor = ACCOUNTS[n as usize % accounts];
            step(EventType::AUTH_LOGIN_FAILED, actor, format!("203.0.113.{}", n % sources), n * every)
        };
        (0..count).map(failure).collect()
    };
    let mut guessed = each(EventType::AUTH_LOGIN_FAILED, 10, 300);
    guessed.push(step(EventType::AUTH_LOGIN_SUCCESS, "alice", "203.0.113.9", 3_300));
    for (steps, expected) in [
        (each(EventType::AUTH_LOGIN_FAILED, 5, 60), vec!["brute_force_address"]),
        (each(EventType::AUTH_LOGIN_FAILED, 4, 60), vec![]),
        (each(EventType::AUTH_LOGIN_FAILED, 9, 300), vec![]),
        (guessed, vec!["brute_force_account", "success_after_failures"]),
        (spread(1, 8, 8, 200), vec!["brute_force_distributed"]),
        (spread(5, 1, 15, 200), vec!["password_spray"]),
        (spread(4, 1, 15, 230), vec![]),
        (spread(9, 8, 25, 140), vec!["distributed_spray"]),
        (spread(10, 1, 10, 60), vec!["brute_force_address", "credential_stuffing"]),
        (each(EventType::AUTH_MFA_CHALLENGE_FAILED, 5, 120), vec!["mfa_fatigue"]),
        (each(EventType::SECURITY_RATE_LIMIT_EXCEEDED, 20, 15), vec!["rate_limit_exceeded"]),
        (each(EventType::ADMIN_USER_CREATED, 10, 60), vec!["sign_up_velocity"]),
        (each(EventType::DATA_EXPORT, 25, 120), vec!["data_exfiltration"]),
    ] {
        assert_eq!(fired(&steps), expected, "{steps:?}");
    }
}

#[test]
fn exports_have_the_thresholds_in_force() {
    let mut settings = Settings::default();
    settings.brute_force_address.failures = 7;
    settings.brute_force_address.window = std::time::Duration::from_secs(90);
    let files = litesoc_detect::export(&settings);
    let file = files.iter().find(|file| file.name == "brute_force_address.yml").expect("it is exported");
    insta::assert_snapshot!(file.text);
}
