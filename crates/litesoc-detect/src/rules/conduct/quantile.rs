//! [`Histogram`]: how high the accounts of an organisation go at most, in a few hundred bytes, for what hardly any of them reaches.

use super::usual::{FIGURES, Log};
use crate::record::Field;

/// Steps of [`Log`] in one bucket: sizes within 28 % of each other lie together.
const WIDTH: u16 = 256;
/// Buckets; the largest number there is lies in number 177.
const BUCKETS: usize = 178;
/// One account in so many may lie beyond what is rare.
const SHARE: u32 = 20;

/// How high the accounts of an organisation go at most.
///
/// Each account counts once, with the highest of its clean days, so neither many events nor one loud account can move it much.
/// Counting every day of every account would let the one service account that works each night set the measure for a hundred
/// people who export once a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Histogram {
    counts: Box<[u16; BUCKETS]>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: Box::new([0; BUCKETS]) }
    }
}

impl Histogram {
    /// Counts an account that counted in bucket `before` (one more than its number; 0 when it did not count) with a new highest
    /// size. Gives back where it counts now.
    fn raise(&mut self, before: u8, size: Log) -> u8 {
        let bucket = usize::from(size.0 / WIDTH).min(BUCKETS - 1);
        let now = u8::try_from(bucket + 1).unwrap_or(u8::MAX);
        if now <= before {
            return before;
        }
        self.leave(before);
        self.counts[bucket] = self.counts[bucket].saturating_add(1);
        now
    }

    /// Counts an account no longer.
    fn leave(&mut self, before: u8) {
        if let Some(old) = usize::from(before).checked_sub(1).and_then(|old| self.counts.get_mut(old)) {
            *old = old.saturating_sub(1);
        }
    }

    fn accounts(&self) -> u32 {
        self.counts.iter().map(|count| u32::from(*count)).sum()
    }

    /// The size that one account in 20 goes beyond: the upper edge of its bucket.
    fn rare(&self) -> Log {
        let beyond = self.accounts() / SHARE;
        let mut above = 0;
        for (place, count) in self.counts.iter().enumerate().rev() {
            above += u32::from(*count);
            if above > beyond {
                let edge = (place as u64 + 1) * u64::from(WIDTH);
                return Log(u16::try_from(edge).unwrap_or(u16::MAX));
            }
        }
        Log::default()
    }
}

/// One for each figure of [`Usual`](super::usual::Usual).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histograms {
    held: [Histogram; FIGURES],
}

impl Histograms {
    /// Counts the highest sizes of an account's day, or no longer counts it; `counted` says where it counts.
    pub(crate) fn count(&mut self, counted: &mut [u8; FIGURES], sizes: [Option<Log>; FIGURES]) {
        for ((histogram, counted), size) in self.held.iter_mut().zip(counted).zip(sizes) {
            *counted = match size {
                Some(size) => histogram.raise(*counted, size),
                None => {
                    histogram.leave(*counted);
                    0
                }
            };
        }
    }

    /// Accounts counted.
    pub(crate) fn accounts(&self) -> u32 {
        self.held.first().map_or(0, Histogram::accounts)
    }

    /// What hardly any account reaches.
    pub(crate) fn rare(&self, place: usize) -> Log {
        self.held[place].rare()
    }
}

impl Field for Histograms {
    fn put(&self, out: &mut Vec<u8>) {
        self.held.iter().for_each(|histogram| histogram.put(out));
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let mut histograms = Self::default();
        for histogram in &mut histograms.held {
            *histogram = Histogram::take(input)?;
        }
        Some(histograms)
    }
}

impl Field for Histogram {
    fn put(&self, out: &mut Vec<u8>) {
        self.counts.put(out);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let counts = Box::new(<[u16; BUCKETS]>::take(input)?);
        Some(Self { counts })
    }
}
