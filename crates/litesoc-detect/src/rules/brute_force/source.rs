//! [`Source`]: what is remembered of one address or network: its failures, and how many accounts sign in from it.

use std::net::IpAddr;

use litesoc_model::Timestamp;

use super::track::{Burst, Track};
use crate::AddressGroup;
use crate::key::Key;
use crate::record::{Field, Record, fields};
use crate::story::Success;

/// Successes remembered of one source, for failures that arrive after them.
const MAX_SUCCESSES: usize = 4;

/// What is remembered of one address or network.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) group: AddressGroup,
    /// The address seen first.
    pub(crate) ip: IpAddr,
    pub(crate) track: Track,
    /// The latest sign-ins of accounts that are not known to use the source.
    pub(crate) successes: Vec<Success>,
    pub(crate) crowd: Crowd,
}

fields!(Source { group, ip, track, successes, crowd });

impl Source {
    pub(crate) fn new(group: AddressGroup, ip: IpAddr) -> Self {
        Self { group, ip, track: Track::default(), successes: Vec::new(), crowd: Crowd::default() }
    }

    pub(crate) fn remember(&mut self, success: Success) {
        remember(&mut self.successes, success);
    }

    /// Whether so many percent of the attempts from this source fail around a burst.
    ///
    /// Of the sign-ins those of one account count once: a single valid account must not cover an attack.
    pub(crate) fn mostly_fails(&self, burst: &Burst<'_>, percent: u8) -> bool {
        let (from, to) = burst.span();
        let (failed, accounts) = self.crowd.within(from, to);
        let failed = failed.max(burst.failures.len() as u64);
        failed * 100 >= (failed + accounts) * u64::from(percent)
    }

    /// The same for hours: of the accounts seen at the source, so many per cent fail.
    pub(crate) fn mostly_fails_slowly(&self, burst: &Burst<'_>, percent: u8) -> bool {
        let failed = burst.others().len() as u64;
        failed * 100 >= (failed + self.crowd.of_watch(burst.span().1)) * u64::from(percent)
    }
}

/// Puts a success among the latest, by event time; the earliest goes.
pub(crate) fn remember(recent: &mut Vec<Success>, success: Success) {
    let order = |other: &Success| (other.at, other.event_id) < (success.at, success.event_id);
    let place = recent.partition_point(order);
    if recent.len() < MAX_SUCCESSES {
        // Mostly there is one, and hundreds of thousands of lists would each keep room for three more.
        recent.reserve_exact(1);
        recent.insert(place, success);
    } else if place > 0 {
        recent.remove(0);
        recent.insert(place - 1, success);
    }
}

impl Record for Source {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        self.track.len() > 1 || self.crowd.signed_in.iter().any(|bits| *bits != 0)
    }
}

/// Seconds of one slice.
const SLICE: u32 = 1_200;
const SLICES: usize = 12;

/// How many accounts signed in, and how many attempts of strangers failed, in each twenty minutes of the last four hours.
///
/// Accounts are counted by the bits that their keys set among 64 (linear counting, Whang et al. 1990), which is exact enough
/// to tell an office from an attacker, and takes 8 bytes for twenty minutes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Crowd {
    /// The number of the latest slice, since 1970; 0 before the first sign-in.
    newest: u32,
    signed_in: [u64; SLICES],
    failed: [u32; SLICES],
    /// The number of the latest watch, and who signed in during it and during the one before.
    watch: u32,
    watches: [u64; 2],
}

fields!(Crowd { newest, signed_in, failed, watch, watches });

/// How long a watch lasts, in seconds.
const WATCH: u32 = 4 * 60 * 60;

impl Crowd {
    pub(crate) fn signs_in(&mut self, at: Timestamp, account: Key) {
        let watch = seconds(at) / WATCH;
        if watch > self.watch {
            let last = if watch == self.watch + 1 { self.watches[0] } else { 0 };
            (self.watch, self.watches) = (watch, [0, last]);
        }
        if let Some(bits) = self.watches.get_mut((self.watch - watch) as usize) {
            *bits |= 1 << (account.hash() % 64);
        }
        if let Some(slice) = self.slice(at) {
            self.signed_in[slice] |= 1 << (account.hash() % 64);
        }
    }

    /// Counts a failure; only beside sign-ins, for comparison with them.
    pub(crate) fn fails(&mut self, at: Timestamp) {
        if let Some(slice) = self.slice(at) {
            self.failed[slice] = self.failed[slice].saturating_add(1);
        }
    }

    /// About how many different accounts signed in during the watches around this moment, 4 to 8 hours.
    pub(crate) fn of_watch(&self, at: Timestamp) -> u64 {
        let watch = seconds(at) / WATCH;
        // A late failure is of the watch before, and who signs in now is around it too.
        let bits = if watch == self.watch || watch + 1 == self.watch {
            self.watches[0] | self.watches[1]
        } else if watch == self.watch + 1 {
            self.watches[0]
        } else {
            0
        };
        u64::from(DISTINCT[bits.count_ones() as usize])
    }

    /// Failures, and about how many different accounts signed in, in the slices that a span touches.
    fn within(&self, from: Timestamp, to: Timestamp) -> (u64, u64) {
        let (from, to) = (number(from), number(to));
        let oldest = self.newest.saturating_sub(SLICES as u32 - 1);
        let (mut failed, mut signed_in) = (0, 0);
        for slice in from.max(oldest)..=to.min(self.newest) {
            let place = slice as usize % SLICES;
            failed += u64::from(self.failed[place]);
            signed_in |= self.signed_in[place];
        }
        (failed, u64::from(DISTINCT[signed_in.count_ones() as usize]))
    }

    /// The place of a moment; `None` when it is too long ago.
    fn slice(&mut self, at: Timestamp) -> Option<usize> {
        let number = number(at);
        if number > self.newest {
            let first = (self.newest + 1).max(number.saturating_sub(SLICES as u32 - 1));
            for passed in first..=number {
                let place = passed as usize % SLICES;
                (self.signed_in[place], self.failed[place]) = (0, 0);
            }
            self.newest = number;
        }
        (self.newest - number < SLICES as u32).then_some(number as usize % SLICES)
    }
}

fn number(at: Timestamp) -> u32 {
    seconds(at) / SLICE
}

/// Whole seconds since 1970.
pub(crate) fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.as_millis().max(0) / 1_000).unwrap_or(u32::MAX)
}

/// About how many different keys set so many of 64 bits: 64 ln(64 / (64 - bits)); all of them at least 290.
const DISTINCT: [u16; 65] = [
    0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 17, 18, 20, 21, 23, 24, 25, 27, 28, 30, 32, 33, 35,
    37, 39, 40, 42, 44, 46, 48, 51, 53, 55, 58, 60, 63, 65, 68, 71, 74, 78, 81, 85, 89, 93, 97, 102, 107,
    113, 119, 126, 133, 142, 151, 163, 177, 196, 222, 266, 290,
];
