//! [`BuiltIn`]: the built-in rules as a list, for people who want to know what is watched and from which threshold on.

use litesoc_model::AlertType;
use serde_json::Value;

use crate::Settings;

/// One built-in rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BuiltIn {
    /// Its name, which is that of its section in the settings and stands in the evidence of alerts.
    pub name: &'static str,
    /// The type of its alerts.
    pub alert_type: AlertType,
    /// The severities its alerts can have, such as `high to critical`.
    pub severity: &'static str,
    /// The techniques of MITRE ATT&CK.
    pub techniques: &'static [&'static str],
    /// What it sees, in one line.
    pub summary: &'static str,
    /// Its thresholds as the settings name them; empty for a rule that has none.
    pub thresholds: Vec<(String, String)>,
}

type Row = (&'static str, AlertType, &'static str, &'static [&'static str], &'static str);

#[rustfmt::skip]
const ROWS: [Row; 22] = [
    ("instant", AlertType::SuspiciousActivity, "medium to critical", &[], "Events that are alerts by themselves, each under its own type"),
    ("brute_force_address", AlertType::BruteForceAttack, "high to critical", &["T1110.001"], "Many failed sign-ins from one source"),
    ("brute_force_account", AlertType::BruteForceAttack, "high to critical", &["T1110.001"], "Many failed sign-ins on one account"),
    ("brute_force_pair", AlertType::BruteForceAttack, "high to critical", &["T1110.001"], "Many failed sign-ins on one account from a source of its own"),
    ("brute_force_distributed", AlertType::BruteForceAttack, "high to critical", &["T1110.001"], "Failed sign-ins on one account from many sources"),
    ("password_spray", AlertType::BruteForceAttack, "high to critical", &["T1110.003"], "Failed sign-ins on many accounts from one source"),
    ("distributed_spray", AlertType::BruteForceAttack, "high to critical", &["T1110.003"], "Failed sign-ins on many accounts from many sources"),
    ("credential_stuffing", AlertType::BruteForceAttack, "high to critical", &["T1110.004"], "A list of stolen passwords tried from one source"),
    ("travel", AlertType::ImpossibleTravel, "low to critical", &["T1078"], "Two sign-ins farther apart than anybody travels"),
    ("geo_anomaly", AlertType::GeoAnomaly, "low to high", &["T1078"], "A sign-in from a country unusual for the account"),
    ("new_device", AlertType::NewDevice, "low to medium", &["T1078"], "A sign-in with a device the account has not used before"),
    ("high_risk_country", AlertType::HighRiskCountry, "high", &["T1078"], "A sign-in from a listed country"),
    ("suspicious_network", AlertType::SuspiciousNetwork, "low to high", &["T1090"], "A sign-in that hides where it comes from"),
    ("privilege_escalation", AlertType::PrivilegeEscalation, "medium to critical", &["T1098", "T1548"], "Rights given to oneself, or for the first time"),
    ("data_exfiltration", AlertType::DataExfiltration, "medium to critical", &["T1567", "T1530"], "Far more data taken out than usual"),
    ("data_destruction", AlertType::DataExfiltration, "high to critical", &["T1485", "T1531"], "Data deleted, or accounts removed, in numbers"),
    ("account_compromise", AlertType::AccountCompromise, "medium to critical", &["T1078", "T1098", "T1556"], "What follows a suspicious sign-in"),
    ("suspicious_activity", AlertType::SuspiciousActivity, "medium to critical", &["T1078"], "The risk of an account's hour, added up"),
    ("access_probing", AlertType::SuspiciousActivity, "medium to high", &["T1083"], "One closed door tried after the other"),
    ("rate_limit_exceeded", AlertType::RateLimitExceeded, "medium", &["T1499"], "Rate limits hit again and again"),
    ("mfa_fatigue", AlertType::MfaFatigue, "medium to critical", &["T1621", "T1110"], "A second factor asked for again and again"),
    ("sign_up_velocity", AlertType::SuspiciousActivity, "medium to high", &["T1136"], "Many accounts made in a short time"),
];

/// The built-in rules with the thresholds of these settings.
///
/// ```
/// use litesoc_detect::{Settings, built_in};
///
/// let rules = built_in(&Settings::default());
/// let address = rules.iter().find(|rule| rule.name == "brute_force_address").expect("there is one");
/// assert!(address.thresholds.contains(&("failures".to_owned(), "5".to_owned())));
/// ```
#[must_use]
pub fn built_in(settings: &Settings) -> Vec<BuiltIn> {
    // The settings know their own names and units; whatever is added to a section shows here by itself.
    let sections = serde_json::to_value(settings).unwrap_or_default();
    let rule = |(name, alert_type, severity, techniques, summary): Row| BuiltIn {
        name,
        alert_type,
        severity,
        techniques,
        summary,
        thresholds: thresholds(sections.get(name)),
    };
    ROWS.map(rule).into()
}

fn thresholds(section: Option<&Value>) -> Vec<(String, String)> {
    let members = section.and_then(Value::as_object).into_iter().flatten();
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    members.map(|(name, value)| (name.clone(), shown(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_the_settings_is_a_rule_or_no_rule_at_all() {
        let no_rules = ["grouping", "ipv6_prefix", "known_sources", "capacity"];
        let sections = serde_json::to_value(Settings::default()).unwrap();
        let mut named: Vec<&str> = sections.as_object().unwrap().keys().map(String::as_str).collect();
        named.retain(|name| !no_rules.contains(name));
        let mut rules: Vec<&str> =
            ROWS.iter().map(|(name, ..)| *name).filter(|name| *name != "instant").collect();
        named.sort_unstable();
        rules.sort_unstable();
        assert_eq!(rules, named);
    }
}
