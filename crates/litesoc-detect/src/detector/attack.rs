//! Failed and successful sign-ins: which incident counts a failure, and when a new one opens.
//!
//! # One attack, one alert
//!
//! Every failure is claimed by at most one incident.
//!
//! 1. A failure from a source, or on an account, that an open incident is about goes into that incident (the source is asked first);
//!    else into the open incident of the whole organisation, if there is one and the failure is of its kind.
//! 2. Then the rules by source and the rules by account look at the burst around the failure.
//!    When a rule finds enough failures and one incident has claimed at least half of them, or is about the same source or account,
//!    the rule does not open another: the incident takes in the rest and is from then on about this source or account too.
//! 3. Otherwise a new incident opens and claims what nobody has claimed.
//! 4. At last the rule about the whole organisation looks at the failures of the hour, of which it counts few of each source and
//!    account, so that it does not see again what 1 to 3 have seen.
//!
//! So one source guessing at one account is one alert, opened by the rule by address (its threshold is lower) and joined by the rule by account;
//! a guess spread over many sources is one alert of the account; a spray is one alert of the source;
//! a spray from many sources is one alert of the organisation, and a source in it that tries many accounts opens none of its own.
//! An account that is tried again and again opens its own: the spray must not hide it.

use std::cell::Cell;
use std::time::Duration;

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType, Timestamp};

use crate::finding::SignalKind;
use crate::incident::{Incident, Opening, Serial};
use crate::key::Key;
use crate::rules::brute_force::judge::{Facts, Verdict, judge};
use crate::rules::brute_force::memory::{By, Standing};
use crate::rules::brute_force::success_after_failures;
use crate::rules::brute_force::track::{Burst, Failure};
use crate::rules::sign_in::Likeness;
use crate::scene::Scene;
use crate::story::Success;
use crate::{Detector, Settings};

use super::Touched;

impl Detector {
    pub(super) fn failed(&mut self, scene: &Scene<'_>, touched: &mut Touched) {
        let standing = self.standing(scene);
        if standing == Standing::Forgiven || self.attacks.has_seen(scene) {
            return;
        }
        let of_spray = standing == Standing::Stranger && self.fails_in_organization(scene);
        let claim = self.incident_for(scene, standing != Standing::Known, of_spray);
        self.attacks.fails(scene, claim, standing);
        if let Some(serial) = claim {
            self.count_here(serial, scene);
            touched.grow(serial);
        }
        for (by, key) in subjects(scene) {
            self.consider(by, key, scene, standing, touched);
        }
        if of_spray {
            self.consider_organization(scene, touched);
        }
        for (by, key) in subjects(scene) {
            self.recall_successes(by, key, scene, touched);
        }
    }

    pub(super) fn succeeded(&mut self, scene: &Scene<'_>, touched: &mut Touched) {
        let seen = scene.seen;
        if let Some(actor) = scene.actor {
            self.attacks.recall(scene.organization, actor);
        }
        let standing = self.standing(scene);
        // Sign-ins from known sources end no attack, and nobody need remember their names.
        let success = standing.is_new().then(|| Success {
            at: seen.at,
            event_id: seen.event_id,
            account: scene.actor,
            actor: seen.actor.map(Into::into),
            ip: seen.ip,
        });
        self.attacks.signs_in(scene, success.as_ref().filter(|_| standing == Standing::Stranger));
        let Some(success) = success else { return };
        for (by, key) in subjects(scene) {
            let follows = match standing {
                Standing::Stranger => true,
                // Whoever guessed from this source does not become the owner by sending the owner's user agent, from the
                // first try on or in the end.
                Standing::Plausible | Standing::Familiar => {
                    self.attacks.tries(scene) >= scene.settings.brute_force_pair.lookalike_failures as usize
                        || (by == By::Address && self.attacks.has_strange_failure(key))
                }
                Standing::Known | Standing::Forgiven => false,
            };
            if follows {
                self.escalate(by, key, &success, scene, touched);
            }
        }
    }

    /// What an attempt or a sign-in is to the rules.
    fn standing(&self, scene: &Scene<'_>) -> Standing {
        let known = self.attacks.standing(scene);
        if known != Standing::Stranger {
            return known;
        }
        match self.sign_in.likeness(scene) {
            Some(Likeness::Network) => Standing::Familiar,
            Some(Likeness::Country) => Standing::Plausible,
            None => Standing::Stranger,
        }
    }

    /// Whether an attack goes on that this source has part in: what signs in from it is not usual.
    pub(super) fn is_attacking(&self, scene: &Scene<'_>) -> bool {
        let (at, grouping) = (scene.seen.at, scene.settings.grouping);
        scene.address.is_some_and(|(key, _)| {
            let covers = self.incidents.find(key, |known| known.takes_failures && known.covers(at, grouping));
            covers.is_some()
        })
    }

