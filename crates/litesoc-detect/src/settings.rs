//! [`Settings`]: thresholds, windows and memory bounds, checked all at once.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::key::Key;

/// Thresholds, windows and memory bounds.
///
/// The defaults are those of the LiteSOC API's detections.
///
/// ```
/// use litesoc_detect::Settings;
///
/// let mut settings = Settings::default();
/// assert!(settings.validate().is_ok());
/// settings.address.failures = 0;
/// settings.capacity.accounts = 0;
/// let invalid = settings.validate().unwrap_err();
/// assert_eq!(invalid.problems().len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Failed sign-ins from one address: 5 in 5 minutes.
    pub address: Threshold,
    /// Failed sign-ins on one account: 10 in 1 hour.
    pub account: Threshold,
    /// How long after its latest event an alert takes in more of the same: 60 minutes.
    pub grouping: Duration,
    /// Accounts from which on a burst from one address is called a password spray: 5.
    pub spray_accounts: u64,
    /// Leading bits that make one source of many IPv6 addresses: 64, the size of one network at home.
    pub ipv6_prefix: u8,
    /// How much is remembered.
    pub capacity: Capacity,
}

/// So many failures within so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Threshold {
    /// Failures from which on the rule fires, 2 to 1,000.
    pub failures: u32,
    /// The window of event time that must hold them, 1 second to 24 hours, both ends included.
    pub window: Duration,
}

impl Threshold {
    /// So many failures within so long.
    #[must_use]
    pub const fn new(failures: u32, window: Duration) -> Self {
        Self { failures, window }
    }
}

/// How much is remembered; beyond it, whatever was touched longest ago is forgotten.
///
/// Each bound is 1 to 10,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capacity {
    /// Addresses with failed sign-ins; about 300 bytes each with two failures. 100,000.
    pub addresses: usize,
    /// Accounts with failed sign-ins; about 300 bytes each with two failures. 200,000.
    pub accounts: usize,
    /// Addresses and accounts with recent successful sign-ins, kept for failures that arrive late. 100,000.
    pub successes: usize,
    /// Accounts of which weak signals of the last day are kept; about 100 bytes each and 32 for each signal. 200,000.
    pub signals: usize,
    /// Alerts that still take in repeats; about 1,500 bytes each. 20,000.
    pub alerts: usize,
    /// Fingerprints marked safe. 100,000.
    pub suppressions: usize,
    /// Failures kept for each address and each account; at least twice either threshold. 32.
    pub failures_per_key: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            addresses: 100_000,
            accounts: 200_000,
            successes: 100_000,
            signals: 200_000,
            alerts: 20_000,
            suppressions: 100_000,
            failures_per_key: 32,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address: Threshold::new(5, Duration::from_secs(5 * 60)),
            account: Threshold::new(10, Duration::from_secs(60 * 60)),
            grouping: Duration::from_secs(60 * 60),
            spray_accounts: 5,
            ipv6_prefix: 64,
            capacity: Capacity::default(),
        }
    }
}

impl Settings {
    /// Checks every bound and says everything that is wrong.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings`] with one [`Problem`] for each field out of bounds.
    pub fn validate(&self) -> Result<(), InvalidSettings> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let mut problems = Vec::new();
        let mut check = |fine: bool, setting: &'static str, rule: &'static str| {
            if !fine {
                problems.push(Problem { setting, rule });
            }
        };
        let spans = |window: Duration| window >= Duration::from_secs(1) && window <= DAY;
        let counts = |failures: u32| (2..=1_000).contains(&failures);
        let holds = |entries: usize| (1..=10_000_000).contains(&entries);
        let needed = 2 * self.address.failures.max(self.account.failures) as usize;
        check(counts(self.address.failures), "address.failures", "must be 2 to 1000");
        check(spans(self.address.window), "address.window", "must be 1 second to 24 hours");
        check(counts(self.account.failures), "account.failures", "must be 2 to 1000");
        check(spans(self.account.window), "account.window", "must be 1 second to 24 hours");
        check(spans(self.grouping), "grouping", "must be 1 second to 24 hours");
        check(self.spray_accounts >= 2, "spray_accounts", "must be at least 2");
        check((32..=128).contains(&self.ipv6_prefix), "ipv6_prefix", "must be 32 to 128");
        check(holds(self.capacity.addresses), "capacity.addresses", "must be 1 to 10000000");
        check(holds(self.capacity.accounts), "capacity.accounts", "must be 1 to 10000000");
        check(holds(self.capacity.successes), "capacity.successes", "must be 1 to 10000000");
        check(holds(self.capacity.signals), "capacity.signals", "must be 1 to 10000000");
        check(holds(self.capacity.alerts), "capacity.alerts", "must be 1 to 10000000");
        check(holds(self.capacity.suppressions), "capacity.suppressions", "must be 1 to 10000000");
        check(
            self.capacity.failures_per_key >= needed && self.capacity.failures_per_key <= 10_000,
            "capacity.failures_per_key",
            "must be at least twice either threshold and at most 10000",
        );
        if problems.is_empty() { Ok(()) } else { Err(InvalidSettings { problems }) }
    }
}

/// The settings of everybody.
#[derive(Debug)]
pub(crate) struct Book {
    default: Arc<Settings>,
    organizations: HashMap<Box<str>, Arc<Settings>>,
    /// The organisation of the latest event; mostly the next event is of the same one.
    latest: Option<(Box<str>, Key, Arc<Settings>)>,
}

impl Book {
    pub(crate) fn new(default: Settings) -> Self {
        Self { default: Arc::new(default), organizations: HashMap::new(), latest: None }
    }

    pub(crate) fn of(&self, organization: &str) -> &Arc<Settings> {
        self.organizations.get(organization).unwrap_or(&self.default)
    }

    /// The key and the settings of an organisation.
    pub(crate) fn recognise(&mut self, organization: &str) -> (Key, Arc<Settings>) {
        match &self.latest {
            Some((name, key, settings)) if **name == *organization => (*key, Arc::clone(settings)),
            Some(_) | None => {
                let (key, settings) = (Key::organization(organization), Arc::clone(self.of(organization)));
                self.latest = Some((organization.into(), key, Arc::clone(&settings)));
                (key, settings)
            }
        }
    }

    pub(crate) fn set(&mut self, organization: &str, settings: Settings) {
        self.latest = None;
        self.organizations.insert(organization.into(), Arc::new(settings));
    }
}

/// One setting out of bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The path of the setting, such as `address.failures`.
    pub setting: &'static str,
    /// What it has to be.
    pub rule: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.setting, self.rule)
    }
}

/// Settings that cannot work, with everything that is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidSettings {
    problems: Vec<Problem>,
}

impl InvalidSettings {
    /// Everything that is wrong, in the order of the settings.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for InvalidSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid detection settings: ")?;
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidSettings {}
