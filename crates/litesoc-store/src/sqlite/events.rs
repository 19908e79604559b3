//! Reading events: in committed order, one by one, and as filtered lists.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use uuid::Uuid;

use super::bind;
use super::failure::Failure;
use super::keys::TextKeys;
use super::tenants::Tenants;
use super::totals;
use super::{from_seq, to_seq};
use crate::event::{EventQuery, NewEvent, StoredEvent};
use crate::organization::OrganizationId;
use crate::page::{MAX_COUNTED, MAX_ROWS, PageCursor, Rows, Seq, Total};

const COLUMNS: &str = "e.seq, e.organization, e.event_time_ms, e.id, e.severity, e.received_ms, e.event_name, e.original_event, \
    e.actor_id, e.actor_email, e.actor_name, e.target, e.user_ip, e.server_ip, e.severity_detail, e.metadata, e.marks, \
    e.enrichment";

/// From this many names on, walking the events by time beats merging one walk per name.
const MANY_NAMES: usize = 16;

fn stored(row: &Row<'_>, organization: OrganizationId) -> rusqlite::Result<StoredEvent> {
    let mut event = NewEvent::new(organization, bind::uuid(row, 3)?, row.get::<_, String>(6)?, row.get(5)?);
    event.event_time_ms = row.get(2)?;
    event.severity = row.get::<_, String>(4)?.into();
    event.original_event = row.get(7)?;
    event.actor_id = row.get(8)?;
    event.actor_email = row.get(9)?;
    event.actor_name = row.get(10)?;
    event.target = row.get(11)?;
    event.user_ip = bind::address(row, 12)?;
    event.server_ip = bind::address(row, 13)?;
    event.severity_detail = row.get::<_, Option<String>>(14)?.map(Into::into);
    event.metadata = row.get(15)?;
    event.marks = row.get(16)?;
    event.enrichment = row.get(17)?;
    Ok(StoredEvent::new(to_seq(row.get(0)?), event))
}

pub(super) fn read_from(
    connection: &Connection,
    tenants: &Tenants,
    after: Seq,
    max: usize,
) -> Result<Vec<StoredEvent>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM events e WHERE e.seq > ? ORDER BY e.seq LIMIT ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![from_seq(after), bind::bounded(max as u64)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(stored(row, tenants.id(row.get(1)?)?)?);
    }
    Ok(found)
}

