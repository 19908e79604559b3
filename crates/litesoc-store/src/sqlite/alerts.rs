//! Reading alerts.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use uuid::Uuid;

use super::bind;
use super::failure::Failure;
use super::tenants::Tenants;
use super::totals;
use crate::alert::{AlertQuery, NewAlert, StoredAlert};
use crate::organization::OrganizationId;
use crate::page::{MAX_COUNTED, MAX_ROWS, PageCursor, Rows, Total};

const COLUMNS: &str = "number, organization, id, alert_type, severity, status, title, description, source_ip, actor_id, \
    trigger_event_id, first_seen_ms, last_seen_ms, events, sample_event_ids, technique, fingerprint, metadata, created_ms, \
    updated_ms, resolved_ms, resolved_by, resolution_type, internal_notes, enrichment";

fn stored(row: &Row<'_>, organization: OrganizationId) -> rusqlite::Result<StoredAlert> {
    let mut alert = NewAlert::new(
        organization,
        bind::uuid(row, 2)?,
        row.get::<_, String>(3)?,
        row.get::<_, String>(4)?,
        row.get::<_, String>(16)?,
        row.get(18)?,
    );
    alert.title = row.get(6)?;
    alert.description = row.get(7)?;
    alert.source_ip = bind::address(row, 8)?;
    alert.actor_id = row.get(9)?;
    alert.trigger_event_id = bind::optional_uuid(row, 10)?;
    alert.first_seen_ms = row.get(11)?;
    alert.last_seen_ms = row.get(12)?;
    alert.count = bind::count(row, 13)?;
    alert.sample_event_ids = bind::uuids(row, 14)?;
    alert.technique = row.get(15)?;
    alert.metadata = row.get(17)?;
    alert.enrichment = row.get(24)?;
    let mut stored = StoredAlert::raised(alert);
    stored.status = row.get(5)?;
    stored.updated_ms = row.get(19)?;
    stored.resolved_ms = row.get(20)?;
    stored.resolved_by = row.get(21)?;
    stored.resolution_type = row.get(22)?;
    stored.internal_notes = row.get(23)?;
    Ok(stored)
}

pub(super) fn one(
    connection: &Connection,
    organization: &OrganizationId,
    tenant: i64,
    id: Uuid,
) -> Result<Option<StoredAlert>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM alerts WHERE organization = ? AND id = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement
        .query_row(params![tenant, id.as_bytes()], |row| stored(row, organization.clone()))
        .optional()?)
}

pub(super) fn live(
    connection: &Connection,
    tenants: &Tenants,
    since: i64,
) -> Result<Vec<StoredAlert>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM alerts INDEXED BY alerts_live WHERE status IN ('open', 'acknowledged') AND last_seen_ms >= ? \
         ORDER BY last_seen_ms, number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([since])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(stored(row, tenants.id(row.get(1)?)?)?);
    }
    Ok(found)
}

pub(super) fn list(
    connection: &Connection,
    tenant: i64,
    query: &AlertQuery,
) -> Result<Rows<StoredAlert>, Failure> {
    let (mut condition, mut values) = condition(tenant, query);
    let total = if query.count { total(connection, &condition, &values)? } else { Total::NotCounted };
    let limit = query.limit.min(MAX_ROWS);
    if limit == 0 {
        return Ok(Rows::new(Vec::new(), total, None));
    }
    if let Some(cursor) = query.cursor {
        condition.push_str(" AND (created_ms, number) < (?, ?)");
        values.extend([cursor.time_ms(), cursor.row()].map(Value::Integer));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM alerts WHERE {condition} ORDER BY created_ms DESC, number DESC LIMIT ? OFFSET ?"
    );
    values.extend([bind::bounded(limit as u64 + 1), bind::bounded(query.offset)].map(Value::Integer));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let (mut found, mut last, mut next) = (Vec::new(), None, None);
    while let Some(row) = rows.next()? {
        if found.len() == limit {
            next = last;
            break;
        }
        let alert = stored(row, query.organization.clone())?;
        last = Some(PageCursor::new(alert.alert.created_ms, row.get(0)?));
        found.push(alert);
    }
    Ok(Rows::new(found, total, next))
}

fn total(connection: &Connection, condition: &str, values: &[Value]) -> Result<Total, Failure> {
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM alerts WHERE {condition} LIMIT ?)");
    let mut statement = connection.prepare_cached(&sql)?;
    let values = values.iter().cloned().chain([Value::Integer(bind::bounded(MAX_COUNTED + 1))]);
    let rows = statement.query_row(params_from_iter(values), |row| bind::count(row, 0))?;
    Ok(totals::counted(rows))
}

fn condition(tenant: i64, query: &AlertQuery) -> (String, Vec<Value>) {
    let from = query.from_ms.unwrap_or(i64::MIN).max(query.not_before_ms.unwrap_or(i64::MIN));
    let to = query.to_ms.unwrap_or(i64::MAX);
    let mut condition = String::from("organization = ? AND created_ms BETWEEN ? AND ?");
    let mut values = [tenant, from, to].map(Value::Integer).to_vec();
    let words = [
        (" AND status = ?", &query.status),
        (" AND severity = ?", &query.severity),
        (" AND alert_type = ?", &query.alert_type),
        (" AND actor_id = ?", &query.actor_id),
    ];
    for (filter, wanted) in words {
        if let Some(wanted) = wanted {
            condition.push_str(filter);
            values.push(Value::Text(wanted.clone()));
        }
    }
    (condition, values)
}
