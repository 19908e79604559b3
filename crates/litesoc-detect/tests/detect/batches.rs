//! Telling alerts once a batch says the same as telling them after every event.

use crate::properties::history;
use crate::scene::{Happening, Scene};
use litesoc_detect::{Capacity, Change, Detector, Settings, coalesce};
use litesoc_events::EventType;
use litesoc_model::Timestamp;
use proptest::prelude::*;

/// Settings under which alerts push each other out of memory.
fn forgetful(alerts: usize) -> Settings {
    let mut settings = Settings::default();
    settings.capacity = Capacity::default();
    settings.capacity.alerts = alerts;
    settings.brute_force_address.failures = 2;
    settings
}

fn told(detector: &mut Detector) -> Vec<Change> {
    std::iter::from_fn(|| detector.next_change()).collect()
}

fn failure(id: u128, ip: &str, second: i64) -> Happening {
    Happening::new(id, EventType::AUTH_LOGIN_FAILED, "alice", ip, second)
}

/// A detector that has not told of five failures yet.
fn attacked(settings: Settings) -> Detector {
    let mut detector = Detector::new(settings).expect("valid settings");
    for id in 1..6 {
        failure(id, "203.0.113.5", 10).seen(|seen| drop(detector.examine(seen)));
    }
    detector
}

proptest! {
    #[test]
    fn a_batch_is_told_as_its_events_are_one_by_one(
        events in history(),
        size in 1..40_usize,
        alerts in 1..20_usize,
    ) {
        let mut by_event = Scene::with(forgetful(alerts));
        let mut by_batch = Detector::new(forgetful(alerts)).unwrap();
        for batch in events.chunks(size) {
            let mut changes = Vec::new();
            for event in batch {
                let of_event = by_event.show(event);
                let raised = of_event.iter().filter(|change| matches!(change, Change::Raise(_)));
                let raised: Vec<_> = raised.map(Change::alert_id).collect();
                event.seen(|seen| assert_eq!(by_batch.examine(seen), raised));
                changes.extend(of_event);
                prop_assert_eq!(by_batch.has_changes(), !changes.is_empty());
            }
            coalesce(&mut changes);
            let mut at_once = told(&mut by_batch);
            coalesce(&mut at_once);
            prop_assert_eq!(at_once, changes);
        }
        let (mut one, mut other) = (Vec::new(), Vec::new());
        by_event.detector.snapshot(&mut one).unwrap();
        by_batch.snapshot(&mut other).unwrap();
        prop_assert_eq!(one, other);
    }
}

#[test]
fn an_alert_that_is_pushed_out_of_memory_is_told_as_it_was() {
    let mut detector = attacked(forgetful(1));
    for (id, ip) in [(6, "198.51.100.7"), (7, "198.51.100.7")] {
        Happening::new(id, EventType::AUTH_LOGIN_FAILED, "bob", ip, 20)
            .seen(|seen| drop(detector.examine(seen)));
    }
    let changes = told(&mut detector);
    let [Change::Raise(first), Change::Raise(second)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!((&*first.title, first.count), ("Brute force on alice from 203.0.113.5", 5));
    assert_eq!((&*second.title, second.count), ("Brute force on bob from 198.51.100.7", 2));
    assert_eq!(detector.remembered().alerts, 1);
}

#[test]
fn what_people_do_changes_nothing_of_what_was_before() {
    let verdicts: [fn(&mut Detector, &Change); 3] = [
        |detector, alert| detector.forget(alert.alert_id()),
        |detector, _| detector.suppress("acme", "brute_force_attack/ip:203.0.113.5", Timestamp::MAX),
        |detector, alert| {
            let Change::Raise(draft) = alert else { panic!("it is raised first") };
            detector.resume(draft);
        },
    ];
    for verdict in verdicts {
        let expected = told(&mut attacked(Settings::default()));
        let [alert @ Change::Raise(_)] = &expected[..] else { panic!("{expected:?}") };
        let mut detector = attacked(Settings::default());
        verdict(&mut detector, alert);
        failure(6, "203.0.113.5", 11).seen(|seen| drop(detector.examine(seen)));
        let changes = told(&mut detector);
        assert_eq!(changes.first(), expected.first());
    }
}
