//! The monthly quota of one organization: reserved before an event is written, given back when it was not.

use std::sync::Arc;

use litesoc_model::Timestamp;
use litesoc_store::Month;
use parking_lot::Mutex;

/// When the month of this moment ends, in UTC.
pub(crate) fn month_end(now: Timestamp) -> Timestamp {
    let month = Month::containing(now.as_millis());
    let (year, next) = match month.month() {
        12 => (month.year() + 1, 1),
        number => (month.year(), number + 1),
    };
    format!("{year:04}-{next:02}-01").parse().unwrap_or(Timestamp::MAX)
}

/// How many events of the month are stored or about to be.
///
/// The store counts the same in the transaction of each append; this is the copy that can be asked without a disk.
/// It never promises more than the limit: what is reserved counts as used until it is settled.
#[derive(Debug)]
pub(crate) struct Quota(Mutex<Used>);

#[derive(Clone, Copy, Debug)]
struct Used {
    month: Month,
    events: u64,
}

impl Quota {
    /// A quota of which this much is used.
    pub(crate) const fn new(month: Month, events: u64) -> Self {
        Self(Mutex::new(Used { month, events }))
    }

    /// Sets aside `events` of the month, all or none; `limit` of `None` always has room.
    pub(crate) fn reserve(
        self: &Arc<Self>,
        month: Month,
        events: u64,
        limit: Option<u64>,
    ) -> Option<Reservation> {
        let mut used = self.0.lock();
        used.turn_to(month);
        let after = used.events.saturating_add(events);
        if limit.is_some_and(|limit| after > limit) {
            return None;
        }
        used.events = after;
        Some(Reservation { quota: Arc::clone(self), month, events })
    }

    /// How much of the month is used or set aside.
    pub(crate) fn used(&self, month: Month) -> u64 {
        let mut used = self.0.lock();
        used.turn_to(month);
        used.events
    }
}

impl Used {
    /// Begins a new month at zero. An earlier month than the current one changes nothing: a request that was on its
    /// way at midnight counts in the new month.
    fn turn_to(&mut self, month: Month) {
        if month > self.month {
            *self = Self { month, events: 0 };
        }
    }
}

/// Events set aside; dropped, they are given back.
#[derive(Debug)]
pub(crate) struct Reservation {
    quota: Arc<Quota>,
    month: Month,
    events: u64,
}

impl Reservation {
    /// Keeps as many as were stored and gives the rest back.
    pub(crate) fn settle(mut self, stored: u64) {
        self.events = self.events.saturating_sub(stored);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut used = self.quota.0.lock();
        if used.month == self.month {
            used.events = used.events.saturating_sub(self.events);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use litesoc_store::Month;

    use super::{Quota, month_end};

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let end = |now: &str| month_end(now.parse().unwrap()).to_string();
        assert_eq!(end("2026-03-31T23:59:59.999Z"), "2026-04-01T00:00:00.000Z");
        assert_eq!(end("2026-12-01T00:00:00Z"), "2027-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_reservation_is_all_or_nothing_and_comes_back_when_dropped() {
        let march = Month::containing(1_772_368_200_000);
        let quota = Arc::new(Quota::new(march, 90));
        assert!(quota.reserve(march, 11, Some(100)).is_none());
        let ten = quota.reserve(march, 10, Some(100)).unwrap();
        assert!(quota.reserve(march, 1, Some(100)).is_none());
        ten.settle(7);
        assert_eq!(quota.used(march), 97);
        drop(quota.reserve(march, 3, Some(100)).unwrap());
        assert_eq!(quota.used(march), 97);
    }

    #[test]
    fn a_new_month_begins_at_zero() {
        let march = Month::containing(1_772_368_200_000);
        let april = Month::containing(1_772_368_200_000 + 31 * 86_400_000);
        let quota = Arc::new(Quota::new(march, 100));
        let late = quota.reserve(march, 1, None).unwrap();
        assert_eq!(quota.used(april), 0);
        drop(late);
        assert_eq!(quota.used(april), 0);
    }
}
