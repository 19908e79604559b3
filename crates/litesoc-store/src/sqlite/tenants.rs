//! Organisations as the small numbers that rows carry instead of their ids.

use std::collections::HashMap;

use parking_lot::RwLock;
use rusqlite::Connection;

use super::failure::Failure;
use crate::Result;
use crate::error::StoreError;
use crate::event::NewEvent;
use crate::organization::OrganizationId;

/// All organisations of the database, in memory: they are only ever added to, and only by this process.
#[derive(Debug)]
pub(super) struct Tenants(RwLock<Both>);

#[derive(Debug, Default)]
struct Both {
    numbers: HashMap<OrganizationId, i64>,
    ids: HashMap<i64, OrganizationId>,
}

impl Tenants {
    pub(super) fn load(connection: &Connection) -> Result<Self, Failure> {
        let mut both = Both::default();
        let mut statement = connection.prepare("SELECT ref, id FROM organizations")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            let id = OrganizationId::new(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
            both.numbers.insert(id.clone(), number);
            both.ids.insert(number, id);
        }
        Ok(Self(RwLock::new(both)))
    }

    pub(super) fn add(&self, id: OrganizationId, number: i64) {
        let mut both = self.0.write();
        both.numbers.insert(id.clone(), number);
        both.ids.insert(number, id);
    }

    pub(super) fn get(&self, id: &OrganizationId) -> Option<i64> {
        self.0.read().numbers.get(id).copied()
    }

    pub(super) fn expect(&self, id: &OrganizationId) -> Result<i64> {
        self.get(id).ok_or_else(|| StoreError::UnknownOrganization(id.clone()))
    }

    /// The number of each event's organisation, in the order of the batch.
    pub(super) fn of_batch(&self, batch: &[NewEvent]) -> Result<Vec<i64>> {
        let both = self.0.read();
        let number = |event: &NewEvent| {
            let id = &event.organization;
            both.numbers.get(id).copied().ok_or_else(|| StoreError::UnknownOrganization(id.clone()))
        };
        batch.iter().map(number).collect()
    }

    /// The id behind a number that a row carries.
    pub(super) fn id(&self, number: i64) -> Result<OrganizationId, Failure> {
        let found = self.0.read().ids.get(&number).cloned();
        found.ok_or_else(|| Failure::Engine(rusqlite::Error::IntegralValueOutOfRange(0, number)))
    }
}
