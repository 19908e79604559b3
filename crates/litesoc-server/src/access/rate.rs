//! The rate limit of one key: a token bucket in the form of the generic cell rate algorithm.

use std::time::Duration;

use parking_lot::Mutex;

/// A bucket that holds one minute's worth of requests and refills evenly.
///
/// The state is one moment: when the bucket will be full again.
/// Time comes from the caller, as time since some fixed start.
#[derive(Debug)]
pub(crate) struct RateLimit {
    full_at: Mutex<Duration>,
}

/// How much of a bucket is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Requests a minute.
    pub(crate) limit: u32,
    /// Requests that could be made now.
    pub(crate) remaining: u32,
    /// Whole seconds until the bucket is full, rounded up.
    pub(crate) reset_seconds: u64,
}

/// The bucket does not hold enough; it will after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany {
    pub(crate) wait: Duration,
}

impl RateLimit {
    pub(crate) const fn new() -> Self {
        Self { full_at: Mutex::new(Duration::ZERO) }
    }

    /// Takes `cost` requests out of a bucket of `limit`.
    ///
    /// A cost above the whole bucket counts as the bucket: it must be full then, but is not out of reach for ever.
    pub(crate) fn take(&self, limit: u32, cost: u32, now: Duration) -> Result<(), TooMany> {
        let each = period(limit);
        let mut full_at = self.full_at.lock();
        let after = (*full_at).max(now) + each * cost.min(limit);
        let latest = now + each * limit;
        if after > latest {
            return Err(TooMany { wait: after - latest });
        }
        *full_at = after;
        Ok(())
    }

    /// Puts back what was taken for a request that was refused after all.
    pub(crate) fn put_back(&self, limit: u32, cost: u32) {
        let mut full_at = self.full_at.lock();
        *full_at = full_at.saturating_sub(period(limit) * cost.min(limit));
    }

    pub(crate) fn allowance(&self, limit: u32, now: Duration) -> Allowance {
        let until_full = self.full_at.lock().saturating_sub(now);
        let missing = until_full.as_nanos().div_ceil(period(limit).as_nanos().max(1));
        let remaining = limit.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX));
        Allowance { limit, remaining, reset_seconds: whole_seconds(until_full) }
    }
}

/// The time in which one request comes back.
fn period(limit: u32) -> Duration {
    Duration::from_secs(60) / limit.max(1)
}

/// Seconds, rounded up, as `Retry-After` wants them.
pub(crate) fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{RateLimit, TooMany};

    const START: Duration = Duration::from_secs(1_000);

    #[test]
    fn a_minutes_worth_is_there_at_once_and_comes_back_evenly() {
        let rate = RateLimit::new();
        for _ in 0..60 {
            assert_eq!(rate.take(60, 1, START), Ok(()));
        }
        assert_eq!(rate.take(60, 1, START), Err(TooMany { wait: Duration::from_secs(1) }));
        assert_eq!(rate.allowance(60, START).remaining, 0);
        assert_eq!(rate.allowance(60, START).reset_seconds, 60);
        let later = START + Duration::from_secs(3);
        assert_eq!(rate.allowance(60, later).remaining, 3);
        assert_eq!(rate.take(60, 3, later), Ok(()));
        assert!(rate.take(60, 1, later).is_err());
    }

    #[test]
    fn a_batch_larger_than_the_bucket_needs_a_full_one() {
        let rate = RateLimit::new();
        assert_eq!(rate.take(10, 100, START), Ok(()));
        assert_eq!(rate.take(10, 100, START).unwrap_err().wait, Duration::from_secs(60));
        assert_eq!(rate.take(10, 100, START + Duration::from_secs(60)), Ok(()));
    }

    #[test]
    fn what_is_put_back_can_be_taken_again() {
        let rate = RateLimit::new();
        assert_eq!(rate.take(10, 10, START), Ok(()));
        rate.put_back(10, 4);
        assert_eq!(rate.allowance(10, START).remaining, 4);
        assert_eq!(rate.take(10, 4, START), Ok(()));
        assert!(rate.take(10, 1, START).is_err());
    }
}
