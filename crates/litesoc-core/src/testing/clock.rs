//! A wall clock that tests set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Clock;

/// A clock that stands still until it is told otherwise. Clones are the same clock.
///
/// # Examples
///
/// ```
/// use litesoc_core::Clock;
/// use litesoc_core::testing::FakeClock;
///
/// let clock = FakeClock::at_ms(1_700_000_000_000);
/// clock.advance_ms(250);
/// assert_eq!(clock.now_ms(), 1_700_000_000_250);
/// ```
#[derive(Clone, Debug, Default)]
pub struct FakeClock(Arc<AtomicU64>);

impl FakeClock {
    /// A clock that shows this time, in ms since the Unix epoch.
    #[must_use]
    pub fn at_ms(now: u64) -> Self {
        Self(Arc::new(AtomicU64::new(now)))
    }

    /// Moves the clock on.
    pub fn advance_ms(&self, by: u64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    /// Sets the clock, back as well.
    pub fn set_ms(&self, now: u64) {
        self.0.store(now, Ordering::Relaxed);
    }
}

impl Clock for FakeClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
