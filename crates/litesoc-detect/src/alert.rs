//! What the detector says: [`Change`], the alert it raises and the progress it reports.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A step in the life of an alert, caused by one event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A new alert.
    Raise(Box<AlertDraft>),
    /// An alert raised before has grown; everything in it replaces what was known.
    Update(Box<AlertProgress>),
}

impl Change {
    /// The alert this is about.
    #[must_use]
    pub fn alert_id(&self) -> Uuid {
        match self {
            Self::Raise(draft) => draft.id,
            Self::Update(progress) => progress.id,
        }
    }

    /// How bad the alert is after this change.
    #[must_use]
    pub fn severity(&self) -> &AlertSeverity {
        match self {
            Self::Raise(draft) => &draft.severity,
            Self::Update(progress) => &progress.severity,
        }
    }
}

/// An alert as it is first raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AlertDraft {
    /// Made from the fingerprint and the event that set it off, so the same history gives the same id.
    pub id: Uuid,
    /// The organisation it belongs to.
    pub organization: String,
    /// What kind of threat.
    pub alert_type: AlertType,
    /// How bad; only ever rises.
    pub severity: AlertSeverity,
    /// One line for a list: who, from where, how many.
    pub title: String,
    /// The whole story in a few sentences, ending in what to do.
    pub description: String,
    /// The address all of it came from; `None` when there are several or none is known.
    pub source_ip: Option<IpAddr>,
    /// The account all of it is about; `None` when there are several or none is known.
    pub actor_id: Option<String>,
    /// The event that set the alert off.
    pub trigger_event_id: Uuid,
    /// Event time of the earliest event counted.
    pub first_seen: Timestamp,
    /// Event time of the latest event counted, or of the success that followed.
    pub last_seen: Timestamp,
    /// Events counted; a success that follows is not counted.
    pub count: u64,
    /// At most [`MAX_SAMPLES`](crate::MAX_SAMPLES) of them.
    pub sample_event_ids: Vec<Uuid>,
    /// The MITRE ATT&CK technique, such as `T1110.003`.
    pub technique: Option<String>,
    /// What makes two alerts the same one: `type/actor:ID` or `type/ip:ADDRESS`, within the organisation.
    pub fingerprint: String,
    /// The figures behind the text.
    pub evidence: Evidence,
    /// Whether people are to be told: always true.
    #[serde(default)]
    pub notify: bool,
}

/// What has become of an alert raised before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AlertProgress {
    /// The alert.
    pub id: Uuid,
    /// The organisation it belongs to.
    pub organization: String,
    /// How bad; never below what was said before.
    pub severity: AlertSeverity,
    /// The title as it reads now.
    pub title: String,
    /// The story as it reads now.
    pub description: String,
    /// The address all of it came from; becomes `None` when a second one joins.
    pub source_ip: Option<IpAddr>,
    /// The account all of it is about; becomes `None` when a second one joins.
    pub actor_id: Option<String>,
    /// Event time of the earliest event counted; a late event can move it back.
    pub first_seen: Timestamp,
    /// Event time of the latest event counted, or of the success that followed.
    pub last_seen: Timestamp,
    /// Events counted.
    pub count: u64,
    /// At most [`MAX_SAMPLES`](crate::MAX_SAMPLES) of them.
    pub sample_event_ids: Vec<Uuid>,
    /// The event that caused this change.
    pub latest_event: Uuid,
    /// The MITRE ATT&CK technique as it looks now: guessing becomes spraying when more accounts join.
    pub technique: Option<String>,
    /// The figures behind the text.
    pub evidence: Evidence,
    /// Whether people are to be told again: the severity rose, or the count is ten times the one last told.
    #[serde(default)]
    pub notify: bool,
}

/// The figures behind an alert's text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Evidence {
    /// Failed sign-ins counted.
    pub failures: u64,
    /// Events counted that say by themselves that something is wrong, by name.
    pub reports: BTreeMap<String, u64>,
    /// Different accounts tried; counting stops at 1,024.
    pub accounts: u64,
    /// Different addresses used; counting stops at 1,024.
    pub addresses: u64,
    /// Successful sign-ins that followed.
    pub successes: u64,
    /// The rules that agree, in the order in which they fired.
    pub rules: Vec<String>,
    /// Events in which a rule found something that is neither a failed sign-in nor a report.
    #[serde(skip_serializing_if = "is_zero")]
    pub findings: u64,
    /// Further figures, each rule's own: places, `distance_km`, `speed_kmh`, counts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Folds changes to the same alert into one, in place, so that a batch writes each alert once.
///
/// The order of first mention stays.
/// Growth of an alert raised in the same batch goes into the raise.
pub fn coalesce(changes: &mut Vec<Change>) {
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut kept: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes.drain(..) {
        match places.get(&change.alert_id()).copied() {
            Some(place) => kept[place].absorb(change),
            None => {
                places.insert(change.alert_id(), kept.len());
                kept.push(change);
            }
        }
    }
    *changes = kept;
}

impl Change {
    fn absorb(&mut self, later: Self) {
        match (self, later) {
            (Self::Raise(draft), Self::Update(progress)) => draft.advance(*progress),
            (Self::Update(earlier), Self::Update(mut later)) => {
                later.notify |= earlier.notify;
                *earlier = later;
            }
            (earlier, later @ Self::Raise(_)) => *earlier = later,
        }
    }
}

impl AlertDraft {
    /// An alert with nothing but its identity, to be filled from a store and given to [`Detector::resume`](crate::Detector::resume).
    ///
    /// It is of low severity, counts one event, and has begun and ended at `at`.
    #[must_use]
    pub fn new(
        id: Uuid,
        organization: impl Into<String>,
        alert_type: AlertType,
        fingerprint: impl Into<String>,
        trigger_event_id: Uuid,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            organization: organization.into(),
            alert_type,
            severity: AlertSeverity::Low,
            title: String::new(),
            description: String::new(),
            source_ip: None,
            actor_id: None,
            trigger_event_id,
            first_seen: at,
            last_seen: at,
            count: 1,
            sample_event_ids: Vec::new(),
            technique: None,
            fingerprint: fingerprint.into(),
            evidence: Evidence::default(),
            notify: true,
        }
    }

    /// Takes over everything the progress says.
    pub fn advance(&mut self, progress: AlertProgress) {
        self.severity = progress.severity;
        self.title = progress.title;
        self.description = progress.description;
        self.source_ip = progress.source_ip;
        self.actor_id = progress.actor_id;
        self.first_seen = progress.first_seen;
        self.last_seen = progress.last_seen;
        self.count = progress.count;
        self.sample_event_ids = progress.sample_event_ids;
        self.technique = progress.technique;
        self.evidence = progress.evidence;
    }
}
