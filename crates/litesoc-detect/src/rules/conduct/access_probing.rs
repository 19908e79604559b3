//! Access probing: an account tries one closed door after the other.
//!
//! # What it sees
//!
//! `authz.access_denied` by account: 10 within 30 minutes on 5 different things or more (`resource`, `path`, `endpoint`, `url`,
//! `permission`), or 20 when the application does not say on what. ATT&CK T1083: finding out what is there and what may be had.
//!
//! The number of different things is what tells a person or a program that looks around from a page that asks for
//! something its user may not have on every click; that one hits the same door again and again, and is no attack.
//!
//! # Severity
//!
//! Medium; high when the account signed in suspiciously within the hour, or from 30 different things on. Nothing was had, but whoever
//! looks for it is not who the account belongs to, or not what they were hired for.
//!
//! # Suppressions and known costs
//!
//! An account that is denied something on three days a month is given twice as much. A role that was taken away in error shows as
//! this on the next morning.

use std::time::Duration;

use litesoc_model::{AlertSeverity, AlertType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Occasion;
use super::data_exfiltration::company;
use super::moments::{Moment, Moments};
use super::phrases;
use crate::finding::{Finding, WINDOW};
use crate::key::Key;
use crate::settings::{Problems, Section};
use crate::text::duration;

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "access_probing";

/// How many closed doors an account may try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AccessProbing {
    /// Denials, 2 to 1,000: 10. Twice as many where it is not said what was denied.
    pub denials: u32,
    /// Different things denied, 2 to 1,000: 5.
    pub resources: u32,
    /// Different things from which on it is high, 2 to 1,000: 30.
    pub many_resources: u32,
    /// The window of event time, 1 second to 24 hours: 30 minutes.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
}

impl Default for AccessProbing {
    fn default() -> Self {
        Self { denials: 10, resources: 5, many_resources: 30, window: Duration::from_secs(30 * 60) }
    }
}

impl Section for AccessProbing {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.denials, "denials");
        problems.count(self.resources, "resources");
        problems.count(self.many_resources, "many_resources");
        problems.window(self.window, "window");
    }
}

impl AccessProbing {
    /// Denials to remember of one account.
    fn capacity(&self) -> usize {
        (4 * self.denials.max(self.resources)).max(self.many_resources) as usize
    }
}

/// Counts a denial.
pub(crate) fn examine(occasion: &Occasion<'_>, moments: &mut Moments, is_everyday: bool) -> Option<Finding> {
    let settings = &occasion.scene.settings.access_probing;
    let resource = occasion.particulars.resource.as_deref();
    let tag =
        resource.map_or(0, |resource| Key::fingerprint(occasion.scene.organization, resource).tag().max(1));
    let moment = Moment { at: occasion.at(), event_id: occasion.scene.seen.event_id, tag };
    moments.insert(moment, settings.capacity());
    let around = moments.around(occasion.at(), settings.window);
    let resources = {
        let mut tags: Vec<u32> = around.iter().map(|moment| moment.tag).filter(|tag| *tag > 0).collect();
        tags.sort_unstable();
        tags.dedup();
        tags.len()
    };
    let patience = if is_everyday { 2 } else { 1 };
    let unnamed = around.iter().all(|moment| moment.tag == 0);
    let enough = if unnamed {
        around.len() >= (2 * patience * settings.denials) as usize
    } else {
        around.len() >= (patience * settings.denials) as usize && resources >= settings.resources as usize
    };
    if !enough {
        return None;
    }
    let signs = occasion.sign_in_signs();
    let loud = !signs.is_empty() || resources >= settings.many_resources as usize;
    let severity = if loud { AlertSeverity::High } else { AlertSeverity::Medium };
    let mut finding = phrases::finding(NAME, AlertType::SuspiciousActivity, severity);
    finding.technique = Some("T1083".into());
    let (who, count, span) = (occasion.who(), around.len() as u64, duration(settings.window));
    let on = if unnamed { String::new() } else { format!(" on {resources} different things") };
    finding.title = format!("{who} was denied access {count} times{on} within {span}");
    finding.description = format!(
        "{who} was denied access {count} times{on} within {span}.{} A broken page asks for the same thing again and again; this looks \
         like somebody who looks around. Ask the owner what they were looking for, and check whether any attempt succeeded.",
        company(&signs),
    );
    finding.facts = phrases::facts([
        ("denials", json!(count)),
        ("resources", json!(resources)),
        (WINDOW, json!(span)),
        ("signs", json!(phrases::signs(&signs))),
    ]);
    finding.events = occasion.others(around);
    Some(finding)
}
