//! Alerts: raised and grown by the detector, changed by people.

use std::net::IpAddr;

use uuid::Uuid;

use crate::organization::OrganizationId;
use crate::page::PageCursor;

/// How long marking an alert safe silences its fingerprint: 30 days, in milliseconds.
pub const SUPPRESSION_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// How many of the events behind an alert it remembers by id.
pub const MAX_SAMPLE_EVENTS: usize = 20;

/// An alert the detector opens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewAlert {
    /// Its id; raising an id that exists already changes nothing, so that a replay raises no alert twice.
    pub id: Uuid,
    /// The organisation it belongs to.
    pub organization: OrganizationId,
    /// The word of its type, such as `brute_force_attack`.
    pub alert_type: String,
    /// The word of its severity: `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// One line for people.
    pub title: String,
    /// What happened, for people.
    pub description: Option<String>,
    /// The address the attack came from.
    pub source_ip: Option<IpAddr>,
    /// Who acted, or whose account is concerned.
    pub actor_id: Option<String>,
    /// The event that raised it.
    pub trigger_event_id: Option<Uuid>,
    /// When the first event behind it happened, in milliseconds since the Unix epoch.
    pub first_seen_ms: i64,
    /// When the latest event behind it happened, in milliseconds since the Unix epoch.
    pub last_seen_ms: i64,
    /// How many events are behind it.
    pub count: u64,
    /// The first of these events; those beyond [`MAX_SAMPLE_EVENTS`] are cut off.
    pub sample_event_ids: Vec<Uuid>,
    /// The MITRE ATT&CK technique, such as `T1110`.
    pub technique: Option<String>,
    /// What the detector groups by: alerts of the same fingerprint speak of the same attack.
    pub fingerprint: String,
    /// Anything else, a JSON object; `{}` when there is nothing.
    pub metadata: String,
    /// What was known of the address of the event that raised it, a JSON object; `None` when nothing was.
    pub enrichment: Option<String>,
    /// When it was raised, in milliseconds since the Unix epoch: the order of lists and what retention goes by.
    pub created_ms: i64,
}

impl NewAlert {
    /// An alert over one event, first and last seen when it was raised.
    #[must_use]
    pub fn new(
        organization: OrganizationId,
        id: Uuid,
        alert_type: impl Into<String>,
        severity: impl Into<String>,
        fingerprint: impl Into<String>,
        created_ms: i64,
    ) -> Self {
        Self {
            id,
            organization,
            alert_type: alert_type.into(),
            severity: severity.into(),
            title: String::new(),
            description: None,
            source_ip: None,
            actor_id: None,
            trigger_event_id: None,
            first_seen_ms: created_ms,
            last_seen_ms: created_ms,
            count: 1,
            sample_event_ids: Vec::new(),
            technique: None,
            fingerprint: fingerprint.into(),
            metadata: "{}".into(),
            enrichment: None,
            created_ms,
        }
    }
}

/// More of the same attack: what an alert that exists becomes.
///
/// All values are the whole ones, not differences, so that applying one twice is harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlertProgress {
    /// The organisation of the alert.
    pub organization: OrganizationId,
    /// The alert; one that does not exist (any more) is passed over.
    pub id: Uuid,
    /// Its severity from now on.
    pub severity: String,
    /// How many events are behind it now.
    pub count: u64,
    /// When the latest of them happened, in milliseconds since the Unix epoch.
    pub last_seen_ms: i64,
    /// Events to remember, as long as there is room.
    pub event_ids: Vec<Uuid>,
    /// Its title from now on, when it changes.
    pub title: Option<String>,
    /// Its description from now on, when it changes.
    pub description: Option<String>,
    /// The address the attack comes from, when that changes; `Some(None)` when there is no longer a single one.
    pub source_ip: Option<Option<IpAddr>>,
    /// Who acts or whose account is concerned, when that changes; `Some(None)` when it is no longer one alone.
    pub actor_id: Option<Option<String>>,
    /// When the first event behind it happened, when that changes, in milliseconds since the Unix epoch.
    pub first_seen_ms: Option<i64>,
    /// The MITRE ATT&CK technique from now on, when it changes.
    pub technique: Option<String>,
    /// Everything else from now on, when it changes: a JSON object in place of the one before.
    ///
    /// What people wrote about the alert does not stand in it and stays.
    pub metadata: Option<String>,
    /// When this was found, in milliseconds since the Unix epoch.
    pub updated_ms: i64,
}

