//! Privilege escalation: somebody gives rights who has no business giving them, or gives them to himself.
//!
//! # What it sees
//!
//! `authz.role_changed` and `authz.permission_granted` with the target that the metadata names (`target`, `target_user_id`,
//! `grantee`, `granted_to`, `assigned_to`, `subject`, `recipient`, `principal`, `user_id` and their like). `admin.privilege_escalation` is an instant alert already, of severity critical. ATT&CK T1098; T1548 when the
//! rights go to oneself. Only rights given count: a role that falls in rank (`old_role` admin, `new_role` viewer) and what is
//! called removed does not.
//!
//! | who gives to whom | severity |
//! |---|---|
//! | to oneself: an administrator's rights, or rights that are not named | high |
//! | to oneself: lesser rights | medium |
//! | to an account one has made within the hour: an administrator's rights | high |
//! | for the first time in 14 days | medium |
//!
//! One step up when the account signed in suspiciously within the hour (new device, new country, too far away, after a brute
//! force), critical at most. One step down for an account whose everyday work it is to give rights.
//!
//! 14 days are what published rules of this kind look back at most.
//!
//! # Suppressions and known costs
//!
//! * Accounts that gave rights on three earlier days or more within 90 are known; what they do is no finding at all, unless it is to
//!   themselves or to an account they made. Somebody who enters forty people on a Monday is one of those, or one medium alert.
//! * An account that a known one made an administrator within 14 days may begin without being asked about.
//! * Nobody is a first-time giver while the organisation has been seen for less than 14 days.
//! * A first time is told once and then known: it teaches, as long as nothing else was found.
//! * Applications that send the role change under the name of the person whose role it is, without a target, cannot be told
//!   apart from those that name the giver; there the first time is all that is seen.

use std::time::Duration;

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Occasion;
use super::actor::Actor;
use super::data_exfiltration::company;
use super::habit::Deed;
use super::moments::Moment;
use super::phrases;
use crate::finding::{Finding, SignalKind};
use crate::key::Key;
use crate::settings::{Problems, Section};
use crate::text::{duration, name};

/// The name of the rule about rights given to oneself or to one's own creature.
pub(crate) const SELF_GRANT: &str = "privilege_self_grant";
/// The name of the rule about who never gave rights before.
pub(crate) const FIRST_GRANT: &str = "privilege_first_grant";

/// Longest pause in days after which who gave rights regularly is still known for it.
pub(crate) const KNOWN_FOR: u16 = 90;
/// Accounts made that are remembered of one account.
const MAX_MADE: usize = 16;

/// Who may give rights without being asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PrivilegeEscalation {
    /// Days without a grant after which the next one is a first one, 1 to 90: 14.
    pub first_grant_days: u16,
    /// How long an account counts as just made by the one who gives it rights, 1 second to 24 hours: 1 hour.
    #[serde(with = "crate::settings::span")]
    pub made_window: Duration,
}

impl Default for PrivilegeEscalation {
    fn default() -> Self {
        Self { first_grant_days: 14, made_window: Duration::from_secs(60 * 60) }
    }
}

impl Section for PrivilegeEscalation {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.within(self.first_grant_days, "first_grant_days", 1..=90);
        problems.window(self.made_window, "made_window");
    }
}

/// Whether the event may give rights.
pub(crate) fn is_grant(event: &EventType) -> bool {
    *event == EventType::AUTHZ_ROLE_CHANGED || *event == EventType::AUTHZ_PERMISSION_GRANTED
}

/// Remembers an account that this one made.
pub(crate) fn made(occasion: &Occasion<'_>, actor: &mut Actor) {
    for target in &occasion.particulars.targets {
        let tag = tag_of(occasion, target);
        let moment = Moment { at: occasion.at(), event_id: occasion.scene.seen.event_id, tag };
        if actor.made.insert(moment, MAX_MADE) {
            break;
        }
    }
}

/// The accounts that a known administrator makes administrators here: they may give rights from now on.
pub(crate) fn entitled(occasion: &Occasion<'_>, actor: &Actor) -> Vec<Key> {
    let known = actor.habits.has(Deed::Grants, occasion.hour(), KNOWN_FOR) || is_entitled(occasion, actor);
    if !known || !occasion.particulars.is_administrative() || occasion.particulars.takes_away() {
        return Vec::new();
    }
    let seen = occasion.scene.seen;
    let others = occasion.particulars.targets.iter().filter(|target| seen.actor != Some(target.as_str()));
    others.map(|target| Key::account(occasion.scene.organization, target)).collect()
}

fn is_entitled(occasion: &Occasion<'_>, actor: &Actor) -> bool {
    let days = occasion.scene.settings.privilege_escalation.first_grant_days;
    actor.entitled_on > 0 && occasion.day.saturating_sub(actor.entitled_on) <= days
}

/// What is wrong with the rights given here, if anything.
pub(crate) fn examine(occasion: &Occasion<'_>, actor: &Actor, age: u16) -> Option<Finding> {
    if occasion.particulars.takes_away() {
        return None;
    }
    own(occasion, actor).or_else(|| first(occasion, actor, age))
}

