//! From findings to alerts: what repeats goes into the alert that is open, the rest opens one.

use litesoc_model::AlertSeverity;

use crate::Detector;
use crate::finding::Finding;
use crate::incident::{Opening, Serial};
use crate::key::Key;
use crate::scene::Scene;
use crate::words::Words;

use super::Touched;
use super::report::anchor_of;

impl Detector {
    /// Puts a finding into the alert it repeats, or opens one; `apart` tells alerts of the same type and subject apart.
    pub(super) fn group(
        &mut self,
        finding: Finding,
        apart: Option<&str>,
        scene: &Scene<'_>,
        touched: &mut Touched,
    ) {
        let seen = scene.seen;
        let (mut anchor, mut subject) = anchor_of(&finding.alert_type, finding.subject, scene);
        if let Some(apart) = apart {
            subject = format!("{apart}/{subject}");
            anchor = Key::fingerprint(scene.organization, &format!("{}/{subject}", finding.alert_type));
        }
        let grouping = scene.settings.grouping;
        let known = self.incidents.find(anchor, |incident| {
            incident.alert_type == finding.alert_type && incident.is_near(seen.at, grouping)
        });
        let serial = match known {
            Some(serial) => {
                touched.grow(serial);
                serial
            }
            None => {
                let fingerprint = format!("{}/{subject}", finding.alert_type);
                let silent_until = self.silent_until(scene.organization, &fingerprint, seen.at);
                let serial = self.incidents.open(Opening {
                    organization: seen.organization,
                    alert_type: finding.alert_type.clone(),
                    severity: finding.severity.clone(),
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
        self.add_finding(serial, finding, scene);
    }

    fn add_finding(&mut self, serial: Serial, finding: Finding, scene: &Scene<'_>) {
        let seen = scene.seen;
        let Some(incident) = self.incidents.get_mut(serial) else { return };
        if finding.severity >= AlertSeverity::Medium {
            incident.lesson = Some(Box::new(scene.lesson()));
        }
        incident.raise_severity(finding.severity.clone());
        let fresh = incident.count == 0 || incident.latest != seen.event_id;
        if incident.count == 0 {
            incident.count = finding.events.len() as u64;
        }
        for earlier in &finding.events {
            incident.sample(*earlier);
        }
        incident.count(seen.at, seen.event_id);
        if fresh || incident.story.findings == 0 {
            incident.story.findings += 1;
        }
        Words::hear(&mut incident.words, &finding);
        let story = &mut incident.story;
        story.rule(finding.rule);
        story.facts.extend(finding.facts);
        if let (Some(key), Some(actor)) = (scene.actor, seen.actor) {
            story.account(key, actor);
        }
        if let (Some((key, group)), Some(ip)) = (scene.address, seen.ip) {
            story.address(key, || group.to_string(), ip);
        }
    }
}
