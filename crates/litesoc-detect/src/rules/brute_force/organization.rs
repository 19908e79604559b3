//! [`Organization`]: the failures of a whole organisation in the last hour, and how many are usual.

use std::collections::VecDeque;
use std::time::Duration;

use litesoc_model::Timestamp;
use uuid::Uuid;

use super::source::seconds;
use crate::DistributedSpray;
use crate::key::Key;
use crate::record::{Field, Record, fields};

/// Failures kept; what is usual may be a third of it.
const MAX_ATTEMPTS: usize = 512;
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

/// One failure of an account from a source that it is not known to use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) at: Timestamp,
    pub(crate) event_id: Uuid,
    pub(crate) source: Key,
    pub(crate) account: Key,
}

fields!(Attempt { at, event_id, source, account });

/// The failures of a whole organisation in the last hour, and how many are usual.
#[derive(Debug, Default)]
pub(crate) struct Organization {
    /// By event time. The earliest goes for each new one, and the others need not move up.
    attempts: VecDeque<Attempt>,
    usual: Usual,
    /// Accounts that have signed in.
    pub(crate) members: u32,
}

fields!(Organization { attempts, usual, members });

impl Record for Organization {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        true
    }
}

impl Organization {
    /// Notes a failure, unless its source or its account has enough of them already; false then.
    pub(crate) fn fails(&mut self, attempt: Attempt, settings: &DistributedSpray, attacked: bool) -> bool {
        let newest = self.attempts.back().map_or(attempt.at, |last| last.at.max(attempt.at));
        if newest.saturating_since(attempt.at) > HOUR {
            return false;
        }
        let stale = self.attempts.partition_point(|known| newest.saturating_since(known.at) > HOUR);
        self.attempts.drain(..stale);
        let (mut of_source, mut of_account) = (0, 0);
        self.attempts.iter().for_each(|known| {
            of_source += u32::from(known.source == attempt.source);
            of_account += u32::from(known.account == attempt.account);
        });
        if of_source.max(of_account) >= settings.per_key {
            return false;
        }
        let order = |known: &Attempt| (known.at, known.event_id) < (attempt.at, attempt.event_id);
        self.attempts.insert(self.attempts.partition_point(order), attempt);
        if self.attempts.len() > MAX_ATTEMPTS {
            self.attempts.pop_front();
        }
        self.usual.fails(attempt.at, attacked);
        true
    }

    /// Notes the sign-in of an account from a source it is not known to use.
    pub(crate) fn signs_in(&mut self, at: Timestamp) {
        self.usual.signs_in(at);
    }

    /// The failures of the hour, when they are too many.
    pub(crate) fn spray(&self, settings: &DistributedSpray) -> Option<Spray<'_>> {
        let failures = self.attempts.len();
        let newest = self.attempts.back()?.at;
        let usual = self.usual.in_an_hour(newest);
        let needed =
            (u64::from(settings.failures) * 1_000).max(usual.saturating_mul(settings.times_usual.into()));
        if (failures as u64) * 1_000 < needed {
            return None;
        }
        let distinct = |key: fn(&Attempt) -> Key| {
            let mut keys: Vec<Key> = self.attempts.iter().map(key).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.len()
        };
        let enough = distinct(|attempt| attempt.source) >= settings.sources as usize
            && distinct(|attempt| attempt.account) >= settings.accounts as usize;
        let ripe_at = self.attempts.get(settings.failures as usize - 1)?.at;
        enough.then_some(Spray { attempts: &self.attempts, ripe_at, usual: usual / 1_000 })
    }
}

/// Too many failures in an organisation.
#[derive(Debug)]
pub(crate) struct Spray<'a> {
    pub(crate) attempts: &'a VecDeque<Attempt>,
    /// When there were enough of them.
    pub(crate) ripe_at: Timestamp,
    /// How many are usual in such an hour.
    pub(crate) usual: u64,
}

/// The weight of an hour in what is usual: about four days.
const MEMORY: u64 = 96;
/// What is taken as usual before anything is learned, in thousandths: ten attempts in a hundred fail.
const FIRST_FAILURES: u64 = 10_000;
const FIRST_SUCCESSES: u64 = 90_000;
/// Failures in an hour that may always be learned from, in thousandths.
const LITTLE: u64 = 5_000;

/// How many failures are usual, in thousandths.
#[derive(Clone, Copy, Debug)]
struct Usual {
    /// The latest hour, counted since 1970.
    hour: u32,
    failures: u32,
    successes: u32,
    successes_before: u32,
    /// Whether an attack went on in this hour.
    attacked: bool,
    /// Hours learned from.
    hours: u32,
    /// Failures in an average hour.
    hourly: u64,
    /// Failures and successes, fading: their ratio says how many attempts fail.
    failing: u64,
    succeeding: u64,
}

fields!(Usual { hour, failures, successes, successes_before, attacked, hours, hourly, failing, succeeding });

impl Default for Usual {
    fn default() -> Self {
        Self {
            hour: 0,
            failures: 0,
            successes: 0,
            successes_before: 0,
            attacked: false,
            hours: 0,
            hourly: 0,
            failing: FIRST_FAILURES,
            succeeding: FIRST_SUCCESSES,
        }
    }
}

impl Usual {
    fn fails(&mut self, at: Timestamp, attacked: bool) {
        self.turn(at);
        self.failures = self.failures.saturating_add(1);
        self.attacked |= attacked;
    }

    fn signs_in(&mut self, at: Timestamp) {
        self.turn(at);
        self.successes = self.successes.saturating_add(1);
    }

    /// How many failures are usual in the hour up to this time, in thousandths.
    fn in_an_hour(&self, at: Timestamp) -> u64 {
        let passed = u64::from(seconds(at) % 3_600);
        let before = u64::from(self.successes_before) * (3_600 - passed) / 3_600;
        self.expected(u64::from(self.successes) + before).max(self.hourly)
    }

    /// How many failures so many sign-ins make one expect, in thousandths.
    fn expected(&self, successes: u64) -> u64 {
        let expected = u128::from(successes) * 1_000 * u128::from(self.failing);
        u64::try_from(expected / u128::from(self.succeeding.max(1))).unwrap_or(u64::MAX)
    }

    /// Learns from the hours that are over.
    fn turn(&mut self, at: Timestamp) {
        let hour = seconds(at) / 3_600;
        if hour <= self.hour {
            // Late events count in the hour at hand, which is as good for an average.
            return;
        }
        if self.hour > 0 {
            self.learn();
            for _ in 1..(hour - self.hour).min(4 * u32::try_from(MEMORY).unwrap_or(0)) {
                self.fade(0);
            }
        }
        self.successes_before = if hour == self.hour + 1 { self.successes } else { 0 };
        (self.hour, self.failures, self.successes, self.attacked) = (hour, 0, 0, false);
    }

    fn learn(&mut self) {
        if self.attacked {
            return;
        }
        let (failures, successes) = (u64::from(self.failures) * 1_000, u64::from(self.successes) * 1_000);
        let usual = self.expected(self.successes.into()).max(self.hourly);
        // However an attacker trains it, an hour can no more than double it.
        let failures = failures.min(usual.saturating_mul(2).max(LITTLE));
        self.fade(failures);
        self.failing = self.failing - self.failing / MEMORY + failures;
        self.succeeding = self.succeeding - self.succeeding / MEMORY + successes;
    }

    /// Takes one more hour into the average.
    fn fade(&mut self, failures: u64) {
        self.hours = self.hours.saturating_add(1);
        let weight = u64::from(self.hours).min(MEMORY);
        self.hourly = self.hourly - self.hourly / weight + failures / weight;
    }
}