impl AlertProgress {
    /// The alert now stands at this severity and count.
    #[must_use]
    pub fn new(
        organization: OrganizationId,
        id: Uuid,
        severity: impl Into<String>,
        count: u64,
        last_seen_ms: i64,
        updated_ms: i64,
    ) -> Self {
        Self {
            organization,
            id,
            severity: severity.into(),
            count,
            last_seen_ms,
            event_ids: Vec::new(),
            title: None,
            description: None,
            source_ip: None,
            actor_id: None,
            first_seen_ms: None,
            technique: None,
            metadata: None,
            updated_ms,
        }
    }
}

/// An alert as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredAlert {
    /// What the detector found, grown to its latest count.
    pub alert: NewAlert,
    /// The word of its status: `open`, `acknowledged`, `resolved` or `dismissed`.
    pub status: String,
    /// When it last changed, in milliseconds since the Unix epoch.
    pub updated_ms: i64,
    /// When it was resolved, in milliseconds since the Unix epoch; `None` for one that was marked safe.
    pub resolved_ms: Option<i64>,
    /// Who resolved it or marked it safe.
    pub resolved_by: Option<String>,
    /// How it was resolved, such as `blocked_ip`.
    pub resolution_type: Option<String>,
    /// The latest notes.
    pub internal_notes: Option<String>,
}

impl StoredAlert {
    /// The alert as it is right after it was raised.
    #[must_use]
    pub fn raised(alert: NewAlert) -> Self {
        let updated_ms = alert.created_ms;
        Self {
            alert,
            status: "open".into(),
            updated_ms,
            resolved_ms: None,
            resolved_by: None,
            resolution_type: None,
            internal_notes: None,
        }
    }

    /// The alert as it is after somebody changed it at this time.
    ///
    /// Only resolving sets a time of resolution; reopening and acknowledging clear who resolved it, when and how.
    #[must_use]
    pub fn changed(mut self, change: &AlertChange, now_ms: i64) -> Self {
        change.action.status().clone_into(&mut self.status);
        self.updated_ms = now_ms;
        (self.resolved_ms, self.resolved_by, self.resolution_type) = match &change.action {
            AlertAction::Resolve { resolution_type } => {
                (Some(now_ms), Some(change.by.clone()), Some(resolution_type.clone()))
            }
            AlertAction::MarkSafe => (None, Some(change.by.clone()), None),
            AlertAction::Reopen | AlertAction::Acknowledge => (None, None, None),
        };
        if let Some(notes) = &change.notes {
            self.internal_notes = Some(notes.clone());
        }
        self
    }
}

/// What a person does with an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlertAction {
    /// The matter is dealt with: status `resolved`.
    Resolve {
        /// How, such as `blocked_ip`; the store keeps any word.
        resolution_type: String,
    },
    /// It was no attack: status `dismissed`, and the fingerprint is silent for [`SUPPRESSION_MS`].
    MarkSafe,
    /// Look again: status `open`, without resolution; a silence is lifted.
    Reopen,
    /// Somebody is on it: status `acknowledged`.
    Acknowledge,
}

