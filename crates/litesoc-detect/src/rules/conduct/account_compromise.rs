//! Account compromise: what whoever took over an account does next.
//!
//! # What it sees
//!
//! A *suspicious sign-in* and, within the hour after it, a *follow-up* of the same account.
//!
//! | sign-in | strength |
//! |---|---|
//! | from a new country, too far away for the time, or after a brute force | strong |
//! | from a new device on a new network or behind a VPN, Tor, a proxy or a data centre | strong |
//! | from a new device only | weak |
//!
//! | follow-up | weight | ATT&CK |
//! |---|---|---|
//! | the second factor turned off | grave | T1556.006 |
//! | the e-mail address changed, an API key made | grave | T1098, T1098.001 |
//! | password or telephone number changed, a second factor added | light | T1098, T1098.005 |
//! | rights changed or gained, then data taken out: the whole chain | chain | T1078, T1098, T1567 |
//!
//! Strong and grave, and the chain, are critical; strong and light, or weak and two different follow-ups, are high;
//! weak and one follow-up is medium, since that is also what somebody does with a new telephone.
//!
//! The hour is what published rules group such a chain by; whoever holds an account secures it in minutes.
//!
//! # Time
//!
//! The order is that of the events, not of their arrival: the pieces may come in any order and each completes the picture.
//! A forgotten password is reset *before* the sign-in, and so is none of this.
//!
//! # Suppressions and known costs
//!
//! * The signs come from the rules about sign-ins, with their learning periods and filters: without a sign there is no alert.
//! * An administrator whose work it is to give rights, on a new laptop, who then exports: the chain is medium for a weak sign-in.
//! * Somebody who travels, buys a telephone there and moves the second factor is told as high, and should be asked.

use std::time::Duration;

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Occasion;
use super::phrases;
use crate::finding::{Finding, Signal, SignalKind};
use crate::settings::{Problems, Section};
use crate::text::{duration, moment};

/// The name of the rule about what follows a suspicious sign-in.
pub(crate) const FOLLOW_UP: &str = "account_takeover";
/// The name of the rule about sign-in, rights and export.
pub(crate) const CHAIN: &str = "account_compromise_chain";

/// Points that a credential change weighs from which on it is grave.
const GRAVE: u8 = 20;

/// How long after a suspicious sign-in what an account does belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AccountCompromise {
    /// The window of event time, 1 second to 24 hours: 1 hour.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
}

impl Default for AccountCompromise {
    fn default() -> Self {
        Self { window: Duration::from_secs(60 * 60) }
    }
}

impl Section for AccountCompromise {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.window(self.window, "window");
    }
}

/// What kind of sign a change of credentials is, and what it weighs in the account's hour.
pub(crate) fn credential_sign(event: &EventType) -> Option<(SignalKind, u8)> {
    if *event == EventType::AUTH_MFA_DISABLED {
        Some((SignalKind::SecondFactorOff, 25))
    } else if *event == EventType::USER_EMAIL_CHANGED || *event == EventType::ADMIN_API_KEY_CREATED {
        Some((SignalKind::CredentialChange, GRAVE))
    } else if *event == EventType::AUTH_PASSWORD_RESET
        || *event == EventType::USER_PHONE_CHANGED
        || *event == EventType::AUTH_MFA_ENABLED
    {
        Some((SignalKind::CredentialChange, 15))
    } else {
        None
    }
}

const fn is_strong(kind: SignalKind) -> bool {
    matches!(kind, SignalKind::NewCountry | SignalKind::ImpossibleTravel | SignalKind::BruteForced)
}

const fn is_sign_in(kind: SignalKind) -> bool {
    is_strong(kind)
        || matches!(kind, SignalKind::NewDevice | SignalKind::NewNetwork | SignalKind::HiddenNetwork)
}

const fn is_right(kind: SignalKind) -> bool {
    matches!(kind, SignalKind::RoleChange | SignalKind::PrivilegeGain)
}

const fn is_change(kind: SignalKind) -> bool {
    matches!(kind, SignalKind::SecondFactorOff | SignalKind::CredentialChange)
}

/// A sign-in that looks wrong: its signs, all of one moment.
#[derive(Debug)]
struct Suspicion {
    at: Timestamp,
    kinds: Vec<SignalKind>,
    strong: bool,
}

