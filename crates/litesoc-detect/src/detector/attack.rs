//! Failed and successful sign-ins: which incident counts a failure, and when a new one opens.
//!
//! # One attack, one alert
//!
//! Every failure is claimed by at most one incident.
//!
//! 1. A failure from a source, or on an account, that an open incident is about goes into that incident (the source is asked first).
//! 2. Then the rule by address and the rule by account look at the burst around the failure.
//!    When a rule finds enough failures and one incident has claimed at least half of them, or is about the same source or account,
//!    the rule does not open another: the incident takes in the rest and is from then on about this source or account too.
//! 3. Otherwise a new incident opens and claims what nobody has claimed.
//!
//! So one source guessing at one account is one alert, opened by the rule by address (its threshold is lower) and joined by the rule by account;
//! a guess spread over many sources is one alert of the account; a spray is one alert of the source.

use std::time::Duration;

use litesoc_model::{AlertSeverity, AlertType, Timestamp};

use crate::failure::{Burst, Failure, Subject, Track};
use crate::incident::{Opening, Serial};
use crate::key::Key;
use crate::rules::brute_force::{account, address, success_after_failures};
use crate::scene::Scene;
use crate::settings::Threshold;
use crate::story::Success;
use crate::{Detector, Settings};

use super::Touched;

/// Successes remembered for one source or account.
const MAX_REMEMBERED: usize = 4;

/// Which of the two brute-force rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Address,
    Account,
}

impl By {
    const fn threshold(self, settings: &Settings) -> Threshold {
        match self {
            Self::Address => settings.brute_force_address.threshold(),
            Self::Account => settings.brute_force_account.threshold(),
        }
    }
}

impl Detector {
    pub(super) fn failed(&mut self, scene: &Scene<'_>, touched: &mut Touched) {
        let claim = self.incident_for(scene);
        self.remember_failure(scene, claim);
        if let Some(serial) = claim {
            self.count_here(serial, scene);
            touched.grow(serial);
        }
        for (by, key) in subjects(scene) {
            self.consider(by, key, scene, touched);
        }
        for (by, key) in subjects(scene) {
            self.recall_successes(by, key, scene.settings, touched);
        }
    }

    pub(super) fn succeeded(&mut self, scene: &Scene<'_>, touched: &mut Touched) {
        let seen = scene.seen;
        let success =
            Success { at: seen.at, event_id: seen.event_id, actor: seen.actor.map(Into::into), ip: seen.ip };
        for (by, key) in subjects(scene) {
            self.remember_success(scene.organization, key, &success);
            self.escalate(by, key, &success, scene.settings, touched);
        }
    }

    /// The open incident that a failure of this source or account goes into.
    fn incident_for(&self, scene: &Scene<'_>) -> Option<Serial> {
        let (at, grouping) = (scene.seen.at, scene.settings.grouping);
        subjects(scene).find_map(|(_, key)| {
            self.incidents.find(key, |incident| incident.takes_failures && incident.covers(at, grouping))
        })
    }

    fn remember_failure(&mut self, scene: &Scene<'_>, claim: Option<Serial>) {
        let seen = scene.seen;
        let capacity = scene.settings.capacity.failures_per_key;
        let failure = |other| Failure { at: seen.at, event_id: seen.event_id, other, claim };
        if let (Some((key, group)), Some(ip)) = (scene.address, seen.ip) {
            let new = || Track::new(Subject::Address { group, ip });
            let failure = failure(scene.actor);
            self.addresses.update(scene.organization, key, new, |track| track.insert(failure, capacity));
        }
        if let (Some(key), Some(actor)) = (scene.actor, seen.actor) {
            let new = || Track::new(Subject::Account(actor.into()));
            let failure = failure(scene.address.map(|(key, _)| key));
            self.accounts.update(scene.organization, key, new, |track| track.insert(failure, capacity));
        }
    }

