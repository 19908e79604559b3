//! [`Track`]: the failed sign-ins remembered for one address or one account, and the search for a burst in them.

use std::net::IpAddr;
use std::time::Duration;

use litesoc_model::Timestamp;
use uuid::Uuid;

use crate::AddressGroup;
use crate::incident::Serial;
use crate::key::Key;
use crate::record::{Field, Record, fields};
use crate::settings::Threshold;

/// One failed sign-in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) at: Timestamp,
    pub(crate) event_id: Uuid,
    /// The account, when this is remembered for an address; the address, when for an account.
    pub(crate) other: Option<Key>,
    /// The incident that counts it. A failure counts in one incident only, and no longer once that one is closed.
    pub(crate) claim: Option<Serial>,
}

impl Failure {
    fn order(&self) -> (Timestamp, Uuid) {
        (self.at, self.event_id)
    }
}

fields!(Failure { at, event_id, other, claim });

/// Whose failures these are.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    Address { group: AddressGroup, ip: IpAddr },
    Account(Box<str>),
}

impl Field for Subject {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Address { group, ip } => {
                out.push(0);
                group.put(out);
                ip.put(out);
            }
            Self::Account(name) => {
                out.push(1);
                name.put(out);
            }
        }
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        match u8::take(input)? {
            0 => Some(Self::Address { group: AddressGroup::take(input)?, ip: IpAddr::take(input)? }),
            1 => Some(Self::Account(Field::take(input)?)),
            _ => None,
        }
    }
}

/// The failed sign-ins remembered for one address or one account, by event time.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) subject: Subject,
    failures: Vec<Failure>,
}

impl Record for Track {
    fn write(&self, out: &mut Vec<u8>) {
        self.subject.put(out);
        self.failures.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Some(Self { subject: Subject::take(input)?, failures: Field::take(input)? })
    }

    fn is_worth_keeping(&self) -> bool {
        self.failures.len() > 1
    }
}

/// Failures that belong together: a window with enough of them, and those that went on from there.
#[derive(Debug)]
pub(crate) struct Burst {
    /// Places in the track, by event time.
    pub(crate) places: Vec<usize>,
    /// When the threshold was reached.
    pub(crate) ripe_at: Timestamp,
}

impl Track {
    pub(crate) fn new(subject: Subject) -> Self {
        Self { subject, failures: Vec::new() }
    }

    pub(crate) fn at(&self, place: usize) -> &Failure {
        &self.failures[place]
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
    /// Failures of closed incidents are `spent` and count no more.
    pub(crate) fn burst(
        &self,
        around: (Timestamp, Uuid),
        threshold: Threshold,
        grouping: Duration,
        spent: impl Fn(Serial) -> bool,
    ) -> Option<Burst> {
        let usable: Vec<usize> = (0..self.failures.len())
            .filter(|place| !self.failures[*place].claim.is_some_and(&spent))
            .collect();
        let time = |index: usize| self.failures[usable[index]].at;
        let needed = threshold.failures as usize;
        let middle = usable.iter().position(|place| self.failures[*place].order() == around)?;
        let mut windows = (middle.saturating_sub(needed - 1)..=middle).filter(|start| {
            let end = start + needed - 1;
            end < usable.len() && time(end).saturating_since(time(*start)) <= threshold.window
        });
        let first = windows.next()?;
        let mut last = windows.next_back().unwrap_or(first) + needed - 1;
        while last + 1 < usable.len() && time(last + 1).saturating_since(time(last)) <= grouping {
            last += 1;
        }
        Some(Burst { places: usable[first..=last].to_vec(), ripe_at: time(first + needed - 1) })
    }

    /// Whether a failure of this incident came at most `window` before `at`.
    pub(crate) fn failed_before(&self, at: Timestamp, window: Duration, serial: Serial) -> bool {
        let until = self.failures.partition_point(|known| known.at <= at);
        let recent = self.failures[..until].iter().rev();
        recent
            .take_while(|known| at.saturating_since(known.at) <= window)
            .any(|known| known.claim == Some(serial))
    }

    /// Forgets what an incident counted.
    pub(crate) fn drop_claimed(&mut self, serial: Serial) {
        self.failures.retain(|known| known.claim != Some(serial));
    }
}
