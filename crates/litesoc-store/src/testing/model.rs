//! The state of the simplest store: plain lists that are searched from end to end.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use uuid::Uuid;

use crate::Result;
use crate::alert::{
    AlertAction, AlertChange, AlertProgress, AlertQuery, MAX_SAMPLE_EVENTS, SUPPRESSION_MS, StoredAlert,
    Suppression,
};
use crate::audit::AuditRow;
use crate::effects::{Effects, Verdict};
use crate::error::StoreError;
use crate::event::{Appended, Commit, EventQuery, NewEvent, StoredEvent};
use crate::notice::{Notice, NoticeKind};
use crate::organization::{KeyHash, KeyRow, Month, Organization, OrganizationId};
use crate::page::{MAX_ROWS, PageCursor, Rows, Seq, Total};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) events: Vec<StoredEvent>,
    pub(super) last_seq: u64,
    pub(super) cursor: Seq,
    pub(super) usage: BTreeMap<(OrganizationId, Month), u64>,
    /// With the number that decides between alerts of one time.
    pub(super) alerts: Vec<(i64, StoredAlert)>,
    pub(super) suppressions: BTreeMap<(OrganizationId, String), Suppression>,
    pub(super) audit: Vec<AuditRow>,
    /// After which event the change of an audit row was made.
    pub(super) given_after: BTreeMap<u64, Seq>,
    /// After which event the detector obeyed the verdict of an audit row.
    pub(super) verdict_places: BTreeMap<u64, Seq>,
    pub(super) notices: Vec<Notice>,
    /// How many notices there ever were.
    pub(super) last_notice: u64,
    pub(super) notices_done: BTreeMap<String, u64>,
    pub(super) organizations: Vec<Organization>,
    pub(super) keys: Vec<(KeyHash, KeyRow)>,
}

impl State {
    pub(super) fn expect(&self, id: &OrganizationId) -> Result<()> {
        if self.organizations.iter().any(|organization| organization.id == *id) {
            return Ok(());
        }
        Err(StoreError::UnknownOrganization(id.clone()))
    }

    pub(super) fn append(&mut self, batch: &[NewEvent]) -> Result<Commit> {
        for event in batch {
            self.expect(&event.organization)?;
        }
        Ok(Commit::new(batch.iter().map(|event| self.append_one(event)).collect()))
    }

    fn append_one(&mut self, event: &NewEvent) -> Appended {
        let same =
            |row: &&StoredEvent| row.event.organization == event.organization && row.event.id == event.id;
        if let Some(first) = self.events.iter().find(same) {
            return Appended::Duplicate { seq: first.seq };
        }
        self.last_seq += 1;
        let seq = Seq::new(self.last_seq);
        self.events.push(StoredEvent::new(seq, event.clone()));
        *self.usage.entry((event.organization.clone(), Month::containing(event.received_ms))).or_default() +=
            1;
        Appended::Stored { seq }
    }

    pub(super) fn list(&self, query: &EventQuery) -> Rows<StoredEvent> {
        let place = |row: &StoredEvent| PageCursor::new(row.event.event_time_ms, row.seq.get().cast_signed());
        let mut rows: Vec<_> = self.events.iter().filter(|row| matches(&row.event, query)).cloned().collect();
        rows.sort_by_key(|row| Reverse(place(row)));
        page(rows, place, (query.cursor, query.offset, query.limit, query.count))
    }

    pub(super) fn list_alerts(&self, query: &AlertQuery) -> Rows<StoredAlert> {
        let place = |(number, row): &(i64, StoredAlert)| PageCursor::new(row.alert.created_ms, *number);
        let mut rows: Vec<_> =
            self.alerts.iter().filter(|(_, row)| matches_alert(row, query)).cloned().collect();
        rows.sort_by_key(|row| Reverse(place(row)));
        let found = page(rows, place, (query.cursor, query.offset, query.limit, query.count));
        Rows::new(found.rows.into_iter().map(|(_, row)| row).collect(), found.total, found.next)
    }

