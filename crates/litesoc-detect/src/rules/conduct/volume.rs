//! [`Volume`]: how much data was taken out; [`Slices`]: how much when, by event time.

use std::time::Duration;

use litesoc_model::Timestamp;

use crate::record::fields;

/// Slices a short window is counted in.
const FINE: u32 = 12;
/// Slices a long window is counted in.
const COARSE: u32 = 24;
/// Most slices kept: two short windows in fine slices and a long one in coarse slices.
const MAX_SLICES: usize = 2 * FINE as usize + COARSE as usize + 2;

/// Seconds of a day.
pub(crate) const DAY: u32 = 24 * 60 * 60;

/// Whole seconds since 1970, within four bytes.
pub(crate) fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.as_millis().div_euclid(1_000).max(0)).unwrap_or(u32::MAX)
}

/// The day of an event time, counted from 1970.
pub(crate) fn day(at: Timestamp) -> u16 {
    u16::try_from(seconds(at) / DAY).unwrap_or(u16::MAX)
}

/// The hour of an event time, counted from 1970.
pub(crate) fn hour(at: Timestamp) -> u32 {
    seconds(at) / 3_600
}

/// How much data was taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Volume {
    pub(crate) events: u64,
    pub(crate) records: u64,
    /// Kibibytes, each event rounded up.
    pub(crate) kib: u64,
}

impl Volume {
    /// One event of so many records and bytes.
    pub(crate) fn of(records: u64, bytes: u64) -> Self {
        Self { events: 1, records, kib: bytes.div_ceil(1_024) }
    }

    /// The three figures, always in this order.
    pub(crate) const fn figures(self) -> [u64; 3] {
        [self.events, self.records, self.kib]
    }

    fn plus(self, other: Self) -> Self {
        Self {
            events: self.events.saturating_add(other.events),
            records: self.records.saturating_add(other.records),
            kib: self.kib.saturating_add(other.kib),
        }
    }

    fn max(self, other: Self) -> Self {
        Self {
            events: self.events.max(other.events),
            records: self.records.max(other.records),
            kib: self.kib.max(other.kib),
        }
    }
}

/// How much within some minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slice {
    /// Seconds since 1970.
    start: u32,
    events: u32,
    records: u32,
    kib: u32,
}

impl Slice {
    fn volume(self) -> Volume {
        Volume { events: self.events.into(), records: self.records.into(), kib: self.kib.into() }
    }

    fn add(&mut self, volume: Volume) {
        let sum = self.volume().plus(volume);
        let held = |figure: u64| u32::try_from(figure).unwrap_or(u32::MAX);
        (self.events, self.records, self.kib) = (held(sum.events), held(sum.records), held(sum.kib));
    }
}

/// The two windows volumes are added up over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    short: u32,
    long: u32,
}

impl Windows {
    pub(crate) fn new(short: Duration, long: Duration) -> Self {
        let held = |window: Duration| u32::try_from(window.as_secs()).unwrap_or(DAY).max(60);
        Self { short: held(short), long: held(long).max(held(short)) }
    }

    /// Whatever is further apart does not belong together.
    pub(crate) fn gap(self) -> u32 {
        self.short.saturating_add(self.fine())
    }

    fn fine(self) -> u32 {
        (self.short / FINE).max(1)
    }

    fn coarse(self) -> u32 {
        (self.long / COARSE).max(self.fine())
    }
}

/// How much when: fine slices for what is recent, coarse ones for what is older, none for what is older than the long window.
///
/// A person who exports twice a day has two or three of them; only a program that never rests fills them all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slices {
    held: Vec<Slice>,
}

impl Slices {
    /// Adds what happened at this time, in whatever order things arrive.
    pub(crate) fn add(&mut self, at: u32, volume: Volume, windows: Windows) {
        let newest = self.held.last().map_or(at, |last| last.start.max(at));
        let recent = newest.saturating_sub(2 * windows.short);
        let width = if at < recent { windows.coarse() } else { windows.fine() };
        self.add_to(at - at % width, volume);
        self.compact(newest, recent, windows);
    }

    fn add_to(&mut self, start: u32, volume: Volume) {
        match self.held.binary_search_by_key(&start, |slice| slice.start) {
            Ok(place) => self.held[place].add(volume),
            Err(place) => {
                let mut slice = Slice { start, events: 0, records: 0, kib: 0 };
                slice.add(volume);
                self.held.insert(place, slice);
            }
        }
    }

    /// Drops what is too old and folds what is no longer recent.
    fn compact(&mut self, newest: u32, recent: u32, windows: Windows) {
        // Twice the long window: what arrives late still finds its company.
        let oldest = newest.saturating_sub(2 * windows.long);
        let stale = self.held.partition_point(|slice| slice.start < oldest);
        self.held.drain(..stale);
        if self.held.len() > FINE as usize {
            let width = windows.coarse();
            self.held.dedup_by(|later, kept| {
                let folds = later.start < recent && later.start - later.start % width <= kept.start;
                if folds {
                    kept.add(later.volume());
                }
                folds
            });
        }
        let over = self.held.len().saturating_sub(MAX_SLICES);
        self.held.drain(..over);
    }

    /// The most of each figure in any window of this length that holds the time.
    ///
    /// Slices are counted whole, so a window reaches up to one slice further than its length.
    pub(crate) fn fullest(&self, at: u32, window: u32, width: u32) -> Volume {
        let mut most = Volume::default();
        for (place, first) in self.held.iter().enumerate() {
            if first.start > at {
                break;
            }
            if at - first.start > window + width {
                continue;
            }
            let inside = self.held[place..].iter().take_while(|slice| slice.start - first.start <= window);
            most = most.max(inside.fold(Volume::default(), |sum, slice| sum.plus(slice.volume())));
        }
        most
    }

    /// When the latest slice began.
    pub(crate) fn newest(&self) -> Option<u32> {
        self.held.last().map(|last| last.start)
    }

    /// The short sums and the long sums around a time.
    pub(crate) fn sums(&self, at: u32, windows: Windows) -> [Volume; 2] {
        [self.fullest(at, windows.short, windows.fine()), self.fullest(at, windows.long, windows.coarse())]
    }

    /// Forgets everything up to a time.
    pub(crate) fn spend(&mut self, until: u32) {
        self.held.retain(|slice| slice.start > until);
    }
}

fields!(Slice { start, events, records, kib });
fields!(Slices { held });
