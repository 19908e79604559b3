//! [`Actor`]: what one account does, for accounts that do anything the rules ask about.

use litesoc_model::Timestamp;
use uuid::Uuid;

use super::habit::Habits;
use super::moments::Moments;
use super::usual::Usual;
use super::volume::{DAY, Slices, seconds};
use crate::record::{Field, Record, fields};

/// Export events remembered by id, for the alert's samples.
const MAX_SAMPLES: usize = 8;

/// What one account does; made when it first does something the rules ask about.
///
/// About 100 bytes, 130 more for one that takes data out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Actor {
    pub(crate) habits: Habits,
    /// The day on which a known administrator made this one an administrator; 0 when nobody did.
    pub(crate) entitled_on: u16,
    /// When an alert of severity high or above last told of the account, in seconds; 0 when none did.
    pub(crate) told_at: u32,
    pub(crate) exports: Option<Box<Exports>>,
    /// Accounts it made, tagged with four bytes of their key.
    pub(crate) made: Moments,
    /// Bulk deletions, tagged with how many records.
    pub(crate) deletions: Moments,
    /// Accounts it removed.
    pub(crate) removals: Moments,
}

/// How much data an account takes out, and how much is usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exports {
    pub(crate) slices: Slices,
    pub(crate) usual: Usual,
    /// The latest event that an alert told of, in seconds; 0 when none did.
    pub(crate) fired_at: u32,
    /// When the exports under way began, or the alert about them, in seconds.
    run: u32,
    pub(crate) samples: Vec<(u32, Uuid)>,
}

impl Exports {
    pub(crate) fn new(day: u16) -> Self {
        Self { usual: Usual::new(day), ..Self::default() }
    }

    /// The day in which what happens at this time is learned: as long as exports follow each other without a longer pause than
    /// `gap`, the day on which they began.
    ///
    /// Midnight must not cut a burst in two, of which the first half teaches that the second is usual. Whatever never pauses
    /// is cut once a day.
    pub(crate) fn day_of(&self, at: u32, day: u16, gap: u32) -> u16 {
        if self.goes_on(at, gap) { self.usual.day() } else { day }
    }

    /// Notes that exports went on, or began anew.
    pub(crate) fn follow(&mut self, at: u32, gap: u32) {
        self.run = if self.goes_on(at, gap) { self.run.min(at) } else { self.run.max(at) };
    }

    /// An alert told of what happened at this time.
    pub(crate) fn tell(&mut self, at: u32) {
        if self.fired_at == 0 {
            self.run = at;
        }
        self.fired_at = self.fired_at.max(at);
    }

    fn goes_on(&self, at: u32, gap: u32) -> bool {
        let newest = self.slices.newest().unwrap_or_default();
        at.saturating_add(gap) >= self.run
            && at <= newest.saturating_add(gap)
            && at < self.run.saturating_add(DAY)
    }

    /// Remembers an event by its id; the earliest goes.
    pub(crate) fn sample(&mut self, at: Timestamp, event_id: Uuid) {
        if self.samples.len() >= MAX_SAMPLES {
            self.samples.remove(0);
        }
        self.samples.push((seconds(at), event_id));
    }
}

impl Actor {
    /// Whether an alert told of the account within an hour of this time.
    pub(crate) fn was_told(&self, at: Timestamp) -> bool {
        self.told_at > 0 && seconds(at).abs_diff(self.told_at) <= 3_600
    }
}

fields!(Exports { slices, usual, fired_at, run, samples });
fields!(Actor { habits, entitled_on, told_at, exports, made, deletions, removals });

impl Record for Actor {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        !self.habits.is_empty() || self.exports.is_some() || self.entitled_on > 0
    }
}
