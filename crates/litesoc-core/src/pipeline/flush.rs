//! Waiting for the outcome of particular events.

use std::ops::Range;

/// Counts the outcomes of a range of events until each has one.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    events: Range<u64>,
    delivered: u64,
    lost: u64,
}

impl Watch {
    pub(crate) const fn new(events: Range<u64>) -> Self {
        Self { events, delivered: 0, lost: 0 }
    }

    fn overlap(&self, events: &Range<u64>) -> u64 {
        events.end.min(self.events.end).saturating_sub(events.start.max(self.events.start))
    }

    pub(crate) fn handle_delivered(&mut self, events: &Range<u64>) {
        self.delivered += self.overlap(events);
    }

    pub(crate) fn handle_lost(&mut self, events: &Range<u64>) {
        self.lost += self.overlap(events);
    }

    pub(crate) const fn delivered(&self) -> u64 {
        self.delivered
    }

    pub(crate) const fn lost(&self) -> u64 {
        self.lost
    }

    /// Events without an outcome.
    pub(crate) const fn pending(&self) -> u64 {
        (self.events.end - self.events.start) - self.delivered - self.lost
    }
}
