//! Credential stuffing: a list of stolen names and passwords is tried from one source.
//!
//! **Fires** at 10 accounts within 10 minutes from one source, with at most 3 attempts on 2 accounts on average,
//! when most of the accounts have never signed in.
//!
//! **Why so.** A stolen list has one password for each name, and most of its names have no account here; a spray knows its accounts.
//! So many failures make the rule by address fire before: this rule names what it is, since the answer is another one.
//! It names nothing before the organisation has 20 accounts that have signed in; before that, nobody is known.
//!
//! **Keeps quiet** as the rule by address does.
//!
//! **Costs.** A spray over invented names is called stuffing.
//!
//! **ATT&CK** T1110.004 credential stuffing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::Threshold;
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "credential_stuffing";

/// When failures from one source on accounts nobody knows are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CredentialStuffing {
    /// Accounts, 2 to 1,000: 10.
    pub accounts: u32,
    /// The window of event time that must hold them, 1 second to 24 hours: 10 minutes.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
    /// Percent of the accounts that must never have signed in, 0 to 100: 50.
    pub unknown_percent: u8,
}

impl Default for CredentialStuffing {
    fn default() -> Self {
        Self { accounts: 10, window: Duration::from_secs(10 * 60), unknown_percent: 50 }
    }
}

impl Section for CredentialStuffing {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.accounts, "accounts");
        problems.window(self.window, "window");
        problems.within(self.unknown_percent, "unknown_percent", 0..=100);
    }
}

impl CredentialStuffing {
    pub(crate) const fn threshold(&self) -> Threshold {
        Threshold { failures: self.accounts, window: self.window }
    }
}