    pub(super) fn conclude(&mut self, cursor: Seq, effects: &Effects) -> Result<()> {
        if cursor < self.cursor || cursor > Seq::new(self.last_seq) {
            return Err(StoreError::invalid("the detection cursor cannot go there"));
        }
        for alert in &effects.raised {
            self.expect(&alert.organization)?;
        }
        let mut known = Vec::new();
        for alert in &effects.raised {
            if self.alert(&alert.organization, alert.id).is_some() {
                known.push((&alert.organization, alert.id));
            } else {
                let number = self.alerts.last().map_or(1, |(number, _)| number + 1);
                let mut alert = alert.clone();
                alert.sample_event_ids.truncate(MAX_SAMPLE_EVENTS);
                self.alerts.push((number, StoredAlert::raised(alert)));
            }
        }
        for progress in &effects.progress {
            if let Some(alert) = self.alert(&progress.organization, progress.id) {
                grow(alert, progress);
            }
        }
        for notice in &effects.notices {
            let again =
                notice.kind == NoticeKind::Raised && known.contains(&(&notice.organization, notice.alert));
            if !again && self.alert(&notice.organization, notice.alert).is_some() {
                self.last_notice += 1;
                self.notices.push(Notice::new(self.last_notice, notice.clone()));
            }
        }
        for obeyed in &effects.obeyed {
            self.verdict_places.entry(obeyed.number).or_insert(obeyed.after);
        }
        self.cursor = cursor;
        Ok(())
    }

    pub(super) fn verdicts(&self, after: u64, max: usize) -> Vec<Verdict> {
        let verdict = |row: &AuditRow| {
            let action = AlertAction::of_audit(&row.action, row.resolution_type.clone())?;
            let mut verdict =
                Verdict::new(row.number, row.organization.clone(), row.subject, action, row.at_ms);
            verdict.given_after = self.given_after.get(&row.number).copied().unwrap_or_default();
            verdict.obeyed_after = self.verdict_places.get(&row.number).copied();
            Some(verdict)
        };
        self.audit.iter().filter(|row| row.number > after).filter_map(verdict).take(max).collect()
    }

    pub(super) fn purge_notices(&mut self, before_ms: i64, max: usize) -> usize {
        let before = self.notices.len();
        let mut left = max;
        self.notices.retain(|row| {
            let goes = left > 0 && row.notice.at_ms < before_ms;
            left -= usize::from(goes);
            !goes
        });
        before - self.notices.len()
    }

    pub(super) fn alert(&mut self, organization: &OrganizationId, id: Uuid) -> Option<&mut StoredAlert> {
        let same =
            |alert: &&mut StoredAlert| alert.alert.organization == *organization && alert.alert.id == id;
        self.alerts.iter_mut().map(|(_, alert)| alert).find(same)
    }

    pub(super) fn change(
        &mut self,
        organization: &OrganizationId,
        id: Uuid,
        change: &AlertChange,
        now_ms: i64,
    ) -> Option<StoredAlert> {
        let alert = self.alert(organization, id)?;
        let before = alert.clone();
        let after = before.clone().changed(change, now_ms);
        alert.clone_from(&after);
        let key = (organization.clone(), after.alert.fingerprint.clone());
        if change.action == AlertAction::MarkSafe {
            let until = now_ms.saturating_add(SUPPRESSION_MS);
            let suppression = Suppression::new(organization.clone(), key.1.clone(), until, id);
            self.suppressions.insert(key, suppression);
        } else {
            self.suppressions.remove(&key);
        }
        self.given_after.insert(self.audit.len() as u64 + 1, Seq::new(self.last_seq));
        self.audit.push(AuditRow {
            number: self.audit.len() as u64 + 1,
            organization: organization.clone(),
            at_ms: now_ms,
            by: change.by.clone(),
            action: change.action.audit_name().into(),
            subject: id,
            status_before: before.status,
            status_after: after.status.clone(),
            resolution_type: after.resolution_type.clone(),
            notes: change.notes.clone(),
        });
        Some(after)
    }

