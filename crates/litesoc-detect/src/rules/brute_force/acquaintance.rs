//! [`Account`]: the sources an account is known to use, and its failures while it has any.

use std::time::Duration;

use litesoc_model::Timestamp;

use super::source::seconds;
use super::track::Track;
use crate::KnownSources;
use crate::key::Key;
use crate::record::{Field, Record, fields};

/// Sources kept of one account.
const MAX_SOURCES: usize = 6;

/// What is remembered of one account; of most accounts nothing fails, so their failures lie elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) known: Acquaintance,
    pub(crate) failing: Option<Box<Failing>>,
}

fields!(Account { known, failing });

/// The failures of one account.
#[derive(Debug)]
pub(crate) struct Failing {
    pub(crate) name: Box<str>,
    pub(crate) track: Track,
}

fields!(Failing { name, track });

impl Record for Account {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        !self.known.is_empty() || self.failing.as_ref().is_some_and(|failing| failing.track.len() > 1)
    }
}

/// The sources an account is known to use, the one used last first.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Acquaintance {
    /// A part of the key of each source; 0 where there is none.
    sources: [u32; MAX_SOURCES],
    /// Since when, in seconds since 1970.
    since: [u32; MAX_SOURCES],
    /// When a reset of the password was asked for or done last, in seconds since 1970.
    reset: u32,
    /// When the password was replaced last, in seconds since 1970.
    replaced: u32,
}

fields!(Acquaintance { sources, since, reset, replaced });

impl Acquaintance {
    pub(crate) const fn is_empty(&self) -> bool {
        self.sources[0] == 0
    }

    /// Notes a sign-in from a source.
    pub(crate) fn signs_in(&mut self, source: Key, at: Timestamp) {
        let (source, at) = (short(source), seconds(at));
        let place = self.sources.iter().position(|known| *known == source);
        let since = place.map_or(at, |place| self.since[place].min(at));
        let last = place.unwrap_or(MAX_SOURCES - 1);
        self.sources.copy_within(..last, 1);
        self.since.copy_within(..last, 1);
        (self.sources[0], self.since[0]) = (source, since);
    }

    pub(crate) fn resets(&mut self, at: Timestamp) {
        self.reset = self.reset.max(seconds(at));
    }

    pub(crate) fn replaces(&mut self, at: Timestamp) {
        self.replaced = self.replaced.max(seconds(at));
    }

    /// Whether the password was replaced between two moments, to the second.
    pub(crate) fn was_replaced_between(&self, after: Timestamp, until: Timestamp) -> bool {
        self.replaced > 0 && (seconds(after)..=seconds(until)).contains(&self.replaced)
    }

    /// Whether the account is known to use a source at this time.
    pub(crate) fn knows(&self, source: Key, at: Timestamp, settings: &KnownSources) -> bool {
        let (source, at) = (short(source), seconds(at));
        let after = whole(settings.after);
        let mut known = self.sources.iter().zip(&self.since);
        known.any(|(known, since)| *known == source && since.saturating_add(after) <= at)
    }

    /// Whether a known source may still try an old password and be forgiven.
    pub(crate) fn forgives(&self, at: Timestamp, settings: &KnownSources) -> bool {
        self.was_reset(at, settings.reset_grace)
    }

    /// Whether a known source may still try an old password, as long as it does not try fast.
    pub(crate) fn had_another_password(&self, at: Timestamp, settings: &KnownSources) -> bool {
        self.was_reset(at, settings.old_password)
    }

    fn was_reset(&self, at: Timestamp, within: Duration) -> bool {
        let at = seconds(at);
        self.reset > 0 && at >= self.reset && at - self.reset <= whole(within)
    }
}

fn short(source: Key) -> u32 {
    // The lower half; 0 stands for no source.
    u32::try_from(source.hash() >> 32).map_or(1, |bits| bits.max(1))
}

fn whole(length: Duration) -> u32 {
    u32::try_from(length.as_secs()).unwrap_or(u32::MAX)
}
