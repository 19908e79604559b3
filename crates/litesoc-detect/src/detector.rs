//! [`Detector`]: shows each event to the rules and keeps what they need to remember.

mod attack;
mod report;

use litesoc_events::EventType;
use litesoc_model::Timestamp;
use uuid::Uuid;

use crate::failure::Track;
use crate::incident::{Incidents, Serial};
use crate::key::Key;
use crate::lru::Lru;
use crate::story::Success;
use crate::{AddressGroup, AlertDraft, Change, InvalidSettings, Observation, Settings};

/// The rules and all they remember.
///
/// The same events in the same order always give the same changes.
///
/// ```
/// use litesoc_detect::{Change, Detector, Observation, Settings};
/// use litesoc_events::EventType;
/// use litesoc_model::{AlertSeverity, Timestamp};
/// use uuid::Uuid;
///
/// let mut detector = Detector::new(Settings::default())?;
/// let mut changes = Vec::new();
/// let failed = EventType::AUTH_LOGIN_FAILED;
/// for second in 0..5 {
///     let at = Timestamp::from_millis(1_772_368_200_000 + second * 1_000);
///     let id = Uuid::from_u128(second.unsigned_abs().into());
///     let seen = Observation::new("acme", id, &failed, at, at)
///         .actor(Some("alice"))
///         .ip("203.0.113.5".parse().ok());
///     detector.observe(&seen, &mut changes);
/// }
/// let [Change::Raise(alert)] = &changes[..] else { panic!("one alert") };
/// assert_eq!(alert.title, "Brute force on alice from 203.0.113.5");
/// assert_eq!((alert.count, &alert.severity), (5, &AlertSeverity::High));
/// # Ok::<(), litesoc_detect::InvalidSettings>(())
/// ```
#[derive(Debug)]
pub struct Detector {
    settings: Settings,
    /// Failed sign-ins by source.
    addresses: Lru<Key, Track>,
    /// Failed sign-ins by account.
    accounts: Lru<Key, Track>,
    /// The latest successes by source and by account, for failures that arrive after them.
    successes: Lru<Key, Vec<Success>>,
    incidents: Incidents,
    /// Fingerprints marked safe, and until when.
    suppressed: Lru<Key, Timestamp>,
}

/// How much a [`Detector`] remembers at the moment; no figure is ever above its bound in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remembered {
    /// Addresses with failed sign-ins.
    pub addresses: usize,
    /// Accounts with failed sign-ins.
    pub accounts: usize,
    /// Addresses and accounts with recent successes.
    pub successes: usize,
    /// Alerts that still take in repeats.
    pub alerts: usize,
    /// Fingerprints marked safe.
    pub suppressions: usize,
}

/// What one event did, until it is told.
#[derive(Debug, Default)]
struct Touched {
    raised: Vec<Serial>,
    grown: Vec<Serial>,
}

impl Touched {
    fn grow(&mut self, serial: Serial) {
        if !self.raised.contains(&serial) && !self.grown.contains(&serial) {
            self.grown.push(serial);
        }
    }
}

/// The two subjects an event can be counted for.
#[derive(Clone, Copy, Debug)]
struct Keys {
    address: Option<(Key, AddressGroup)>,
    account: Option<Key>,
}

impl Detector {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings`] when a threshold, window or bound cannot work.
    pub fn new(settings: Settings) -> Result<Self, InvalidSettings> {
        settings.validate()?;
        let capacity = settings.capacity;
        Ok(Self {
            settings,
            addresses: Lru::new(capacity.addresses),
            accounts: Lru::new(capacity.accounts),
            successes: Lru::new(capacity.successes),
            incidents: Incidents::new(capacity.alerts),
            suppressed: Lru::new(capacity.suppressions),
        })
    }

    /// Shows one event to the rules and appends what follows from it.
    ///
    /// At most one change for each alert; when a batch of events is shown, [`coalesce`](crate::coalesce) folds them.
    pub fn observe(&mut self, seen: &Observation<'_>, changes: &mut Vec<Change>) {
        let mut touched = Touched::default();
        if *seen.event == EventType::AUTH_LOGIN_FAILED {
            self.failed(seen, &mut touched);
        } else if *seen.event == EventType::AUTH_LOGIN_SUCCESS {
            self.succeeded(seen, &mut touched);
        } else {
            self.reported(seen, &mut touched);
        }
        self.tell(&touched, seen.event_id, changes);
    }

    /// Ends the grouping of an alert that was resolved: the next attack of the same kind opens a new one.
    ///
    /// What it counted is spent: a new alert needs a threshold's worth of new failures.
    pub fn forget(&mut self, alert: Uuid) {
        let Some(incident) = self.incidents.by_id(alert).and_then(|serial| self.incidents.close(serial))
        else {
            return;
        };
        for anchor in &incident.anchors {
            for tracks in [&mut self.addresses, &mut self.accounts] {
                if let Some(track) = tracks.peek_mut(anchor) {
                    track.drop_claimed(incident.serial);
                }
            }
        }
    }

    /// Keeps silent about a fingerprint that was marked safe, for events that happen before `until`.
    ///
    /// Its events still belong to it, so they do not come back as an alert of another rule.
    pub fn suppress(&mut self, organization: &str, fingerprint: &str, until: Timestamp) {
        self.suppressed.insert(Key::fingerprint(organization, fingerprint), until);
        self.incidents.silence(organization, fingerprint, until);
    }

    /// Takes up an alert that was open when the process ended, so that repeats still go into it.
    ///
    /// To get back the failures below a threshold too, first show the events of the last hour and drop the changes, then
    /// resume every open alert: one that the replay has raised again takes the stored id and figures.
    pub fn resume(&mut self, alert: &AlertDraft) {
        self.take_up(alert);
    }

    /// How much is remembered at the moment.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        Remembered {
            addresses: self.addresses.len(),
            accounts: self.accounts.len(),
            successes: self.successes.len(),
            alerts: self.incidents.len(),
            suppressions: self.suppressed.len(),
        }
    }

    fn keys(&self, seen: &Observation<'_>) -> Keys {
        let group = seen.ip.map(|ip| AddressGroup::of(ip, self.settings.ipv6_prefix));
        Keys {
            address: group.map(|group| (Key::address(seen.organization, group), group)),
            account: seen.actor.map(|actor| Key::account(seen.organization, actor)),
        }
    }

    /// Until when a fingerprint is silent, if it is at this time.
    fn silent_until(&mut self, organization: &str, fingerprint: &str, at: Timestamp) -> Option<Timestamp> {
        // Most installations have marked nothing safe; they need not pay for the hash.
        if self.suppressed.len() == 0 {
            return None;
        }
        let until = self.suppressed.touch(&Key::fingerprint(organization, fingerprint)).copied();
        until.filter(|until| at < *until)
    }

    fn tell(&self, touched: &Touched, event: Uuid, changes: &mut Vec<Change>) {
        let told =
            |serial: &Serial| self.incidents.get(*serial).filter(|incident| incident.silent_until.is_none());
        for incident in touched.raised.iter().filter_map(told) {
            changes.push(Change::Raise(Box::new(incident.draft(&self.settings))));
        }
        for incident in touched.grown.iter().filter_map(told) {
            changes.push(Change::Update(Box::new(incident.progress(&self.settings, event))));
        }
    }
}
