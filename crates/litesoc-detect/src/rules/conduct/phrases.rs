//! How figures, signs and names are told in the alerts of this family.

use std::borrow::Cow;
use std::collections::BTreeMap;

use litesoc_model::{AlertSeverity, AlertType};
use serde_json::Value;

use crate::finding::{Finding, SignalKind, Subject};

/// `48,210`.
pub(crate) fn number(figure: u64) -> String {
    let digits = figure.to_string();
    let mut told = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// Kibibytes as `1.5 GB`.
pub(crate) fn size(kib: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    let mut tenths = u128::from(kib) * 10;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1_024;
        unit += 1;
    }
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {}", UNITS[unit]),
        (whole, tenth) => format!("{whole}.{tenth} {}", UNITS[unit]),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let parts: Vec<&str> = parts.into_iter().collect();
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

/// What a sign stands for, in a few words.
pub(crate) const fn sign(kind: SignalKind) -> &'static str {
    match kind {
        SignalKind::FailedSignIn => "failed sign-ins",
        SignalKind::NewDevice => "a sign-in from a new device",
        SignalKind::NewCountry => "a sign-in from a new country",
        SignalKind::NewNetwork => "a sign-in from a new network",
        SignalKind::HiddenNetwork => "a sign-in through a VPN, Tor, a proxy or a data centre",
        SignalKind::ImpossibleTravel => "a sign-in too far away for the time",
        SignalKind::AccessDenied => "refused access",
        SignalKind::RoleChange => "roles or permissions changed",
        SignalKind::PrivilegeGain => "higher rights gained",
        SignalKind::SensitiveAccess => "sensitive data read",
        SignalKind::Export => "data taken out",
        SignalKind::SecondFactorOff => "the second factor turned off",
        SignalKind::CredentialChange => "credentials changed",
        SignalKind::RateLimit => "rate limits hit",
        SignalKind::BruteForced => "a sign-in after many failed ones",
    }
}

/// `a sign-in from a new device and a sign-in from a new country`, each once.
pub(crate) fn signs(kinds: &[SignalKind]) -> String {
    let mut told = kinds.to_vec();
    told.sort_unstable();
    told.dedup();
    list(told.into_iter().map(sign))
}

/// One step up, critical at most.
pub(crate) fn worse(severity: AlertSeverity) -> AlertSeverity {
    if severity < AlertSeverity::Medium {
        AlertSeverity::Medium
    } else if severity < AlertSeverity::High {
        AlertSeverity::High
    } else {
        AlertSeverity::Critical
    }
}

/// A finding with its words still to come.
pub(crate) fn finding(rule: &'static str, alert_type: AlertType, severity: AlertSeverity) -> Finding {
    Finding {
        rule: rule.into(),
        alert_type,
        severity,
        subject: Subject::Actor,
        technique: None,
        title: String::new(),
        description: String::new(),
        facts: BTreeMap::new(),
        events: Vec::new(),
    }
}

/// Facts under their names.
pub(crate) fn facts<const N: usize>(facts: [(&'static str, Value); N]) -> BTreeMap<Cow<'static, str>, Value> {
    facts.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_like_speech() {
        assert_eq!(
            [0, 999, 1_000, 48_210, 1_234_567].map(number),
            ["0", "999", "1,000", "48,210", "1,234,567"]
        );
        assert_eq!(
            [0, 3, 1_024, 1_536, 1 << 20, u64::MAX].map(size),
            ["0 KB", "3 KB", "1 MB", "1.5 MB", "1 GB", "17179869183.9 TB"]
        );
        assert_eq!(list(["a", "b", "c"]), "a, b and c");
        assert_eq!(list([]), "");
    }
}
