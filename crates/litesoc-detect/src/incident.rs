//! [`Incident`]: an alert that still takes in more of the same.

use std::borrow::Cow;
use std::time::Duration;

use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use uuid::Uuid;

use crate::key::Key;
use crate::record::{Field, Record, fields};
use crate::scene::Lesson;
use crate::story::{Story, Success};
use crate::text::Text;
use crate::words::Words;
use crate::{AlertDraft, AlertProgress, MAX_SAMPLES, Settings};

/// Counts incidents; never given twice.
pub(crate) type Serial = u64;

/// People are told again when the count is so many times the one they were told of.
const NOTIFY_AT: u64 = 10;

/// An alert that still takes in more of the same.
#[derive(Debug)]
pub(crate) struct Incident {
    pub(crate) serial: Serial,
    pub(crate) id: Uuid,
    pub(crate) organization: Box<str>,
    pub(crate) alert_type: AlertType,
    pub(crate) severity: AlertSeverity,
    pub(crate) fingerprint: Box<str>,
    pub(crate) trigger: Uuid,
    /// The subjects whose events belong here.
    pub(crate) anchors: Vec<Key>,
    pub(crate) first_seen: Timestamp,
    pub(crate) last_seen: Timestamp,
    /// Event time of the latest failed sign-in.
    pub(crate) last_failure: Timestamp,
    /// When a threshold was reached; a success before it does not follow the attack.
    pub(crate) ripe_at: Timestamp,
    pub(crate) count: u64,
    pub(crate) samples: Vec<Uuid>,
    /// Whether single failures go in: only once a rule has found a burst.
    pub(crate) takes_failures: bool,
    /// Whether it is about the whole organisation: a spray from many sources.
    pub(crate) wide: bool,
    /// Marked safe: up to this event time it keeps its evidence from other alerts and says nothing; then it is over.
    pub(crate) silent_until: Option<Timestamp>,
    pub(crate) story: Story,
    /// What the most severe finding says.
    pub(crate) words: Option<Words>,
    /// The severity of the most severe of the application's own reports.
    pub(crate) noticed: Option<AlertSeverity>,
    /// The latest event that a rule kept from being learned from.
    pub(crate) lesson: Option<Box<Lesson>>,
    /// The event counted last.
    pub(crate) latest: Uuid,
    /// The count people were told of last.
    pub(crate) notified: u64,
    /// The severity people were told of last.
    notified_severity: AlertSeverity,
}

/// What identifies an incident when it opens.
#[derive(Debug)]
pub(crate) struct Opening<'a> {
    pub(crate) organization: &'a str,
    pub(crate) alert_type: AlertType,
    pub(crate) severity: AlertSeverity,
    pub(crate) fingerprint: String,
    pub(crate) anchor: Key,
    pub(crate) trigger: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) silent_until: Option<Timestamp>,
}

impl Incident {
    pub(crate) fn open(serial: Serial, id: Uuid, opening: &Opening<'_>) -> Self {
        Self {
            serial,
            id,
            organization: opening.organization.into(),
            alert_type: opening.alert_type.clone(),
            severity: opening.severity.clone(),
            fingerprint: opening.fingerprint.as_str().into(),
            trigger: opening.trigger,
            anchors: Vec::new(),
            first_seen: opening.at,
            last_seen: opening.at,
            last_failure: Timestamp::MIN,
            ripe_at: opening.at,
            count: 0,
            samples: Vec::new(),
            takes_failures: false,
            wide: false,
            silent_until: opening.silent_until,
            story: Story::default(),
            words: None,
            noticed: None,
            lesson: None,
            latest: Uuid::nil(),
            notified: 0,
            notified_severity: opening.severity.clone(),
        }
    }

    /// Whether an event of this time can still belong to it.
    pub(crate) fn is_live(&self, at: Timestamp) -> bool {
        self.silent_until.is_none_or(|until| at < until)
    }

    /// Whether an event of this time is one of its repeats.
    pub(crate) fn covers(&self, at: Timestamp, grouping: Duration) -> bool {
        self.is_live(at) && at >= self.first_seen && at.saturating_since(self.last_seen) <= grouping
    }

    /// Whether an event of this time lies near it, before or after.
    pub(crate) fn is_near(&self, at: Timestamp, grouping: Duration) -> bool {
        self.is_live(at)
            && self.first_seen.saturating_since(at) <= grouping
            && at.saturating_since(self.last_seen) <= grouping
    }

