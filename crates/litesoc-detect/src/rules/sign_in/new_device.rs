//! New device: a sign-in with something the account has not used before.
//!
//! # What it sees
//!
//! A successful sign-in with a device that the account showed neither in its last 20 successes nor in the last 30 days. A device is
//! known by the id that the application gives it (`device_id` in the metadata), else by the families of its browser and system,
//! as the user agent names them. Versions do not count: browsers update themselves every few weeks.
//!
//! It begins after 5 sign-ins and 5 days; Okta compares with the last 20 successes, Microsoft Entra learns for 5 days at least.
//!
//! # Severity
//!
//! Low: people buy telephones. Medium when the network or the country is new as well, which is what a stolen password looks like.
//!
//! ATT&CK: T1078 valid accounts.
//!
//! # Suppressions and known costs
//!
//! * An application that makes a new id for every session: from four ids seen once each on, the browser and system count instead.
//! * The operator's trusted networks make nothing worse.
//! * A device told once is told again after a week, unless it has become usual. A low one becomes usual at once; a medium one when
//!   it is next used at a usual place, or somebody marks the alert safe.
//!
//! Known cost: a forged user agent passes for a known one. The rule is for those who do not bother, and most do not.

use std::borrow::Cow;
use std::collections::BTreeMap;

use litesoc_model::{AlertSeverity, AlertType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Occasion, words};
use crate::finding::{Finding, Subject};
use crate::profile::actor::Standing;
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "new_device";

/// When a device is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NewDevice {
    /// Successes among which a device is looked for, 1 to 1,000: 20.
    pub logins: u16,
    /// Days in which a device is looked for, 1 to 365: 30.
    pub days: u16,
    /// Successes after which habits are known, 1 to 1,000: 5.
    pub learning_logins: u16,
    /// Days after which habits are known, 0 to 365: 5.
    pub learning_days: u16,
}

impl Default for NewDevice {
    fn default() -> Self {
        Self { logins: 20, days: 30, learning_logins: 5, learning_days: 5 }
    }
}

impl Section for NewDevice {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.within(self.logins, "logins", 1..=1_000);
        problems.within(self.days, "days", 1..=365);
        problems.within(self.learning_logins, "learning_logins", 1..=1_000);
        problems.within(self.learning_days, "learning_days", 0..=365);
    }
}

/// Whether habits are known well enough to call a device new.
pub(crate) fn is_settled(occasion: &Occasion<'_>) -> bool {
    let settings = &occasion.scene.settings.new_device;
    let day = occasion.visit.day;
    occasion.profile.is_some_and(|profile| {
        profile.learned() >= settings.learning_logins
            && profile.age(day) >= settings.learning_days
            && !profile.is_dormant(day)
    })
}

/// Says whether the device is new.
pub(crate) fn examine(occasion: &Occasion<'_>) -> Option<Finding> {
    if occasion.device != Standing::New || !is_settled(occasion) {
        return None;
    }
    let elsewhere =
        !occasion.visit.is_allowed && (occasion.network.is_strange() || occasion.country.is_strange());
    let severity = if elsewhere { AlertSeverity::Medium } else { AlertSeverity::Low };
    let who = words::actor(occasion);
    let device = words::device_name(occasion);
    let mut description = format!(
        "{who} signed in with {device}, which the account has not used lately, from {} at {}.",
        words::place(occasion.scene),
        words::moment(occasion.scene)
    );
    description.push_str(match (elsewhere, occasion.country.is_strange()) {
        (false, _) => " Network and country are usual. Probably a new device; if the owner has none, reset the password.",
        (true, true) => " The country is not usual for the account either.",
        (true, false) => " The network is not usual for the account either.",
    });
    if elsewhere {
        description.push_str(
            " Ask the owner whether it was them. If not, end the account's sessions and reset its password; if so, mark the alert safe.",
        );
    }
    let mut facts = BTreeMap::from([
        (Cow::Borrowed("place"), json!(words::place(occasion.scene))),
        (Cow::Borrowed("new_network"), json!(occasion.network.is_strange())),
        (Cow::Borrowed("new_country"), json!(occasion.country.is_strange())),
    ]);
    facts.extend(words::network_facts(occasion));
    facts.extend(words::device_facts(occasion));
    Some(Finding {
        rule: Cow::Borrowed(NAME),
        alert_type: AlertType::NewDevice,
        severity,
        subject: Subject::Actor,
        technique: Some(Cow::Borrowed("T1078")),
        title: match elsewhere {
            true => format!("{who} signed in with a new device from a new place: {device}"),
            false => format!("{who} signed in with a new device: {device}"),
        },
        description,
        facts,
        events: Vec::new(),
    })
}
