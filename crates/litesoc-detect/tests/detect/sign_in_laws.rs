//! Laws about sign-ins that hold for every history, and the risk score.

use std::collections::BTreeSet;

use crate::sign_ins::{
    DAY, FIREFOX, From, HOUR, LAPTOP, MINUTE, PHONE, START, Stage, berlin, madrid, munich, paris, tokyo, with,
};
use litesoc_detect::{Detector, Observation, Settings};
use litesoc_events::EventType;
use litesoc_model::{Enrichment, Place, Position, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

const NOW: i64 = 22 * DAY;
static SUCCESS: EventType = EventType::AUTH_LOGIN_SUCCESS;
static FAILED: EventType = EventType::AUTH_LOGIN_FAILED;

/// What an hour of alerts comes to, whatever the order of arrival.
fn outcome(stage: &Stage) -> BTreeSet<(String, String)> {
    let told =
        stage.alerts.iter().map(|alert| (alert.fingerprint.clone(), alert.severity.as_str().to_owned()));
    told.collect()
}

/// Anything that a database, a list and an application may say, sense or nonsense.
fn enrichment() -> impl Strategy<Value = Option<Enrichment>> {
    let code = prop_oneof![Just("DE"), Just("JP"), Just("KP"), Just("zz"), Just(""), Just("\u{df}\u{df}")];
    let degrees = prop_oneof![-400.0..400.0_f64, Just(90.0), Just(-180.0), Just(180.0)];
    let point = (degrees.clone(), degrees, prop::option::of(any::<u16>()));
    let flags = prop::collection::vec(any::<bool>(), 9);
    let asn = prop::option::of(prop_oneof![Just(0), 1..5_u32, Just(u32::MAX)]);
    let known = (prop::option::of(code), prop::option::of(any::<String>()), point, flags, asn);
    prop::option::of(known.prop_map(|(code, city, (north, east, radius_km), flags, asn)| {
        let mut known = Enrichment::default();
        let mut place = Place::default();
        place.country_code = code.map(Into::into);
        place.city = city.map(Into::into);
        place.position = Position::new(0.0, 0.0, radius_km).map(|mut position| {
            (position.latitude, position.longitude) = (north, east);
            position
        });
        known.place = Some(place);
        let network = &mut known.network;
        network.asn = asn;
        let ways = [
            &mut network.is_vpn,
            &mut network.is_tor,
            &mut network.is_proxy,
            &mut network.is_relay,
            &mut network.is_datacenter,
            &mut network.is_mobile,
            &mut network.is_private,
            &mut network.is_allowed,
            &mut network.is_denied,
        ];
        for (way, flag) in ways.into_iter().zip(flags) {
            *way = flag && asn.is_some();
        }
        known
    }))
}

/// A sign-in: who, when, from which address, with which metadata.
fn anything() -> impl Strategy<Value = (u8, i64, Option<Enrichment>, String, [u8; 4])> {
    let second =
        prop_oneof![0..200_000_i64, Just(i64::MIN / 2_000), Just(i64::MAX / 2_000), -1_000..1_000_i64];
    let metadata = prop_oneof![
        Just(format!("{{\"user_agent\":{LAPTOP:?}}}")),
        Just("{\"device_id\":\"d\",\"user_agent\":7}".to_owned()),
        any::<String>()
    ];
    (0..3_u8, second, enrichment(), metadata, any::<[u8; 4]>())
}

fn show(
    detector: &mut Detector,
    id: u128,
    event: &(u8, i64, Option<Enrichment>, String, [u8; 4]),
) -> Vec<String> {
    let (actor, second, known, metadata, ip) = event;
    let actor = format!("user_{actor}");
    let at = Timestamp::from_millis((START + second).saturating_mul(1_000));
    let seen = Observation::new("acme", Uuid::from_u128(id), &SUCCESS, at, at)
        .actor(Some(&actor))
        .ip(Some((*ip).into()))
        .metadata(metadata)
        .enrichment(known.as_ref());
    assert!(detector.risk(&seen).is_some_and(|risk| risk.is_finite() && risk > 0.0));
    let mut changes = Vec::new();
    detector.observe(&seen, &mut changes);
    changes.into_iter().map(|change| format!("{change:?}")).collect()
}

proptest! {
    #[test]
    fn an_hour_in_any_order_gives_the_same_alerts(
        order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
        kind in 0..4_usize,
    ) {
        let (far, agent) = [(tokyo(), LAPTOP), (tokyo(), FIREFOX), (madrid(), PHONE), (munich(), FIREFOX)][kind].clone();
        let hour: Vec<(i64, From, &str)> = (0..8)
            .map(|number| (number * 8 * MINUTE, berlin(), LAPTOP))
            .chain([(30 * MINUTE, far, agent)])
            .collect();
        let play = |order: &[usize]| {
            let mut stage = Stage::new();
            stage.routine("alice", &berlin(), with(LAPTOP), 0..21);
            for place in order {
                let (second, from, agent) = &hour[*place];
                let id = Uuid::from_u128(1_000 + *place as u128);
                stage.show(id, &EventType::AUTH_LOGIN_SUCCESS, "alice", from, with(agent), NOW + second);
            }
            stage
        };
        let told = play(&[0, 1, 2, 3, 8, 4, 5, 6, 7]);
        prop_assert!(!told.alerts.is_empty());
        prop_assert_eq!(outcome(&play(&order)), outcome(&told));
    }

    #[test]
    fn no_event_is_too_strange_and_a_snapshot_has_the_same_future(
        events in prop::collection::vec(anything(), 1..40),
        cut in 0..40_usize,
    ) {
        let mut detector = Detector::new(Settings::default()).unwrap();
        let cut = cut.min(events.len());
        for (id, event) in (1..).zip(&events[..cut]) {
            show(&mut detector, id, event);
        }
        let mut bytes = Vec::new();
        detector.snapshot(&mut bytes).unwrap();
        let mut restored = Detector::restore(Settings::default(), &mut &bytes[..]).unwrap();
        let mut again = Vec::new();
        restored.snapshot(&mut again).unwrap();
        prop_assert_eq!(&again, &bytes);
        for (id, event) in (1_000..).zip(&events[cut..]) {
            prop_assert_eq!(show(&mut restored, id, event), show(&mut detector, id, event));
        }
    }
}

/// The mean risk of somebody who signs in as each of the accounts in turn.
fn mean(stage: &Stage, attempt: impl Fn(usize) -> (From, &'static str)) -> f64 {
    let total: f64 = (0..60)
        .map(|number| {
            let (from, agent) = attempt(number);
            let at = Timestamp::from_millis((START + 40 * DAY) * 1_000);
            let (actor, metadata) =
                (format!("user_{number}"), serde_json::json!({ "user_agent": agent }).to_string());
            let seen = Observation::new("acme", Uuid::nil(), &SUCCESS, at, at)
                .actor(Some(&actor))
                .ip(from.ip.parse().ok())
                .metadata(&metadata)
                .enrichment(from.known.as_ref());
            stage.detector.risk(&seen).expect("a sign-in of an account")
        })
        .sum();
    total / 60.0
}

#[test]
fn attackers_rank_far_above_owners() {
    let towns = [berlin(), munich(), paris(), madrid()];
    let agents = [LAPTOP, PHONE, FIREFOX];
    let home = |number: usize, address: usize| {
        let mut home = towns[number % 4].clone();
        home.ip = format!("203.0.{number}.{address}");
        (home, agents[number % 3])
    };
    let mut stage = Stage::new();
    for day in 0..30 {
        for number in 0..60 {
            let (from, agent) = home(number, (day / 10) as usize);
            stage.sign_in(
                &format!("user_{number}"),
                &from,
                with(agent),
                day * DAY + 9 * HOUR + number as i64,
            );
        }
    }
    let owners = mean(&stage, |number| home(number, 2));
    let naive = mean(&stage, |number| (tokyo(), agents[(number + 1) % 3]));
    let same_country = mean(&stage, |number| {
        let mut near = towns[number % 4].clone().with(|known| known.network.asn = Some(64_999));
        near.ip = "192.0.2.7".to_owned();
        (near, agents[(number + 1) % 3])
    });
    assert!(naive / owners >= 8.0, "naive {naive} against {owners}");
    assert!(same_country / owners >= 5.0, "VPN {same_country} against {owners}");
}

#[test]
fn only_sign_ins_of_accounts_have_a_risk() {
    let stage = Stage::new();
    let at = Timestamp::from_millis(START * 1_000);
    let failed = Observation::new("acme", Uuid::nil(), &FAILED, at, at).actor(Some("alice"));
    let nobody = Observation::new("acme", Uuid::nil(), &SUCCESS, at, at);
    assert_eq!((stage.detector.risk(&failed), stage.detector.risk(&nobody)), (None, None));
    assert!(stage.detector.risk(&nobody.actor(Some("nobody_knows_them"))).is_some());
}
