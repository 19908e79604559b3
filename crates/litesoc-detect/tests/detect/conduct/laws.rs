//! Laws that hold for every history of conduct.

use litesoc_detect::{Detector, Settings};
use litesoc_events::EventType;
use proptest::prelude::*;

use crate::scene::{Happening, Scene};

const EVENTS: [EventType; 18] = [
    EventType::AUTH_LOGIN_SUCCESS,
    EventType::AUTH_LOGIN_FAILED,
    EventType::AUTH_MFA_CHALLENGE_FAILED,
    EventType::AUTH_MFA_CHALLENGE_SUCCESS,
    EventType::AUTH_MFA_DISABLED,
    EventType::AUTH_PASSWORD_RESET,
    EventType::ADMIN_API_KEY_CREATED,
    EventType::ADMIN_USER_CREATED,
    EventType::ADMIN_USER_DELETED,
    EventType::ADMIN_PRIVILEGE_ESCALATION,
    EventType::AUTHZ_ROLE_CHANGED,
    EventType::AUTHZ_PERMISSION_GRANTED,
    EventType::AUTHZ_ACCESS_DENIED,
    EventType::DATA_EXPORT,
    EventType::DATA_DOWNLOAD,
    EventType::DATA_BULK_DELETE,
    EventType::DATA_SENSITIVE_ACCESS,
    EventType::SECURITY_RATE_LIMIT_EXCEEDED,
];

fn metadata() -> impl Strategy<Value = String> {
    let number = prop_oneof![Just(0_u64), 0..100_u64, 5_000..50_000_u64, Just(u64::MAX)];
    prop_oneof![
        Just("{}".to_owned()),
        number.prop_map(|count| format!(r#"{{"record_count":{count},"bytes":{count}}}"#)),
        ("[a-z]{1,3}", "(owner|viewer|editor)").prop_map(|(target, role)| {
            format!(r#"{{"target":"user_{target}","old_role":"viewer","new_role":"{role}"}}"#)
        }),
        (0..5_u8).prop_map(|actor| format!(r#"{{"target_user_id":"user_{actor}","role":"admin"}}"#)),
        ".{0,40}",
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    (0..EVENTS.len(), 0..5_u8, 0..4_u8, 0..20 * 86_400_i64, metadata()).prop_map(
        |(event, actor, ip, second, metadata)| {
            let actor = if actor == 0 { String::new() } else { format!("user_{actor}") };
            let ip = if ip == 0 { String::new() } else { format!("203.0.113.{ip}") };
            // Half of it within one afternoon, else no window would ever fill.
            let second = if second % 2 == 0 { second % 5_000 } else { second };
            let mut happening = Happening::new(0, EVENTS[event].clone(), &actor, &ip, second);
            happening.metadata = metadata;
            happening
        },
    )
}

fn history() -> impl Strategy<Value = Vec<Happening>> {
    prop::collection::vec(happening(), 0..150).prop_map(|mut events| {
        for (id, event) in (1..).zip(&mut events) {
            event.id = id;
        }
        events
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_restored_detector_has_the_same_future(events in history(), cut in 0..150_usize) {
        let (past, future) = events.split_at(cut.min(events.len()));
        let mut original = Scene::new();
        past.iter().for_each(|event| drop(original.show(event)));
        let mut bytes = Vec::new();
        original.detector.snapshot(&mut bytes).unwrap();
        let mut restored = Scene::new();
        restored.detector = Detector::restore(Settings::default(), &mut &*bytes).unwrap();
        restored.alerts.clone_from(&original.alerts);
        restored.order.clone_from(&original.order);
        for event in future {
            prop_assert_eq!(original.show(event), restored.show(event));
        }
        let (mut one, mut other) = (Vec::new(), Vec::new());
        original.detector.snapshot(&mut one).unwrap();
        restored.detector.snapshot(&mut other).unwrap();
        prop_assert_eq!(one, other);
    }

    #[test]
    fn every_text_ends_in_what_to_do_and_has_no_control_characters(events in history()) {
        let mut scene = Scene::new();
        events.iter().for_each(|event| drop(scene.show(event)));
        for alert in scene.list() {
            prop_assert!(!alert.title.chars().chain(alert.description.chars()).any(char::is_control));
            prop_assert!(alert.title.len() < 400 && !alert.title.is_empty());
            prop_assert!(alert.description.ends_with(['.', 'C']), "{}", alert.description);
            prop_assert!(alert.sample_event_ids.len() <= litesoc_detect::MAX_SAMPLES);
        }
    }

    #[test]
    fn challenges_and_limits_are_told_whatever_the_order_of_arrival(
        times in prop::collection::vec(0..2_000_i64, 1..30),
        seed in any::<u64>(),
        event in prop_oneof![
            Just(EventType::AUTH_MFA_CHALLENGE_FAILED),
            Just(EventType::SECURITY_RATE_LIMIT_EXCEEDED),
            Just(EventType::DATA_BULK_DELETE),
        ],
    ) {
        let play = |order: &[usize]| {
            let mut scene = Scene::new();
            for place in order {
                scene.show(&Happening::new(1 + *place as u128, event.clone(), "alice", "", times[*place]));
            }
            let told = scene.list().into_iter().filter(|alert| alert.evidence.findings > 0);
            let mut told: Vec<_> = told.map(|alert| (alert.fingerprint.clone(), alert.severity.clone())).collect();
            told.sort_by(|one, other| one.0.cmp(&other.0));
            told.dedup();
            told
        };
        let mut order: Vec<usize> = (0..times.len()).collect();
        order.sort_by_key(|place| times[*place]);
        let sorted = play(&order);
        order.sort_by_key(|place| (*place as u64 + 1).wrapping_mul(seed | 1));
        prop_assert_eq!(sorted, play(&order));
    }
}
