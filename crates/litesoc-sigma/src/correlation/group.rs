//! What is remembered of one group, and whether a new occurrence completes a window.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::correlation::{Correlation, ordered};
use crate::rule::CorrelationKind;

/// One event as a match of one of a correlation's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// Milliseconds of event time.
    pub(crate) at: i64,
    pub(crate) id: [u8; 16],
    /// The number of the rule, or the hash of the counted value.
    pub(crate) value: u64,
}

/// A stretch of event time whose count meets the bounds; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) count: u64,
}

/// Occurrences by time, and at the same time by value.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) occurrences: Vec<Occurrence>,
}

/// Room to count values in.
pub(crate) type Counts = HashMap<u64, u32, BuildHasherDefault<AsIs>>;

impl Group {
    /// Takes in an occurrence and forgets what no event that is late by a timespan at most could need.
    pub(crate) fn insert(&mut self, new: Occurrence, timespan: i64) {
        let place = self.occurrences.partition_point(|old| (old.at, old.value) <= (new.at, new.value));
        self.occurrences.insert(place, new);
        let newest = self.occurrences.last().map_or(new.at, |last| last.at);
        let horizon = newest.saturating_sub(timespan.saturating_mul(2));
        let stale = self.occurrences.partition_point(|old| old.at < horizon);
        self.occurrences.drain(..stale);
    }

    /// Drops, down to so many, what events that come in order can spare.
    pub(crate) fn trim(&mut self, correlation: &Correlation, kept: usize, counts: &mut Counts) {
        while self.occurrences.len() > kept {
            let spare = match correlation.kind {
                CorrelationKind::EventCount => 0,
                CorrelationKind::ValueCount | CorrelationKind::Temporal => self.repeated(counts),
                CorrelationKind::TemporalOrdered => self.inside_a_run(),
            };
            self.occurrences.remove(spare);
        }
        if self.occurrences.capacity() > 4 * self.occurrences.len().max(4) {
            self.occurrences.shrink_to(2 * self.occurrences.len());
        }
    }

    /// The oldest occurrence whose value comes again later, or else the oldest.
    fn repeated(&self, counts: &mut Counts) -> usize {
        counts.clear();
        let mut spare = 0;
        for (place, old) in self.occurrences.iter().enumerate().rev() {
            if counts.insert(old.value, 1).is_some() {
                spare = place;
            }
        }
        spare
    }

    /// The oldest occurrence between two of the same rule, or else the oldest.
    fn inside_a_run(&self) -> usize {
        let runs = self.occurrences.windows(3);
        let mut inner =
            runs.enumerate().filter(|(_, three)| three.iter().all(|it| it.value == three[0].value));
        inner.next().map_or(0, |(place, _)| place + 1)
    }

    /// The earliest window that holds the occurrence and meets the bounds.
    pub(crate) fn completed(
        &self,
        correlation: &Correlation,
        new: &Occurrence,
        counts: &mut Counts,
    ) -> Option<Window> {
        match correlation.kind {
            CorrelationKind::TemporalOrdered => {
                ordered::completed(&self.occurrences, correlation.rules, correlation.timespan, new)
            }
            CorrelationKind::EventCount | CorrelationKind::ValueCount | CorrelationKind::Temporal => {
                self.counted(correlation, new, counts)
            }
        }
    }

    /// Slides a window over the ends that matter: each occurrence from the new one to a timespan after it.
    fn counted(&self, correlation: &Correlation, new: &Occurrence, counts: &mut Counts) -> Option<Window> {
        let all = &self.occurrences[..];
        let is_plain = correlation.kind == CorrelationKind::EventCount;
        let bounds = correlation.at_least..=correlation.at_most;
        counts.clear();
        let (mut start, mut end) =
            (all.partition_point(|it| it.at < new.at.saturating_sub(correlation.timespan)), 0);
        end = end.max(start);
        let mut edge = all.partition_point(|it| it.at < new.at);
        let last = new.at.saturating_add(correlation.timespan);
        while let Some(to) = all.get(edge).map(|it| it.at).filter(|to| *to <= last) {
            edge += all[edge..].partition_point(|it| it.at == to);
            while end < edge {
                if !is_plain {
                    *counts.entry(all[end].value).or_default() += 1;
                }
                end += 1;
            }
            while all[start].at < to.saturating_sub(correlation.timespan) {
                if !is_plain {
                    leave(counts, all[start].value);
                }
                start += 1;
            }
            let count = if is_plain { end - start } else { counts.len() };
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            if bounds.contains(&count) {
                return Some(Window { from: all[start].at, to, count });
            }
        }
        None
    }

    /// The ids of the latest events in a window, each once and oldest first, at most so many.
    pub(crate) fn samples(&self, window: Window, most: usize) -> Vec<[u8; 16]> {
        let mut ids: Vec<[u8; 16]> = Vec::new();
        let inside = self.occurrences.iter().rev().filter(|it| (window.from..=window.to).contains(&it.at));
        for occurrence in inside {
            if ids.len() == most {
                break;
            }
            if !ids.contains(&occurrence.id) {
                ids.push(occurrence.id);
            }
        }
        ids.reverse();
        ids
    }
}

fn leave(counts: &mut Counts, value: u64) {
    if let Some(count) = counts.get_mut(&value) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&value);
        }
    }
}

/// Takes a number for its own hash: values are numbers of rules or parts of a SHA-256.
#[derive(Debug, Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |value, byte| value << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, value: u64) {
        // The table looks at the highest bits too, which are the same for all small numbers.
        self.0 = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
