//! [`Moments`]: the latest events of one kind of one key, by event time, and the fullest window around one of them.

use std::time::Duration;

use litesoc_model::Timestamp;
use uuid::Uuid;

use crate::record::{Field, Record, fields};

/// One event, with four bytes that its rule may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) at: Timestamp,
    pub(crate) event_id: Uuid,
    pub(crate) tag: u32,
}

impl Moment {
    fn order(&self) -> (Timestamp, Uuid) {
        (self.at, self.event_id)
    }
}

/// The latest events of one kind of one key, by event time.
///
/// A counter would have to guess which window a late event belongs to; times answer that for any order of arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moments {
    held: Vec<Moment>,
}

impl Moments {
    /// Puts an event in its place. Beyond `capacity` the one furthest in time from it goes, so that times from far away,
    /// past or future, cannot push out what happens now.
    ///
    /// False when the event is known already.
    pub(crate) fn insert(&mut self, moment: Moment, capacity: usize) -> bool {
        let place = self.held.partition_point(|known| known.order() < moment.order());
        if self.held.get(place).is_some_and(|known| known.order() == moment.order()) {
            return false;
        }
        self.held.insert(place, moment);
        if self.held.len() > capacity {
            let ages = |known: &Moment| apart(known.at, moment.at);
            match (self.held.first(), self.held.last()) {
                (Some(first), Some(last)) if ages(first) >= ages(last) => {
                    self.held.remove(0);
                }
                _ => {
                    self.held.pop();
                }
            }
        }
        true
    }

    /// The fullest window of this length that holds the time; the earliest of several.
    pub(crate) fn around(&self, at: Timestamp, window: Duration) -> &[Moment] {
        let mut best: &[Moment] = &[];
        for (start, first) in self.held.iter().enumerate() {
            if first.at > at {
                break;
            }
            if at.saturating_since(first.at) > window {
                continue;
            }
            let rest = &self.held[start..];
            let end = rest.partition_point(|known| known.at.saturating_since(first.at) <= window);
            if end > best.len() {
                best = &rest[..end];
            }
        }
        best
    }

    /// Those from `from` to `to`, both ends included.
    pub(crate) fn between(&self, from: Timestamp, to: Timestamp) -> &[Moment] {
        let start = self.held.partition_point(|known| known.at < from);
        let end = self.held.partition_point(|known| known.at <= to);
        self.held.get(start..end).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether one of them has such a tag.
    pub(crate) fn any(&self, tagged: impl Fn(u32) -> bool) -> bool {
        self.held.iter().any(|moment| tagged(moment.tag))
    }
}

fields!(Moment { at, event_id, tag });
fields!(Moments { held });

impl Record for Moments {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        self.held.len() > 1
    }
}

fn apart(one: Timestamp, other: Timestamp) -> Duration {
    one.saturating_since(other).max(other.saturating_since(one))
}
