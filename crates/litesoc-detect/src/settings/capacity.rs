//! [`Capacity`]: how much is remembered.

use serde::{Deserialize, Serialize};

use super::{Problems, Section};

/// How much is remembered; beyond it, whatever is worth least and was touched longest ago is forgotten.
///
/// Each bound is 1 to 10,000,000, for all organisations together; each organisation is entitled to an equal share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Capacity {
    /// Addresses that signed in or failed to; about 200 bytes each, and 80 for each failure. 200,000.
    pub addresses: usize,
    /// Accounts that signed in or failed to; about 120 bytes each, and 300 for one that fails. 1,000,000.
    pub accounts: usize,
    /// Accounts with a recent sign-in from a source that is new for them, kept for failures that arrive late. 100,000.
    pub successes: usize,
    /// Accounts of which weak signals of the last day are kept; about 100 bytes each and 32 for each signal. 200,000.
    pub signals: usize,
    /// Accounts whose habits are known; about 360 bytes each, or 550 for one that is seen from many places. 1,000,000.
    pub actors: usize,
    /// Accounts that give rights, take data out or do anything else the rules about conduct ask about; about 200 bytes each,
    /// and 400 for one that takes data out. 300,000.
    pub conduct: usize,
    /// Organisations whose failures are looked at together and whose habits are known; at most 600 kilobytes each. 10,000.
    pub organizations: usize,
    /// Alerts that still take in repeats; about 1,500 bytes each. 20,000.
    pub alerts: usize,
    /// Fingerprints marked safe. 100,000.
    pub suppressions: usize,
    /// Failures kept for each address and each account; at least twice the largest threshold. 64.
    pub failures_per_key: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            addresses: 200_000,
            accounts: 1_000_000,
            successes: 100_000,
            signals: 200_000,
            actors: 1_000_000,
            conduct: 300_000,
            organizations: 10_000,
            alerts: 20_000,
            suppressions: 100_000,
            failures_per_key: 64,
        }
    }
}

impl Section for Capacity {
    fn check(&self, problems: &mut Problems<'_>) {
        let bounds = [
            (self.addresses, "addresses"),
            (self.accounts, "accounts"),
            (self.successes, "successes"),
            (self.signals, "signals"),
            (self.actors, "actors"),
            (self.conduct, "conduct"),
            (self.organizations, "organizations"),
            (self.alerts, "alerts"),
            (self.suppressions, "suppressions"),
        ];
        for (entries, name) in bounds {
            problems.within(entries, name, 1..=10_000_000);
        }
        problems.within(self.failures_per_key, "failures_per_key", 4..=10_000);
    }
}
