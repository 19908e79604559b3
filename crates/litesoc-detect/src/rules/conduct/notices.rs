//! How severe an instant event is, by what the account does on other days.
//!
//! Seven events raise an alert by themselves; that is the LiteSOC API's set and stays so. Applications report four of them for
//! ordinary work as well: whoever serves customers reads personal data all day, an administrator gives roles, a retention job
//! deletes. An alert of high severity for each would be read by nobody after a week.
//!
//! | event | everyday work of the account | else | with a suspicious sign-in within the hour |
//! |---|---|---|---|
//! | `data.sensitive_access` | low | medium | high |
//! | `data.bulk_delete` | medium | high | high |
//! | `authz.role_changed` | low; also rights taken away | medium | high |
//! | `authz.access_denied` | low | low | medium |
//!
//! For bulk deletion one clean day within the month before is enough, or administration or exports as everyday work: jobs that
//! clear up run once a week. What is more than that is the rule [`data_destruction`](super::data_destruction)'s.
//! One denial is a closed door; many are the rule [`access_probing`](super::access_probing)'s.
//! Everyday work is what an account did on three days or more without a longer pause, with nothing found in it. Of the day under way
//! only what came before counts; for bulk deletion, nothing of it does.

use litesoc_events::EventType;
use litesoc_model::AlertSeverity;

use super::act::Act;
use super::habit::Deed;
use super::occasion::Occasion;
use super::particulars::Particulars;
use super::phrases;
use super::{Conduct, memory_of, volume};
use crate::finding::Found;
use crate::key::Key;
use crate::scene::Scene;

impl Conduct {
    /// How severe an instant event is that is of this severity in general.
    pub(crate) fn severity_of_notice(&self, scene: &Scene<'_>, general: &AlertSeverity) -> AlertSeverity {
        let event = scene.seen.event;
        let Some(act) = Act::of(event) else { return general.clone() };
        let hour = volume::hour(scene.seen.at);
        // The first of a day has been told by the time that the next one happens.
        let everyday = || {
            let known = scene.actor.and_then(|actor| self.actors.get(actor)).zip(act.deed());
            known.is_some_and(|(actor, deed)| actor.habits.has_with_today(deed, hour, memory_of(deed)))
        };
        let (everyday, else_) = if *event == EventType::DATA_SENSITIVE_ACCESS {
            (everyday(), AlertSeverity::Medium)
        } else if *event == EventType::DATA_BULK_DELETE {
            let signs = Occasion::new(scene, &Found::default(), Particulars::default()).sign_in_signs();
            let works =
                signs.is_empty() && scene.actor.is_some_and(|actor| self.works_with_data(actor, hour));
            return if works { AlertSeverity::Medium } else { general.clone() };
        } else if *event == EventType::AUTHZ_ROLE_CHANGED {
            (everyday() || Particulars::of(&scene.seen).takes_away(), AlertSeverity::Medium)
        } else if *event == EventType::AUTHZ_ACCESS_DENIED {
            (true, AlertSeverity::Low)
        } else {
            return general.clone();
        };
        let occasion = Occasion::new(scene, &Found::default(), Particulars::default());
        match (occasion.sign_in_signs().is_empty(), everyday) {
            (true, true) => AlertSeverity::Low,
            (true, false) => else_,
            (false, true) => AlertSeverity::Medium,
            (false, false) => phrases::worse(else_),
        }
    }

    /// Whether deleting in bulk may well be the account's work: it did so before, or it administers or exports every few days.
    fn works_with_data(&self, actor: Key, hour: u32) -> bool {
        const WORK: [Deed; 4] = [Deed::Administers, Deed::Grants, Deed::ManagesAccounts, Deed::Exports];
        self.days_before(actor, Deed::DeletesInBulk, hour) > 0
            || WORK.into_iter().any(|deed| self.has_habit(actor, deed, hour))
    }
}
