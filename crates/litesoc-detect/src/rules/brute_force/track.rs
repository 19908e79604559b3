//! [`Track`]: the failed sign-ins remembered for one source or one account, and the search for a burst in them.

use std::collections::VecDeque;
use std::time::Duration;

use litesoc_model::Timestamp;
use uuid::Uuid;

use crate::incident::Serial;
use crate::key::Key;
use crate::record::{Field, fields};
use crate::settings::Threshold;

/// One failed sign-in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) at: Timestamp,
    pub(crate) event_id: Uuid,
    /// The account, when this is remembered for a source; the source, when for an account.
    pub(crate) other: Option<Key>,
    /// The incident that counts it. A failure counts in one incident only, and no longer once that one is closed.
    pub(crate) claim: Option<Serial>,
    /// Whether the account is known to use the source, or the failure showed what its owner shows.
    pub(crate) known: bool,
    /// The country of the source; zeros when no data says so.
    pub(crate) country: [u8; 2],
    /// The autonomous system of the source; 0 when no data says so.
    pub(crate) network: u32,
}

fields!(Failure { at, event_id, other, claim, known, country, network });

impl Failure {
    fn order(&self) -> (Timestamp, Uuid) {
        (self.at, self.event_id)
    }
}

/// The failed sign-ins remembered for one source or one account, by event time.
#[derive(Debug, Default)]
pub(crate) struct Track {
    failures: VecDeque<Failure>,
}

impl Field for Track {
    fn put(&self, out: &mut Vec<u8>) {
        self.failures.put(out);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let failures = VecDeque::<Failure>::take(input)?;
        failures.iter().is_sorted_by_key(Failure::order).then_some(Self { failures })
    }
}

/// The failures of a track that a rule counts, with the one at hand among them.
#[derive(Debug)]
pub(crate) struct Counted<'a> {
    /// By event time.
    failures: Vec<&'a Failure>,
    /// The place of the one at hand.
    middle: usize,
}

/// Failures that belong together: a window with enough of them, and those that went on from there.
#[derive(Clone, Debug)]
pub(crate) struct Burst<'a> {
    /// By event time.
    pub(crate) failures: Vec<&'a Failure>,
    /// When the threshold was reached.
    pub(crate) ripe_at: Timestamp,
}

impl Burst<'_> {
    /// Different accounts of a source, or sources of an account.
    pub(crate) fn others(&self) -> Vec<Key> {
        let mut others = Vec::with_capacity(self.failures.len());
        others.extend(self.failures.iter().filter_map(|failure| failure.other));
        others.sort_unstable();
        others.dedup();
        others
    }

    /// From the first failure to the last.
    pub(crate) fn span(&self) -> (Timestamp, Timestamp) {
        let first = self.failures.first().map_or(self.ripe_at, |failure| failure.at);
        (first, self.failures.last().map_or(first, |failure| failure.at))
    }
}

impl<'a> Counted<'a> {
    /// The burst that the failure at hand belongs to, if it belongs to one.
    ///
    /// A failure is in the core of a burst when some window of the threshold's length holds it and enough others.
    /// Failures after the core still belong while no gap is longer than `grouping`; failures before it never do,
    /// else one wrong password in the morning would date an attack in the afternoon.
    pub(crate) fn burst(&self, threshold: Threshold, grouping: Duration) -> Option<Burst<'a>> {
        let (failures, needed) = (&self.failures, threshold.failures as usize);
        let mut windows = (self.middle.saturating_sub(needed - 1)..=self.middle).filter(|start| {
            let end = start + needed - 1;
            end < failures.len() && failures[end].at.saturating_since(failures[*start].at) <= threshold.window
        });
        let first = windows.next()?;
        let mut last = windows.next_back().unwrap_or(first) + needed - 1;
        while last + 1 < failures.len()
            && failures[last + 1].at.saturating_since(failures[last].at) <= grouping
        {
            last += 1;
        }
        Some(Burst { failures: failures[first..=last].to_vec(), ripe_at: failures[first + needed - 1].at })
    }
}

impl Track {
    pub(crate) fn len(&self) -> usize {
        self.failures.len()
    }

    /// Remembers a failure in its place by event time. Beyond `capacity` the earliest goes.
    pub(crate) fn insert(&mut self, failure: Failure, capacity: usize) {
        let place = self.failures.partition_point(|known| known.order() < failure.order());
        if self.failures.len() < capacity {
            self.failures.insert(place, failure);
        } else if place > 0 {
            self.failures.pop_front();
            self.failures.insert(place - 1, failure);
        }
    }

    /// One failure.
    pub(crate) fn has_strange(&self) -> bool {
        self.failures.iter().any(|failure| !failure.known)
    }

    pub(crate) fn get(&self, at: Timestamp, event_id: Uuid) -> Option<&Failure> {
        let place = self.failures.binary_search_by_key(&(at, event_id), Failure::order);
        place.ok().map(|place| &self.failures[place])
    }

    /// Says which incident counts this failure.
    pub(crate) fn claim(&mut self, at: Timestamp, event_id: Uuid, serial: Serial) {
        if let Ok(place) = self.failures.binary_search_by_key(&(at, event_id), Failure::order) {
            self.failures[place].claim = Some(serial);
        }
    }

    /// The failures that a rule counts, when the one at hand is among them; fewer than `least` are no burst.
    pub(crate) fn counted(
        &self,
        around: (Timestamp, Uuid),
        least: u32,
        counts: impl Fn(&Failure) -> bool,
    ) -> Option<Counted<'_>> {
        if self.failures.len() < least as usize {
            return None;
        }
        let mut failures: Vec<&Failure> = Vec::with_capacity(self.failures.len());
        failures.extend(self.failures.iter().filter(|failure| counts(failure)));
        // It is mostly the latest.
        let middle = failures.iter().rposition(|failure| failure.order() == around)?;
        Some(Counted { failures, middle })
    }

    /// The failures that came at most `window` before `at`, the latest first.
    pub(crate) fn latest(&self, at: Timestamp, window: Duration) -> impl Iterator<Item = &Failure> {
        let until = self.failures.partition_point(|known| known.at <= at);
        let recent = self.failures.range(..until).rev();
        recent.take_while(move |known| at.saturating_since(known.at) <= window)
    }

    /// The latest failures of this incident that came at most `window` before `at`.
    pub(crate) fn before(
        &self,
        at: Timestamp,
        window: Duration,
        serial: Serial,
    ) -> impl Iterator<Item = &Failure> {
        self.latest(at, window).filter(move |known| known.claim == Some(serial))
    }

    /// Forgets what an incident counted.
    pub(crate) fn drop_claimed(&mut self, serial: Serial) {
        self.failures.retain(|known| known.claim != Some(serial));
    }
}