    /// Whether it says nothing new that these rules fire about this source or account.
    pub(crate) fn is_told(&self, key: Key, rules: &[&str]) -> bool {
        // A spray from many sources is about all of them; beyond a bound it does not keep their keys.
        let about_it = self.wide || self.anchors.contains(&key);
        about_it && rules.iter().all(|rule| self.story.rules.iter().any(|known| known == rule))
    }

    /// Counts one more event; once, when several rules look at it.
    pub(crate) fn count(&mut self, at: Timestamp, event_id: Uuid) {
        if self.count > 0 && self.latest == event_id {
            return;
        }
        self.latest = event_id;
        self.first_seen = self.first_seen.min(at);
        self.last_seen = self.last_seen.max(at);
        self.count += 1;
        self.sample(event_id);
    }

    /// Keeps an event as an example, while there are few.
    pub(crate) fn sample(&mut self, event_id: Uuid) {
        if self.samples.len() < MAX_SAMPLES && !self.samples.contains(&event_id) {
            self.samples.push(event_id);
        }
    }

    /// Counts one more failed sign-in.
    pub(crate) fn count_failure(&mut self, at: Timestamp, event_id: Uuid) {
        self.count(at, event_id);
        self.last_failure = self.last_failure.max(at);
        self.story.failures += 1;
    }

    /// Notes a success that followed; false when it is known.
    pub(crate) fn follow(&mut self, success: &Success) -> bool {
        let new = self.story.success(success);
        if new {
            self.raise_severity(AlertSeverity::Critical);
            self.last_seen = self.last_seen.max(success.at);
            self.samples.truncate(MAX_SAMPLES - 1);
            self.samples.push(success.event_id);
        }
        new
    }

    /// Severity only rises.
    pub(crate) fn raise_severity(&mut self, severity: AlertSeverity) {
        if severity > self.severity {
            self.severity = severity;
        }
    }

    /// Whether people are to be told of it as it stands, and that they were.
    pub(crate) fn notify(&mut self) -> bool {
        let due =
            self.severity > self.notified_severity || self.count >= self.notified.saturating_mul(NOTIFY_AT);
        if due {
            self.notified = self.count;
            self.notified_severity = self.severity.clone();
        }
        due
    }

    pub(crate) fn draft(&self, settings: &Settings) -> AlertDraft {
        let text = Text::of(self, settings);
        AlertDraft {
            id: self.id,
            organization: self.organization.to_string(),
            alert_type: self.alert_type.clone(),
            severity: self.severity.clone(),
            title: text.title,
            description: text.description,
            source_ip: self.source_ip(),
            actor_id: self.actor_id(),
            trigger_event_id: self.trigger,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            count: self.count,
            sample_event_ids: self.samples.clone(),
            technique: text.technique.map(Cow::into_owned),
            fingerprint: self.fingerprint.to_string(),
            evidence: self.story.evidence(),
            notify: true,
        }
    }

    pub(crate) fn progress(&self, settings: &Settings, latest_event: Uuid, notify: bool) -> AlertProgress {
        let text = Text::of(self, settings);
        AlertProgress {
            id: self.id,
            organization: self.organization.to_string(),
            severity: self.severity.clone(),
            title: text.title,
            description: text.description,
            source_ip: self.source_ip(),
            actor_id: self.actor_id(),
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            count: self.count,
            sample_event_ids: self.samples.clone(),
            latest_event,
            technique: text.technique.map(Cow::into_owned),
            evidence: self.story.evidence(),
            notify,
        }
    }

    fn source_ip(&self) -> Option<std::net::IpAddr> {
        self.story.ip.filter(|_| self.story.addresses.count() == 1)
    }

    fn actor_id(&self) -> Option<String> {
        let accounts = &self.story.accounts;
        accounts.names.first().filter(|_| accounts.count() == 1).cloned()
    }
}

fields!(Incident {
    serial,
    id,
    organization,
    alert_type,
    severity,
    fingerprint,
    trigger,
    anchors,
    first_seen,
    last_seen,
    last_failure,
    ripe_at,
    count,
    samples,
    takes_failures,
    wide,
    silent_until,
    story,
    words,
    noticed,
    lesson,
    latest,
    notified,
    notified_severity,
});

impl Record for Incident {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        self.severity >= AlertSeverity::High
    }
}
