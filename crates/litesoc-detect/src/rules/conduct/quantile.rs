//! [`Histogram`]: how often which size occurs in an organisation, in a few hundred bytes, for the size that hardly anybody reaches.

use super::usual::{FIGURES, Log};
use crate::record::Field;

/// Steps of [`Log`] in one bucket: sizes within 28 % of each other lie together.
const WIDTH: u16 = 256;
/// Buckets; the largest number there is lies in number 177.
const BUCKETS: usize = 178;
/// From so many days on the older ones fade.
const FADING: u32 = 20_000;

/// How often which size occurs.
///
/// Each account adds one size a day, its highest, and only of days in which nothing was found; so neither many events nor
/// one loud account can move it much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Histogram {
    counts: Box<[u16; BUCKETS]>,
    total: u32,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: Box::new([0; BUCKETS]), total: 0 }
    }
}

impl Histogram {
    pub(crate) fn add(&mut self, size: Log) {
        let bucket = &mut self.counts[usize::from(size.0 / WIDTH).min(BUCKETS - 1)];
        *bucket = bucket.saturating_add(1);
        self.total += 1;
        if self.total >= FADING {
            self.counts.iter_mut().for_each(|count| *count /= 2);
            self.total = self.counts.iter().map(|count| u32::from(*count)).sum();
        }
    }

    /// The size that one account-day in 200 exceeds: the upper edge of its bucket.
    pub(crate) fn rare(&self) -> Log {
        let beyond = self.total / 200;
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
    /// Adds the highest sizes of one account's day.
    pub(crate) fn add(&mut self, sizes: [Log; FIGURES]) {
        for (histogram, size) in self.held.iter_mut().zip(sizes) {
            histogram.add(size);
        }
    }

    /// Account-days added, as far as they have not faded.
    pub(crate) fn days(&self) -> u32 {
        self.held.first().map_or(0, |histogram| histogram.total)
    }

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
        let total = counts.iter().map(|count| u32::from(*count)).sum();
        Some(Self { counts, total })
    }
}
