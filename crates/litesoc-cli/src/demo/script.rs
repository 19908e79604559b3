//! [`Script`]: every event of the demo in the order of its time, and the alerts that must come of it.

use std::net::IpAddr;

use litesoc::{AlertSeverity, AlertType, Event, EventType, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::chance::Chance;
use super::{attacks, geography, ordinary};

/// How far back the traffic reaches. A service believes event times of the last 24 hours; sending takes a part of that.
const SPAN_MS: i64 = 23 * 3_600_000;
/// How long ago the last event happened.
const NOW_MS: i64 = 60_000;

pub(super) const MINUTE: i64 = 60_000;

/// One event of the script.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) at: i64,
    pub(super) id: Uuid,
    pub(super) event: EventType,
    pub(super) actor: Option<String>,
    pub(super) ip: IpAddr,
    pub(super) metadata: Vec<(&'static str, String)>,
}

impl Line {
    pub(super) fn new(at: i64, event: EventType, actor: &str, ip: IpAddr) -> Self {
        Self { at, id: Uuid::nil(), event, actor: Some(actor.to_owned()), ip, metadata: Vec::new() }
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.metadata.push((key, value.into()));
        self
    }

    /// The event as the client takes it.
    pub(super) fn to_event(&self) -> Event {
        let at = Timestamp::from_millis(self.at);
        let mut event = Event::new(self.event.clone()).user_ip(self.ip).time(at).id(self.id);
        if let Some(actor) = &self.actor {
            event = event.actor(actor).email(&format!("{actor}@example.com"));
        }
        for (key, value) in &self.metadata {
            event = event.metadata(key, value);
        }
        event
    }
}

/// An alert that must come of the traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Expected {
    /// What it is, for people.
    pub(super) story: &'static str,
    pub(super) alert_type: AlertType,
    pub(super) severity: AlertSeverity,
    pub(super) actor_id: Option<String>,
    pub(super) source_ip: Option<String>,
    pub(super) count: u64,
}

/// A user of the application.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) home: IpAddr,
}

/// Every event in the order of its time, and the alerts that must come of it.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) lines: Vec<Line>,
    pub(super) users: usize,
    pub(super) attacks: Vec<Expected>,
    /// Alerts about the first signs of an attack.
    pub(super) signs: Vec<Expected>,
    pub(super) notices: Vec<Expected>,
}

/// Writes the script of so many events for the day that ends at `now`.
pub(super) fn write(seed: u64, events: u32, now: Timestamp) -> Script {
    let mut chance = Chance::new(seed);
    let end = now.as_millis() - NOW_MS;
    let start = end - SPAN_MS;
    let count = events as usize;
    let users = users(count, &mut chance);
    let mut lines = Vec::with_capacity(count);
    let found = attacks::write(&mut attacks::Stagecraft {
        users: &users,
        start,
        end,
        chance: &mut chance,
        lines: &mut lines,
    });
    let notices = ordinary::notices(&users, start, end, &mut chance, &mut lines);
    let rest = count.saturating_sub(lines.len());
    ordinary::write(&users, rest, start, end, &mut chance, &mut lines);
    // Stable, so that events of the same millisecond keep the order in which they were thought of.
    lines.sort_by_key(|line| line.at);
    for line in &mut lines {
        line.id = id(line.at, &mut chance);
    }
    Script { lines, users: users.len(), attacks: found.attacks, signs: found.signs, notices }
}

/// RFC 9562 section 5.7: the event's time, then chance.
fn id(at: i64, chance: &mut Chance) -> Uuid {
    let (high, low) = (chance.next().to_be_bytes(), chance.next().to_be_bytes());
    let mut random = [0; 10];
    random[..8].copy_from_slice(&high);
    random[8..].copy_from_slice(&low[..2]);
    uuid::Builder::from_unix_timestamp_millis(at.max(0).unsigned_abs(), &random).into_uuid()
}

/// Users with an address each, in five cities; the cast lives in one of them.
fn users(events: usize, chance: &mut Chance) -> Vec<User> {
    let count = (events / 25).clamp(80, 1_000);
    let mut users: Vec<User> = (0..count)
        .map(|number| User { name: format!("user_{number:04}"), home: geography::home(number) })
        .collect();
    // Parts are given by place, so that they fall to others with every seed.
    chance.shuffle(&mut users);
    for (number, player) in users.iter_mut().take(attacks::CAST).enumerate() {
        player.home = geography::home_in_berlin(number);
    }
    users
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_772_366_400_000);

    #[test]
    fn a_seed_gives_the_same_script_and_another_seed_another() {
        let ids = |seed| write(seed, 1_000, NOON).lines.iter().map(|line| line.id).collect::<Vec<_>>();
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
    }

    #[test]
    fn every_standard_event_occurs_and_the_number_is_exact() {
        for events in [300, 5_000] {
            let script = write(3, events, NOON);
            assert_eq!(script.lines.len(), events as usize);
            let seen: HashSet<&str> = script.lines.iter().map(|line| line.event.as_str()).collect();
            let missing: Vec<&str> = litesoc::events::standard()
                .map(|info| info.name)
                .filter(|name| !seen.contains(name))
                .collect();
            assert_eq!(missing, Vec::<&str>::new());
        }
    }

    #[test]
    fn times_lie_within_the_last_day() {
        let script = write(5, 2_000, NOON);
        let day = NOON.as_millis() - 24 * 3_600_000..NOON.as_millis();
        assert!(script.lines.iter().all(|line| day.contains(&line.at)));
        assert!(script.lines.is_sorted_by_key(|line| line.at));
    }
}
