//! Notices: written by conclusions, read by consumers that remember how far they are.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::bind;
use super::failure::Failure;
use super::tenants::Tenants;
use crate::notice::{NewNotice, Notice, NoticeKind};

/// Writes the notices of one conclusion; `known` are the alerts that were raised by it although they were there before.
pub(super) fn write(
    connection: &Connection,
    tenants: &Tenants,
    notices: &[NewNotice],
    known: &HashSet<(i64, Uuid)>,
) -> Result<(), Failure> {
    let sql = "INSERT INTO notices (organization, alert_id, kind, severity, title, at_ms) \
        SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM alerts WHERE organization = ?1 AND id = ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    for notice in notices {
        let Some(tenant) = tenants.get(&notice.organization) else { continue };
        if notice.kind == NoticeKind::Raised && known.contains(&(tenant, notice.alert)) {
            continue;
        }
        statement.execute(params![
            tenant,
            notice.alert.as_bytes(),
            notice.kind.as_str(),
            notice.severity,
            notice.title,
            notice.at_ms,
        ])?;
    }
    Ok(())
}

pub(super) fn read(
    connection: &Connection,
    tenants: &Tenants,
    after: u64,
    max: usize,
) -> Result<Vec<Notice>, Failure> {
    let sql = "SELECT number, organization, alert_id, kind, severity, title, at_ms FROM notices \
        WHERE number > ? ORDER BY number LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![bind::bounded(after), bind::bounded(max as u64)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = match row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)? {
            "raised" => NoticeKind::Raised,
            _ => NoticeKind::Updated,
        };
        let notice = NewNotice::new(
            tenants.id(row.get(1)?)?,
            bind::uuid(row, 2)?,
            kind,
            row.get::<_, String>(4)?,
            row.get::<_, String>(5)?,
            row.get(6)?,
        );
        found.push(Notice::new(bind::count(row, 0)?, notice));
    }
    Ok(found)
}

pub(super) fn done(connection: &Connection, consumer: &str) -> Result<u64, Failure> {
    let sql = "SELECT delivered FROM notice_consumers WHERE name = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([consumer], |row| bind::count(row, 0)).optional()?;
    Ok(found.unwrap_or_default())
}

pub(super) fn set_done(connection: &Connection, consumer: &str, number: u64) -> Result<(), Failure> {
    let sql = "INSERT INTO notice_consumers VALUES (?, ?) \
        ON CONFLICT (name) DO UPDATE SET delivered = max(delivered, excluded.delivered)";
    connection.prepare_cached(sql)?.execute(params![consumer, bind::bounded(number)])?;
    Ok(())
}

pub(super) fn purge(connection: &Connection, before_ms: i64, max: usize) -> Result<usize, Failure> {
    let sql = "DELETE FROM notices WHERE number IN \
        (SELECT number FROM notices WHERE at_ms < ? ORDER BY number LIMIT ?)";
    Ok(connection.prepare_cached(sql)?.execute(params![before_ms, bind::bounded(max as u64)])?)
}
