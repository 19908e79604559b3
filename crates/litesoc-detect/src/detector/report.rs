//! Events that are alerts by themselves, and alerts taken up after a restart.

use std::sync::Arc;

use litesoc_model::{AlertSeverity, AlertType};

use crate::finding::Subject;
use crate::incident::{Opening, Serial};
use crate::key::Key;
use crate::rules::instant::{self, Notice};
use crate::scene::Scene;
use crate::words::Words;
use crate::{AddressGroup, AlertDraft, Detector};

use super::Touched;

impl Detector {
    /// An event that may be one of the seven.
    pub(super) fn reported(&mut self, scene: &Scene<'_>, touched: &mut Touched) {
        let seen = scene.seen;
        let Some(notice) = instant::notice_of(seen.event) else { return };
        let informed = Scene { signals: self.signals.of(scene.actor), ..*scene };
        let severity = self.conduct.severity_of_notice(&informed, &notice.severity);
        let (anchor, subject) = anchor_of(&notice.alert_type, Subject::Actor, scene);
        let grouping = scene.settings.grouping;
        let mut known = self.incidents.find(anchor, |incident| incident.is_near(seen.at, grouping));
        // A brute force that the application reports is the one our rules see, under whichever of its two names.
        if let (None, AlertType::BruteForceAttack, Some((address, _))) =
            (known, &notice.alert_type, scene.address)
        {
            known = self.incidents.find(address, |incident| incident.is_near(seen.at, grouping));
        }
        let serial = match known {
            Some(serial) => {
                touched.grow(serial);
                serial
            }
            None => {
                let fingerprint = format!("{}/{subject}", notice.alert_type);
                let silent_until = self.silent_until(scene.organization, &fingerprint, seen.at);
                let serial = self.incidents.open(Opening {
                    organization: seen.organization,
                    alert_type: notice.alert_type.clone(),
                    severity: severity.clone(),
                    fingerprint,
                    anchor,
                    trigger: seen.event_id,
                    at: seen.at,
                    silent_until,
                });
                touched.raised.push(serial);
                serial
            }
        };
        self.add_report(serial, notice, &severity, scene);
    }

    fn add_report(&mut self, serial: Serial, notice: &Notice, severity: &AlertSeverity, scene: &Scene<'_>) {
        let seen = scene.seen;
        if notice.alert_type == AlertType::BruteForceAttack {
            for key in scene.actor.into_iter().chain(scene.address.map(|(key, _)| key)) {
                self.incidents.anchor(serial, key);
            }
        }
        let Some(incident) = self.incidents.get_mut(serial) else { return };
        incident.count(seen.at, seen.event_id);
        incident.raise_severity(severity.clone());
        if incident.noticed.as_ref() < Some(severity) {
            incident.noticed = Some(severity.clone());
        }
        let story = &mut incident.story;
        story.report(seen.event);
        story.rule("instant");
        if story.detail.is_empty() {
            story.detail = instant::detail(seen.metadata);
        }
        // In a brute force the reporter's own address and account are not the attacker's; the failures tell those.
        if story.failures > 0 {
            return;
        }
        if let (Some(key), Some(actor)) = (scene.actor, seen.actor) {
            story.account(key, actor);
        }
        if let (Some((key, group)), Some(ip)) = (scene.address, seen.ip) {
            story.address(key, || group.to_string(), ip);
        }
    }

    /// Gives an alert its place back after a restart.
    pub(super) fn take_up(&mut self, alert: &AlertDraft) {
        let organization = Key::organization(&alert.organization);
        let settings = Arc::clone(self.settings.of(&alert.organization));
        let group = alert.source_ip.map(|ip| AddressGroup::of(ip, settings.ipv6_prefix));
        let Some(anchor) = anchor_from_fingerprint(alert, settings.ipv6_prefix) else { return };
        let (from, to) = (alert.first_seen, alert.last_seen);
        let grouping = settings.grouping;
        let replayed = self.incidents.find(anchor, |incident| {
            incident.is_near(from, grouping)
                || incident.is_near(to, grouping)
                || (from..=to).contains(&incident.first_seen)
        });
        let serial = match replayed {
            Some(serial) => serial,
            None => self.incidents.open(Opening {
                organization: &alert.organization,
                alert_type: alert.alert_type.clone(),
                severity: alert.severity.clone(),
                fingerprint: alert.fingerprint.clone(),
                anchor,
                trigger: alert.trigger_event_id,
                at: alert.first_seen,
                silent_until: None,
            }),
        };
        self.incidents.rename(serial, alert.id);
        let Some(incident) = self.incidents.get_mut(serial) else { return };
        incident.silent_until = None;
        incident.trigger = alert.trigger_event_id;
        incident.first_seen = alert.first_seen;
        incident.ripe_at = alert.first_seen;
        incident.last_seen = alert.last_seen;
        incident.last_failure = alert.last_seen;
        incident.count = alert.count;
        incident.samples.clone_from(&alert.sample_event_ids);
        incident.takes_failures = alert.evidence.failures > 0;
        incident.wide = anchor == organization && incident.takes_failures;
        incident.raise_severity(alert.severity.clone());
        incident.notified = alert.count;
        incident.words = Words::resume(alert);
        incident.story.resume(alert);
        if let Some(actor) = &alert.actor_id {
            incident.story.account(Key::account(organization, actor), actor);
        }
        if let (Some(group), Some(ip)) = (group, alert.source_ip) {
            incident.story.address(Key::address(organization, group), || group.to_string(), ip);
        }
    }
}

/// What repeats are recognised by, and its name in the fingerprint.
///
/// An event that names no actor is about its address, and the other way round.
pub(super) fn anchor_of(alert_type: &AlertType, subject: Subject, scene: &Scene<'_>) -> (Key, String) {
    let actor = scene.actor.zip(scene.seen.actor).map(|(key, name)| (key, format!("actor:{name}")));
    let address = scene.address.map(|(key, group)| (key, format!("ip:{group}")));
    let chosen = match subject {
        Subject::Actor => actor.or(address),
        Subject::Address => address.or(actor),
        Subject::Organization => Some((scene.organization, "organization".to_owned())),
    };
    let (shared, subject) = match chosen {
        Some((key, name)) => (Some(key), name),
        None => (None, "unknown".to_owned()),
    };
    // The brute-force rules find their incidents by the account or the source itself.
    let anchor = shared
        .filter(|_| *alert_type == AlertType::BruteForceAttack)
        .unwrap_or_else(|| Key::fingerprint(scene.organization, &format!("{alert_type}/{subject}")));
    (anchor, subject)
}

/// The anchor that [`anchor_of`] or a brute-force rule gave this alert.
///
/// The alert's own address does not tell it: an attack that spread to a second source has none, and is still about its first.
fn anchor_from_fingerprint(alert: &AlertDraft, ipv6_prefix: u8) -> Option<Key> {
    let organization = Key::organization(&alert.organization);
    let (_, subject) = alert.fingerprint.split_once('/')?;
    if alert.alert_type != AlertType::BruteForceAttack {
        return Some(Key::fingerprint(organization, &alert.fingerprint));
    }
    if subject == "organization" {
        return Some(organization);
    }
    match subject.split_once(':') {
        Some(("actor", actor)) => Some(Key::account(organization, actor)),
        Some(("ip", group)) => {
            let base = group.split_once('/').map_or(group, |(base, _)| base);
            let ip = base.parse().ok()?;
            Some(Key::address(organization, AddressGroup::of(ip, ipv6_prefix)))
        }
        _ => Some(Key::fingerprint(organization, &alert.fingerprint)),
    }
}
