//! How events reach the service: late, out of order, twice, by clocks that are off.

use litesoc_model::Timestamp;

use crate::lab::chance::Chance;
use crate::lab::world::scribe::Event;
use crate::lab::world::{HOUR, MINUTE, START};

/// Puts the events into the order in which they arrive, with some that come late, twice, or with a wrong time.
pub(crate) fn deliver(mut events: Vec<Event>, days_ms: i64, seed: u64) -> Vec<Event> {
    // By time first, so that what chance does to each does not depend on who wrote first.
    events.sort_by_key(|event| (event.at, event.id));
    events.retain(|event| event.at.as_millis() < START + days_ms);
    let mut chance = Chance::part(seed, "delivery");
    let mut repeats = Vec::new();
    for event in &mut events {
        let true_at = event.at.as_millis();
        let skew = match chance.unit() {
            lot if lot < 0.004 => chance.whole(-4 * MINUTE, 4 * MINUTE),
            lot if lot < 0.05 => chance.whole(-15_000, 15_000),
            _ => 0,
        };
        let delay = match chance.unit() {
            // A device without a connection, and an application that had to wait.
            lot if lot < 0.001 => chance.whole(HOUR, 12 * HOUR),
            lot if lot < 0.01 => chance.whole(MINUTE, 40 * MINUTE),
            _ => chance.whole(20, 2_500),
        };
        event.at = Timestamp::from_millis(true_at + skew);
        event.received = Timestamp::from_millis(true_at + delay);
        if chance.happens(0.004) {
            let mut repeat = event.clone();
            repeat.received = Timestamp::from_millis(true_at + delay + chance.whole(200, 5 * MINUTE));
            repeats.push(repeat);
        }
    }
    events.extend(repeats);
    events.sort_by_key(|event| (event.received, event.id));
    events
}