    /// Whether an alert of high severity or above tells of failed sign-ins of the account from the source of the event at hand.
    pub(super) fn tells_of_failures(&self, scene: &Scene<'_>) -> bool {
        let (Some(account), Some((source, _))) = (scene.actor, scene.address) else { return false };
        // Of hardly any account a sign-in has failed lately; nobody looks for alerts about the others, nor about floods of failures.
        let failed = scene.signals.iter().any(|signal| signal.kind == SignalKind::FailedSignIn);
        if !failed || *scene.seen.event == EventType::AUTH_LOGIN_FAILED {
            return false;
        }
        let (at, grouping) = (scene.seen.at, scene.settings.grouping);
        let tells = |incident: &Incident| {
            incident.takes_failures
                && incident.severity >= AlertSeverity::High
                && incident.is_near(at, grouping)
                && incident.story.accounts.has(account)
                && incident.story.addresses.has(source)
        };
        [source, account].into_iter().any(|anchor| self.incidents.find(anchor, tells).is_some())
    }

    /// The open incident that a failure of this source or account goes into.
    fn incident_for(&self, scene: &Scene<'_>, by_source: bool, of_spray: bool) -> Option<Serial> {
        let (at, grouping) = (scene.seen.at, scene.settings.grouping);
        let open = |key| self.incidents.find(key, |known| known.takes_failures && known.covers(at, grouping));
        let source = scene.address.filter(|_| by_source).map(|(key, _)| key);
        let organization = of_spray.then_some(scene.organization);
        [source, scene.actor, organization].into_iter().flatten().find_map(open)
    }