/// The suspicious sign-ins among the signs, earliest first.
fn suspicions(signs: &[Signal]) -> Vec<Suspicion> {
    let mut found: Vec<Suspicion> = Vec::new();
    for sign in signs.iter().filter(|sign| is_sign_in(sign.kind)) {
        match found.last_mut().filter(|last| last.at == sign.at) {
            Some(last) => last.kinds.push(sign.kind),
            None => found.push(Suspicion { at: sign.at, kinds: vec![sign.kind], strong: false }),
        }
    }
    for suspicion in &mut found {
        let has = |kind| suspicion.kinds.contains(&kind);
        suspicion.strong = suspicion.kinds.iter().any(|kind| is_strong(*kind))
            || (has(SignalKind::NewDevice)
                && (has(SignalKind::NewNetwork) || has(SignalKind::HiddenNetwork)));
    }
    // A new network or a VPN alone is everyday life.
    found.retain(|suspicion| suspicion.strong || suspicion.kinds.contains(&SignalKind::NewDevice));
    found
}

/// Whether the event at hand completes one of the two pictures.
pub(crate) fn examine(occasion: &Occasion<'_>, knows_rights: bool, is_export: bool) -> Option<Finding> {
    let window = occasion.scene.settings.account_compromise.window;
    let suspicions = suspicions(&occasion.signals);
    let pictures = suspicions.iter().filter_map(|suspicion| {
        let until = suspicion.at.checked_add(window)?;
        let after: Vec<Signal> = occasion
            .signals
            .iter()
            .filter(|sign| sign.at >= suspicion.at && sign.at <= until)
            .copied()
            .collect();
        chain(occasion, suspicion, &after, knows_rights, is_export)
            .or_else(|| follow_up(occasion, suspicion, &after))
    });
    pictures.max_by_key(|finding| finding.severity.rank())
}

fn follow_up(occasion: &Occasion<'_>, suspicion: &Suspicion, after: &[Signal]) -> Option<Finding> {
    let mut changes: Vec<Signal> = after.iter().filter(|sign| is_change(sign.kind)).copied().collect();
    changes.sort_by_key(|sign| (sign.kind, sign.weight));
    let own = occasion.scene.seen.event_id;
    let completes = suspicion.at == occasion.at() || changes.iter().any(|sign| sign.event_id == own);
    if !completes || changes.is_empty() {
        return None;
    }
    let grave = changes.iter().any(|sign| sign.kind == SignalKind::SecondFactorOff || sign.weight >= GRAVE);
    let mut kinds: Vec<(SignalKind, u8)> = changes.iter().map(|sign| (sign.kind, sign.weight)).collect();
    kinds.dedup();
    let severity = match (suspicion.strong, grave, kinds.len()) {
        (true, true, _) => AlertSeverity::Critical,
        (true, false, _) | (false, _, 2..) => AlertSeverity::High,
        (false, _, _) => AlertSeverity::Medium,
    };
    let mut finding = phrases::finding(FOLLOW_UP, AlertType::AccountCompromise, severity);
    let off = changes.iter().any(|sign| sign.kind == SignalKind::SecondFactorOff);
    let key = *occasion.scene.seen.event == EventType::ADMIN_API_KEY_CREATED;
    finding.technique = Some(
        if off {
            "T1556.006"
        } else if key {
            "T1098.001"
        } else {
            "T1098"
        }
        .into(),
    );
    let who = occasion.who();
    let what = deed(occasion.scene.seen.event).unwrap_or(if off {
        "the second factor was turned off"
    } else {
        "credentials were changed"
    });
    let sign_in = sign_in_words(suspicion);
    finding.title = format!("{who}: {what} after {sign_in}");
    finding.description = format!(
        "{who} signed in at {}: {sign_in}. Within {} after it, {what}{}. That is how an account is kept by somebody who took it \
         over. Ask the owner over another channel; if it was not them, end all sessions, take the change back, and renew password \
         and second factor.",
        moment(suspicion.at),
        duration(window_of(occasion)),
        if kinds.len() > 1 {
            format!(", and {} more changes of the kind", kinds.len() - 1)
        } else {
            String::new()
        },
    );
    finding.facts = facts(suspicion, after);
    finding.events = events(occasion, suspicion, after, is_change);
    Some(finding)
}

