//! [`Clock`]: the one place where the server reads the time.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use litesoc_model::Timestamp;

/// Where the server takes the time from: the system, or a clock that a test moves by hand.
///
/// Socket timeouts always use the system's clock; this one decides arrival times, retention, quota months and rate limits.
///
/// ```
/// use std::time::Duration;
///
/// use litesoc_model::Timestamp;
/// use litesoc_server::Clock;
///
/// let clock = Clock::manual(Timestamp::from_millis(1_772_368_200_000));
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().to_string(), "2026-03-01T12:31:00.000Z");
/// ```
#[derive(Clone)]
pub struct Clock(Arc<Source>);

enum Source {
    System { started: Instant },
    Manual { start: Timestamp, passed_ms: AtomicU64 },
}

impl Clock {
    /// The clock of the system.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the server's one driver of time")]
    pub fn system() -> Self {
        Self(Arc::new(Source::System { started: Instant::now() }))
    }

    /// A clock that stands still until [`advance`](Self::advance) moves it.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self(Arc::new(Source::Manual { start, passed_ms: AtomicU64::new(0) }))
    }

    /// Moves a manual clock forward, for every copy of it; does nothing to the system's.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual { passed_ms, .. } = &*self.0 {
            passed_ms.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
        }
    }

    /// The time of day.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the server's one driver of time")]
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::System { .. } => Timestamp::from(SystemTime::now()),
            Source::Manual { start, passed_ms } => {
                let passed = Duration::from_millis(passed_ms.load(Ordering::SeqCst));
                start.checked_add(passed).unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// The time of day in microseconds since the Unix epoch.
    #[expect(clippy::disallowed_methods, reason = "this is the server's one driver of time")]
    pub(crate) fn now_micros(&self) -> i64 {
        match &*self.0 {
            Source::System { .. } => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
            }
            Source::Manual { .. } => self.now().as_millis().saturating_mul(1_000),
        }
    }

    /// Time since the clock was made; never goes back.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the server's one driver of time")]
    pub fn elapsed(&self) -> Duration {
        match &*self.0 {
            Source::System { started } => Instant::now().saturating_duration_since(*started),
            Source::Manual { passed_ms, .. } => Duration::from_millis(passed_ms.load(Ordering::SeqCst)),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Source::System { .. } => f.write_str("Clock::system"),
            Source::Manual { .. } => write!(f, "Clock::manual({})", self.now()),
        }
    }
}
