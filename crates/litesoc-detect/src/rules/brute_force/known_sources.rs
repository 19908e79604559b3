//! Known sources: where an account has signed in before is mostly where its owner sits.
//!
//! A source is known for an account an hour after the account first signed in from it without anything being found;
//! of each account the six used last are kept.
//! Failures of an account from a source it is known to use count only for the rules by account:
//! a family member who forgot a password is no spray, and neither is an office on Monday morning.
//! For an hour after a password reset they do not count at all, since programs go on trying the old password;
//! for a day only ten in ten minutes do (see `pair`), since some programs go on until somebody notices.
//! A sign-in from a known source never makes an attack a successful one.
//!
//! A failure from a source that is new to the account, but with a device that is usual for it and in its usual network or
//! country, looks like its owner on the way.
//! All such failures of one account weigh as much as one for the rule by address; the rules by account and the rules about many
//! accounts count them like all others, and `pair` those from one source.
//! The sign-in that ends them makes no attack a successful one while they are fewer than seven since the password was replaced.
//! Whoever comes through a VPN, a proxy, Tor or a data centre does not look like anybody.
//!
//! The idea of leaving out known pairs is that of StopGuessing (Tian, Herley, Schechter, 2019).
//!
//! **Costs.** Whoever guesses from the owner's own network is seen after ten failures instead of five.
//! Whoever knows the owner's browser and guesses from the owner's country is seen after seven.
//! The hour keeps an attacker's own success from hiding the rest of his attempts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::{Problems, Section};

/// From when on an account is known to use a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct KnownSources {
    /// How long before a failure the account must have signed in from the source for the first time, 0 seconds to 30 days: 1 hour.
    #[serde(with = "crate::settings::span")]
    pub after: Duration,
    /// How long after a password reset failures from known sources do not count, 0 seconds to 24 hours: 1 hour.
    #[serde(with = "crate::settings::span")]
    pub reset_grace: Duration,
    /// How long after a password reset failures from known sources do not count for the rule by account, 0 seconds to 30 days:
    /// 24 hours.
    #[serde(with = "crate::settings::span")]
    pub old_password: Duration,
}

impl Default for KnownSources {
    fn default() -> Self {
        Self {
            after: Duration::from_secs(60 * 60),
            reset_grace: Duration::from_secs(60 * 60),
            old_password: Duration::from_secs(24 * 60 * 60),
        }
    }
}

impl Section for KnownSources {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.lasting(self.after, "after", Duration::ZERO..=Duration::from_secs(30 * 24 * 60 * 60));
        problems.lasting(
            self.old_password,
            "old_password",
            Duration::ZERO..=Duration::from_secs(30 * 24 * 60 * 60),
        );
        problems.lasting(self.reset_grace, "reset_grace", Duration::ZERO..=Duration::from_secs(24 * 60 * 60));
    }
}