/// Suspicious sign-in, then rights, then data taken out.
fn chain(
    occasion: &Occasion<'_>,
    suspicion: &Suspicion,
    after: &[Signal],
    knows_rights: bool,
    is_export: bool,
) -> Option<Finding> {
    let own = occasion.scene.seen.event_id;
    // An export is noted once a minute only, so the one at hand counts by itself.
    let until = suspicion.at.checked_add(window_of(occasion))?;
    let at_hand = is_export.then(|| occasion.at()).filter(|at| (suspicion.at..=until).contains(at));
    let exported = after.iter().filter(|sign| sign.kind == SignalKind::Export).map(|sign| sign.at);
    let exported = exported.chain(at_hand).max()?;
    let right = after.iter().find(|sign| is_right(sign.kind) && sign.at <= exported)?;
    let completes = suspicion.at == occasion.at()
        || at_hand.is_some()
        || after.iter().any(|sign| sign.event_id == own && is_right(sign.kind));
    if !completes {
        return None;
    }
    let everyday = knows_rights && !suspicion.strong;
    let severity = if everyday { AlertSeverity::Medium } else { AlertSeverity::Critical };
    let mut finding = phrases::finding(CHAIN, AlertType::AccountCompromise, severity);
    finding.technique = Some("T1078".into());
    let (who, sign_in) = (occasion.who(), sign_in_words(suspicion));
    finding.title = format!("{who}: {sign_in}, then rights changed, then data taken out");
    finding.description = format!(
        "{who} signed in at {}: {sign_in}. At {} rights were changed, and at {} data was taken out, all within {}. Each alone may \
         be work; in this order it is how an account is taken over and used. End all sessions of the account, take the rights back, \
         and find out what was taken.",
        moment(suspicion.at),
        moment(right.at),
        moment(exported),
        duration(window_of(occasion)),
    );
    finding.facts = facts(suspicion, after);
    finding.events = events(occasion, suspicion, after, |kind| is_right(kind) || kind == SignalKind::Export);
    Some(finding)
}

fn window_of(occasion: &Occasion<'_>) -> Duration {
    occasion.scene.settings.account_compromise.window
}

fn deed(event: &EventType) -> Option<&'static str> {
    [
        (EventType::AUTH_MFA_DISABLED, "the second factor was turned off"),
        (EventType::AUTH_MFA_ENABLED, "a second factor was added"),
        (EventType::AUTH_PASSWORD_RESET, "the password was changed"),
        (EventType::USER_EMAIL_CHANGED, "the e-mail address was changed"),
        (EventType::USER_PHONE_CHANGED, "the telephone number was changed"),
        (EventType::ADMIN_API_KEY_CREATED, "an API key was made"),
    ]
    .into_iter()
    .find_map(|(known, deed)| (known == *event).then_some(deed))
}

fn sign_in_words(suspicion: &Suspicion) -> String {
    phrases::signs(&suspicion.kinds)
}

fn facts(
    suspicion: &Suspicion,
    after: &[Signal],
) -> std::collections::BTreeMap<std::borrow::Cow<'static, str>, serde_json::Value> {
    let followed: Vec<SignalKind> =
        after.iter().map(|sign| sign.kind).filter(|kind| !is_sign_in(*kind)).collect();
    phrases::facts([
        ("sign_in", json!(phrases::signs(&suspicion.kinds))),
        ("signed_in_at", json!(suspicion.at.to_string())),
        ("followed_by", json!(phrases::signs(&followed))),
    ])
}

fn events(
    occasion: &Occasion<'_>,
    suspicion: &Suspicion,
    after: &[Signal],
    belongs: impl Fn(SignalKind) -> bool,
) -> Vec<uuid::Uuid> {
    let own = occasion.scene.seen.event_id;
    let mut ids: Vec<uuid::Uuid> = Vec::new();
    for sign in after {
        let belongs = belongs(sign.kind) || (is_sign_in(sign.kind) && sign.at == suspicion.at);
        if belongs && sign.event_id != own && !ids.contains(&sign.event_id) {
            ids.push(sign.event_id);
        }
    }
    ids
}
