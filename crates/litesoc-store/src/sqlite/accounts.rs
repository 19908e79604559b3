//! Organisations and their API keys.

use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::bind;
use super::failure::Failure;
use super::tenants::Tenants;
use crate::organization::{KeyHash, KeyRow, NewKey, Organization, OrganizationId};

/// The number of the new organisation, `None` when there is one of this id.
pub(super) fn create(connection: &Connection, organization: &Organization) -> Result<Option<i64>, Failure> {
    let sql = "INSERT INTO organizations (id, name, plan, settings, created_ms) VALUES (?, ?, ?, ?, ?) \
        ON CONFLICT (id) DO NOTHING RETURNING ref";
    let mut statement = connection.prepare_cached(sql)?;
    let values = params![
        organization.id.as_str(),
        organization.name,
        organization.plan,
        organization.settings,
        organization.created_ms,
    ];
    Ok(statement.query_row(values, |row| row.get(0)).optional()?)
}

pub(super) fn update(connection: &Connection, organization: &Organization) -> Result<bool, Failure> {
    let sql = "UPDATE organizations SET name = ?, plan = ?, settings = ? WHERE id = ?";
    let values =
        params![organization.name, organization.plan, organization.settings, organization.id.as_str()];
    Ok(connection.prepare_cached(sql)?.execute(values)? == 1)
}

fn organization(row: &Row<'_>) -> Result<Organization, Failure> {
    let id = OrganizationId::new(&row.get::<_, String>(0)?)?;
    let mut found = Organization::new(id, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get(4)?);
    found.settings = row.get(3)?;
    Ok(found)
}

pub(super) fn one(connection: &Connection, id: &OrganizationId) -> Result<Option<Organization>, Failure> {
    let sql = "SELECT id, name, plan, settings, created_ms FROM organizations WHERE id = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([id.as_str()])?;
    rows.next()?.map(organization).transpose()
}

pub(super) fn all(connection: &Connection) -> Result<Vec<Organization>, Failure> {
    let sql = "SELECT id, name, plan, settings, created_ms FROM organizations ORDER BY ref";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(organization(row)?);
    }
    Ok(found)
}

pub(super) fn create_key(connection: &Connection, tenant: i64, key: &NewKey) -> Result<bool, Failure> {
    let sql = "INSERT INTO keys (organization, id, hash, prefix, name, created_ms) VALUES (?, ?, ?, ?, ?, ?) \
        ON CONFLICT DO NOTHING";
    // The field is public: cutting again keeps a whole key out of the database whatever the caller put there.
    let prefix: String = key.prefix.chars().take(NewKey::PREFIX_CHARS).collect();
    let values = params![tenant, key.id.as_bytes(), key.hash.as_bytes(), prefix, key.name, key.created_ms];
    Ok(connection.prepare_cached(sql)?.execute(values)? == 1)
}

fn key_row(row: &Row<'_>, organization: OrganizationId) -> rusqlite::Result<KeyRow> {
    Ok(KeyRow {
        id: bind::uuid(row, 1)?,
        organization,
        prefix: row.get(2)?,
        name: row.get(3)?,
        created_ms: row.get(4)?,
        revoked_ms: row.get(5)?,
    })
}

pub(super) fn key(
    connection: &Connection,
    tenants: &Tenants,
    hash: &KeyHash,
) -> Result<Option<KeyRow>, Failure> {
    let sql = "SELECT organization, id, prefix, name, created_ms, revoked_ms FROM keys WHERE hash = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([hash.as_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(key_row(row, tenants.id(row.get(0)?)?)?))
}

pub(super) fn keys(
    connection: &Connection,
    organization: &OrganizationId,
    tenant: i64,
) -> Result<Vec<KeyRow>, Failure> {
    let sql = "SELECT organization, id, prefix, name, created_ms, revoked_ms FROM keys WHERE organization = ? ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([tenant], |row| key_row(row, organization.clone()))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn revoke(connection: &Connection, tenant: i64, id: Uuid, now_ms: i64) -> Result<bool, Failure> {
    let sql = "UPDATE keys SET revoked_ms = ? WHERE organization = ? AND id = ? AND revoked_ms IS NULL";
    Ok(connection.prepare_cached(sql)?.execute(params![now_ms, tenant, id.as_bytes()])? == 1)
}
