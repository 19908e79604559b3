//! [`Act`]: something that was done to litesoc, as a record of an audit log.

use litesoc_audit::{AuditLog, Incoming};
use litesoc_ledger::time::Moment;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Held;

/// The longest of the short members of an event of the standard schema, in characters.
const SHORT: usize = 128;
/// The longest of its long members.
const LONG: usize = 32_766;

/// Something that was done.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    action: &'static str,
    by: String,
    target: Option<String>,
    at_ms: Option<i64>,
    details: Map<String, Value>,
}

impl Act {
    /// An act of at most 32 characters, such as `alert.resolve`, and whose it is.
    pub(crate) fn new(action: &'static str, by: impl Into<String>) -> Self {
        Self { action, by: by.into(), target: None, at_ms: None, details: Map::new() }
    }

    /// To what it was done.
    pub(crate) fn on(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// When it was done, if not now.
    pub(super) const fn at(mut self, at_ms: i64) -> Self {
        self.at_ms = Some(at_ms);
        self
    }

    /// What else is known.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// The act as a line of the trail, under an id that follows from what it tells of.
    pub(super) fn line(&self, id: &str) -> Line {
        let mut event = json!({ "message": self.action, "action": self.action, "actor": short(&self.by) });
        if let Some(target) = &self.target {
            event["target"] = short(target).into();
        }
        if let Some(at) = self.at_ms.and_then(moment) {
            event["timestamp"] = at.to_string().into();
        }
        if !self.details.is_empty() {
            event["new"] = long(Value::Object(self.details.clone()).to_string()).into();
        }
        Line { request: id.to_owned(), event }
    }
}

/// A record of the trail before it has a place.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Line {
    /// The id by which it is written once, of at most 48 visible characters.
    pub(crate) request: String,
    /// An event of the standard schema.
    pub(crate) event: Value,
}

/// An event of the standard schema, ready to be appended.
pub(super) fn prepare(log: &AuditLog, event: &Value) -> Result<litesoc_ledger::envelope::Prepared, Held> {
    let told = |faults: Vec<litesoc_audit::Fault>| {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        Held::from(faults.join("; "))
    };
    let incoming = Incoming::parse(&event.to_string()).map_err(|error| Held::from(format!("{error:?}")))?;
    log.prepare(&incoming).map_err(told)
}

/// At most so many characters as a short member takes.
pub(super) fn short(text: &str) -> String {
    text.chars().take(SHORT).collect()
}

/// A text as a long member takes it; one that is too long is named by its hash.
pub(super) fn long(text: String) -> String {
    if text.chars().count() <= LONG {
        return text;
    }
    json!({ "sha256": litesoc_ledger::Hash::of(text.as_bytes()).to_string(), "bytes": text.len() })
        .to_string()
}

pub(super) fn moment(at_ms: i64) -> Option<Moment> {
    Moment::from_micros(at_ms.checked_mul(1_000)?)
}
