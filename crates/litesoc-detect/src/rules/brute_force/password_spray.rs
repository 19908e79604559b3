//! Password spray: one source tries a few passwords on many accounts, slowly.
//!
//! **Fires** at 15 failures within 1 hour on at least 5 accounts from one source, or at 8 failures within 4 hours on 8 accounts,
//! when at least 80 percent of the attempts fail.
//!
//! **Why so.** A spray stays below the limits of each account and, when slow, below the rule by address.
//! Elastic's rule for Okta uses the first figures.
//! The second are for the patient: eight accounts that never used a source, and hardly anybody who signs in from it.
//! A burst that any rule found on so many accounts is called a spray.
//!
//! **Keeps quiet** about known pairs of account and source, and about sources from which many accounts sign in:
//! see the rule by address.
//!
//! **Costs.** A spray slower than 8 accounts in 4 hours from one source is seen only by the rule for many sources, if at all.
//!
//! **ATT&CK** T1110.003 password spraying.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::Threshold;
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "password_spray";

/// When failures from one source on many accounts are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PasswordSpray {
    /// Failures, 2 to 1,000: 15.
    pub failures: u32,
    /// The window of event time that must hold them, 1 second to 24 hours: 1 hour.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
    /// Accounts, 2 to 1,000: 5.
    pub accounts: u32,
    /// Accounts that are too many even with one failure each, 2 to 1,000: 8.
    pub many_accounts: u32,
    /// The window of event time for those, 1 second to 24 hours: 4 hours.
    #[serde(with = "crate::settings::span")]
    pub many_window: Duration,
    /// Percent of the source's attempts that must fail, 0 to 100: 80.
    pub failing_percent: u8,
}

impl Default for PasswordSpray {
    fn default() -> Self {
        let hours = |count: u64| Duration::from_secs(count * 60 * 60);
        Self {
            failures: 15,
            window: hours(1),
            accounts: 5,
            many_accounts: 8,
            many_window: hours(4),
            failing_percent: 80,
        }
    }
}

impl Section for PasswordSpray {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.failures, "failures");
        problems.window(self.window, "window");
        problems.count(self.accounts, "accounts");
        problems.count(self.many_accounts, "many_accounts");
        problems.window(self.many_window, "many_window");
        problems.within(self.failing_percent, "failing_percent", 0..=100);
    }
}

impl PasswordSpray {
    pub(crate) const fn threshold(&self) -> Threshold {
        Threshold { failures: self.failures, window: self.window }
    }

    /// The limit for those who try each account once.
    pub(crate) const fn patient(&self) -> Threshold {
        Threshold { failures: self.many_accounts, window: self.many_window }
    }
}
