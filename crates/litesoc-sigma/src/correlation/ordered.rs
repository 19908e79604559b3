//! Rules that must match in their order: is there a chain through the new occurrence that fits the timespan?

use crate::correlation::group::{Occurrence, Window};

/// For one step, the best time by which a chain can reach it, and the event it is reached by; then the best by another
/// event, because two steps in a row must be two events.
#[derive(Clone, Copy, Debug)]
struct Best {
    first: Option<(i64, [u8; 16])>,
    second: Option<i64>,
}

impl Best {
    const NONE: Self = Self { first: None, second: None };

    /// Takes a chain into account; `better` says which of two times is the better one.
    fn offer(&mut self, time: i64, id: [u8; 16], better: fn(i64, i64) -> bool) {
        match self.first {
            Some((best, owner)) if owner == id => {
                if better(time, best) {
                    self.first = Some((time, id));
                }
            }
            Some((best, owner)) if better(time, best) => {
                // The second must be of another event than the first, whoever that is.
                self.first = Some((time, id));
                self.second = Some(best);
                let _ = owner;
            }
            Some(_) => {
                if self.second.is_none_or(|second| better(time, second)) {
                    self.second = Some(time);
                }
            }
            None => self.first = Some((time, id)),
        }
    }

    /// The best time by another event than this.
    fn without(&self, id: [u8; 16]) -> Option<i64> {
        match self.first {
            Some((best, owner)) if owner != id => Some(best),
            _ => self.second,
        }
    }
}

/// The shortest chain of all the steps that goes through the occurrence, when it fits the timespan.
///
/// Forwards, the latest start of a chain that ends in the occurrence; backwards, the earliest end of one that begins in it.
/// Occurrences lie by time and then by step, so those of the same moment are seen in the order of the steps.
pub(crate) fn completed(all: &[Occurrence], steps: usize, timespan: i64, new: &Occurrence) -> Option<Window> {
    let near = |it: &&Occurrence| it.at.abs_diff(new.at) <= timespan.unsigned_abs();
    let before = all.iter().filter(near).filter(|it| (it.at, it.value) < (new.at, new.value));
    let after = all.iter().filter(near).filter(|it| (it.at, it.value) > (new.at, new.value));
    let step = usize::try_from(new.value).ok().filter(|step| *step < steps)?;
    let from = reach(before, new, step, |step| step.checked_sub(1), |a, b| a > b, steps)?;
    let next = |step: usize| Some(step + 1).filter(|next| *next < steps);
    let to = reach(after.rev(), new, step, next, |a, b| a < b, steps)?;
    let fits = to.saturating_sub(from) <= timespan;
    fits.then_some(Window { from, to, count: u64::try_from(steps).unwrap_or(u64::MAX) })
}

/// The best time at which a chain to the occurrence, in one direction, can have its other end.
fn reach<'o>(
    all: impl Iterator<Item = &'o Occurrence>,
    new: &Occurrence,
    step: usize,
    neighbour: impl Fn(usize) -> Option<usize>,
    better: fn(i64, i64) -> bool,
    steps: usize,
) -> Option<i64> {
    let mut best = vec![Best::NONE; steps];
    for occurrence in all {
        let Some(place) = usize::try_from(occurrence.value).ok().filter(|place| *place < steps) else {
            continue;
        };
        let time = match neighbour(place) {
            None => Some(occurrence.at),
            Some(neighbour) => best[neighbour].without(occurrence.id),
        };
        if let Some(time) = time {
            best[place].offer(time, occurrence.id, better);
        }
    }
    match neighbour(step) {
        None => Some(new.at),
        Some(neighbour) => best[neighbour].without(new.id),
    }
}
