//! What detection and people do with alerts: conclusions, resolutions, suppressions, audit rows.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::failure::Failure;
use super::tenants::Tenants;
use super::{alerts, bind, from_seq, notices, to_seq};
use crate::alert::{
    AlertAction, AlertChange, AlertProgress, MAX_SAMPLE_EVENTS, NewAlert, SUPPRESSION_MS, StoredAlert,
    Suppression,
};
use crate::audit::AuditRow;
use crate::effects::{Effects, Verdict};
use crate::error::StoreError;
use crate::organization::OrganizationId;
use crate::page::Seq;

pub(super) fn cursor(connection: &Connection) -> Result<Seq, Failure> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = 'cursor'")?;
    Ok(to_seq(statement.query_row([], |row| row.get(0))?))
}

pub(super) fn conclude(
    connection: &Connection,
    tenants: &Tenants,
    to: Seq,
    last: Seq,
    effects: &Effects,
) -> Result<(), Failure> {
    let from = cursor(connection)?;
    if to < from || to > last {
        let why =
            format!("the detection cursor cannot go from {from} to {to} while the last event is {last}");
        return Err(StoreError::invalid(why).into());
    }
    let mut known = HashSet::new();
    for alert in &effects.raised {
        let tenant = tenants.expect(&alert.organization)?;
        if !raise(connection, tenant, alert)? {
            known.insert((tenant, alert.id));
        }
    }
    for progress in &effects.progress {
        if let Some(tenant) = tenants.get(&progress.organization) {
            grow(connection, tenant, progress)?;
        }
    }
    notices::write(connection, tenants, &effects.notices, &known)?;
    for obeyed in &effects.obeyed {
        let sql = "INSERT INTO verdict_places VALUES (?, ?) ON CONFLICT (number) DO NOTHING";
        connection.prepare_cached(sql)?.execute([bind::bounded(obeyed.number), from_seq(obeyed.after)])?;
    }
    let mut statement = connection.prepare_cached("UPDATE meta SET value = ? WHERE name = 'cursor'")?;
    statement.execute([from_seq(to)])?;
    Ok(())
}

/// Whether the alert is new.
fn raise(connection: &Connection, tenant: i64, alert: &NewAlert) -> Result<bool, Failure> {
    let sql = "INSERT INTO alerts (organization, id, alert_type, severity, status, title, description, source_ip, actor_id, \
        trigger_event_id, first_seen_ms, last_seen_ms, events, sample_event_ids, technique, fingerprint, metadata, created_ms, \
        updated_ms, enrichment) VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?17, ?18) \
        ON CONFLICT (organization, id) DO NOTHING";
    let samples: Vec<u8> =
        alert.sample_event_ids.iter().take(MAX_SAMPLE_EVENTS).flat_map(|id| *id.as_bytes()).collect();
    let inserted = connection.prepare_cached(sql)?.execute(params![
        tenant,
        alert.id.as_bytes(),
        alert.alert_type,
        alert.severity,
        alert.title,
        alert.description,
        bind::text(alert.source_ip),
        alert.actor_id,
        alert.trigger_event_id.as_ref().map(Uuid::as_bytes),
        alert.first_seen_ms,
        alert.last_seen_ms,
        bind::bounded(alert.count),
        samples,
        alert.technique,
        alert.fingerprint,
        alert.metadata,
        alert.created_ms,
        alert.enrichment,
    ])?;
    Ok(inserted == 1)
}

fn grow(connection: &Connection, tenant: i64, progress: &AlertProgress) -> Result<(), Failure> {
    let read = "SELECT sample_event_ids FROM alerts WHERE organization = ? AND id = ?";
    let mut statement = connection.prepare_cached(read)?;
    let key = params![tenant, progress.id.as_bytes()];
    let Some(mut ids) = statement.query_row(key, |row| bind::uuids(row, 0)).optional()? else {
        return Ok(());
    };
    for id in &progress.event_ids {
        if ids.len() < MAX_SAMPLE_EVENTS && !ids.contains(id) {
            ids.push(*id);
        }
    }
    let samples: Vec<u8> = ids.iter().flat_map(|id| *id.as_bytes()).collect();
    let sql = "UPDATE alerts SET severity = ?, events = ?, last_seen_ms = ?, sample_event_ids = ?, \
        title = ifnull(?, title), description = ifnull(?, description), source_ip = iif(?, ?, source_ip), \
        actor_id = iif(?, ?, actor_id), first_seen_ms = ifnull(?, first_seen_ms), technique = ifnull(?, technique), \
        metadata = ifnull(?, metadata), updated_ms = ? WHERE organization = ? AND id = ?";
    connection.prepare_cached(sql)?.execute(params![
        progress.severity,
        bind::bounded(progress.count),
        progress.last_seen_ms,
        samples,
        progress.title,
        progress.description,
        progress.source_ip.is_some(),
        bind::text(progress.source_ip.flatten()),
        progress.actor_id.is_some(),
        progress.actor_id.as_ref().and_then(Option::as_deref),
        progress.first_seen_ms,
        progress.technique,
        progress.metadata,
        progress.updated_ms,
        tenant,
        progress.id.as_bytes(),
    ])?;
    Ok(())
}

