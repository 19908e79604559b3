//! A client's counts, for metrics and for the last line of a log.

use std::fmt;
use std::time::Duration;

use crate::pipeline::{Counters, Losses};

/// What became of every event a client was given, at one moment.
///
/// `tracked = delivered + lost + queued` holds in every value of this type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Events the client was given, refused ones included.
    pub tracked: u64,
    /// Events the service has acknowledged.
    pub delivered: u64,
    /// Events that will not be delivered, by reason.
    pub lost: Losses,
    /// Events that wait or are being sent.
    pub queued: u64,
    /// The bytes of those, as JSON.
    pub queued_bytes: usize,
    /// The age of the oldest of those, counted from when it was tracked.
    pub oldest_age: Option<Duration>,
    /// Requests made to deliver events.
    pub requests: u64,
    /// Those of them that repeated an earlier one.
    pub retries: u64,
}

impl Stats {
    pub(crate) fn of(counters: &Counters) -> Self {
        Self {
            tracked: counters.tracked(),
            delivered: counters.delivered(),
            lost: *counters.lost(),
            queued: counters.queued(),
            queued_bytes: counters.queued_bytes(),
            oldest_age: None,
            requests: counters.requests,
            retries: counters.retries,
        }
    }
}

impl fmt::Display for Stats {
    /// One line: `tracked 12, delivered 10, lost 1 (queue_full 1), queued 1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tracked {}, delivered {}, lost {}", self.tracked, self.delivered, self.lost.total())?;
        for (index, (reason, count)) in self.lost.iter().enumerate() {
            write!(f, "{}{reason} {count}", if index == 0 { " (" } else { ", " })?;
        }
        if self.lost.total() > 0 {
            f.write_str(")")?;
        }
        write!(f, ", queued {}", self.queued)
    }
}
