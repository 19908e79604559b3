//! High-risk country: a sign-in from a country on the organisation's list.
//!
//! # What it sees
//!
//! A successful sign-in whose address lies in a listed country, at once, without a learning period.
//!
//! The list is the operator's. As it comes it holds the countries under the widest sanctions of the United States in recent years
//! (Cuba, Iran, North Korea, Syria) and those for which the Financial Action Task Force calls for action (Iran, North Korea,
//! Myanmar).
//!
//! # Severity
//!
//! High.
//!
//! ATT&CK: T1078 valid accounts.
//!
//! # Suppressions and known costs
//!
//! * An account for which somebody marked such an alert safe: it lives there.
//! * Told once a week for each account, not for every sign-in.
//! * The operator's trusted networks.

use std::borrow::Cow;
use std::collections::BTreeMap;

use litesoc_model::{AlertSeverity, AlertType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Occasion, words};
use crate::finding::{Finding, Subject};
use crate::profile::actor::Standing;
use crate::profile::country::Country;
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "high_risk_country";

/// Which countries are of high risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HighRiskCountry {
    /// Their codes, ISO 3166-1 alpha-2: CU, IR, KP, MM, SY.
    pub countries: Vec<String>,
}

impl Default for HighRiskCountry {
    fn default() -> Self {
        Self { countries: ["CU", "IR", "KP", "MM", "SY"].map(str::to_owned).to_vec() }
    }
}

impl Section for HighRiskCountry {
    fn check(&self, problems: &mut Problems<'_>) {
        for code in self.countries.iter().filter(|code| Country::of(code).is_none()) {
            let rule =
                format!("must be codes of two letters (ISO 3166-1 alpha-2), not {}", crate::text::name(code));
            problems.unless(false, "countries", rule);
        }
    }
}

impl HighRiskCountry {
    pub(crate) fn lists(&self, country: Country) -> bool {
        self.countries.iter().any(|code| Country::of(code) == Some(country))
    }
}

/// Says whether the country is on the list.
pub(crate) fn examine(occasion: &Occasion<'_>) -> Option<Finding> {
    let country = occasion.visit.country?;
    let lists = occasion.scene.settings.high_risk_country.lists(country);
    if !lists || occasion.visit.is_allowed || occasion.country != Standing::New {
        return None;
    }
    let who = words::actor(occasion);
    let name = words::country(occasion.scene);
    let hidden = words::hidden(occasion).map_or_else(String::new, |way| format!(" It came through {way}."));
    let mut facts = BTreeMap::from([
        (Cow::Borrowed("country"), json!(country.code())),
        (Cow::Borrowed("place"), json!(words::place(occasion.scene))),
    ]);
    facts.extend(words::network_facts(occasion));
    facts.extend(words::device_facts(occasion));
    Some(Finding {
        rule: Cow::Borrowed(NAME),
        alert_type: AlertType::HighRiskCountry,
        severity: AlertSeverity::High,
        subject: Subject::Actor,
        technique: Some(Cow::Borrowed("T1078")),
        title: format!("{who} signed in from {name}, a country on your high-risk list"),
        description: format!(
            "{who} signed in from {} at {}.{hidden} {} If nobody of yours is meant to be there, suspend the account, end its sessions \
             and find out what it did since; if the account belongs there, mark the alert safe.",
            words::place(occasion.scene),
            words::moment(occasion.scene),
            words::device(occasion),
        ),
        facts,
        events: Vec::new(),
    })
}
