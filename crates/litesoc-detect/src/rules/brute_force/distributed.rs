//! Distributed brute force: one account is tried from many sources.
//!
//! **Fires** at 10 failures within 30 minutes on one account from at least 5 sources that lie in at least 2 countries or
//! 3 networks, or are at least 8.
//!
//! **Why so.** Nobody mistypes a password from five addresses within half an hour, but a telephone that changes between masts
//! comes near it: hence several countries or autonomous systems, or more sources yet.
//! Elastic's rule for Okta draws the line at the same numbers.
//! With the default settings the rule by account fires on the same ten failures; this one says what they are,
//! and goes on seeing them where somebody raises the limit of that one.
//!
//! **Keeps quiet** about sources that the account is known to use.
//!
//! **Costs.** Without data about places and networks it takes 8 sources.
//!
//! **ATT&CK** T1110.001 password guessing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::Threshold;
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "brute_force_distributed";

/// When failures on one account come from too many sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BruteForceDistributed {
    /// Failures, 2 to 1,000: 10.
    pub failures: u32,
    /// The window of event time that must hold them, 1 second to 24 hours: 30 minutes.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
    /// Sources, 2 to 1,000: 5.
    pub sources: u32,
    /// Countries that make so many sources diverse, 2 to 100: 2.
    pub countries: u32,
    /// Autonomous systems that do, 2 to 100: 3.
    pub networks: u32,
    /// Sources that are diverse without further proof, 2 to 1,000: 8.
    pub many_sources: u32,
}

impl Default for BruteForceDistributed {
    fn default() -> Self {
        Self {
            failures: 10,
            window: Duration::from_secs(30 * 60),
            sources: 5,
            countries: 2,
            networks: 3,
            many_sources: 8,
        }
    }
}

impl Section for BruteForceDistributed {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.failures, "failures");
        problems.window(self.window, "window");
        problems.count(self.sources, "sources");
        problems.within(self.countries, "countries", 2..=100);
        problems.within(self.networks, "networks", 2..=100);
        problems.count(self.many_sources, "many_sources");
    }
}

impl BruteForceDistributed {
    pub(crate) const fn threshold(&self) -> Threshold {
        Threshold { failures: self.failures, window: self.window }
    }
}
