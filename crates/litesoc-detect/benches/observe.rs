//! Nanoseconds per observed event, how they grow with the number of known accounts, and the memory, snapshot and restore of them.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use litesoc_detect::{Change, Detector, Observation, Settings};
use litesoc_events::EventType;
use litesoc_model::{Enrichment, Place, Position, Timestamp};
use uuid::Uuid;

const EVENTS: u64 = 200_000;
const START: i64 = 1_772_366_400_000;
const DEVICES: [&str; 3] = [
    r#"{"user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"}"#,
    r#"{"user_agent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15"}"#,
    r#"{"user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"}"#,
];

fn main() {
    println!("one kind of event, 10 k accounts at most, nothing known at first:");
    measure("other events", &EventType::DATA_EXPORT, |n| (n % 10_000, n % 5_000), 1);
    measure("successes", &EventType::AUTH_LOGIN_SUCCESS, |n| (n % 10_000, n % 5_000), 1);
    measure("failures below the threshold", &EventType::AUTH_LOGIN_FAILED, |n| (n, n), 50);
    measure("failures inside one spray", &EventType::AUTH_LOGIN_FAILED, |n| (n % 5_000, 1), 10);
    measure("instant events of one actor", &EventType::AUTHZ_ACCESS_DENIED, |_| (1, 1), 10);
    println!("\nmixed traffic among known accounts, with places and devices:");
    for accounts in [10_000, 100_000, 1_000_000] {
        grow(accounts);
    }
}

fn measure(what: &str, event: &EventType, who: impl Fn(u64) -> (u64, u64), step_millis: i64) {
    let Ok(mut detector) = Detector::new(Settings::default()) else { return };
    let mut changes = Vec::new();
    let names: Vec<(String, [u8; 4])> = (0..EVENTS)
        .map(|n| {
            let (actor, address) = who(n);
            (format!("user_{actor}"), address_of(address))
        })
        .collect();
    let start = Watch::start();
    let mut at = START;
    for (number, (actor, ip)) in (1_u128..).zip(&names) {
        at += step_millis;
        let at = Timestamp::from_millis(at);
        let seen = Observation::new("acme", Uuid::from_u128(number), event, at, at)
            .actor(Some(actor))
            .ip(Some((*ip).into()));
        detector.observe(black_box(&seen), &mut changes);
        changes.clear();
    }
    let each = start.time().as_nanos() / u128::from(EVENTS);
    println!("{what:<30} {each:>6} ns per event");
}

fn address_of(number: u64) -> [u8; 4] {
    let [.., b, c, d] = number.to_be_bytes();
    [10, b, c, d]
}

/// Time of this thread on a processor where the system says it, else time on the wall: others may use the machine too.
struct Watch {
    wall: Instant,
    processor: Option<u64>,
}

impl Watch {
    fn start() -> Self {
        Self { wall: Instant::now(), processor: Self::processor() }
    }

    fn time(&self) -> Duration {
        match (self.processor, Self::processor()) {
            (Some(before), Some(after)) => Duration::from_nanos(after.saturating_sub(before)),
            _ => self.wall.elapsed(),
        }
    }

    fn processor() -> Option<u64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse().ok()
    }
}

/// Numbers that look random, the same each time (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    const fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// A detector, its events, and where they come from.
struct World {
    detector: Detector,
    changes: Vec<Change>,
    places: Vec<Enrichment>,
    number: u128,
    millis: i64,
}

impl World {
    fn show(&mut self, event: &EventType, account: u64) {
        self.number += 1;
        self.millis += 20;
        let at = Timestamp::from_millis(self.millis);
        // Four accounts share an address, as families and offices do.
        let place = &self.places[usize::try_from(account).unwrap_or(0) % self.places.len()];
        let device = DEVICES[usize::try_from(account).unwrap_or(0) % DEVICES.len()];
        let name = format!("user_{account}@example.com");
        let seen = Observation::new("acme", Uuid::from_u128(self.number), event, at, at)
            .actor(Some(&name))
            .ip(Some(address_of(account / 4).into()))
            .metadata(device)
            .enrichment(Some(place));
        self.detector.observe(black_box(&seen), &mut self.changes);
        self.changes.clear();
    }

    fn time(&mut self, events: u64, mut next: impl FnMut(&mut Self)) -> u128 {
        let start = Watch::start();
        for _ in 0..events {
            next(self);
        }
        start.time().as_nanos() / u128::from(events)
    }
}

fn places() -> Vec<Enrichment> {
    let countries = ["DE", "FR", "US", "BR", "IN", "JP", "NG", "PL"];
    let place = |(number, code): (u32, &&str)| {
        let mut known = Enrichment::default();
        let mut place = Place::of_country(*code);
        place.position = Position::new(f64::from(number) * 7.0, f64::from(number) * 19.0, Some(20));
        known.place = Some(place);
        known.network.asn = Some(64_500 + number);
        known
    };
    (0..).zip(&countries).map(place).collect()
}

fn grow(accounts: u64) {
    let before = resident();
    let Ok(detector) = Detector::new(Settings::default()) else { return };
    let mut world = World { detector, changes: Vec::new(), places: places(), number: 0, millis: START };
    let mut account = 0;
    let first = world.time(2 * accounts, |world| {
        world.show(&EventType::AUTH_LOGIN_SUCCESS, account % accounts);
        account += 1;
    });
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mixed = world.time(EVENTS, |world| {
        let account = dice.roll(accounts);
        match dice.roll(100) {
            0..4 => world.show(&EventType::AUTH_LOGIN_FAILED, account),
            4..40 => world.show(&EventType::AUTH_LOGIN_SUCCESS, account),
            40..60 => world.show(&EventType::DATA_EXPORT, account),
            _ => world.show(&EventType::AUTH_LOGOUT, account),
        }
    });
    let memory = resident().saturating_sub(before) / 1_024;
    let mut bytes = Vec::new();
    let start = Watch::start();
    let written = world.detector.snapshot(&mut bytes);
    let snapshot = start.time().as_millis();
    let start = Watch::start();
    let restored = Detector::restore(Settings::default(), &mut &bytes[..]);
    let restore = start.time().as_millis();
    let fine = written.is_ok() && restored.is_ok_and(|it| it.remembered() == world.detector.remembered());
    println!(
        "{accounts:>9} accounts: sign-in {first:>5} ns, mixed {mixed:>5} ns, memory {memory:>4} MB, \
         snapshot {snapshot:>5} ms ({} MB), restore {restore:>5} ms{}",
        bytes.len() >> 20,
        if fine { "" } else { " (FAILED)" }
    );
    println!("          {:?}", world.detector.remembered());
}

/// Kilobytes of this process in memory, where the system says so.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0)
}
