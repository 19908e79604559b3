//! Deleting what is past its retention, a chunk at a time.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::bind;
use super::failure::Failure;
use super::totals::{self, HOUR_MS};

pub(super) fn purge(
    connection: &Connection,
    tenant: i64,
    before_ms: i64,
    max: usize,
    last_seq: i64,
) -> Result<usize, Failure> {
    let events = events(connection, tenant, before_ms, max)?;
    if events > 0 {
        // The highest place may have been among them, and a place is never given twice.
        let sql = "UPDATE meta SET value = ? WHERE name = 'last_seq'";
        connection.prepare_cached(sql)?.execute([last_seq])?;
    }
    Ok(events + alerts(connection, tenant, before_ms, max - events)?)
}

fn events(connection: &Connection, tenant: i64, before_ms: i64, max: usize) -> Result<usize, Failure> {
    let sql = "DELETE FROM events WHERE seq IN (SELECT seq FROM events INDEXED BY events_time \
        WHERE organization = ? AND event_time_ms < ? ORDER BY event_time_ms, seq LIMIT ?) RETURNING event_time_ms";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![tenant, before_ms, bind::bounded(max as u64)])?;
    let mut hours = BTreeMap::<i64, i64>::new();
    let mut deleted = 0;
    while let Some(row) = rows.next()? {
        *hours.entry(row.get::<_, i64>(0)?.div_euclid(HOUR_MS)).or_default() -= 1;
        deleted += 1;
    }
    for (&hour, &difference) in &hours {
        totals::add_to_hour(connection, tenant, hour, difference)?;
    }
    let sql = "DELETE FROM event_hours WHERE organization = ? AND hour = ? AND events = 0";
    let mut statement = connection.prepare_cached(sql)?;
    for &hour in hours.keys() {
        statement.execute([tenant, hour])?;
    }
    Ok(deleted)
}

fn alerts(connection: &Connection, tenant: i64, before_ms: i64, max: usize) -> Result<usize, Failure> {
    let sql = "DELETE FROM alerts WHERE number IN (SELECT number FROM alerts \
        WHERE organization = ? AND created_ms < ? ORDER BY created_ms, number LIMIT ?)";
    let deleted =
        connection.prepare_cached(sql)?.execute(params![tenant, before_ms, bind::bounded(max as u64)])?;
    Ok(deleted)
}
