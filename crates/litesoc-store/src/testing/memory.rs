//! The simplest store there is: everything in memory behind one lock, nothing indexed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::model::State;
use crate::Result;
use crate::alert::{AlertChange, AlertQuery, StoredAlert, Suppression};
use crate::audit::AuditRow;
use crate::effects::{Effects, Verdict};
use crate::event::{Commit, EventQuery, NewEvent, StoredEvent};
use crate::notice::Notice;
use crate::organization::{KeyHash, KeyRow, Month, NewKey, Organization, OrganizationId};
use crate::page::{Rows, Seq};
use crate::store::Store;

/// A store that forgets everything when it is dropped: a reference to compare engines with, and a store for tests that
/// are about something else.
///
/// It keeps the whole contract but durability. Appends search all events, so it is for thousands of them.
///
/// ```
/// use litesoc_store::Store;
/// use litesoc_store::testing::MemoryStore;
///
/// assert_eq!(MemoryStore::new().last_seq()?.get(), 0);
/// # Ok::<(), litesoc_store::StoreError>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<State>);

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic of another test thread is that thread's failure; the state changes only after the last check.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn append(&self, batch: &[NewEvent]) -> Result<Commit> {
        self.state().append(batch)
    }

    fn last_seq(&self) -> Result<Seq> {
        Ok(Seq::new(self.state().last_seq))
    }

    fn read_from(&self, after: Seq, max: usize) -> Result<Vec<StoredEvent>> {
        Ok(self.state().events.iter().filter(|row| row.seq > after).take(max).cloned().collect())
    }

    fn seq_before(&self, received_ms: i64) -> Result<Seq> {
        let state = self.state();
        let first = state.events.iter().find(|row| row.event.received_ms >= received_ms);
        let end = state.events.last().map_or(Seq::START, |row| row.seq);
        Ok(first.map_or(end, |row| Seq::new(row.seq.get() - 1)))
    }

    fn cursor(&self) -> Result<Seq> {
        Ok(self.state().cursor)
    }

    fn conclude(&self, cursor: Seq, effects: &Effects) -> Result<()> {
        self.state().conclude(cursor, effects)
    }

    fn verdicts(&self, after: u64, max: usize) -> Result<Vec<Verdict>> {
        Ok(self.state().verdicts(after, max))
    }

    fn notices(&self, after: u64, max: usize) -> Result<Vec<Notice>> {
        Ok(self.state().notices.iter().filter(|row| row.number > after).take(max).cloned().collect())
    }

    fn notices_done(&self, consumer: &str) -> Result<u64> {
        Ok(self.state().notices_done.get(consumer).copied().unwrap_or_default())
    }

    fn set_notices_done(&self, consumer: &str, number: u64) -> Result<()> {
        let mut state = self.state();
        let done = state.notices_done.entry(consumer.to_owned()).or_default();
        *done = number.max(*done);
        Ok(())
    }

    fn purge_notices(&self, before_ms: i64, max: usize) -> Result<usize> {
        Ok(self.state().purge_notices(before_ms, max))
    }

    fn events(&self, query: &EventQuery) -> Result<Rows<StoredEvent>> {
        Ok(self.state().list(query))
    }

    fn event(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        not_before_ms: Option<i64>,
    ) -> Result<Option<StoredEvent>> {
        let state = self.state();
        let found =
            state.events.iter().find(|row| row.event.organization == *organization && row.event.id == id);
        Ok(found.filter(|row| not_before_ms.is_none_or(|limit| row.event.event_time_ms >= limit)).cloned())
    }

    fn alerts(&self, query: &AlertQuery) -> Result<Rows<StoredAlert>> {
        Ok(self.state().list_alerts(query))
    }

    fn alert(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        not_before_ms: Option<i64>,
    ) -> Result<Option<StoredAlert>> {
        let mut state = self.state();
        let found = state.alert(organization, id);
        Ok(found.filter(|row| not_before_ms.is_none_or(|limit| row.alert.created_ms >= limit)).cloned())
    }

    fn update_alert(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        change: &AlertChange,
        now_ms: i64,
    ) -> Result<Option<StoredAlert>> {
        Ok(self.state().change(organization, id, change, now_ms))
    }

    fn open_alerts(&self, seen_since_ms: i64) -> Result<Vec<StoredAlert>> {
        let live = |row: &StoredAlert| {
            matches!(row.status.as_str(), "open" | "acknowledged") && row.alert.last_seen_ms >= seen_since_ms
        };
        let mut found: Vec<_> = self.state().alerts.iter().filter(|(_, row)| live(row)).cloned().collect();
        found.sort_by_key(|(number, row)| (row.alert.last_seen_ms, *number));
        Ok(found.into_iter().map(|(_, row)| row).collect())
    }

    fn suppressions(&self, now_ms: i64) -> Result<Vec<Suppression>> {
        Ok(self.state().suppressions.values().filter(|row| row.until_ms > now_ms).cloned().collect())
    }

    fn audit(&self, organization: &OrganizationId, after: u64, max: usize) -> Result<Vec<AuditRow>> {
        let state = self.state();
        let rows = state.audit.iter().filter(|row| row.organization == *organization && row.number > after);
        Ok(rows.take(max).cloned().collect())
    }

    fn create_organization(&self, organization: &Organization) -> Result<bool> {
        let mut state = self.state();
        let new = state.expect(&organization.id).is_err();
        if new {
            state.organizations.push(organization.clone());
        }
        Ok(new)
    }

    fn update_organization(&self, organization: &Organization) -> Result<bool> {
        let mut state = self.state();
        let Some(found) = state.organizations.iter_mut().find(|row| row.id == organization.id) else {
            return Ok(false);
        };
        *found = Organization { created_ms: found.created_ms, ..organization.clone() };
        Ok(true)
    }

    fn organization(&self, id: &OrganizationId) -> Result<Option<Organization>> {
        Ok(self.state().organizations.iter().find(|row| row.id == *id).cloned())
    }

    fn organizations(&self) -> Result<Vec<Organization>> {
        Ok(self.state().organizations.clone())
    }

    fn create_key(&self, key: &NewKey) -> Result<bool> {
        let mut state = self.state();
        state.expect(&key.organization)?;
        if state.keys.iter().any(|(hash, row)| *hash == key.hash || row.id == key.id) {
            return Ok(false);
        }
        let row = KeyRow {
            id: key.id,
            organization: key.organization.clone(),
            prefix: key.prefix.chars().take(NewKey::PREFIX_CHARS).collect(),
            name: key.name.clone(),
            created_ms: key.created_ms,
            revoked_ms: None,
        };
        state.keys.push((key.hash, row));
        Ok(true)
    }

    fn key(&self, hash: &KeyHash) -> Result<Option<KeyRow>> {
        Ok(self.state().keys.iter().find(|(known, _)| known == hash).map(|(_, row)| row.clone()))
    }

    fn keys(&self, organization: &OrganizationId) -> Result<Vec<KeyRow>> {
        let state = self.state();
        Ok(state
            .keys
            .iter()
            .filter(|(_, row)| row.organization == *organization)
            .map(|(_, row)| row.clone())
            .collect())
    }

    fn revoke_key(&self, organization: &OrganizationId, id: Uuid, now_ms: i64) -> Result<bool> {
        let mut state = self.state();
        let valid =
            |row: &KeyRow| row.organization == *organization && row.id == id && row.revoked_ms.is_none();
        let found = state.keys.iter_mut().find(|(_, row)| valid(row));
        Ok(found.map(|(_, row)| row.revoked_ms = Some(now_ms)).is_some())
    }

    fn usage(&self, organization: &OrganizationId, month: Month) -> Result<u64> {
        Ok(self.state().usage.get(&(organization.clone(), month)).copied().unwrap_or_default())
    }

    fn purge(&self, organization: &OrganizationId, before_ms: i64, max: usize) -> Result<usize> {
        Ok(self.state().purge(organization, before_ms, max))
    }
}
