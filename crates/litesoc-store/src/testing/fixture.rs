//! Rows to test with.

use uuid::Uuid;

use super::Flaw;
use crate::Result;
use crate::alert::NewAlert;
use crate::event::{EventQuery, NewEvent, StoredEvent};
use crate::organization::{Organization, OrganizationId};
use crate::store::Store;

/// A moment all fixtures are near to, 2026-09-21T13:46:40Z: inside an hour, inside a month.
pub(super) const NOW: i64 = 1_790_000_000_000;

/// An id of version 7 with this time, in milliseconds since the Unix epoch; the same number makes the same id.
///
/// ```
/// use litesoc_store::testing::uuid_v7;
///
/// assert_eq!(uuid_v7(1_790_000_000_000, 5).get_version_num(), 7);
/// assert!(uuid_v7(1, 9) < uuid_v7(2, 0));
/// ```
#[must_use]
pub fn uuid_v7(time_ms: i64, number: u64) -> Uuid {
    let time = u128::from(time_ms.cast_unsigned() & 0xffff_ffff_ffff) << 80;
    Uuid::from_u128(time | (0x7 << 76) | (0b10 << 62) | u128::from(number & 0x3fff_ffff_ffff_ffff))
}

/// Creates an organisation and returns its id.
///
/// # Errors
///
/// Those of the store; [`Invalid`](crate::StoreError::Invalid) when the text is no id.
pub fn organization(store: &dyn Store, id: &str) -> Result<OrganizationId> {
    let id = OrganizationId::new(id)?;
    store.create_organization(&Organization::new(id.clone(), "Test", "pro", NOW))?;
    Ok(id)
}

/// An event with nothing but what it must have; the same number makes the same id.
#[must_use]
pub fn event(organization: &OrganizationId, number: u64, name: &str, time_ms: i64) -> NewEvent {
    NewEvent::new(organization.clone(), uuid_v7(NOW, number), name, time_ms)
}

/// A brute-force alert of high severity with a fingerprint of its own; the same number makes the same id.
#[must_use]
pub fn alert(organization: &OrganizationId, number: u64, created_ms: i64) -> NewAlert {
    let id = Uuid::from_u128(0xa1e7 << 64 | u128::from(number));
    let mut alert = NewAlert::new(
        organization.clone(),
        id,
        "brute_force_attack",
        "high",
        format!("brute:{number}"),
        created_ms,
    );
    alert.title = format!("Brute force {number}");
    alert
}

/// A listing without its counts: the numbers that made the ids, newest first.
pub(super) fn numbers(events: &[StoredEvent]) -> Vec<u64> {
    events.iter().map(|event| event.event.id.as_u64_pair().1 & 0x3fff_ffff_ffff_ffff).collect()
}

/// The numbers of the events a query lists, after its total was compared with how many there are in all.
pub(super) fn listed(store: &dyn Store, query: &EventQuery) -> std::result::Result<Vec<u64>, Flaw> {
    let page = store.events(query)?;
    let everything = EventQuery { limit: usize::MAX, offset: 0, ..query.clone() };
    let all = store.events(&everything)?.rows.len() as u64;
    if query.cursor.is_none() && (!page.total.is_exact() || page.total.at_least() != all) {
        return Err(Flaw(format!("{:?} as the total of {all} rows of {query:?}", page.total)));
    }
    Ok(numbers(&page.rows))
}
