//! Nanoseconds per observed event, for ordinary traffic, for failures below the threshold and inside an attack.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::time::Instant;

use litesoc_detect::{Detector, Observation, Settings};
use litesoc_events::EventType;
use litesoc_model::Timestamp;
use uuid::Uuid;

const EVENTS: u64 = 200_000;

fn main() {
    measure("other events", &EventType::DATA_EXPORT, |n| (n % 10_000, n % 5_000), 1);
    measure("successes", &EventType::AUTH_LOGIN_SUCCESS, |n| (n % 10_000, n % 5_000), 1);
    measure("failures below the threshold", &EventType::AUTH_LOGIN_FAILED, |n| (n, n), 50);
    measure("failures inside one spray", &EventType::AUTH_LOGIN_FAILED, |n| (n % 5_000, 1), 10);
    measure("instant events of one actor", &EventType::AUTHZ_ACCESS_DENIED, |_| (1, 1), 10);
}

fn measure(what: &str, event: &EventType, who: impl Fn(u64) -> (u64, u64), step_millis: i64) {
    let Ok(mut detector) = Detector::new(Settings::default()) else { return };
    let mut changes = Vec::new();
    let names: Vec<(String, [u8; 4])> = (0..EVENTS)
        .map(|n| {
            let (actor, address) = who(n);
            let [.., b, c, d] = address.to_be_bytes();
            (format!("user_{actor}"), [10, b, c, d])
        })
        .collect();
    let start = Instant::now();
    let mut at = 1_772_366_400_000_i64;
    for (number, (actor, ip)) in (1_u128..).zip(&names) {
        at += step_millis;
        let at = Timestamp::from_millis(at);
        let seen = Observation::new("acme", Uuid::from_u128(number), event, at, at)
            .actor(Some(actor))
            .ip(Some((*ip).into()));
        detector.observe(black_box(&seen), &mut changes);
        changes.clear();
    }
    let each = start.elapsed().as_nanos() / u128::from(EVENTS);
    println!("{what:<30} {each:>6} ns per event");
}