/// Rights for oneself, or for an account one has just made.
fn own(occasion: &Occasion<'_>, actor: &Actor) -> Option<Finding> {
    let (particulars, settings) = (&occasion.particulars, &occasion.scene.settings.privilege_escalation);
    let administrative = particulars.is_administrative();
    let giver = occasion.scene.seen.actor?;
    let to_self = particulars.targets.iter().any(|target| target == giver);
    let made = actor.made.between(
        occasion.at().checked_sub(settings.made_window).unwrap_or_else(|| occasion.at()),
        occasion.at(),
    );
    let own_creature = particulars.targets.iter().find(|target| {
        let tag = tag_of(occasion, target);
        made.iter().any(|moment| moment.tag == tag)
    });
    let severity = match (to_self, own_creature) {
        (true, _) if administrative || particulars.says_no_rights() => AlertSeverity::High,
        (true, _) => AlertSeverity::Medium,
        (false, Some(_)) if administrative => AlertSeverity::High,
        (false, _) => return None,
    };
    let known = actor.habits.has(Deed::Grants, occasion.hour(), KNOWN_FOR);
    let signs = occasion.sign_in_signs();
    let severity = match (known, signs.is_empty()) {
        (true, true) => milder(&severity),
        (false, false) => phrases::worse(severity),
        (true, false) | (false, true) => severity,
    };
    let mut finding = phrases::finding(SELF_GRANT, AlertType::PrivilegeEscalation, severity);
    finding.technique = Some(if to_self { "T1548" } else { "T1098" }.into());
    let (who, rights) = (occasion.who(), rights(occasion));
    let (title, whom) = if to_self {
        (format!("{who} gave rights to themselves{rights}"), "themselves".to_owned())
    } else {
        let target = own_creature.map(|target| name(target)).unwrap_or_default();
        let told = format!("{who} gave rights to {target}, an account they had just made{rights}");
        (told, format!("{target}, an account they had made within {}", duration(settings.made_window)))
    };
    finding.title = title;
    finding.description = format!(
        "{who} gave rights to {whom}{rights}.{}{} If nobody ordered it, take the rights back, suspend the account{}, and look at \
         what it did since.",
        if known { " Giving rights is this account's everyday work." } else { "" },
        company(&signs),
        if to_self { "" } else { " and the one it made" },
    );
    finding.facts = facts(occasion);
    let own = occasion.scene.seen.event_id;
    finding.events = made.iter().map(|moment| moment.event_id).filter(|id| *id != own && !to_self).collect();
    Some(finding)
}

/// Rights given by somebody who never did so.
fn first(occasion: &Occasion<'_>, actor: &Actor, age: u16) -> Option<Finding> {
    let settings = &occasion.scene.settings.privilege_escalation;
    let habits = &actor.habits;
    if age < settings.first_grant_days
        || habits.did(Deed::Grants, occasion.day, settings.first_grant_days)
        || habits.has(Deed::Grants, occasion.hour(), KNOWN_FOR)
        || is_entitled(occasion, actor)
    {
        return None;
    }
    let signs = occasion.sign_in_signs();
    let severity = if signs.is_empty() { AlertSeverity::Medium } else { AlertSeverity::High };
    let mut finding = phrases::finding(FIRST_GRANT, AlertType::PrivilegeEscalation, severity);
    finding.technique = Some("T1098".into());
    let (who, rights) = (occasion.who(), rights(occasion));
    let whom = occasion.particulars.targets.first().map(|target| format!(" to {}", name(target)));
    let whom = whom.unwrap_or_default();
    finding.title = format!("{who} gave rights{whom} for the first time{rights}");
    finding.description = format!(
        "{who} gave rights{whom}{rights} and has not done so in the {} before.{} If it is a new administrator, nothing needs doing: \
         from now on the account is known for it. If not, take the rights back and look at how the account came to be able to.",
        crate::text::times(settings.first_grant_days.into(), "day", "days"),
        company(&signs),
    );
    finding.facts = facts(occasion);
    Some(finding)
}

fn milder(severity: &AlertSeverity) -> AlertSeverity {
    if *severity > AlertSeverity::Medium { AlertSeverity::Medium } else { AlertSeverity::Low }
}

/// ` (user to owner)`, or nothing.
fn rights(occasion: &Occasion<'_>) -> String {
    let particulars = &occasion.particulars;
    match (&particulars.old_role, &particulars.new_role, &particulars.permission) {
        (Some(old), Some(new), _) => format!(" ({} to {})", name(old), name(new)),
        (None, Some(new), _) => format!(" ({})", name(new)),
        (_, None, Some(permission)) => format!(" ({})", name(permission)),
        (_, None, None) => String::new(),
    }
}

fn facts(
    occasion: &Occasion<'_>,
) -> std::collections::BTreeMap<std::borrow::Cow<'static, str>, serde_json::Value> {
    let particulars = &occasion.particulars;
    phrases::facts([
        ("targets", json!(particulars.targets)),
        ("old_role", json!(particulars.old_role)),
        ("new_role", json!(particulars.new_role)),
        ("permission", json!(particulars.permission)),
        ("signs", json!(phrases::signs(&occasion.sign_in_signs()))),
    ])
}

fn tag_of(occasion: &Occasion<'_>, target: &str) -> u32 {
    Key::account(occasion.scene.organization, target).tag()
}

/// The signs that a sign-in left within the hour.
pub(crate) const SIGN_IN_SIGNS: [SignalKind; 4] =
    [SignalKind::NewDevice, SignalKind::NewCountry, SignalKind::ImpossibleTravel, SignalKind::BruteForced];
