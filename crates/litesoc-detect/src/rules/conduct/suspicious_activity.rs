//! Suspicious activity: many small things about one account in one hour.
//!
//! # What it sees
//!
//! Every rule leaves *signs* that mean little alone. Their weights are added up over any hour of event time of one account.
//! Signs of one cause are capped together, since one sign-in from a hotel is a new device, a new network and a new country at
//! once and still one thing:
//!
//! | cause | signs (weight) | at most |
//! |---|---|---|
//! | sign-in | new device, new country, new network, hidden network, too far away (as their rules say) | 45 |
//! | guessing | failed sign-ins, a sign-in after a brute force | 40 |
//! | probing | access denied (8), rate limit (10) | 25 |
//! | rights | role or permission changed (15), rights gained (35) | 40 |
//! | credentials | second factor off (25), e-mail or API key (20), password or telephone (15) | 35 |
//! | data | sensitive data (20), data taken out (10) | 35 |
//!
//! What is an account's everyday work (done on three earlier days or more, see [`Habits`](super::habit::Habits)) weighs a fifth, what
//! it did on two of them half.
//!
//! # Thresholds
//!
//! 80 points from three causes or more: high; 130: critical. When neither the sign-in nor guessing nor credentials are among
//! the causes, and no rights were gained, it is medium: that is also what somebody new at an administrator's desk does. Two causes together are what the rules about each see already;
//! adding up risk by account and asking for several tactics is the practice of risk-based alerting.
//!
//! # Suppressions and known costs
//!
//! When another rule told of the account with severity high or above within the hour, this one keeps silent: it would say the
//! same again. A brute force tells of an account as long as it comes from the source that guessed; what happens meanwhile from
//! elsewhere is looked at. The events that the application itself reports as suspicious stay instant alerts.

use std::time::Duration;

use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use super::Occasion;
use super::phrases;
use crate::finding::{Finding, Signal, SignalKind, WINDOW};
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "suspicious_activity";

const HOUR: Duration = Duration::from_secs(60 * 60);

/// From how many points on an account's hour is suspicious.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SuspiciousActivity {
    /// Points of an hour that are high, 10 to 1,000: 80.
    pub high: u16,
    /// Points of an hour that are critical, not below `high`: 130.
    pub critical: u16,
    /// Different causes that are needed, 1 to 6: 3.
    pub causes: u8,
}

impl Default for SuspiciousActivity {
    fn default() -> Self {
        Self { high: 80, critical: 130, causes: 3 }
    }
}

impl Section for SuspiciousActivity {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.within(self.high, "high", 10..=1_000);
        problems.unless(self.critical >= self.high, "critical", "must not be below high");
        problems.within(self.causes, "causes", 1..=6);
    }
}

/// Why signs are there; those of one cause are capped together.
const CAUSES: [(&str, u16); 6] =
    [("sign-in", 45), ("guessing", 40), ("probing", 25), ("rights", 40), ("credentials", 35), ("data", 35)];

const fn cause(kind: SignalKind) -> usize {
    match kind {
        SignalKind::NewDevice
        | SignalKind::NewCountry
        | SignalKind::NewNetwork
        | SignalKind::HiddenNetwork
        | SignalKind::ImpossibleTravel => 0,
        SignalKind::FailedSignIn | SignalKind::BruteForced => 1,
        SignalKind::AccessDenied | SignalKind::RateLimit => 2,
        SignalKind::RoleChange | SignalKind::PrivilegeGain => 3,
        SignalKind::SecondFactorOff | SignalKind::CredentialChange => 4,
        SignalKind::SensitiveAccess | SignalKind::Export => 5,
    }
}

/// One hour of an account, added up.
#[derive(Debug)]
struct Hour<'a> {
    signs: Vec<&'a Signal>,
    points: [u16; CAUSES.len()],
}

impl<'a> Hour<'a> {
    fn from(signals: &'a [Signal], start: Timestamp) -> Self {
        let inside = |sign: &&Signal| sign.at >= start && sign.at.saturating_since(start) <= HOUR;
        let signs: Vec<&Signal> = signals.iter().filter(inside).collect();
        let mut points = [0_u16; CAUSES.len()];
        for sign in &signs {
            let place = cause(sign.kind);
            points[place] = points[place].saturating_add(sign.weight.into()).min(CAUSES[place].1);
        }
        Self { signs, points }
    }

    fn total(&self) -> u16 {
        self.points.iter().sum()
    }

    /// Whether something in it is nobody's ordinary work.
    fn is_pointed(&self) -> bool {
        let pointed =
            |sign: &&Signal| matches!(cause(sign.kind), 0 | 1 | 4) || sign.kind == SignalKind::PrivilegeGain;
        self.signs.iter().any(pointed)
    }

    fn causes(&self) -> usize {
        self.points.iter().filter(|points| **points > 0).count()
    }
}

/// The heaviest hour that holds the event at hand, when it is too heavy.
pub(crate) fn examine(occasion: &Occasion<'_>) -> Option<Finding> {
    let settings = &occasion.scene.settings.suspicious_activity;
    let at = occasion.at();
    let starts = occasion
        .signals
        .iter()
        .filter(|sign| sign.at <= at && at.saturating_since(sign.at) <= HOUR)
        .map(|sign| sign.at);
    let hours = starts.map(|start| Hour::from(&occasion.signals, start));
    let hour = hours.max_by_key(|hour| (hour.total(), std::cmp::Reverse(hour.signs.len())))?;
    let total = hour.total();
    if total < settings.high || hour.causes() < usize::from(settings.causes) {
        return None;
    }
    let severity = if !hour.is_pointed() {
        AlertSeverity::Medium
    } else if total >= settings.critical {
        AlertSeverity::Critical
    } else {
        AlertSeverity::High
    };
    let mut finding = phrases::finding(NAME, AlertType::SuspiciousActivity, severity);
    finding.technique = Some("T1078".into());
    let who = occasion.who();
    finding.title = format!("{who}: suspicious in {} ways within an hour", hour.causes());
    let terms = terms(&hour);
    finding.description = format!(
        "Within an hour {who} gathered {total} points of risk ({} are too many): {}. Each alone may be innocent. Look at the account's \
         events of the hour, ask the owner, and end its sessions when in doubt.",
        settings.high,
        terms.iter().map(|(what, points)| format!("{what} {points}")).collect::<Vec<_>>().join("; "),
    );
    let told: Map<_, _> = terms.into_iter().map(|(what, points)| (what, json!(points))).collect();
    finding.facts = phrases::facts([("risk", json!(total)), ("terms", told.into()), (WINDOW, json!("1 h"))]);
    let own = occasion.scene.seen.event_id;
    let mut events: Vec<uuid::Uuid> = Vec::new();
    for sign in hour.signs {
        if sign.event_id != own && !events.contains(&sign.event_id) {
            events.push(sign.event_id);
        }
    }
    finding.events = events;
    Some(finding)
}

/// Each cause with what was seen of it, the heaviest first.
fn terms(hour: &Hour<'_>) -> Vec<(String, u16)> {
    let mut terms: Vec<(String, u16)> = Vec::new();
    for (place, ((name, _), points)) in CAUSES.iter().zip(hour.points).enumerate() {
        if points > 0 {
            let kinds: Vec<SignalKind> =
                hour.signs.iter().map(|sign| sign.kind).filter(|kind| cause(*kind) == place).collect();
            terms.push((format!("{name} ({})", phrases::signs(&kinds)), points));
        }
    }
    terms.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    terms
}
