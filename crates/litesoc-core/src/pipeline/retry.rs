//! When to try again: a pure decision.

use std::time::Duration;

/// How long and how often the client tries to deliver.
///
/// Connection errors, timeouts and the statuses 408, 425, 429 and 5xx are tried again, and nothing else. While the
/// client waits nothing is sent: there is one request at a time, so an outage costs the service one request a delay,
/// however many events wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The ceiling of the first delay; it doubles with each attempt. Default 250 ms.
    pub base: Duration,
    /// The ceiling of all delays. Default 30 s.
    pub max_delay: Duration,
    /// The longest pause a service can ask for with `Retry-After`. Default 1 h.
    pub max_retry_after: Duration,
    /// How long after its first attempt an event is given up. Default 24 h: as long as the service recognises a
    /// repeated event by its id, so that a late repeat cannot become a second event.
    pub max_age: Duration,
    /// How often the status 500 may answer the same events before the batch is split to find the one that causes
    /// it, and before that one is given up. Default 8. Other 5xx statuses mean an outage and never cost an event.
    pub max_server_faults: u32,
    /// How long to stay away after the service refused the key or the account. Default 5 min.
    pub refused_pause: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(250),
            max_delay: Duration::from_secs(30),
            max_retry_after: Duration::from_secs(3600),
            max_age: Duration::from_secs(24 * 3600),
            max_server_faults: 8,
            refused_pause: Duration::from_secs(300),
        }
    }
}

impl RetryPolicy {
    /// The delay before the next attempt.
    ///
    /// `attempts` counts those made, from 1; `random` is uniform over its range. Half of the exponential delay is
    /// fixed, so that gaps grow, and half is random, so that clients that failed together do not come back
    /// together. A `Retry-After` is a minimum; up to a twentieth is added to it for the same reason.
    #[must_use]
    pub fn delay(&self, attempts: u32, retry_after: Option<Duration>, random: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(20);
        let ceiling = self.base.saturating_mul(1 << doublings).min(self.max_delay);
        let share = f64::from(random) / f64::from(u32::MAX);
        let backoff = ceiling / 2 + (ceiling / 2).mul_f64(share);
        let asked = retry_after.map(|asked| {
            let asked = asked.min(self.max_retry_after);
            asked + (asked / 20).mul_f64(share)
        });
        asked.map_or(backoff, |asked| asked.max(backoff))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_grow_up_to_the_ceiling() {
        let policy = RetryPolicy::default();
        for attempts in 1..30 {
            // The smallest delay after this attempt is no smaller than half the largest before it.
            assert!(policy.delay(attempts + 1, None, 0) >= policy.delay(attempts, None, u32::MAX) / 2);
            assert!(policy.delay(attempts, None, u32::MAX) <= policy.max_delay);
        }
        assert_eq!(policy.delay(1, None, u32::MAX), policy.base);
        assert_eq!(policy.delay(29, None, u32::MAX), policy.max_delay);
    }

    #[test]
    fn retry_after_is_a_minimum_and_clamped() {
        let policy = RetryPolicy::default();
        let second = Duration::from_secs(1);
        for random in [0, u32::MAX / 2, u32::MAX] {
            let delay = policy.delay(1, Some(second), random);
            assert!(delay >= second && delay <= second * 21 / 20, "{delay:?}");
        }
        let day = Duration::from_secs(86_400);
        assert_eq!(policy.delay(1, Some(day), 0), policy.max_retry_after);
        assert!(policy.delay(9, Some(second), 0) > second, "back-off goes on when the service asks for less");
    }
}
