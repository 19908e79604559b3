//! Brute force by address: many failed sign-ins from one source in a short time.
//!
//! **Fires** at 5 failures within 5 minutes from one address, when at least half of the attempts from it fail.
//!
//! **Why so.** 5 in 5 minutes is the stated default of the LiteSOC API's detections.
//! A person who mistypes a password seldom fails five times in five minutes; a program that guesses does within a second.
//! The accounts do not matter: five tries on one account and one try on each of five are the same source at work.
//!
//! **Keeps quiet** about accounts that are known to use the source and about people who look like themselves (see
//! `known_sources`), and about a source from which
//! more accounts sign in than attempts fail: an office with a thousand people behind one address has five typing errors in
//! five minutes every morning, and two hundred sign-ins beside them.
//!
//! **Costs.** Whoever controls as many accounts as he makes attempts, and signs in with all of them from the same address, hides
//! from this rule; not from those by account.
//! Somebody abroad or with a new device who has forgotten a password is an alert.
//!
//! **ATT&CK** T1110.001 password guessing; T1110.003 and T1110.004 when the alert is named a spray or stuffing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::Threshold;
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "brute_force_address";

/// When failures from one source are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BruteForceAddress {
    /// Failures, 2 to 1,000: 5.
    pub failures: u32,
    /// The window of event time that must hold them, 1 second to 24 hours: 5 minutes.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
    /// Percent of the source's attempts that must fail, 0 to 100: 50. Of the sign-ins, those of one account count once.
    pub failing_percent: u8,
}

impl Default for BruteForceAddress {
    fn default() -> Self {
        Self { failures: 5, window: Duration::from_secs(5 * 60), failing_percent: 50 }
    }
}

impl Section for BruteForceAddress {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.failures, "failures");
        problems.window(self.window, "window");
        problems.within(self.failing_percent, "failing_percent", 0..=100);
    }
}

impl BruteForceAddress {
    pub(crate) const fn threshold(&self) -> Threshold {
        Threshold { failures: self.failures, window: self.window }
    }
}