pub(super) fn update(
    connection: &Connection,
    (organization, tenant): (&OrganizationId, i64),
    id: Uuid,
    change: &AlertChange,
    (now_ms, last_seq): (i64, i64),
) -> Result<Option<StoredAlert>, Failure> {
    let Some(before) = alerts::one(connection, organization, tenant, id)? else { return Ok(None) };
    let after = before.clone().changed(change, now_ms);
    let sql = "UPDATE alerts SET status = ?, updated_ms = ?, resolved_ms = ?, resolved_by = ?, resolution_type = ?, \
        internal_notes = ? WHERE organization = ? AND id = ?";
    connection.prepare_cached(sql)?.execute(params![
        after.status,
        after.updated_ms,
        after.resolved_ms,
        after.resolved_by,
        after.resolution_type,
        after.internal_notes,
        tenant,
        id.as_bytes(),
    ])?;
    if change.action == AlertAction::MarkSafe {
        let sql = "INSERT INTO suppressions VALUES (?, ?, ?, ?) ON CONFLICT (organization, fingerprint) DO UPDATE \
            SET until_ms = excluded.until_ms, alert_id = excluded.alert_id";
        let until = now_ms.saturating_add(SUPPRESSION_MS);
        connection.prepare_cached(sql)?.execute(params![
            tenant,
            after.alert.fingerprint,
            until,
            id.as_bytes()
        ])?;
    } else {
        let sql = "DELETE FROM suppressions WHERE organization = ? AND fingerprint = ?";
        connection.prepare_cached(sql)?.execute(params![tenant, after.alert.fingerprint])?;
    }
    record(connection, tenant, (&before, &after), change, last_seq)?;
    Ok(Some(after))
}

fn record(
    connection: &Connection,
    tenant: i64,
    (before, after): (&StoredAlert, &StoredAlert),
    change: &AlertChange,
    last_seq: i64,
) -> Result<(), Failure> {
    let sql = "INSERT INTO audit (organization, at_ms, by, action, subject, status_before, status_after, resolution_type, notes, \
        after_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        tenant,
        after.updated_ms,
        change.by,
        change.action.audit_name(),
        after.alert.id.as_bytes(),
        before.status,
        after.status,
        after.resolution_type,
        change.notes,
        last_seq,
    ])?;
    Ok(())
}

pub(super) fn suppressions(
    connection: &Connection,
    tenants: &Tenants,
    now_ms: i64,
) -> Result<Vec<Suppression>, Failure> {
    let sql = "SELECT organization, fingerprint, until_ms, alert_id FROM suppressions WHERE until_ms > ?";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([now_ms])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let organization = tenants.id(row.get(0)?)?;
        found.push(Suppression::new(organization, row.get(1)?, row.get(2)?, bind::uuid(row, 3)?));
    }
    found.sort_by(|a, b| (&a.organization, &a.fingerprint).cmp(&(&b.organization, &b.fingerprint)));
    Ok(found)
}

pub(super) fn verdicts(
    connection: &Connection,
    tenants: &Tenants,
    after: u64,
    max: usize,
) -> Result<Vec<Verdict>, Failure> {
    let sql = "SELECT audit.number, organization, subject, action, resolution_type, at_ms, place, after_seq FROM audit \
        LEFT JOIN verdict_places USING (number) WHERE audit.number > ? ORDER BY audit.number LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![bind::bounded(after), bind::bounded(max as u64)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let name = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
        let Some(action) = AlertAction::of_audit(name, row.get(4)?) else { continue };
        let organization = tenants.id(row.get(1)?)?;
        let mut verdict =
            Verdict::new(bind::count(row, 0)?, organization, bind::uuid(row, 2)?, action, row.get(5)?);
        verdict.given_after = to_seq(row.get(7)?);
        verdict.obeyed_after = row.get::<_, Option<i64>>(6)?.map(to_seq);
        found.push(verdict);
    }
    Ok(found)
}

pub(super) fn audit(
    connection: &Connection,
    organization: &OrganizationId,
    tenant: i64,
    after: u64,
    max: usize,
) -> Result<Vec<AuditRow>, Failure> {
    let sql = "SELECT number, at_ms, by, action, subject, status_before, status_after, resolution_type, notes FROM audit \
        WHERE organization = ? AND number > ? ORDER BY number LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map(params![tenant, bind::bounded(after), bind::bounded(max as u64)], |row| {
            Ok(AuditRow {
                number: bind::count(row, 0)?,
                organization: organization.clone(),
                at_ms: row.get(1)?,
                by: row.get(2)?,
                action: row.get(3)?,
                subject: bind::uuid(row, 4)?,
                status_before: row.get(5)?,
                status_after: row.get(6)?,
                resolution_type: row.get(7)?,
                notes: row.get(8)?,
            })
        })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
