//! Laws that hold for every history.

use crate::scene::{Happening, Scene};
use litesoc_detect::{Capacity, Change, Detector, Settings, coalesce};
use litesoc_events::EventType;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn happening() -> impl Strategy<Value = Happening> {
    let event = prop_oneof![
        8 => Just(EventType::AUTH_LOGIN_FAILED),
        2 => Just(EventType::AUTH_LOGIN_SUCCESS),
        1 => Just(EventType::AUTHZ_ACCESS_DENIED),
        1 => Just(EventType::SECURITY_BRUTE_FORCE_DETECTED),
        1 => Just(EventType::DATA_EXPORT),
    ];
    (event, 0..6_u8, 0..6_u8, 0..9_000_i64).prop_map(|(event, actor, ip, second)| {
        let actor = if actor == 0 { String::new() } else { format!("user_{actor}") };
        let ip = if ip == 0 { String::new() } else { format!("203.0.113.{ip}") };
        Happening::new(0, event, &actor, &ip, second)
    })
}

/// Any mixture, each event with an id of its own.
pub(crate) fn history() -> impl Strategy<Value = Vec<Happening>> {
    prop::collection::vec(happening(), 0..120).prop_map(|mut events| {
        for (id, event) in (1..).zip(&mut events) {
            event.id = id;
        }
        events
    })
}

fn play(events: &[Happening]) -> (Scene, Vec<Change>) {
    let mut scene = Scene::new();
    let changes = events.iter().flat_map(|event| scene.show(event)).collect();
    (scene, changes)
}

fn failures_in_some_window(events: &[Happening], seconds: i64, same: impl Fn(&Happening) -> bool) -> usize {
    let mut times: Vec<i64> = events
        .iter()
        .filter(|event| event.event == EventType::AUTH_LOGIN_FAILED && same(event))
        .map(|event| event.second)
        .collect();
    times.sort_unstable();
    (0..times.len())
        .map(|start| times[start..].iter().take_while(|time| **time - times[start] <= seconds).count())
        .max()
        .unwrap_or(0)
}

