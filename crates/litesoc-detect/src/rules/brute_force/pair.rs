//! Brute force that looks like the owner: many failed sign-ins on one account from a source that it is known to use, or might.
//!
//! **Fires** at 10 failures within 10 minutes on one account from a source that it is known to use, or from its usual network with
//! its usual device; at 7 within 5 minutes when nothing but the device and the country are usual.
//!
//! **Why so.** The rules by source leave known pairs of account and source out, since most of their failures are typing errors.
//! That would hide a colleague in the same office, or a program on the owner's own machine, that guesses.
//! Ten in ten minutes is the limit at which Auth0 locks a pair of account and address.
//! Browsers are few and countries large, so that both fit says little.
//! It excuses somebody on the way who has forgotten the password, and people give up after six attempts.
//!
//! **Keeps quiet** after a password reset, as `known_sources` says.
//!
//! **Costs.** A program that goes on trying an outdated password.
//! Somebody in another town of the own country who tries seven times before asking for a new password.
//!
//! **ATT&CK** T1110.001 password guessing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::Threshold;
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "brute_force_pair";

/// When failures on one account from a source that it is known to use are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BruteForcePair {
    /// Failures, 2 to 1,000: 10.
    pub failures: u32,
    /// The window of event time that must hold them, 1 second to 24 hours: 10 minutes.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
    /// Failures when nothing but the device and the country are usual for the account, 2 to 1,000: 7.
    pub lookalike_failures: u32,
    /// The window of event time that must hold those, 1 second to 24 hours: 5 minutes.
    #[serde(with = "crate::settings::span")]
    pub lookalike_window: Duration,
}

impl Default for BruteForcePair {
    fn default() -> Self {
        Self {
            failures: 10,
            window: Duration::from_secs(10 * 60),
            lookalike_failures: 7,
            lookalike_window: Duration::from_secs(5 * 60),
        }
    }
}

impl Section for BruteForcePair {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.failures, "failures");
        problems.window(self.window, "window");
        problems.count(self.lookalike_failures, "lookalike_failures");
        problems.window(self.lookalike_window, "lookalike_window");
    }
}

impl BruteForcePair {
    pub(crate) const fn threshold(&self) -> Threshold {
        Threshold { failures: self.failures, window: self.window }
    }

    pub(crate) const fn lookalike_threshold(&self) -> Threshold {
        Threshold { failures: self.lookalike_failures, window: self.lookalike_window }
    }
}
