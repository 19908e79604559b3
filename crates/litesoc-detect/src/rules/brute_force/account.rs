//! Brute force by account: many failed sign-ins on one account, from wherever.
//!
//! **Fires** at 10 failures within 1 hour on one account.
//!
//! **Why so.** It is the stated default of the LiteSOC API's detections.
//! It sees what the rule by address cannot: attempts spread over many addresses, or one every few minutes.
//! Ten in an hour is far above a forgotten password, which ends in a reset after a handful.
//!
//! **Keeps quiet** after a password reset about sources that the account is known to use: a mail program goes on trying the old one.
//! Failures that an alert by address counts already do not make a second alert:
//! when most of the ten are counted elsewhere, the account joins that alert instead.
//!
//! **Costs.** A program with an outdated password looks the same; the first alert about it is right, and marking it safe ends them.
//!
//! **ATT&CK** T1110.001 password guessing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::Threshold;
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "brute_force_account";

/// When failures on one account are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BruteForceAccount {
    /// Failures, 2 to 1,000: 10.
    pub failures: u32,
    /// The window of event time that must hold them, 1 second to 24 hours: 1 hour.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
}

impl Default for BruteForceAccount {
    fn default() -> Self {
        Self { failures: 10, window: Duration::from_secs(60 * 60) }
    }
}

impl Section for BruteForceAccount {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.failures, "failures");
        problems.window(self.window, "window");
    }
}

impl BruteForceAccount {
    pub(crate) const fn threshold(&self) -> Threshold {
        Threshold { failures: self.failures, window: self.window }
    }
}
