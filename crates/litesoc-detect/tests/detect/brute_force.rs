//! Failed sign-ins of every kind: what is an attack, what is Monday morning, and how many alerts it makes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::scene::{Happening, NOON, Scene};
use litesoc_detect::{AlertDraft, Capacity, Change, Detector, Observation, Settings, Spill};
use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType, Enrichment, Place, Timestamp};
use uuid::Uuid;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const OFFICE: &str = "198.51.100.1";

fn attacks(scene: &Scene) -> Vec<&AlertDraft> {
    let list = scene.list();
    list.into_iter().filter(|alert| alert.alert_type == AlertType::BruteForceAttack).collect()
}

fn fingerprints(scene: &Scene) -> Vec<&str> {
    attacks(scene).iter().map(|alert| &*alert.fingerprint).collect()
}

/// The only brute-force alert.
fn attack(scene: &Scene) -> &AlertDraft {
    let [alert] = attacks(scene)[..] else { panic!("{:?}", fingerprints(scene)) };
    alert
}

/// An address of its own for each number, far from the other addresses of these tests.
fn proxy(number: i64) -> String {
    format!("203.0.{}.{}", number / 250, number % 250)
}

/// A thousand people sign in from one office within half an hour; one in twelve mistypes first, one in a hundred four times.
fn rush(scene: &mut Scene, start: i64) {
    for person in 0..1_000 {
        let (name, at) = (format!("person_{person}"), start + person * 9 / 5);
        let errors = if person % 100 == 0 { 4 } else { i64::from(person % 12 == 0) };
        for error in 0..errors {
            scene.fails(&name, OFFICE, at + error * 8);
        }
        scene.succeeds(&name, OFFICE, at + errors * 8);
    }
}

#[test]
fn an_office_on_monday_morning_is_no_attack_even_on_the_first_day() {
    let mut scene = Scene::new();
    for day in [0, 1, 4] {
        rush(&mut scene, day * DAY);
    }
    assert_eq!(fingerprints(&scene), Vec::<&str>::new());
}

#[test]
fn an_attack_from_within_the_office_is_seen_and_the_others_are_not_its_success() {
    let mut scene = Scene::new();
    rush(&mut scene, 0);
    rush(&mut scene, 3 * DAY);
    // Somebody in the office tries everybody, ten times as fast as people sign in.
    for guess in 0..3_000 {
        scene.fails(&format!("boss_{}", guess % 300), OFFICE, 3 * DAY + 600 + guess / 10);
        if guess % 60 == 0 {
            scene.succeeds(&format!("person_{}", guess % 1_000), OFFICE, 3 * DAY + 600 + guess / 10);
        }
    }
    let seen = attacks(&scene);
    let by_address = seen.iter().find(|alert| alert.fingerprint == format!("brute_force_attack/ip:{OFFICE}"));
    assert_eq!(by_address.map(|alert| &alert.severity), Some(&AlertSeverity::High));
}

