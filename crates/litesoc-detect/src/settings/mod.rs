//! [`Settings`]: thresholds, windows and memory bounds, a section for each rule, checked all at once.
//!
//! A rule's section is a struct in the rule's own file: serde with `default` and `deny_unknown_fields`, durations
//! `#[serde(with = "crate::settings::span")]`, a [`Default`] and a [`Section`]. One line in [`settings!`] makes it known.

mod book;
mod capacity;
mod file;
mod problem;
pub(crate) mod span;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use self::book::Book;
pub use self::capacity::Capacity;
pub use self::file::SettingsFile;
pub use self::problem::{InvalidSettings, Problem};
pub(crate) use self::problem::{Problems, Section};
use crate::rules::brute_force::{
    BruteForceAccount, BruteForceAddress, BruteForceDistributed, BruteForcePair, CredentialStuffing,
    DistributedSpray, KnownSources, PasswordSpray,
};
use crate::rules::conduct::{
    AccessProbing, AccountCompromise, DataDestruction, DataExfiltration, MfaFatigue, PrivilegeEscalation,
    RateLimitExceeded, SignUpVelocity, SuspiciousActivity,
};
use crate::rules::sign_in::{GeoAnomaly, HighRiskCountry, NewDevice, SuspiciousNetwork, Travel};

/// So many failures within so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Threshold {
    /// Failures from which on a rule fires.
    pub(crate) failures: u32,
    /// The window of event time that must hold them, both ends included.
    pub(crate) window: Duration,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $section:ty,)*) => {
        /// Thresholds, windows and memory bounds.
        ///
        /// The defaults are those of the LiteSOC API's detections where it states any, else those that the rule's own
        /// section argues for.
        ///
        /// ```
        /// use litesoc_detect::Settings;
        ///
        /// let mut settings = Settings::default();
        /// assert!(settings.validate().is_ok());
        /// settings.brute_force_address.failures = 0;
        /// settings.capacity.accounts = 0;
        /// let invalid = settings.validate().unwrap_err();
        /// assert_eq!(invalid.problems().len(), 2);
        /// ```
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[non_exhaustive]
        pub struct Settings {
            /// How long after its latest event an alert takes in more of the same, 1 second to 24 hours: 60 minutes.
            #[serde(with = "span")]
            pub grouping: Duration,
            /// Leading bits that make one source of many IPv6 addresses, 32 to 128: 64, the size of one network at home.
            pub ipv6_prefix: u8,
            $($(#[$doc])* pub $name: $section,)*
        }

        impl Default for Settings {
            fn default() -> Self {
                Self {
                    grouping: Duration::from_secs(60 * 60),
                    ipv6_prefix: 64,
                    $($name: <$section>::default(),)*
                }
            }
        }

        impl Settings {
            fn check_sections(&self, found: &mut Vec<Problem>) {
                $(self.$name.check(&mut Problems::new(stringify!($name), found));)*
            }
        }
    };
}

settings! {
    /// Many failed sign-ins from one source in a short time.
    brute_force_address: BruteForceAddress,
    /// Many failed sign-ins on one account.
    brute_force_account: BruteForceAccount,
    /// Many failed sign-ins on one account from a source that it is known to use.
    brute_force_pair: BruteForcePair,
    /// Failed sign-ins on one account from many sources.
    brute_force_distributed: BruteForceDistributed,
    /// Failed sign-ins on many accounts from one source.
    password_spray: PasswordSpray,
    /// Failed sign-ins on many accounts from many sources.
    distributed_spray: DistributedSpray,
    /// A list of stolen passwords tried from one source.
    credential_stuffing: CredentialStuffing,
    /// Sources that an account is known to use.
    known_sources: KnownSources,
    /// Two sign-ins farther apart than anybody travels.
    travel: Travel,
    /// Sign-ins from a country unusual for the account.
    geo_anomaly: GeoAnomaly,
    /// Sign-ins with a device the account has not used before.
    new_device: NewDevice,
    /// Sign-ins from listed countries.
    high_risk_country: HighRiskCountry,
    /// Sign-ins that hide where they come from.
    suspicious_network: SuspiciousNetwork,
    /// Rights given by whom and to whom.
    privilege_escalation: PrivilegeEscalation,
    /// Data taken out.
    data_exfiltration: DataExfiltration,
    /// Data deleted and accounts removed.
    data_destruction: DataDestruction,
    /// What follows a suspicious sign-in.
    account_compromise: AccountCompromise,
    /// The risk of an account's hour.
    suspicious_activity: SuspiciousActivity,
    /// Closed doors tried one after the other.
    access_probing: AccessProbing,
    /// Rate limits hit.
    rate_limit_exceeded: RateLimitExceeded,
    /// Second factors asked for again and again.
    mfa_fatigue: MfaFatigue,
    /// Accounts made in a short time.
    sign_up_velocity: SignUpVelocity,
    /// How much is remembered.
    capacity: Capacity,
}

impl Settings {
    /// Checks every bound and says everything that is wrong.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings`] with one [`Problem`] for each setting out of bounds.
    pub fn validate(&self) -> Result<(), InvalidSettings> {
        let mut found = Vec::new();
        let mut general = Problems::new("", &mut found);
        general.window(self.grouping, "grouping");
        general.within(self.ipv6_prefix, "ipv6_prefix", 32..=128);
        self.check_sections(&mut found);
        let needed = 2 * self.most_failures() as usize;
        Problems::new("capacity", &mut found).unless(
            self.capacity.failures_per_key >= needed,
            "failures_per_key",
            format!("must be at least twice the largest number of failures of a rule: {needed}"),
        );
        InvalidSettings::of(found)
    }

    /// How far back in event time the rules look that count failures: what a restart without a snapshot has to show again.
    #[must_use]
    pub fn reach(&self) -> Duration {
        [
            self.brute_force_address.window,
            self.brute_force_account.window,
            self.brute_force_pair.window,
            self.brute_force_pair.lookalike_window,
            self.brute_force_distributed.window,
            self.password_spray.window,
            self.password_spray.many_window,
            self.credential_stuffing.window,
            self.grouping,
            Duration::from_secs(60 * 60),
        ]
        .into_iter()
        .max()
        .unwrap_or(DAY)
    }

    fn most_failures(&self) -> u32 {
        [
            self.brute_force_address.failures,
            self.brute_force_account.failures,
            self.brute_force_pair.failures,
            self.brute_force_pair.lookalike_failures,
            self.brute_force_distributed.failures,
            self.password_spray.failures,
            self.password_spray.many_accounts,
            self.credential_stuffing.accounts,
        ]
        .into_iter()
        .max()
        .unwrap_or(0)
    }
}
