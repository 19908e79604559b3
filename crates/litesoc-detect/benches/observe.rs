//! Nanoseconds per observed event by kind, how they grow with the number of known accounts, and the memory, snapshot and restore of them.
//!
//! Alerts are asked for after every thousand events, as by a server that records what it has found many times a second.
//! Every figure is of accounts that are known: each has signed in twice before, from its place, with its device.
//! Each size runs in a process of its own, so that its memory is what the system gave that process beyond what it had
//! before the detector was made, and not what a smaller size had left behind.
//!
//! `observe --bench N KIND EVENTS` shows one kind alone to a detector that knows N accounts, for instruction counts:
//! `valgrind --tool=callgrind`, once with EVENTS and once with 0.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock and its arguments")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use litesoc_detect::{Detector, Observation, Settings};
use litesoc_events::EventType;
use litesoc_model::{Enrichment, Place, Position, Timestamp};
use uuid::Uuid;

const EVENTS: u64 = 100_000;
/// Events between two times at which alerts are asked for.
const BATCH: u128 = 1_000;
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
const START: i64 = 1_772_366_400_000;
const MINUTE: i64 = 60_000;
const DEVICES: [&str; 3] = [
    r#"{"user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"}"#,
    r#"{"user_agent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15"}"#,
    r#"{"user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"}"#,
];

/// A kind of event as the bench shows it.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    show: fn(&mut World),
}

const KINDS: [Kind; 8] = [
    Kind { name: "mixed", show: World::mixed },
    Kind { name: "sign-in", show: |world| world.anybody(&EventType::AUTH_LOGIN_SUCCESS) },
    Kind { name: "sign-out", show: |world| world.anybody(&EventType::AUTH_LOGOUT) },
    Kind { name: "export", show: |world| world.anybody(&EventType::DATA_EXPORT) },
    Kind { name: "failure", show: |world| world.anybody(&EventType::AUTH_LOGIN_FAILED) },
    Kind { name: "denial", show: World::denied },
    Kind { name: "spray", show: World::sprayed },
    Kind { name: "guesses", show: World::guessed },
];

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse().ok());
    match (number(0), arguments.get(1)) {
        (None, _) => SIZES.into_iter().for_each(in_a_fresh_process),
        (Some(accounts), None) => grow(accounts),
        (Some(accounts), Some(name)) => alone(accounts, name, number(2).unwrap_or(EVENTS)),
    }
}

fn in_a_fresh_process(accounts: u64) {
    let child = std::env::current_exe().and_then(|own| Command::new(own).arg(accounts.to_string()).status());
    if !child.is_ok_and(|status| status.success()) {
        println!("{accounts:>9} accounts: FAILED");
    }
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
    places: Vec<Enrichment>,
    accounts: u64,
    dice: Dice,
    number: u128,
    millis: i64,
    name: String,
}

impl World {
    /// A detector that has seen each account sign in twice, hours apart.
    fn new(accounts: u64) -> Option<Self> {
        let detector = Detector::new(Settings::default()).ok()?;
        let mut world = Self {
            detector,
            places: places(),
            accounts,
            dice: Dice(0x9E37_79B9_7F4A_7C15),
            number: 0,
            millis: START,
            name: String::new(),
        };
        for _ in 0..2 {
            (0..accounts)
                .for_each(|account| world.show(&EventType::AUTH_LOGIN_SUCCESS, account, account / 4));
            world.millis += 180 * MINUTE;
        }
        Some(world)
    }

    fn show(&mut self, event: &EventType, account: u64, address: u64) {
        use std::fmt::Write;
        self.number += 1;
        self.millis += 20;
        let at = Timestamp::from_millis(self.millis);
        let of = |length: usize| usize::try_from(account).unwrap_or(0) % length;
        let (place, device) = (&self.places[of(self.places.len())], DEVICES[of(DEVICES.len())]);
        self.name.clear();
        let _infallible = write!(self.name, "user_{account}@example.com");
        let seen = Observation::new("acme", Uuid::from_u128(self.number), event, at, at)
            .actor(Some(&self.name))
            .ip(Some(address_of(address).into()))
            .metadata(device)
            .enrichment(Some(place));
        black_box(self.detector.examine(black_box(&seen)));
        if self.number.is_multiple_of(BATCH) {
            while let Some(change) = self.detector.next_change() {
                black_box(change);
            }
        }
    }

    /// Somebody known, from the address that four accounts share, as families and offices do.
    fn anybody(&mut self, event: &EventType) {
        let account = self.dice.roll(self.accounts);
        self.show(event, account, account / 4);
    }

    fn mixed(&mut self) {
        let event = match self.dice.roll(100) {
            0..4 => EventType::AUTH_LOGIN_FAILED,
            4..40 => EventType::AUTH_LOGIN_SUCCESS,
            40..60 => EventType::DATA_EXPORT,
            _ => EventType::AUTH_LOGOUT,
        };
        self.anybody(&event);
    }

    /// One account runs into closed doors: every event goes into the same alert.
    fn denied(&mut self) {
        self.show(&EventType::AUTHZ_ACCESS_DENIED, 1, 0);
    }

    /// One source tries five thousand accounts again and again: every event goes into the same alert.
    fn sprayed(&mut self) {
        let account = self.dice.roll(self.accounts.min(5_000));
        self.show(&EventType::AUTH_LOGIN_FAILED, account, 0xFF_FFFF);
    }

    /// Five thousand accounts are guessed at, each from an address of its own: as many alerts grow at a time.
    fn guessed(&mut self) {
        let account = self.dice.roll(self.accounts.min(5_000));
        self.show(&EventType::AUTH_LOGIN_FAILED, account, 0xF0_0000 + account);
    }

    fn time(&mut self, events: u64, show: fn(&mut Self)) -> u128 {
        let start = Watch::start();
        for _ in 0..events {
            show(self);
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

fn alone(accounts: u64, name: &str, events: u64) {
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        return println!("no kind {name}");
    };
    let Some(mut world) = World::new(accounts) else { return };
    (0..events).for_each(|_| (kind.show)(&mut world));
}

fn grow(accounts: u64) {
    let before = resident();
    let Some(mut world) = World::new(accounts) else { return };
    print!("{accounts:>9} accounts, ns an event:");
    // The first kind is mixed traffic; after it the memory is that of ordinary days.
    let mut memory = 0;
    for (place, kind) in KINDS.iter().enumerate() {
        print!(" {} {},", kind.name, world.time(EVENTS, kind.show));
        if place == 0 {
            memory = resident().saturating_sub(before) / 1_024;
        }
    }
    let mut bytes = Vec::new();
    let start = Watch::start();
    let written = world.detector.snapshot(&mut bytes);
    let snapshot = start.time().as_millis();
    let start = Watch::start();
    let restored = Detector::restore(Settings::default(), &mut &bytes[..]);
    let restore = start.time().as_millis();
    let fine = written.is_ok() && restored.is_ok_and(|it| it.remembered() == world.detector.remembered());
    println!(
        "\n          memory {memory} MB, snapshot {snapshot} ms ({} MB), restore {restore} ms{}",
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
