//! [`Finding`]: what one rule says about one event, before it is grouped into an alert.

use std::borrow::Cow;
use std::collections::BTreeMap;

use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// What one rule says about one event.
///
/// The engine turns findings into alerts: it groups by fingerprint, applies silences, keeps counts and says when to notify.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    /// The name of the rule, such as `impossible_travel`.
    pub(crate) rule: Cow<'static, str>,
    pub(crate) alert_type: AlertType,
    pub(crate) severity: AlertSeverity,
    /// Whom the alert is about: with the type, its fingerprint.
    pub(crate) subject: Subject,
    /// The MITRE ATT&CK technique.
    pub(crate) technique: Option<Cow<'static, str>>,
    /// One line for a list. When the finding repeats, the alert keeps the words of the most severe one and adds the count.
    pub(crate) title: String,
    /// The story in a few sentences, ending in what to do.
    pub(crate) description: String,
    /// The figures behind the text: places, distance, speed, counts.
    pub(crate) facts: BTreeMap<Cow<'static, str>, Value>,
    /// Earlier events that belong to it, beside the one at hand.
    pub(crate) events: Vec<Uuid>,
}

/// The fact under which a finding that counts over a window names it.
pub(crate) const WINDOW: &str = "window";

impl Finding {
    /// Whether it counts over a window, which it names in its facts: then its words tell the count themselves, and each
    /// repeat says the whole anew.
    pub(crate) fn is_count(&self) -> bool {
        self.facts.contains_key(WINDOW)
    }
}

/// Whom an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The account of the event: `type/actor:ID`.
    Actor,
    /// The source of the event: `type/ip:GROUP`.
    Address,
    /// Everybody: `type/organization`.
    Organization,
}

/// Something that means little alone and a lot together with others, kept for an hour or a day by the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signal {
    pub(crate) kind: SignalKind,
    pub(crate) at: Timestamp,
    pub(crate) event_id: Uuid,
    /// How much it adds to the risk of the actor's hour, 0 to 100.
    pub(crate) weight: u8,
}

macro_rules! signal_kinds {
    ($($kind:ident),* $(,)?) => {
        /// What kind of signal; one byte in the state of an actor.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub(crate) enum SignalKind {
            $($kind),*
        }

        /// All of them.
        pub(crate) const SIGNAL_KINDS: &[SignalKind] = &[$(SignalKind::$kind),*];
    };
}

signal_kinds! {
    FailedSignIn,
    NewDevice,
    NewCountry,
    NewNetwork,
    HiddenNetwork,
    ImpossibleTravel,
    AccessDenied,
    RoleChange,
    PrivilegeGain,
    SensitiveAccess,
    Export,
    SecondFactorOff,
    CredentialChange,
    RateLimit,
    BruteForced,
}

/// What the rules said about one event.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    /// Findings of custom rules, each with what tells its alerts from those of other rules about the same subject.
    pub(crate) matches: Vec<(String, Finding)>,
    pub(crate) signals: Vec<Signal>,
    /// An alert of high severity or above tells already of failed sign-ins of this account from this source.
    pub(crate) is_told: bool,
}
