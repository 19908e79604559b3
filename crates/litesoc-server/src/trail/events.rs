//! Security events, in the order in which the store committed them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use litesoc_store::{Seq, StoredEvent};
use litesoc_tlog::RequestId;
use serde_json::{Value, json};
use uuid::Uuid;

use super::record::{Line, long, moment, short};
use super::{EVENTS, Held, Trail};
use crate::config::EventTrail;

const CHUNK: usize = 1_000;
/// Events after which the place is written down. Below the half a million requests that a log remembers, by which what a
/// crash repeats is known.
const WRITE_EVERY: u64 = 20_000;

/// How far the trail of events is.
#[derive(Debug)]
pub(super) struct Cursor {
    path: PathBuf,
    at: Seq,
    written: u64,
}

impl Cursor {
    /// Without a file everything that is stored is still to be written.
    pub(super) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let at = text.trim().parse().unwrap_or(0);
        Self { path: path.to_owned(), at: Seq::new(at), written: at }
    }

    pub(super) fn write(&mut self) -> io::Result<()> {
        if self.written == self.at.get() {
            return Ok(());
        }
        let beside = self.path.with_extension("new");
        let mut file = fs::File::create(&beside)?;
        writeln!(file, "{}", self.at.get())?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        self.written = self.at.get();
        Ok(())
    }
}

/// The request id of the record of an event.
pub(crate) fn request_id(event: Uuid) -> RequestId {
    RequestId::new(&format!("event.{}", event.simple())).expect("38 visible characters")
}

impl Trail {
    /// Writes the events that were stored since the last time.
    pub(super) fn follow_events(&mut self) -> Result<(), Held> {
        if self.events == EventTrail::Off {
            return Ok(());
        }
        loop {
            let events = self.store.read_from(self.cursor.at, CHUNK)?;
            let Some(last) = events.last().map(|event| event.seq) else { break };
            self.write_events(&events)?;
            self.cursor.at = last;
            if last.get() - self.cursor.written >= WRITE_EVERY {
                self.cursor.write()?;
            }
            if events.len() < CHUNK {
                break;
            }
        }
        Ok(())
    }

    fn write_events(&self, events: &[StoredEvent]) -> Result<(), Held> {
        let mut lines: BTreeMap<&str, Vec<Line>> = BTreeMap::new();
        for stored in events {
            let organization = stored.event.organization.as_str();
            if self.events.covers(organization) {
                let request = request_id(stored.event.id).to_string();
                lines.entry(organization).or_default().push(Line { request, event: record(stored) });
            }
        }
        lines.into_iter().try_for_each(|(organization, lines)| self.sink.write(organization, EVENTS, lines))
    }
}

/// An event as a record: what people look for in the members for it, all of it in `new`.
fn record(stored: &StoredEvent) -> Value {
    let event = &stored.event;
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| Value::from(text));
    let whole = json!({
        "id": event.id.to_string(),
        "event": event.event_name,
        "original_event": event.original_event,
        "actor_id": event.actor_id,
        "actor_email": event.actor_email,
        "actor_name": event.actor_name,
        "target": event.target.as_deref().map(parsed),
        "user_ip": event.user_ip,
        "severity": event.severity,
        "metadata": parsed(&event.metadata),
        "event_time_ms": event.event_time_ms,
        "received_ms": event.received_ms,
    });
    let mut record = json!({
        "message": event.event_name,
        "action": event.event_name.chars().take(32).collect::<String>(),
        "status": event.severity,
        "target": event.id.to_string(),
        "new": long(whole.to_string()),
    });
    if let Some(actor) = &event.actor_id {
        record["actor"] = short(actor).into();
    }
    if let Some(address) = event.user_ip {
        record["source"] = address.to_string().into();
    }
    if let Some(at) = moment(event.event_time_ms) {
        record["timestamp"] = at.to_string().into();
    }
    record
}
