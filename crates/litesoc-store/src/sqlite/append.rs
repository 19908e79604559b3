//! Storing a batch of events: rows, counters, nothing twice.

use std::collections::BTreeMap;

use rusqlite::{CachedStatement, Connection, params};

use super::bind;
use super::failure::Failure;
use super::keys::TextKeys;
use super::to_seq;
use super::totals::{self, HOUR_MS};
use crate::event::{Appended, Commit, NewEvent};
use crate::organization::Month;

const INSERT: &str = "\
    INSERT INTO events (seq, organization, event_time_ms, name_key, actor_key, original_key, id, severity, received_ms, \
    event_name, original_event, actor_id, actor_email, actor_name, target, user_ip, server_ip, severity_detail, metadata, marks, \
    enrichment) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (organization, id) DO NOTHING";

const FIRST: &str = "SELECT seq FROM events WHERE organization = ? AND id = ?";

/// Inserts within the caller's transaction; `last_seq` advances by what was new.
pub(super) fn append(
    connection: &Connection,
    keys: TextKeys,
    batch: &[NewEvent],
    tenants: &[i64],
    last_seq: &mut i64,
) -> Result<Commit, Failure> {
    let mut outcomes = Vec::with_capacity(batch.len());
    let mut hours = BTreeMap::<(i64, i64), i64>::new();
    let mut months = BTreeMap::<(i64, Month), i64>::new();
    let mut insert = connection.prepare_cached(INSERT)?;
    for (event, &tenant) in batch.iter().zip(tenants) {
        let seq = *last_seq + 1;
        if insert_one(&mut insert, keys, seq, tenant, event)? {
            *last_seq = seq;
            *hours.entry((tenant, event.event_time_ms.div_euclid(HOUR_MS))).or_default() += 1;
            *months.entry((tenant, Month::containing(event.received_ms))).or_default() += 1;
            outcomes.push(Appended::Stored { seq: to_seq(seq) });
        } else {
            let seq = connection
                .prepare_cached(FIRST)?
                .query_row(params![tenant, event.id.as_bytes()], |row| row.get(0))?;
            outcomes.push(Appended::Duplicate { seq: to_seq(seq) });
        }
    }
    for ((tenant, hour), stored) in hours {
        totals::add_to_hour(connection, tenant, hour, stored)?;
    }
    for ((tenant, month), stored) in months {
        totals::add_to_month(connection, tenant, month, stored)?;
    }
    Ok(Commit::new(outcomes))
}

/// Whether the event was new.
fn insert_one(
    insert: &mut CachedStatement<'_>,
    keys: TextKeys,
    seq: i64,
    tenant: i64,
    event: &NewEvent,
) -> Result<bool, Failure> {
    let changed = insert.execute(params![
        seq,
        tenant,
        event.event_time_ms,
        keys.of(&event.event_name),
        event.actor_id.as_deref().map(|actor| keys.of(actor)),
        event.original_event.as_deref().map(|name| keys.of(name)),
        event.id.as_bytes(),
        event.severity,
        event.received_ms,
        event.event_name,
        event.original_event,
        event.actor_id,
        event.actor_email,
        event.actor_name,
        event.target,
        bind::text(event.user_ip),
        bind::text(event.server_ip),
        event.severity_detail,
        event.metadata,
        event.marks,
        event.enrichment,
    ])?;
    Ok(changed == 1)
}
