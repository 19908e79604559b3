//! Which rule looks at which act, and with what memory.

use super::act::Act;
use super::actor::Actor;
use super::habit::Deed;
use super::moments::{Moment, Moments};
use super::occasion::Occasion;
use super::{
    Conduct, access_probing, data_destruction, data_exfiltration, mfa_fatigue, privilege_escalation,
    rate_limit_exceeded, sign_up_velocity,
};
use crate::finding::Finding;

/// Answered challenges kept of an account that never fails any: enough for a success that overtakes its burst.
const MAX_ANSWERS: usize = 2;

impl Conduct {
    /// What the rules about single acts find.
    pub(super) fn judge(&mut self, act: Act, occasion: &Occasion<'_>) -> Vec<Finding> {
        match act {
            Act::SignedIn | Act::ChallengeFailed | Act::ChallengeSent | Act::ChallengeAnswered => {
                self.challenge(act, occasion).into_iter().collect()
            }
            Act::Limited => self.limited(occasion).into_iter().collect(),
            Act::SignUp => self.signed_up(occasion),
            Act::Grant => self.granted(occasion).into_iter().collect(),
            Act::Export | Act::SensitiveRead => self.exported(act, occasion).into_iter().collect(),
            Act::BulkDelete => self
                .with_actor(occasion, |actor| data_destruction::deleted(occasion, actor))
                .into_iter()
                .collect(),
            Act::Removal => self
                .with_actor(occasion, |actor| data_destruction::removed(occasion, actor))
                .into_iter()
                .collect(),
            Act::Denied => self.denied(occasion).into_iter().collect(),
            Act::Gain | Act::Credentials | Act::Administration => Vec::new(),
        }
    }

    fn denied(&mut self, occasion: &Occasion<'_>) -> Option<Finding> {
        let key = occasion.scene.actor?;
        let is_everyday = self.has_habit(key, Deed::IsDenied, occasion.hour());
        self.denials.update(occasion.scene.organization, key, Moments::default, |moments| {
            access_probing::examine(occasion, moments, is_everyday)
        })
    }

    fn with_actor(
        &mut self,
        occasion: &Occasion<'_>,
        change: impl FnOnce(&mut Actor) -> Option<Finding>,
    ) -> Option<Finding> {
        let key = occasion.scene.actor?;
        self.actors.update(occasion.scene.organization, key, Actor::default, change)
    }

    fn challenge(&mut self, act: Act, occasion: &Occasion<'_>) -> Option<Finding> {
        let key = occasion.scene.actor?;
        let known = self.challenges.get(key);
        let tag = if act == Act::ChallengeSent {
            mfa_fatigue::SENT
        } else if act == Act::ChallengeAnswered {
            mfa_fatigue::ANSWERED
        } else if act == Act::SignedIn {
            mfa_fatigue::SIGNED_IN
        } else if mfa_fatigue::is_code(occasion.particulars.method.as_deref()) {
            mfa_fatigue::WRONG_CODE
        } else {
            mfa_fatigue::FAILED
        };
        // Sign-ins are everybody's; only of accounts that are asked for a second factor are they worth remembering.
        if act == Act::SignedIn && known.is_none() {
            return None;
        }
        let asked = known.is_some_and(|known| known.any(|tag| tag <= mfa_fatigue::SENT));
        let capacity = if asked || tag <= mfa_fatigue::SENT {
            occasion.scene.settings.mfa_fatigue.capacity()
        } else {
            MAX_ANSWERS
        };
        let moment = Moment { at: occasion.at(), event_id: occasion.scene.seen.event_id, tag };
        self.challenges.update(occasion.scene.organization, key, Moments::default, |moments| {
            moments.insert(moment, capacity);
            mfa_fatigue::examine(occasion, moments)
        })
    }

    fn limited(&mut self, occasion: &Occasion<'_>) -> Option<Finding> {
        let (scene, capacity) = (occasion.scene, occasion.scene.settings.rate_limit_exceeded.capacity());
        let tag = scene.actor.map_or(0, |actor| actor.tag().max(1));
        let moment = Moment { at: occasion.at(), event_id: scene.seen.event_id, tag };
        let own = scene.actor.and_then(|key| {
            self.limits.update(scene.organization, key, Moments::default, |moments| {
                moments.insert(moment, capacity);
                rate_limit_exceeded::of_actor(occasion, moments)
            })
        });
        let address = scene.address.map(|(key, _)| key);
        let office = address.and_then(|key| self.offices.get(key)).copied();
        let shared = address.and_then(|key| {
            self.limits.update(scene.organization, key, Moments::default, |moments| {
                moments.insert(moment, capacity);
                rate_limit_exceeded::of_address(occasion, moments, office.as_ref())
            })
        });
        own.or(shared)
    }

    fn signed_up(&mut self, occasion: &Occasion<'_>) -> Vec<Finding> {
        let scene = occasion.scene;
        if sign_up_velocity::is_by_another(occasion) {
            let made = self.with_actor(occasion, |actor| {
                privilege_escalation::made(occasion, actor);
                None
            });
            return made.into_iter().collect();
        }
        let office = scene.address.and_then(|(key, _)| self.offices.get(key)).copied();
        let of_address = scene.address.and_then(|(key, _)| {
            self.sign_ups.update(scene.organization, key, Moments::default, |moments| {
                sign_up_velocity::of_address(occasion, moments, office.as_ref())
            })
        });
        let of_organization = self
            .organizations
            .get_mut(scene.organization)
            .and_then(|organization| sign_up_velocity::of_organization(occasion, organization));
        // One farm is one alert: the address, when it is one.
        of_address.or(of_organization).into_iter().collect()
    }

    fn granted(&mut self, occasion: &Occasion<'_>) -> Option<Finding> {
        let key = occasion.scene.actor?;
        let organization = occasion.scene.organization;
        let age = self.organizations.get(organization).map_or(0, |known| known.age(occasion.day));
        let giver = self.actors.get(key).cloned().unwrap_or_default();
        for target in privilege_escalation::entitled(occasion, &giver) {
            let day = occasion.day;
            self.actors.update(organization, target, Actor::default, |actor| actor.entitled_on = day);
        }
        privilege_escalation::examine(occasion, &giver, age)
    }

    fn exported(&mut self, act: Act, occasion: &Occasion<'_>) -> Option<Finding> {
        let key = occasion.scene.actor?;
        let organization = self.organizations.get_mut(occasion.scene.organization)?;
        if act == Act::Export {
            self.actors.update(occasion.scene.organization, key, Actor::default, |actor| {
                data_exfiltration::examine(occasion, actor, organization)
            })
        } else {
            data_exfiltration::reconsider(occasion, self.actors.get_mut(key)?, organization)
        }
    }
}