proptest! {
    #[test]
    fn the_same_history_gives_the_same_changes(events in history()) {
        prop_assert_eq!(play(&events).1, play(&events).1);
    }

    #[test]
    fn no_attack_is_alerted_below_a_threshold(events in history()) {
        let (scene, _) = play(&events);
        for alert in scene.list().into_iter().filter(|alert| alert.evidence.failures > 0) {
            prop_assert!(alert.evidence.failures >= 5);
            let (kind, subject) = alert.fingerprint.split_once('/').and_then(|(_, it)| it.split_once(':')).unwrap();
            let enough = if kind == "ip" {
                let of_source = |event: &Happening| event.ip.as_deref() == Some(subject);
                // At once, or slowly on several accounts.
                failures_in_some_window(&events, 300, of_source) >= 5
                    || failures_in_some_window(&events, 3_600, of_source) >= 15
            } else {
                failures_in_some_window(&events, 3_600, |event| event.actor.as_deref() == Some(subject)) >= 10
            };
            // The application's own report is an alert by itself, under the address or the account it names. Failures
            // are counted in it only when they are a burst: about the other of the two, then.
            let burst = |event: &Happening| {
                failures_in_some_window(&events, 300, |other| event.ip.is_some() && other.ip == event.ip) >= 5
                    || failures_in_some_window(&events, 3_600, |other| {
                        event.actor.is_some() && other.actor == event.actor
                    }) >= 10
            };
            let joined = alert.evidence.reports.contains_key("security.brute_force_detected")
                && events.iter().any(burst);
            prop_assert!(enough || joined, "{}", alert.description);
        }
    }

    #[test]
    fn every_burst_is_in_some_alert(events in history()) {
        let (scene, _) = play(&events);
        for ip in 1..6 {
            let ip = format!("203.0.113.{ip}");
            // Accounts that have signed in from the source before are known there, and have rules of their own.
            let is_known = |event: &Happening| {
                let same = |other: &Happening| other.actor == event.actor && other.ip == event.ip;
                events.iter().any(|other| other.event == EventType::AUTH_LOGIN_SUCCESS && same(other))
            };
            let counts = |event: &Happening| event.ip.as_deref() == Some(&ip) && !is_known(event);
            let burst = failures_in_some_window(&events, 300, counts) >= 5;
            prop_assert!(!burst || scene.list().iter().any(|alert| alert.evidence.failures >= 5));
        }
    }

    #[test]
    fn one_attack_is_the_same_alert_in_whatever_order_it_arrives(
        order in Just((0..14_usize).collect::<Vec<_>>()).prop_shuffle(),
        sprayed in any::<bool>(),
    ) {
        let mut events: Vec<Happening> = (0..13)
            .map(|number| {
                let actor = if sprayed { format!("user_{number}") } else { "alice".to_owned() };
                Happening::new(number + 1, EventType::AUTH_LOGIN_FAILED, &actor, "203.0.113.5", number as i64 * 20)
            })
            .collect();
        events.push(Happening::new(99, EventType::AUTH_LOGIN_SUCCESS, "user_3", "203.0.113.5", 280));
        let shuffled: Vec<Happening> = order.iter().map(|place| events[*place].clone()).collect();
        let (told, retold) = (play(&events).0, play(&shuffled).0);
        let (alert, again) = (told.only(), retold.only());
        prop_assert_eq!(alert.count, 13);
        prop_assert_eq!(
            (again.count, &again.severity, &again.title, again.first_seen, again.last_seen, &again.fingerprint),
            (alert.count, &alert.severity, &alert.title, alert.first_seen, alert.last_seen, &alert.fingerprint)
        );
    }

    #[test]
    fn folding_a_batch_changes_nothing_in_the_end(events in history()) {
        let (scene, mut changes) = play(&events);
        coalesce(&mut changes);
        prop_assert_eq!(changes.len(), scene.order.len());
        for change in changes {
            let Change::Raise(draft) = change else { panic!("all were raised in this batch") };
            prop_assert_eq!(&*draft, &scene.alerts[&draft.id]);
        }
    }

    #[test]
    fn a_restored_detector_has_the_future_of_the_original(events in history(), cut in 0..120_usize) {
        let (before, after) = events.split_at(cut.min(events.len()));
        let (mut original, _) = play(before);
        let mut bytes = Vec::new();
        original.detector.snapshot(&mut bytes).unwrap();
        let detector = Detector::restore(Settings::default(), &mut &bytes[..]).unwrap();
        let mut again = Vec::new();
        detector.snapshot(&mut again).unwrap();
        prop_assert_eq!(&bytes, &again);
        let mut restored = original.go_on_with(detector);
        for event in after {
            prop_assert_eq!(original.show(event), restored.show(event));
        }
        let (mut end, mut same_end) = (Vec::new(), Vec::new());
        original.detector.snapshot(&mut end).unwrap();
        restored.detector.snapshot(&mut same_end).unwrap();
        prop_assert_eq!(end, same_end);
    }

    #[test]
    fn a_damaged_snapshot_is_refused(events in history(), place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let (scene, _) = play(&events);
        let mut bytes = Vec::new();
        scene.detector.snapshot(&mut bytes).unwrap();
        let cut = place.index(bytes.len());
        prop_assert!(Detector::restore(Settings::default(), &mut &bytes[..cut]).is_err());
        bytes[cut] ^= 1 << bit;
        prop_assert!(Detector::restore(Settings::default(), &mut &bytes[..]).is_err());
    }

    #[test]
    fn a_forged_snapshot_does_no_harm(
        events in history(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (scene, _) = play(&events);
        let mut bytes = Vec::new();
        scene.detector.snapshot(&mut bytes).unwrap();
        bytes.truncate(bytes.len() - 32);
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
        if let Ok(mut detector) = Detector::restore(Settings::default(), &mut &bytes[..]) {
            for event in &events {
                event.seen(|seen| detector.observe(seen, &mut Vec::new()));
            }
            detector.snapshot(&mut Vec::new()).unwrap();
        }
    }

    #[test]
    fn memory_is_bounded(events in prop::collection::vec((0..400_u16, 0..400_u16, 0..100_i64), 0..600)) {
        let mut settings = Settings::default();
        let mut capacity = Capacity::default();
        (capacity.addresses, capacity.accounts, capacity.successes) = (7, 5, 3);
        (capacity.alerts, capacity.suppressions) = (4, 2);
        settings.capacity = capacity;
        settings.brute_force_address.failures = 2;
        let mut scene = Scene::with(settings);
        for (id, (actor, ip, second)) in (1..).zip(events) {
            let event = if id % 5 == 0 { EventType::AUTH_LOGIN_SUCCESS } else { EventType::AUTH_LOGIN_FAILED };
            let (actor, ip) = (format!("user_{}", actor % 40), format!("203.0.113.{}", ip % 40));
            scene.show(&Happening::new(id, event, &actor, &ip, second));
            let held = scene.detector.remembered();
            prop_assert!(held.addresses <= 7 && held.accounts <= 5 && held.successes <= 3 && held.alerts <= 4);
        }
    }
}
