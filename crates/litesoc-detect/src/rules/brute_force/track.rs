//! [`Track`]: the failed sign-ins remembered for one source or one account, and the search for a burst in them.

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
    failures: Vec<Failure>,
}

impl Field for Track {
    fn put(&self, out: &mut Vec<u8>) {
        self.failures.put(out);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let failures = Vec::<Failure>::take(input)?;
        failures.is_sorted_by_key(Failure::order).then_some(Self { failures })
    }
}

/// Failures that belong together: a window with enough of them, and those that went on from there.
#[derive(Clone, Debug)]
pub(crate) struct Burst {
    /// By event time.
    pub(crate) failures: Vec<Failure>,
    /// When the threshold was reached.
    pub(crate) ripe_at: Timestamp,
}

impl Burst {
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
            self.failures.remove(0);
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

    /// The burst that the failure at this time belongs to, if it belongs to one.
    ///
    /// A failure is in the core of a burst when some window of the threshold's length holds it and enough others.
    /// Failures after the core still belong while no gap is longer than `grouping`; failures before it never do,
    /// else one wrong password in the morning would date an attack in the afternoon.
    /// `counts` leaves out those that the rule does not look at.
    pub(crate) fn burst(
        &self,
        around: (Timestamp, Uuid),
        threshold: Threshold,
        grouping: Duration,
        counts: impl Fn(&Failure) -> bool,
    ) -> Option<Burst> {
        let needed = threshold.failures as usize;
        if self.failures.len() < needed {
            return None;
        }
        let mut usable: Vec<&Failure> = Vec::with_capacity(self.failures.len());
        usable.extend(self.failures.iter().filter(|failure| counts(failure)));
        let middle = usable.iter().position(|failure| failure.order() == around)?;
        let mut windows = (middle.saturating_sub(needed - 1)..=middle).filter(|start| {
            let end = start + needed - 1;
            end < usable.len() && usable[end].at.saturating_since(usable[*start].at) <= threshold.window
        });
        let first = windows.next()?;
        let mut last = windows.next_back().unwrap_or(first) + needed - 1;
        while last + 1 < usable.len() && usable[last + 1].at.saturating_since(usable[last].at) <= grouping {
            last += 1;
        }
        Some(Burst {
            failures: usable[first..=last].iter().map(|failure| **failure).collect(),
            ripe_at: usable[first + needed - 1].at,
        })
    }

    /// The failures that came at most `window` before `at`, the latest first.
    pub(crate) fn latest(&self, at: Timestamp, window: Duration) -> impl Iterator<Item = &Failure> {
        let until = self.failures.partition_point(|known| known.at <= at);
        let recent = self.failures[..until].iter().rev();
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