#[test]
fn somebody_at_home_who_forgot_the_password_is_no_attack_and_a_stranger_is() {
    let told = |source: &str| {
        let mut scene = Scene::new();
        scene.succeeds("alice", "192.0.2.7", 0);
        for error in 0..8 {
            scene.fails("alice", source, DAY + error * 30);
        }
        scene.succeeds("alice", source, DAY + 300);
        attacks(&scene).iter().map(|alert| alert.severity.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("192.0.2.7").len(), 0);
    assert_eq!(told("192.0.2.8"), [AlertSeverity::Critical]);
}

#[test]
fn a_program_that_knows_only_the_old_password_is_forgiven_for_an_hour_and_for_a_day_when_it_is_slow() {
    let mut scene = Scene::new();
    scene.succeeds("alice", "192.0.2.7", 0);
    scene.happens(EventType::AUTH_PASSWORD_RESET, "alice", "192.0.2.9", DAY);
    for error in 0..100 {
        scene.fails("alice", "192.0.2.7", DAY + error * 30);
    }
    assert_eq!(fingerprints(&scene), Vec::<&str>::new());
    for error in 0..5 {
        scene.fails("alice", "192.0.2.66", DAY + 3_000 + error);
    }
    assert_eq!(fingerprints(&scene), ["brute_force_attack/ip:192.0.2.66"]);
    for error in 0..30 {
        scene.fails("alice", "192.0.2.7", DAY + 2 * HOUR + error * 120);
    }
    assert_eq!(attacks(&scene).len(), 1);
    for error in 0..12 {
        scene.fails("alice", "192.0.2.7", DAY + 5 * HOUR + error * 30);
    }
    assert_eq!(*attacks(&scene)[1].evidence.rules, ["brute_force_pair"]);
    for error in 0..12 {
        scene.fails("alice", "192.0.2.7", 2 * DAY + 2 * HOUR + error * 120);
    }
    assert_eq!(*attacks(&scene)[2].evidence.rules, ["brute_force_account"]);
}

#[test]
fn a_slow_spray_from_one_source_is_seen() {
    let mut scene = Scene::new();
    for try_number in 0..40 {
        scene.fails(&format!("user_{try_number}"), "203.0.113.5", try_number * 200);
    }
    let alert = attack(&scene);
    assert_eq!((alert.count, &alert.evidence.rules[..]), (40, &["password_spray".to_owned()][..]));
    assert_eq!(alert.technique.as_deref(), Some("T1110.003"));
}

#[test]
fn a_spray_of_two_an_hour_is_seen_where_hardly_anybody_signs_in() {
    let told = |sign_ins: i64| {
        let mut scene = Scene::new();
        for try_number in 0..9 {
            scene.fails(&format!("user_{try_number}"), "203.0.113.5", try_number * 1_700);
            for person in 0..sign_ins {
                scene.succeeds(
                    &format!("guest_{try_number}_{person}"),
                    "203.0.113.5",
                    try_number * 1_700 + person,
                );
            }
        }
        attacks(&scene).iter().map(|alert| alert.count).collect::<Vec<_>>()
    };
    assert_eq!((told(0), told(1)), (vec![9], vec![]));
}

#[test]
fn a_list_of_stolen_passwords_is_called_by_its_name() {
    let mut scene = Scene::new();
    for member in 0..25 {
        scene.succeeds(&format!("member_{member}"), &format!("192.0.2.{member}"), 0);
    }
    for try_number in 0..20 {
        scene.fails(&format!("leaked_{try_number}"), "203.0.113.5", 2 * HOUR + try_number * 10);
    }
    let alert = attack(&scene);
    insta::assert_snapshot!(format!("{}\n{}\n{:?}", alert.title, alert.description, alert.evidence));
    assert_eq!(alert.technique.as_deref(), Some("T1110.004"));
}

/// Five hundred proxies with one attempt each, among people who sign in from new places and mistype.
fn spray_over_proxies(scene: &mut Scene, start: i64) {
    for step in 0..500 {
        scene.fails(&format!("user_{step}"), &proxy(step), start + step * 6);
        if step % 5 == 0 {
            let home = format!("192.0.{}.{}", step / 250, step % 250);
            if step % 40 == 0 {
                scene.fails(&format!("person_{step}"), &home, start + step * 6 + 1);
            }
            scene.succeeds(&format!("person_{step}"), &home, start + step * 6 + 4);
        }
    }
}

#[test]
fn a_spray_over_five_hundred_proxies_is_one_alert_of_the_organisation() {
    let mut scene = Scene::new();
    spray_over_proxies(&mut scene, 0);
    let alert = attack(&scene);
    insta::assert_snapshot!(format!(
        "{} {} {}\n{}\n{}\n{:?}",
        alert.severity, alert.fingerprint, alert.count, alert.title, alert.description, alert.evidence
    ));
    // The next day it is another alert.
    spray_over_proxies(&mut scene, DAY);
    assert_eq!(fingerprints(&scene), ["brute_force_attack/organization"; 2]);
}

#[test]
fn a_spray_that_finds_a_password_is_critical_and_a_mistyping_owner_does_not_make_it_so() {
    let mut scene = Scene::new();
    spray_over_proxies(&mut scene, 0);
    assert_eq!(attack(&scene).severity, AlertSeverity::High);
    scene.succeeds("user_77", &proxy(450), 3_010);
    assert_eq!(
        (attack(&scene).severity.clone(), attack(&scene).evidence.successes),
        (AlertSeverity::Critical, 1)
    );
}

#[test]
fn proxies_that_are_used_again_do_not_make_an_alert_each() {
    let mut scene = Scene::new();
    for step in 0..600 {
        scene.fails(&format!("user_{step}"), &proxy(step % 60), step * 4);
    }
    let seen = fingerprints(&scene);
    assert!(seen.contains(&"brute_force_attack/organization") && seen.len() <= 3, "{seen:?}");
}

#[test]
fn an_account_that_is_guessed_during_a_spray_has_an_alert_of_its_own() {
    let mut scene = Scene::new();
    spray_over_proxies(&mut scene, 0);
    for guess in 0..20 {
        scene.fails("root", &proxy(1_000 + guess), 3_000 + guess * 20);
    }
    assert_eq!(fingerprints(&scene), ["brute_force_attack/organization", "brute_force_attack/actor:root"]);
}

#[test]
fn a_noisy_source_hides_no_spray() {
    let mut scene = Scene::new();
    for step in 0..500 {
        for noise in 0..10 {
            scene.fails(&format!("decoy_{noise}_{step}"), "198.51.100.66", step * 6);
        }
        scene.fails(&format!("user_{step}"), &proxy(step), step * 6);
    }
    assert_eq!(
        fingerprints(&scene),
        ["brute_force_attack/ip:198.51.100.66", "brute_force_attack/organization"]
    );
}

#[test]
fn what_is_usual_is_learned_and_cannot_be_trained_quickly() {
    let mut scene = Scene::new();
    let fails_hourly = |scene: &mut Scene, hours: std::ops::Range<i64>, each: i64| {
        for hour in hours {
            for step in 0..each {
                let number = hour * 100 + step;
                scene.fails(&format!("user_{number}"), &proxy(number % 20_000), hour * HOUR + step * 30);
            }
        }
    };
    fails_hourly(&mut scene, 0..72, 20);
    assert_eq!(fingerprints(&scene), Vec::<&str>::new());
    // Twice the usual is a bad day.
    fails_hourly(&mut scene, 72..74, 40);
    assert_eq!(fingerprints(&scene), Vec::<&str>::new());
    fails_hourly(&mut scene, 76..77, 90);
    assert_eq!(fingerprints(&scene), ["brute_force_attack/organization"]);
}

#[test]
fn a_guess_from_two_countries_says_so() {
    let mut detector = Detector::new(Settings::default()).unwrap();
    let mut changes = Vec::new();
    for number in 0..12_u8 {
        let at = Timestamp::from_millis(NOON + i64::from(number) * 100_000);
        let mut known = Enrichment::default();
        known.place = Some(Place::of_country(if number % 2 == 0 { "BR" } else { "VN" }));
        known.network.asn = Some(64_500 + u32::from(number % 4));
        let failed = EventType::AUTH_LOGIN_FAILED;
        let seen = Observation::new("acme", Uuid::from_u128(number.into()), &failed, at, at)
            .actor(Some("alice"))
            .ip(Some([203, 0, 113, number % 6].into()))
            .enrichment(Some(&known));
        detector.observe(&seen, &mut changes);
    }
    let Some(Change::Raise(alert)) = changes.first() else { panic!("an alert") };
    assert_eq!(alert.evidence.rules, ["brute_force_account", "brute_force_distributed"]);
    assert_eq!(serde_json::to_string(&alert.evidence.facts).unwrap(), r#"{"countries":2,"networks":4}"#);
}

#[test]
fn times_far_from_the_arrival_neither_fire_nor_hide_anything() {
    let mut detector = Detector::new(Settings::default()).unwrap();
    let mut changes = Vec::new();
    let mut id = 0;
    let mut fails = |changes: &mut Vec<Change>, event: i64, arrival: i64| {
        id += 1;
        let (at, received) = (Timestamp::from_millis(event), Timestamp::from_millis(arrival));
        let failed = EventType::AUTH_LOGIN_FAILED;
        let seen = Observation::new("acme", Uuid::from_u128(id), &failed, at, received)
            .actor(Some("alice"))
            .ip("203.0.113.5".parse().ok());
        detector.observe(&seen, changes);
    };
    for second in 0..4 {
        fails(&mut changes, i64::MAX, NOON + second * 1_000);
        fails(&mut changes, i64::MIN, NOON + second * 1_000);
        fails(&mut changes, NOON - (second + 2) * 400 * DAY * 1_000, NOON + second * 1_000);
    }
    assert_eq!(changes, []);
    for second in 10..15 {
        fails(&mut changes, NOON + second * 1_000, NOON + second * 1_000);
    }
    // The four of the future count as of their arrival.
    let Some(Change::Raise(alert)) = changes.first() else { panic!("an alert") };
    assert_eq!((alert.count, changes.len()), (5, 5));
    assert_eq!(alert.last_seen, Timestamp::from_millis(NOON + 10_000));
}

#[test]
fn a_failure_that_is_shown_again_counts_once() {
    let mut scene = Scene::new();
    for _ in 0..3 {
        for id in 1..5 {
            scene.show(&Happening::new(id, EventType::AUTH_LOGIN_FAILED, "alice", "203.0.113.5", 10));
        }
    }
    assert_eq!(fingerprints(&scene), Vec::<&str>::new());
    scene.show(&Happening::new(5, EventType::AUTH_LOGIN_FAILED, "alice", "203.0.113.5", 11));
    for (id, second) in [(1, 10), (4, 10), (5, 11)] {
        scene.show(&Happening::new(id, EventType::AUTH_LOGIN_FAILED, "alice", "203.0.113.5", second));
    }
    assert_eq!(attack(&scene).count, 4 + 1);
}

#[test]
fn a_flood_in_one_organisation_hides_nothing_in_another() {
    let mut settings = Settings::default();
    let mut capacity = Capacity::default();
    (capacity.addresses, capacity.accounts, capacity.signals, capacity.alerts) = (100, 100, 100, 20);
    settings.capacity = capacity;
    let mut detector = Detector::new(settings).unwrap();
    let mut changes = Vec::new();
    let failed = EventType::AUTH_LOGIN_FAILED;
    let mut id = 0;
    let mut fails = |organization: &str, actor: &str, ip: [u8; 4], second: i64| {
        id += 1;
        let at = Timestamp::from_millis(NOON + second * 1_000);
        let seen = Observation::new(organization, Uuid::from_u128(id), &failed, at, at);
        detector.observe(&seen.actor(Some(actor)).ip(Some(ip.into())), &mut changes);
    };
    for round in 0..9 {
        fails("globex", "alice", [198, 51, 100, round], i64::from(round) * 60);
        for number in 0..200_u8 {
            fails("acme", &format!("user_{round}_{number}"), [10, round, number, 1], i64::from(round) * 60);
        }
    }
    fails("globex", "alice", [198, 51, 100, 9], 600);
    let about_globex =
        |change: &&Change| matches!(change, Change::Raise(draft) if draft.organization == "globex");
    assert_eq!(changes.iter().filter(about_globex).count(), 1);
}

/// A store of what does not fit into memory.
#[derive(Clone, Default)]
struct Cellar(Arc<Mutex<HashMap<[u8; 16], Vec<u8>>>>);

impl Spill for Cellar {
    fn put(&mut self, key: [u8; 16], state: Vec<u8>) {
        self.0.lock().expect("no test panics in here").insert(key, state);
    }

    fn take(&mut self, key: [u8; 16]) -> Option<Vec<u8>> {
        self.0.lock().expect("no test panics in here").remove(&key)
    }
}

#[test]
fn what_does_not_fit_into_memory_comes_back_with_the_next_sign_in() {
    let told = |spill: bool| {
        let mut settings = Settings::default();
        settings.capacity.accounts = 10;
        let mut scene = Scene::with(settings);
        let cellar = Cellar::default();
        if spill {
            scene.detector.set_spill(Box::new(cellar.clone()));
        }
        scene.succeeds("alice", "192.0.2.7", 0);
        for other in 0..50 {
            scene.succeeds(&format!("user_{other}"), "192.0.2.99", 60);
        }
        assert_eq!(cellar.0.lock().unwrap().is_empty(), !spill);
        scene.succeeds("alice", "192.0.2.8", DAY);
        for error in 0..8 {
            scene.fails("alice", "192.0.2.7", DAY + error * 30);
        }
        attacks(&scene).len()
    };
    assert_eq!((told(true), told(false)), (0, 1));
}
