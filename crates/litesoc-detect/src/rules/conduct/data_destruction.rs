//! Data destruction: an account deletes in bulk again and again, or removes many accounts.
//!
//! # What it sees
//!
//! `data.bulk_delete` by account: 3 in an hour, or 10,000 records in them (`records_deleted`). ATT&CK T1485.
//! `admin.user_deleted`, `admin.user_suspended` and `admin.member_removed` by account: 10 in 10 minutes. ATT&CK T1531.
//!
//! One bulk deletion is an alert already (see the instant events); this rule says when it is a campaign. Destroying after
//! stealing is how extortion works, so data taken out within the hour makes it critical, as does a suspicious sign-in.
//!
//! # Suppressions and known costs
//!
//! * An account that deleted in bulk on three earlier days or more within a month (a retention job) is not asked about; the same for one that
//!   manages accounts as its work. A leaver's whole team removed by somebody who never did so is told, once.
//! * Removing one's own account is one event and never ten.

use std::time::Duration;

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Occasion;
use super::actor::Actor;
use super::data_exfiltration::company;
use super::habit::{self, Deed};
use super::moments::{Moment, Moments};
use super::phrases::{self, number};
use crate::finding::{Finding, SignalKind, WINDOW};
use crate::settings::{Problems, Section};
use crate::text::duration;

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "data_destruction";

/// How much an account may delete before it is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DataDestruction {
    /// Bulk deletions in the window, 2 to 1,000: 3.
    pub deletions: u32,
    /// Records in them: 10,000.
    pub records: u64,
    /// The window of event time, 1 second to 24 hours: 1 hour.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
    /// Accounts removed or suspended, 2 to 1,000: 10.
    pub removals: u32,
    /// The window of event time for those, 1 second to 24 hours: 10 minutes.
    #[serde(with = "crate::settings::span")]
    pub removal_window: Duration,
}

impl Default for DataDestruction {
    fn default() -> Self {
        Self {
            deletions: 3,
            records: 10_000,
            window: Duration::from_secs(60 * 60),
            removals: 10,
            removal_window: Duration::from_secs(10 * 60),
        }
    }
}

impl Section for DataDestruction {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.deletions, "deletions");
        problems.unless(self.records > 0, "records", "must not be 0");
        problems.window(self.window, "window");
        problems.count(self.removals, "removals");
        problems.window(self.removal_window, "removal_window");
    }
}

/// Whether the event takes an account away from somebody.
pub(crate) fn is_removal(event: &EventType) -> bool {
    *event == EventType::ADMIN_USER_DELETED
        || *event == EventType::ADMIN_USER_SUSPENDED
        || *event == EventType::ADMIN_MEMBER_REMOVED
}

/// Counts a bulk deletion.
pub(crate) fn deleted(occasion: &Occasion<'_>, actor: &mut Actor) -> Option<Finding> {
    let settings = &occasion.scene.settings.data_destruction;
    let records = occasion.particulars.records.unwrap_or_default();
    let tag = u32::try_from(records).unwrap_or(u32::MAX);
    remember(occasion, &mut actor.deletions, tag, settings.deletions);
    if actor.habits.has(Deed::DeletesInBulk, occasion.hour(), habit::MEMORY) {
        return None;
    }
    let around = actor.deletions.around(occasion.at(), settings.window);
    let total: u64 = around.iter().map(|moment| u64::from(moment.tag)).sum();
    if around.len() < settings.deletions as usize && total < settings.records {
        return None;
    }
    let signs = occasion.signs(&[
        SignalKind::Export,
        SignalKind::NewDevice,
        SignalKind::NewCountry,
        SignalKind::ImpossibleTravel,
        SignalKind::BruteForced,
    ]);
    let severity = if signs.is_empty() { AlertSeverity::High } else { AlertSeverity::Critical };
    let mut finding = phrases::finding(NAME, AlertType::DataExfiltration, severity);
    finding.technique = Some("T1485".into());
    let who = occasion.who();
    let amount = if total > 0 { format!("{} records", number(total)) } else { "data".to_owned() };
    let count = around.len() as u64;
    finding.title =
        format!("{who} deleted {amount} in {}", crate::text::times(count, "bulk deletion", "bulk deletions"));
    finding.description = format!(
        "{who} deleted in bulk {} within {}: {amount}. It is not something this account does on other days.{} \
         If nobody ordered it, suspend the account now, end its sessions, and check that the backups are whole and out of its reach.",
        crate::text::times(count, "time", "times"),
        duration(settings.window),
        company(&signs),
    );
    finding.facts = phrases::facts([
        ("deletions", json!(count)),
        ("records", json!(total)),
        (WINDOW, json!(duration(settings.window))),
        ("signs", json!(phrases::signs(&signs))),
    ]);
    finding.events = occasion.others(around);
    Some(finding)
}

/// Counts an account that was taken away.
pub(crate) fn removed(occasion: &Occasion<'_>, actor: &mut Actor) -> Option<Finding> {
    let settings = &occasion.scene.settings.data_destruction;
    remember(occasion, &mut actor.removals, 0, settings.removals);
    if actor.habits.has(Deed::ManagesAccounts, occasion.hour(), habit::MEMORY) {
        return None;
    }
    let around = actor.removals.around(occasion.at(), settings.removal_window);
    if around.len() < settings.removals as usize {
        return None;
    }
    let mut finding = phrases::finding(NAME, AlertType::SuspiciousActivity, AlertSeverity::High);
    finding.technique = Some("T1531".into());
    let (who, count) = (occasion.who(), around.len() as u64);
    finding.title = format!("{who} removed {count} accounts within {}", duration(settings.removal_window));
    finding.description = format!(
        "{who} removed or suspended {count} accounts within {}, and does not manage accounts on other days. \
         If nobody ordered it, suspend the account, end its sessions and restore the others.",
        duration(settings.removal_window),
    );
    finding.facts =
        phrases::facts([("removals", json!(count)), (WINDOW, json!(duration(settings.removal_window)))]);
    finding.events = occasion.others(around);
    Some(finding)
}

fn remember(occasion: &Occasion<'_>, moments: &mut Moments, tag: u32, threshold: u32) {
    let moment = Moment { at: occasion.at(), event_id: occasion.scene.seen.event_id, tag };
    moments.insert(moment, 2 * threshold as usize);
}
