//! Distributed spray: many sources try a few passwords on many accounts, each source and each account seldom.
//!
//! **Fires** when within 1 hour at least 25 failures on at least 8 accounts come from at least 5 sources,
//! and that is at least 3 times what is usual for the organisation.
//! Of each source and of each account only the first 5 count, so that neither one busy source nor one busy account makes it fire
//! or drowns the others.
//!
//! **What is usual** is the larger of two: the failures of an average hour, and what the sign-ins of this hour make one expect
//! when as many attempts fail as always. So the Monday morning with ten times the sign-ins is not an attack, and neither is
//! the quiet night with the usual handful of robots.
//! Only attempts of accounts from sources they are not known to use count on both sides.
//! Before anything is learned, one attempt in ten is taken to fail.
//! An hour with such an alert teaches nothing, and no hour can more than double what is usual.
//!
//! **Why so.** A spray over hundreds of proxies makes one attempt from each: no source and no account shows anything.
//! Elastic's rules for Okta and Entra use these figures, without the baseline.
//!
//! **Keeps quiet** about failures of known pairs of account and source.
//!
//! **Costs.** In an organisation with thousands of new devices an hour, an attack below three times their typing errors is not seen.
//! Failures that happen by chance during the attack are counted in its alert.
//!
//! **ATT&CK** T1110.003 password spraying.

use serde::{Deserialize, Serialize};

use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "distributed_spray";

/// When failures in a whole organisation are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DistributedSpray {
    /// Failures within an hour, 2 to 400: 25.
    pub failures: u32,
    /// Sources, 2 to 400: 5.
    pub sources: u32,
    /// Accounts, 2 to 400: 8.
    pub accounts: u32,
    /// Failures that count of each source and of each account, 1 to 100: 5.
    pub per_key: u32,
    /// How many times what is usual, 1 to 100: 3.
    pub times_usual: u32,
}

impl Default for DistributedSpray {
    fn default() -> Self {
        Self { failures: 25, sources: 5, accounts: 8, per_key: 5, times_usual: 3 }
    }
}

impl Section for DistributedSpray {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.within(self.failures, "failures", 2..=400);
        problems.within(self.sources, "sources", 2..=400);
        problems.within(self.accounts, "accounts", 2..=400);
        problems.within(self.per_key, "per_key", 1..=100);
        problems.within(self.times_usual, "times_usual", 1..=100);
    }
}