    fn count_here(&mut self, serial: Serial, scene: &Scene<'_>) {
        let seen = scene.seen;
        let Some(incident) = self.incidents.get_mut(serial) else { return };
        incident.count_failure(seen.at, seen.event_id);
        if let (Some(key), Some(actor)) = (scene.actor, seen.actor) {
            incident.story.account(key, actor);
        }
        if let (Some((key, group)), Some(ip)) = (scene.address, seen.ip) {
            incident.story.address(key, || group.to_string(), ip);
        }
    }

    /// Lets one rule look at the burst around a failure.
    fn consider(&mut self, by: By, key: Key, scene: &Scene<'_>, touched: &mut Touched) {
        let (seen, grouping) = (scene.seen, scene.settings.grouping);
        let threshold = by.threshold(scene.settings);
        let Some(track) = self.track(by, key) else { return };
        let spent = |serial| !self.incidents.is_live(serial, seen.at);
        let around = (seen.at, seen.event_id);
        let Some(burst) = track.burst(around, threshold, grouping, spent) else { return };
        let failures: Vec<Failure> = burst.places.iter().map(|place| *track.at(*place)).collect();
        let serial = match self.owner(key, seen.at, grouping, &failures) {
            Some(serial) => {
                let settled = failures.iter().all(|failure| failure.claim.is_some());
                let about_it = self.incidents.get(serial).is_some_and(|known| known.anchors.contains(&key));
                if settled && about_it {
                    return;
                }
                touched.grow(serial);
                serial
            }
            None => {
                let serial = self.open_attack(by, key, scene, &burst, &failures);
                touched.raised.push(serial);
                serial
            }
        };
        let raised = touched.raised.contains(&serial);
        for failure in failures {
            if failure.claim.is_none() {
                self.claim(by, key, &failure, serial);
            } else if raised {
                // Counted elsewhere too, but part of what made this rule fire.
                self.add_failure(by, key, &failure, serial);
            }
        }
        self.join(by, key, serial, &burst);
    }

    /// The incident that this burst belongs to already, if there is one.
    fn owner(&self, key: Key, at: Timestamp, grouping: Duration, failures: &[Failure]) -> Option<Serial> {
        let mut claims: Vec<(Serial, usize)> = Vec::new();
        for serial in failures.iter().filter_map(|failure| failure.claim) {
            match claims.iter_mut().find(|(known, _)| *known == serial) {
                Some((_, count)) => *count += 1,
                None => claims.push((serial, 1)),
            }
        }
        let most = claims.into_iter().max_by_key(|(serial, count)| (*count, std::cmp::Reverse(*serial)));
        let half = most.filter(|(_, count)| 2 * count >= failures.len()).map(|(serial, _)| serial);
        half.or_else(|| {
            self.incidents.find(key, |incident| {
                incident.alert_type == AlertType::BruteForceAttack && incident.is_near(at, grouping)
            })
        })
    }

    fn open_attack(
        &mut self,
        by: By,
        key: Key,
        scene: &Scene<'_>,
        burst: &Burst,
        failures: &[Failure],
    ) -> Serial {
        let subject = match self.track(by, key).map(|track| &track.subject) {
            Some(Subject::Address { group, .. }) => format!("ip:{group}"),
            Some(Subject::Account(actor)) => format!("actor:{actor}"),
            None => "unknown".to_owned(),
        };
        let fingerprint = format!("{}/{subject}", AlertType::BruteForceAttack);
        let silent_until = self.silent_until(scene.organization, &fingerprint, scene.seen.at);
        let serial = self.incidents.open(Opening {
            organization: scene.seen.organization,
            alert_type: AlertType::BruteForceAttack,
            severity: AlertSeverity::High,
            fingerprint,
            anchor: key,
            trigger: scene.seen.event_id,
            at: failures.first().map_or(scene.seen.at, |first| first.at),
            silent_until,
        });
        if let Some(incident) = self.incidents.get_mut(serial) {
            incident.ripe_at = burst.ripe_at;
            incident.takes_failures = true;
        }
        serial
    }

