//! The trait every storage engine implements.

use std::fmt;

use uuid::Uuid;

use crate::Result;
use crate::alert::{AlertChange, AlertQuery, StoredAlert, Suppression};
use crate::audit::AuditRow;
use crate::effects::{Effects, Verdict};
use crate::event::{Commit, EventQuery, NewEvent, StoredEvent};
use crate::notice::Notice;
use crate::organization::{KeyHash, KeyRow, Month, NewKey, Organization, OrganizationId};
use crate::page::{Rows, Seq};

/// Everything a LiteSOC server keeps.
///
/// The heart of it is an ordered, durable list of committed events that can be read again: [`append`](Self::append) adds to
/// it, [`read_from`](Self::read_from) walks it, [`conclude`](Self::conclude) records how far it was examined together with
/// what was found.
///
/// Calls block and may be made from any number of threads; who calls decides on which threads that is.
/// All of them are atomic: an error means that nothing of the call was kept.
/// Times are milliseconds since the Unix epoch and always come from the caller: a store reads no clock.
///
/// # Errors
///
/// Any call can fail with [`Busy`](crate::StoreError::Busy), [`Corrupt`](crate::StoreError::Corrupt) or
/// [`Io`](crate::StoreError::Io), any writing call also with [`Full`](crate::StoreError::Full) or
/// [`Stopped`](crate::StoreError::Stopped); the sections below name what else there is.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Stores a batch in one transaction that is on the disk when this returns.
    ///
    /// Each event gets the next place in the order, unless its organisation already has an event of this id, be it from
    /// years ago (as long as that one is kept) or from earlier in the same batch.
    /// The usage of each organisation in the month of arrival grows by what was stored, in the same transaction.
    ///
    /// # Errors
    ///
    /// [`UnknownOrganization`](crate::StoreError::UnknownOrganization) when an event names one that does not exist.
    fn append(&self, batch: &[NewEvent]) -> Result<Commit>;

    /// The place of the last event stored, [`Seq::START`] when there never was one.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn last_seq(&self) -> Result<Seq>;

    /// Up to `max` events after a place, of all organisations, in the committed order.
    ///
    /// Fewer than `max` means that there are no more at present; purged events are passed over.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn read_from(&self, after: Seq, max: usize) -> Result<Vec<StoredEvent>>;

    /// A place before every event received at or after a time: where to start reading to see them all again.
    ///
    /// Events are taken to be stored in the order of their arrival; a batch that overtook another by a second can be
    /// missed by a second, so ask for a little earlier than needed.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn seq_before(&self, received_ms: i64) -> Result<Seq>;

    /// How far the events were examined: what the latest [`conclude`](Self::conclude) said, at first [`Seq::START`].
    ///
    /// # Errors
    ///
    /// None of its own.
    fn cursor(&self) -> Result<Seq>;

    /// Records that events up to `cursor` were examined together with what that showed, in one transaction.
    ///
    /// With effects, or when they say so, it is on the disk when this returns.
    /// Otherwise, only the order of commits is kept: a power failure may take the cursor back to an earlier place, never
    /// to one that disagrees with the alerts.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::StoreError::Invalid) when the cursor would go back or beyond the last event;
    /// [`UnknownOrganization`](crate::StoreError::UnknownOrganization) when a raised alert names one that does not exist.
    fn conclude(&self, cursor: Seq, effects: &Effects) -> Result<()>;

    /// Up to `max` verdicts on alerts of all organisations with a number above `after`, in their order.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn verdicts(&self, after: u64, max: usize) -> Result<Vec<Verdict>>;

    /// Up to `max` notices of all organisations with a number above `after`, in their order.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn notices(&self, after: u64, max: usize) -> Result<Vec<Notice>>;

    /// The number of the notice up to which a consumer has said to be done; at first 0.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn notices_done(&self, consumer: &str) -> Result<u64>;

    /// Records up to which notice a consumer is done; a lower number than before changes nothing.
    ///
    /// A power failure may take it back to an earlier number.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn set_notices_done(&self, consumer: &str, number: u64) -> Result<()>;

    /// Deletes up to `max` notices written before a time, oldest first, whoever is done with them; returns how many went.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn purge_notices(&self, before_ms: i64, max: usize) -> Result<usize>;

    /// One page of an organisation's events, newest first; of an unknown organisation, nothing.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn events(&self, query: &EventQuery) -> Result<Rows<StoredEvent>>;

    /// One event of an organisation, unless it happened before the end of retention.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn event(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        not_before_ms: Option<i64>,
    ) -> Result<Option<StoredEvent>>;

    /// One page of an organisation's alerts, newest first; of an unknown organisation, nothing.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn alerts(&self, query: &AlertQuery) -> Result<Rows<StoredAlert>>;

    /// One alert of an organisation, unless it was raised before the end of retention.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn alert(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        not_before_ms: Option<i64>,
    ) -> Result<Option<StoredAlert>>;

    /// Changes an alert, writes the audit row and sets or lifts the suppression, all in one durable transaction; returns
    /// the alert as it is now, or `None` when the organisation has no such alert.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn update_alert(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        change: &AlertChange,
        now_ms: i64,
    ) -> Result<Option<StoredAlert>>;

    /// The alerts of all organisations that are open or acknowledged and were last seen at or after a time, oldest first:
    /// what the detector groups further events into after a restart.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn open_alerts(&self, seen_since_ms: i64) -> Result<Vec<StoredAlert>>;

    /// The suppressions of all organisations that still hold at this time.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn suppressions(&self, now_ms: i64) -> Result<Vec<Suppression>>;

    /// Up to `max` audit rows of an organisation with a number above `after`, oldest first.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn audit(&self, organization: &OrganizationId, after: u64, max: usize) -> Result<Vec<AuditRow>>;

    /// Creates an organisation; `false`, and no change, when its id exists.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn create_organization(&self, organization: &Organization) -> Result<bool>;

    /// Replaces name, plan and settings of an organisation; `false` when there is none of this id.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn update_organization(&self, organization: &Organization) -> Result<bool>;

    /// The organisation of this id.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn organization(&self, id: &OrganizationId) -> Result<Option<Organization>>;

    /// All organisations in the order of their creation.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn organizations(&self) -> Result<Vec<Organization>>;

    /// Registers an API key; `false`, and no change, when a key of this hash or id exists.
    ///
    /// # Errors
    ///
    /// [`UnknownOrganization`](crate::StoreError::UnknownOrganization) when there is no such organisation.
    fn create_key(&self, key: &NewKey) -> Result<bool>;

    /// The key of this hash, valid or revoked.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn key(&self, hash: &KeyHash) -> Result<Option<KeyRow>>;

    /// All keys of an organisation, revoked ones too, in the order of their creation.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn keys(&self, organization: &OrganizationId) -> Result<Vec<KeyRow>>;

    /// Revokes a key; `false` when the organisation has no valid key of this id.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn revoke_key(&self, organization: &OrganizationId, id: Uuid, now_ms: i64) -> Result<bool>;

    /// How many events of an organisation were stored in a month; purging does not lower it.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn usage(&self, organization: &OrganizationId, month: Month) -> Result<u64>;

    /// Deletes up to `max` of an organisation's events that happened before a time, oldest first, then alerts raised before
    /// it as far as `max` goes; returns how many rows went. Fewer than `max`: nothing is left to purge.
    ///
    /// Small chunks leave room for appends in between. Audit rows, usage and places stay.
    ///
    /// # Errors
    ///
    /// None of its own.
    fn purge(&self, organization: &OrganizationId, before_ms: i64, max: usize) -> Result<usize>;
}
