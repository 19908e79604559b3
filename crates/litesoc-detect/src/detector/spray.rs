//! The spray from many sources: an alert of the whole organisation.

use serde_json::Value;

use crate::Detector;
use crate::rules::brute_force::distributed_spray::NAME;
use crate::rules::brute_force::memory::By;
use crate::rules::brute_force::organization::{Attempt, Organization};
use crate::rules::brute_force::track::Failure;
use crate::scene::Scene;

use super::Touched;

impl Detector {
    /// Notes a failure among those of its organisation; whether it is one that the rule counts.
    pub(super) fn fails_in_organization(&mut self, scene: &Scene<'_>) -> bool {
        let (Some(account), Some((source, _))) = (scene.actor, scene.address) else { return false };
        let attempt = Attempt { at: scene.seen.at, event_id: scene.seen.event_id, source, account };
        let attacked = !self.incidents.at_anchor(scene.organization).is_empty();
        let organization = scene.organization;
        self.attacks.organizations.update(organization, organization, Organization::default, |known| {
            known.fails(attempt, &scene.settings.distributed_spray, attacked)
        })
    }

    /// Lets the rule look at the failures of the hour.
    pub(super) fn consider_organization(&mut self, scene: &Scene<'_>, touched: &mut Touched) {
        let (at, grouping) = (scene.seen.at, scene.settings.grouping);
        let near = |known: &crate::incident::Incident| known.wide && known.is_near(at, grouping);
        if self.incidents.find(scene.organization, near).is_some() {
            return;
        }
        let Some(known) = self.attacks.organizations.get(scene.organization) else { return };
        let Some(spray) = known.spray(&scene.settings.distributed_spray) else { return };
        let (attempts, usual) = (spray.attempts.clone(), spray.usual);
        let first = attempts.front().map_or(at, |attempt| attempt.at);
        let serial = self.open_attack("organization", scene.organization, scene, first, spray.ripe_at);
        touched.raised.push(serial);
        for attempt in &attempts {
            let moment = (attempt.at, attempt.event_id);
            let track = self.attacks.track(By::Address, attempt.source);
            let Some(failure) = track.and_then(|track| track.get(moment.0, moment.1)).copied() else {
                continue;
            };
            self.add_failure(By::Address, attempt.source, &failure, serial);
            if self.is_free(&failure, at) {
                self.attacks.claim(Some(attempt.source), Some(attempt.account), moment, serial);
            }
        }
        if let Some(incident) = self.incidents.get_mut(serial) {
            incident.wide = true;
            incident.story.rule(NAME);
            incident.story.facts.insert("usual_failures_per_hour".into(), Value::from(usual));
        }
    }

    fn is_free(&self, failure: &Failure, at: litesoc_model::Timestamp) -> bool {
        failure.claim.is_none_or(|serial| !self.incidents.is_live(serial, at))
    }
}