    /// Makes the incident about this source or account too.
    fn join(&mut self, by: By, key: Key, serial: Serial, burst: &Burst) {
        self.incidents.anchor(serial, key);
        if let Some(incident) = self.incidents.get_mut(serial) {
            if !incident.takes_failures {
                // Opened by the application's own report; from now on the failures tell the story.
                incident.takes_failures = true;
                incident.ripe_at = burst.ripe_at;
                incident.raise_severity(AlertSeverity::High);
            }
            incident.ripe_at = incident.ripe_at.min(burst.ripe_at);
            incident.story.rule(match by {
                By::Address => address::NAME,
                By::Account => account::NAME,
            });
        }
    }

    /// Counts a remembered failure in an incident, for good.
    fn claim(&mut self, by: By, key: Key, failure: &Failure, serial: Serial) {
        self.add_failure(by, key, failure, serial);
        let (address, account) = match by {
            By::Address => (Some(key), failure.other),
            By::Account => (failure.other, Some(key)),
        };
        for (tracks, key) in [(&mut self.addresses, address), (&mut self.accounts, account)] {
            if let Some(track) = key.and_then(|key| tracks.get_mut(key)) {
                track.claim(failure.at, failure.event_id, serial);
            }
        }
    }

    fn add_failure(&mut self, by: By, key: Key, failure: &Failure, serial: Serial) {
        let (address, account) = match by {
            By::Address => (Some(key), failure.other),
            By::Account => (failure.other, Some(key)),
        };
        let Some(incident) = self.incidents.get_mut(serial) else { return };
        incident.count_failure(failure.at, failure.event_id);
        for (tracks, key) in [(&self.addresses, address), (&self.accounts, account)] {
            let Some(key) = key else { continue };
            match tracks.get(key).map(|track| &track.subject) {
                Some(Subject::Address { group, ip }) => {
                    incident.story.address(key, || group.to_string(), *ip)
                }
                Some(Subject::Account(actor)) => incident.story.account(key, actor),
                None => {}
            }
        }
    }

    fn remember_success(&mut self, organization: Key, key: Key, success: &Success) {
        self.successes.update(organization, key, Vec::new, |recent| {
            let order = |other: &Success| (other.at, other.event_id) < (success.at, success.event_id);
            recent.insert(recent.partition_point(order), success.clone());
            if recent.len() > MAX_REMEMBERED {
                recent.remove(0);
            }
        });
    }

    /// A failure that arrives late may stand before a success that is long known.
    fn recall_successes(&mut self, by: By, key: Key, settings: &Settings, touched: &mut Touched) {
        if self.incidents.at_anchor(key).is_empty() {
            return;
        }
        let known = self.successes.get(key).cloned().unwrap_or_default();
        for success in &known {
            self.escalate(by, key, success, settings, touched);
        }
    }

    /// Makes the incidents that this success follows critical.
    fn escalate(&mut self, by: By, key: Key, success: &Success, settings: &Settings, touched: &mut Touched) {
        let window = by.threshold(settings).window;
        for serial in self.incidents.at_anchor(key).to_vec() {
            let track = self.track(by, key);
            let follows = self
                .incidents
                .get(serial)
                .is_some_and(|incident| success_after_failures::follows(incident, track, window, success));
            if follows && self.incidents.get_mut(serial).is_some_and(|incident| incident.follow(success)) {
                touched.grow(serial);
                touched.followed = true;
            }
        }
    }

    fn track(&self, by: By, key: Key) -> Option<&Track> {
        match by {
            By::Address => self.addresses.get(key),
            By::Account => self.accounts.get(key),
        }
    }
}

/// The source first: its rule has the lower threshold.
fn subjects(scene: &Scene<'_>) -> impl Iterator<Item = (By, Key)> {
    let address = scene.address.map(|(key, _)| (By::Address, key));
    address.into_iter().chain(scene.actor.map(|key| (By::Account, key)))
}