impl AlertAction {
    /// The status the action leads to.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Resolve { .. } => "resolved",
            Self::MarkSafe => "dismissed",
            Self::Reopen => "open",
            Self::Acknowledge => "acknowledged",
        }
    }

    /// The word of the action in the audit record.
    #[must_use]
    pub const fn audit_name(&self) -> &'static str {
        match self {
            Self::Resolve { .. } => "alert.resolve",
            Self::MarkSafe => "alert.mark_safe",
            Self::Reopen => "alert.reopen",
            Self::Acknowledge => "alert.acknowledge",
        }
    }

    /// The action that an audit record tells of; `None` when it tells of something else. For engines.
    #[must_use]
    pub fn of_audit(name: &str, resolution_type: Option<String>) -> Option<Self> {
        let resolution_type = resolution_type.unwrap_or_default();
        [Self::Resolve { resolution_type }, Self::MarkSafe, Self::Reopen, Self::Acknowledge]
            .into_iter()
            .find(|action| action.audit_name() == name)
    }
}

/// A change of an alert by somebody.
///
/// ```
/// use litesoc_store::AlertChange;
///
/// let mut change = AlertChange::resolve("blocked_ip", "security-team");
/// change.notes = Some("blocked in the firewall".into());
/// assert_eq!(change.action.status(), "resolved");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlertChange {
    /// What is done.
    pub action: AlertAction,
    /// Notes; `None` leaves those that are there.
    pub notes: Option<String>,
    /// Who does it.
    pub by: String,
}

impl AlertChange {
    /// This action by this person or program.
    #[must_use]
    pub fn new(action: AlertAction, by: impl Into<String>) -> Self {
        Self { action, notes: None, by: by.into() }
    }

    /// Resolve the alert in this way.
    #[must_use]
    pub fn resolve(resolution_type: impl Into<String>, by: impl Into<String>) -> Self {
        Self::new(AlertAction::Resolve { resolution_type: resolution_type.into() }, by)
    }

    /// Mark the alert safe.
    #[must_use]
    pub fn mark_safe(by: impl Into<String>) -> Self {
        Self::new(AlertAction::MarkSafe, by)
    }
}

/// A fingerprint that raises no alert for a while, because somebody marked one of its alerts safe.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suppression {
    /// The organisation.
    pub organization: OrganizationId,
    /// What is silent.
    pub fingerprint: String,
    /// Until when, in milliseconds since the Unix epoch.
    pub until_ms: i64,
    /// The alert that was marked safe.
    pub alert_id: Uuid,
}

impl Suppression {
    /// This fingerprint is silent until then.
    #[must_use]
    pub const fn new(
        organization: OrganizationId,
        fingerprint: String,
        until_ms: i64,
        alert_id: Uuid,
    ) -> Self {
        Self { organization, fingerprint, until_ms, alert_id }
    }
}

/// Which alerts of one organisation to list, newest first by (raised, number).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlertQuery {
    /// The organisation.
    pub organization: OrganizationId,
    /// Only this status, one of the four words of [`StoredAlert::status`].
    pub status: Option<String>,
    /// Only this severity.
    pub severity: Option<String>,
    /// Only this type.
    pub alert_type: Option<String>,
    /// Only this actor.
    pub actor_id: Option<String>,
    /// Nothing raised before this, in milliseconds since the Unix epoch; inclusive.
    pub from_ms: Option<i64>,
    /// Nothing raised after this, in milliseconds since the Unix epoch; inclusive.
    pub to_ms: Option<i64>,
    /// The end of retention: alerts raised before it do not exist for this question, its total included.
    pub not_before_ms: Option<i64>,
    /// At most this many rows; at most [`MAX_ROWS`](crate::MAX_ROWS).
    pub limit: usize,
    /// Skip this many rows, counted from the cursor where there is one.
    pub offset: u64,
    /// Continue where an earlier page ended.
    pub cursor: Option<PageCursor>,
    /// Whether to count the matching rows.
    pub count: bool,
}

impl AlertQuery {
    /// The newest 100 alerts of an organisation, counted.
    #[must_use]
    pub const fn new(organization: OrganizationId) -> Self {
        Self {
            organization,
            status: None,
            severity: None,
            alert_type: None,
            actor_id: None,
            from_ms: None,
            to_ms: None,
            not_before_ms: None,
            limit: 100,
            offset: 0,
            cursor: None,
            count: true,
        }
    }
}