    pub(super) fn count_here(&mut self, serial: Serial, scene: &Scene<'_>) {
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

    /// Lets the rules by source, or those by account, look at the burst around a failure.
    fn consider(&mut self, by: By, key: Key, scene: &Scene<'_>, standing: Standing, touched: &mut Touched) {
        let (at, grouping) = (scene.seen.at, scene.settings.grouping);
        // Of the failures of a burst nearly all belong to one incident; nobody looks it up for each of them.
        let latest = Cell::new(None);
        let spent = |serial| match latest.get() {
            Some((known, spent)) if known == serial => spent,
            _ => {
                let spent = !self.incidents.is_live(serial, at);
                latest.set(Some((serial, spent)));
                spent
            }
        };
        let Some(Verdict { burst, rules, facts }) = judge(&self.attacks, by, key, scene, standing, spent)
        else {
            return;
        };
        let owner = self.owner(by, key, at, grouping, &burst);
        let settled = burst.failures.iter().all(|failure| failure.claim.is_some());
        let known = owner.filter(|_| settled).and_then(|serial| self.incidents.get(serial));
        if known.is_some_and(|known| known.is_told(key, &rules)) {
            return;
        }
        let ((first, _), ripe_at) = (burst.span(), burst.ripe_at);
        let failures: Vec<Failure> = burst.failures.into_iter().copied().collect();
        let serial = match owner {
            Some(serial) => {
                touched.grow(serial);
                serial
            }
            None => {
                let subject = self.attacks.subject(by, key);
                let serial = self.open_attack(&subject, key, scene, first, ripe_at);
                touched.raised.push(serial);
                serial
            }
        };
        let raised = touched.raised.contains(&serial);
        for failure in &failures {
            if failure.claim.is_none() {
                self.add_failure(by, key, failure, serial);
                let (source, account) = sides(by, key, failure);
                self.attacks.claim(source, account, (failure.at, failure.event_id), serial);
            } else if raised {
                // Counted elsewhere too, but part of what made this rule fire.
                self.add_failure(by, key, failure, serial);
            }
        }
        self.join(key, serial, ripe_at, (rules, facts));
    }

    /// The incident that this burst belongs to already, if there is one.
    fn owner(
        &self,
        by: By,
        key: Key,
        at: Timestamp,
        grouping: Duration,
        burst: &Burst<'_>,
    ) -> Option<Serial> {
        let spread = || by == By::Address && 2 * burst.others().len() >= burst.failures.len();
        let may_own = |serial: Serial| self.incidents.get(serial).is_none_or(|known| !known.wide) || spread();
        let mut claims: Vec<(Serial, usize)> = Vec::new();
        for serial in burst.failures.iter().filter_map(|failure| failure.claim) {
            match claims.iter_mut().find(|(known, _)| *known == serial) {
                Some((_, count)) => *count += 1,
                None => claims.push((serial, 1)),
            }
        }
        let owners = claims.into_iter().filter(|(serial, _)| may_own(*serial));
        let most = owners.max_by_key(|(serial, count)| (*count, std::cmp::Reverse(*serial)));
        let half = most.filter(|(_, count)| 2 * count >= burst.failures.len()).map(|(serial, _)| serial);
        half.or_else(|| {
            self.incidents.find(key, |incident| {
                incident.alert_type == AlertType::BruteForceAttack && incident.is_near(at, grouping)
            })
        })
    }

    pub(super) fn open_attack(
        &mut self,
        subject: &str,
        anchor: Key,
        scene: &Scene<'_>,
        at: Timestamp,
        ripe_at: Timestamp,
    ) -> Serial {
        let fingerprint = format!("{}/{subject}", AlertType::BruteForceAttack);
        let silent_until = self.silent_until(scene.organization, &fingerprint, scene.seen.at);
        let serial = self.incidents.open(Opening {
            organization: scene.seen.organization,
            alert_type: AlertType::BruteForceAttack,
            severity: AlertSeverity::High,
            fingerprint,
            anchor,
            trigger: scene.seen.event_id,
            at,
            silent_until,
        });
        if let Some(incident) = self.incidents.get_mut(serial) {
            incident.ripe_at = ripe_at;
            incident.takes_failures = true;
        }
        serial
    }

    /// Makes the incident about this source or account too.
    fn join(
        &mut self,
        key: Key,
        serial: Serial,
        ripe_at: Timestamp,
        (rules, facts): (Vec<&'static str>, Facts),
    ) {
        self.incidents.anchor(serial, key);
        if let Some(incident) = self.incidents.get_mut(serial) {
            if !incident.takes_failures {
                // Opened by the application's own report; from now on the failures tell the story.
                incident.takes_failures = true;
                incident.ripe_at = ripe_at;
                incident.raise_severity(AlertSeverity::High);
            }
            incident.ripe_at = incident.ripe_at.min(ripe_at);
            for rule in rules {
                incident.story.rule(rule);
            }
            incident.story.facts.extend(facts);
        }
    }

    /// Counts a remembered failure in an incident.
    pub(super) fn add_failure(&mut self, by: By, key: Key, failure: &Failure, serial: Serial) {
        let Some(incident) = self.incidents.get_mut(serial) else { return };
        incident.count_failure(failure.at, failure.event_id);
        let (source, account) = sides(by, key, failure);
        self.attacks.tell(source, account, &mut incident.story);
    }

    /// A failure that arrives late may stand before a success that is long known.
    fn recall_successes(&mut self, by: By, key: Key, scene: &Scene<'_>, touched: &mut Touched) {
        let open = |anchor| !self.incidents.at_anchor(anchor).is_empty();
        if !open(key) && !open(scene.organization) {
            return;
        }
        let known = match by {
            By::Address => self.attacks.sources.get(key).map(|source| &source.successes),
            By::Account => self.attacks.strangers.get(key),
        };
        let mut followed = Vec::new();
        for success in known.into_iter().flatten() {
            let serials = self.followed_by(by, key, success, scene);
            followed.extend(serials.into_iter().map(|serial| (serial, success.clone())));
        }
        for (serial, success) in followed {
            self.follow(serial, &success, touched);
        }
    }

    /// Makes the incidents that this success follows critical.
    fn escalate(&mut self, by: By, key: Key, success: &Success, scene: &Scene<'_>, touched: &mut Touched) {
        for serial in self.followed_by(by, key, success, scene) {
            self.follow(serial, success, touched);
        }
    }

    /// The incidents that this success follows.
    fn followed_by(&self, by: By, key: Key, success: &Success, scene: &Scene<'_>) -> Vec<Serial> {
        let window = window(by, scene.settings);
        let track = self.attacks.track(by, key);
        let replaced = |failure| {
            let account = success.account;
            account.is_some_and(|account| self.attacks.was_replaced_between(account, failure, success.at))
        };
        let mut followed = Vec::new();
        for incident in self.incidents.about(key) {
            if success_after_failures::follows(incident, track, window, success, replaced) {
                followed.push(incident.serial);
            }
        }
        if let (By::Address, Some(track)) = (by, track) {
            for incident in self.incidents.about(scene.organization) {
                if success_after_failures::follows_spray(incident, track, success) {
                    followed.push(incident.serial);
                }
            }
        }
        followed
    }

    fn follow(&mut self, serial: Serial, success: &Success, touched: &mut Touched) {
        if self.incidents.get_mut(serial).is_some_and(|incident| incident.follow(success)) {
            touched.grow(serial);
            touched.followed = true;
        }
    }
}

const fn window(by: By, settings: &Settings) -> Duration {
    match by {
        By::Address => settings.brute_force_address.window,
        By::Account => settings.brute_force_account.window,
    }
}

/// The source and the account of a remembered failure.
const fn sides(by: By, key: Key, failure: &Failure) -> (Option<Key>, Option<Key>) {
    match by {
        By::Address => (Some(key), failure.other),
        By::Account => (failure.other, Some(key)),
    }
}

/// The source first: its rules have the lower thresholds.
fn subjects(scene: &Scene<'_>) -> impl Iterator<Item = (By, Key)> {
    let address = scene.address.map(|(key, _)| (By::Address, key));
    address.into_iter().chain(scene.actor.map(|key| (By::Account, key)))
}
