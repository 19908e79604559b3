//! Counters kept beside the events, and counting that knows when to stop.

use rusqlite::{Connection, OptionalExtension, params};

use super::bind;
use super::failure::Failure;
use crate::organization::Month;
use crate::page::{MAX_COUNTED, Total};

/// The grain of the counters by event time.
pub(super) const HOUR_MS: i64 = 3_600_000;

pub(super) fn add_to_hour(
    connection: &Connection,
    tenant: i64,
    hour: i64,
    events: i64,
) -> Result<(), Failure> {
    let sql = "INSERT INTO event_hours VALUES (?, ?, ?) \
               ON CONFLICT (organization, hour) DO UPDATE SET events = events + excluded.events";
    connection.prepare_cached(sql)?.execute(params![tenant, hour, events])?;
    Ok(())
}

pub(super) fn add_to_month(
    connection: &Connection,
    tenant: i64,
    month: Month,
    events: i64,
) -> Result<(), Failure> {
    let sql = "INSERT INTO usage VALUES (?, ?, ?) \
               ON CONFLICT (organization, month) DO UPDATE SET events = events + excluded.events";
    connection.prepare_cached(sql)?.execute(params![tenant, month.number(), events])?;
    Ok(())
}

pub(super) fn usage(connection: &Connection, tenant: i64, month: Month) -> Result<u64, Failure> {
    let sql = "SELECT events FROM usage WHERE organization = ? AND month = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params![tenant, month.number()], |row| bind::count(row, 0)).optional()?;
    Ok(found.unwrap_or_default())
}

/// How many of an organisation's events happened from `from` to `to`, both included.
///
/// Whole hours come from the counters; only the hours cut by `from` and `to` are counted, each up to [`MAX_COUNTED`].
pub(super) fn events_between(
    connection: &Connection,
    tenant: i64,
    from: i64,
    to: i64,
) -> Result<Total, Failure> {
    if from > to {
        return Ok(Total::Exactly(0));
    }
    let first = from.div_euclid(HOUR_MS) + i64::from(from.rem_euclid(HOUR_MS) != 0);
    let end = to.div_euclid(HOUR_MS) + i64::from(to.rem_euclid(HOUR_MS) == HOUR_MS - 1);
    if first >= end {
        return cut_hour(connection, tenant, from, to);
    }
    let whole = Total::Exactly(hours_between(connection, tenant, first, end)?);
    let before = cut_hour(connection, tenant, from, first.saturating_mul(HOUR_MS) - 1)?;
    let after = cut_hour(connection, tenant, end.saturating_mul(HOUR_MS), to)?;
    Ok(sum(&[whole, before, after]))
}

fn sum(parts: &[Total]) -> Total {
    let rows = parts.iter().map(|part| part.at_least()).sum();
    if parts.iter().all(|part| part.is_exact()) { Total::Exactly(rows) } else { Total::AtLeast(rows) }
}

fn hours_between(connection: &Connection, tenant: i64, first: i64, end: i64) -> Result<u64, Failure> {
    let sql =
        "SELECT ifnull(sum(events), 0) FROM event_hours WHERE organization = ? AND hour >= ? AND hour < ?";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![tenant, first, end], |row| bind::count(row, 0))?)
}

fn cut_hour(connection: &Connection, tenant: i64, from: i64, to: i64) -> Result<Total, Failure> {
    if from > to {
        return Ok(Total::Exactly(0));
    }
    let sql = "SELECT count(*) FROM (SELECT 1 FROM events INDEXED BY events_time \
               WHERE organization = ? AND event_time_ms BETWEEN ? AND ? LIMIT ?)";
    let mut statement = connection.prepare_cached(sql)?;
    let most = bind::bounded(MAX_COUNTED + 1);
    let rows = statement.query_row(params![tenant, from, to, most], |row| bind::count(row, 0))?;
    Ok(counted(rows))
}

/// The meaning of a count that stopped one above [`MAX_COUNTED`].
pub(super) const fn counted(rows: u64) -> Total {
    if rows > MAX_COUNTED { Total::AtLeast(MAX_COUNTED) } else { Total::Exactly(rows) }
}