/// Halves the range of places until the first event of that time is found: arrival grows with the place, so no index is needed.
pub(super) fn seq_before(connection: &Connection, received_ms: i64) -> Result<Seq, Failure> {
    let ends = "SELECT ifnull(min(seq), 1), ifnull(max(seq), 0) FROM events";
    let (mut first, mut end): (i64, i64) =
        connection.query_row(ends, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    end += 1;
    // Places may be missing after a purge, so that the middle stands for the next event at or after it.
    let mut probe = connection.prepare_cached(
        "SELECT seq, received_ms FROM events WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT 1",
    )?;
    while first < end {
        let middle = first + (end - first) / 2;
        let found = probe
            .query_row([middle, end], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
            .optional()?;
        match found {
            Some((seq, received)) if received < received_ms => first = seq + 1,
            Some(_) | None => end = middle,
        }
    }
    Ok(to_seq(first - 1))
}

pub(super) fn one(
    connection: &Connection,
    organization: &OrganizationId,
    tenant: i64,
    id: Uuid,
    not_before_ms: i64,
) -> Result<Option<StoredEvent>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events e WHERE e.organization = ? AND e.id = ? AND e.event_time_ms >= ?"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement
        .query_row(params![tenant, id.as_bytes(), not_before_ms], |row| stored(row, organization.clone()))
        .optional()?;
    Ok(found)
}

pub(super) fn list(
    connection: &Connection,
    keys: TextKeys,
    tenant: i64,
    query: &EventQuery,
) -> Result<Rows<StoredEvent>, Failure> {
    let from = query.from_ms.unwrap_or(i64::MIN).max(query.not_before_ms.unwrap_or(i64::MIN));
    let span = Span { tenant, from, to: query.to_ms.unwrap_or(i64::MAX) };
    let total = if query.count { total(connection, keys, span, query)? } else { Total::NotCounted };
    let limit = query.limit.min(MAX_ROWS);
    if limit == 0 {
        return Ok(Rows::new(Vec::new(), total, None));
    }
    let mut places = positions(keys, span, query, query.cursor);
    // One more than asked for tells whether there is a next page.
    places.sql.push_str(" ORDER BY event_time_ms DESC, seq DESC LIMIT ? OFFSET ?");
    places.values.extend([
        Value::Integer(bind::bounded(limit as u64 + 1)),
        Value::Integer(bind::bounded(query.offset)),
    ]);
    let sql = format!(
        "SELECT {COLUMNS} FROM ({}) p CROSS JOIN events e ON e.seq = p.seq ORDER BY p.event_time_ms DESC, p.seq DESC",
        places.sql
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(places.values))?;
    let mut found = Vec::with_capacity(limit.min(128));
    let mut next = None;
    while let Some(row) = rows.next()? {
        if found.len() == limit {
            next = found
                .last()
                .map(|last: &StoredEvent| PageCursor::new(last.event.event_time_ms, from_seq(last.seq)));
            break;
        }
        let event = stored(row, query.organization.clone())?;
        if is_meant(&event.event, query) {
            found.push(event);
        }
    }
    Ok(Rows::new(found, total, next))
}

/// Whether the texts are those asked for, and not only their keys.
fn is_meant(event: &NewEvent, query: &EventQuery) -> bool {
    let named = |name: &str| query.names.iter().any(|wanted| wanted == name);
    let name = query.names.is_empty()
        || named(&event.event_name)
        || event.original_event.as_deref().is_some_and(named);
    name && query.actor_id.as_ref().is_none_or(|wanted| event.actor_id.as_ref() == Some(wanted))
}

fn total(connection: &Connection, keys: TextKeys, span: Span, query: &EventQuery) -> Result<Total, Failure> {
    if query.names.is_empty() && query.actor_id.is_none() && query.severity.is_none() {
        return totals::events_between(connection, span.tenant, span.from, span.to);
    }
    let mut places = positions(keys, span, query, None);
    places.values.push(Value::Integer(bind::bounded(MAX_COUNTED + 1)));
    let sql = format!("SELECT count(*) FROM ({} LIMIT ?)", places.sql);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_row(params_from_iter(places.values), |row| bind::count(row, 0))?;
    Ok(totals::counted(rows))
}

/// The stretch of one organisation's events a question is about, both ends included.
#[derive(Clone, Copy, Debug)]
struct Span {
    tenant: i64,
    from: i64,
    to: i64,
}

/// A query for `event_time_ms, seq` of matching events, without order or limit.
///
/// It reads indexes only, where one of them holds all that is asked about: skipping and counting rows then never touches the
/// rows themselves.
#[derive(Debug, Default)]
struct Positions {
    sql: String,
    values: Vec<Value>,
}

impl Positions {
    /// Starts a walk along one index.
    fn walk(&mut self, index: &str, span: Span) {
        self.sql.push_str("SELECT event_time_ms, seq FROM events INDEXED BY ");
        self.sql.push_str(index);
        self.sql.push_str(" WHERE organization = ? AND event_time_ms BETWEEN ? AND ?");
        self.values.extend([span.tenant, span.from, span.to].map(Value::Integer));
    }

    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    fn after(&mut self, cursor: Option<PageCursor>) {
        if let Some(cursor) = cursor {
            let values = [cursor.time_ms(), cursor.row()].map(Value::Integer);
            self.and("(event_time_ms, seq) < (?, ?)", values);
        }
    }

    fn severity(&mut self, severity: Option<&String>) {
        if let Some(severity) = severity {
            self.and("severity = ?", [Value::Text(severity.clone())]);
        }
    }

    fn names(&mut self, keys: TextKeys, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let marks = vec!["?"; names.len()].join(", ");
        let values = names.iter().chain(names).map(|name| Value::Integer(keys.of(name)));
        self.and(&format!("(name_key IN ({marks}) OR original_key IN ({marks}))"), values);
    }
}

/// Takes the narrowest index: by actor, by name, by severity, at last by time alone.
fn positions(keys: TextKeys, span: Span, query: &EventQuery, cursor: Option<PageCursor>) -> Positions {
    let mut places = Positions::default();
    let severity = query.severity.as_ref();
    if let Some(actor) = &query.actor_id {
        places.walk("events_actor", span);
        places.and("actor_key = ?", [Value::Integer(keys.of(actor))]);
        places.after(cursor);
        places.names(keys, &query.names);
        places.severity(severity);
    } else if (1..MANY_NAMES).contains(&query.names.len()) {
        for (index, column) in [("events_name", "name_key"), ("events_original", "original_key")] {
            for name in &query.names {
                if !places.sql.is_empty() {
                    // Not ALL: an event can match by its name and by the one it was sent under.
                    places.sql.push_str(" UNION ");
                }
                places.walk(index, span);
                places.and(&format!("{column} = ?"), [Value::Integer(keys.of(name))]);
                places.after(cursor);
                places.severity(severity);
            }
        }
    } else if severity.is_some_and(|severity| severity != "info") {
        places.walk("events_severity", span);
        places.and("severity <> 'info'", []);
        places.severity(severity);
        places.after(cursor);
        places.names(keys, &query.names);
    } else {
        places.walk("events_time", span);
        places.after(cursor);
        places.names(keys, &query.names);
        places.severity(severity);
    }
    places
}