    pub(super) fn purge(&mut self, organization: &OrganizationId, before_ms: i64, max: usize) -> usize {
        let due = |event: &NewEvent| event.organization == *organization && event.event_time_ms < before_ms;
        let mut old: Vec<_> = self
            .events
            .iter()
            .filter(|row| due(&row.event))
            .map(|row| (row.event.event_time_ms, row.seq))
            .collect();
        old.sort_unstable();
        old.truncate(max);
        self.events.retain(|row| !old.contains(&(row.event.event_time_ms, row.seq)));
        let due = |alert: &StoredAlert| {
            alert.alert.organization == *organization && alert.alert.created_ms < before_ms
        };
        let mut alerts: Vec<_> = self
            .alerts
            .iter()
            .filter(|(_, row)| due(row))
            .map(|(number, row)| (row.alert.created_ms, *number))
            .collect();
        alerts.sort_unstable();
        alerts.truncate(max - old.len());
        self.alerts.retain(|(number, row)| !alerts.contains(&(row.alert.created_ms, *number)));
        old.len() + alerts.len()
    }
}

fn grow(stored: &mut StoredAlert, progress: &AlertProgress) {
    let alert = &mut stored.alert;
    for id in &progress.event_ids {
        if alert.sample_event_ids.len() < MAX_SAMPLE_EVENTS && !alert.sample_event_ids.contains(id) {
            alert.sample_event_ids.push(*id);
        }
    }
    alert.severity.clone_from(&progress.severity);
    (alert.count, alert.last_seen_ms) = (progress.count, progress.last_seen_ms);
    replace(&mut alert.title, progress.title.as_ref());
    replace(&mut alert.description, progress.description.clone().map(Some).as_ref());
    replace(&mut alert.source_ip, progress.source_ip.as_ref());
    replace(&mut alert.actor_id, progress.actor_id.as_ref());
    replace(&mut alert.first_seen_ms, progress.first_seen_ms.as_ref());
    replace(&mut alert.technique, progress.technique.clone().map(Some).as_ref());
    replace(&mut alert.metadata, progress.metadata.as_ref());
    stored.updated_ms = progress.updated_ms;
}

fn replace<T: Clone>(known: &mut T, new: Option<&T>) {
    if let Some(new) = new {
        known.clone_from(new);
    }
}

fn matches(event: &NewEvent, query: &EventQuery) -> bool {
    let named = |name: &str| query.names.iter().any(|wanted| wanted == name);
    event.organization == query.organization
        && (query.names.is_empty()
            || named(&event.event_name)
            || event.original_event.as_deref().is_some_and(named))
        && query.actor_id.as_ref().is_none_or(|wanted| event.actor_id.as_ref() == Some(wanted))
        && query.severity.as_ref().is_none_or(|wanted| event.severity == wanted.as_str())
        && within(event.event_time_ms, (query.from_ms, query.not_before_ms, query.to_ms))
}

fn matches_alert(alert: &StoredAlert, query: &AlertQuery) -> bool {
    alert.alert.organization == query.organization
        && query.status.as_ref().is_none_or(|wanted| alert.status == *wanted)
        && query.severity.as_ref().is_none_or(|wanted| alert.alert.severity == *wanted)
        && query.alert_type.as_ref().is_none_or(|wanted| alert.alert.alert_type == *wanted)
        && query.actor_id.as_ref().is_none_or(|wanted| alert.alert.actor_id.as_ref() == Some(wanted))
        && within(alert.alert.created_ms, (query.from_ms, query.not_before_ms, query.to_ms))
}

fn within(time: i64, (from, not_before, to): (Option<i64>, Option<i64>, Option<i64>)) -> bool {
    from.is_none_or(|from| time >= from)
        && not_before.is_none_or(|limit| time >= limit)
        && to.is_none_or(|to| time <= to)
}

fn page<T>(
    mut rows: Vec<T>,
    place: impl Fn(&T) -> PageCursor,
    (cursor, offset, limit, count): (Option<PageCursor>, u64, usize, bool),
) -> Rows<T> {
    let total = if count { Total::Exactly(rows.len() as u64) } else { Total::NotCounted };
    rows.retain(|row| cursor.is_none_or(|cursor| place(row) < cursor));
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX).min(rows.len());
    let mut rows = rows.split_off(skipped);
    let limit = limit.min(MAX_ROWS);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().map(place).filter(|_| more);
    Rows::new(rows, total, next)
}
