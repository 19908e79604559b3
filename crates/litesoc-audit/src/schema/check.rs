//! Whether an event fits a schema, with everything that does not.

use litesoc_ledger::canonical::Value;
use litesoc_ledger::event::Event;
use litesoc_ledger::time::DateTime;

use super::{Field, FieldType, Schema};
use crate::fault::Fault;

impl Schema {
    /// Everything about an event that does not fit.
    #[must_use]
    pub fn faults(&self, event: &Event) -> Vec<Fault> {
        let mut faults = Vec::new();
        for field in self.fields.iter().filter(|field| field.required && event.get(&field.id).is_none()) {
            let detail = format!("every event needs {}", field.id);
            faults.push(Fault::new("FieldRequired", format!("/{}", field.id), detail));
        }
        for (name, value) in event.members() {
            match self.field(name) {
                Some(field) => faults.extend(fault_of(field, value)),
                None => {
                    let known: Vec<_> = self.fields.iter().map(|field| field.id.as_str()).collect();
                    let detail = format!("events of this log have no {name:?}, but {}", known.join(", "));
                    faults.push(Fault::new("UnexpectedProperty", format!("/{name}"), detail));
                }
            }
        }
        faults
    }

    /// Rewrites the times of an unsigned event to the one form that every reader hashes alike.
    pub fn normalize_times(&self, event: &mut Event) {
        for name in self.times() {
            let time = event.get(name).and_then(Value::as_str).and_then(DateTime::parse);
            if let Some(moment) = time.and_then(|time| time.moment()) {
                event.set(name, moment.to_string());
            }
        }
    }
}

fn fault_of(field: &Field, value: &Value) -> Option<Fault> {
    let source = format!("/{}", field.id);
    let wrong = |code, wanted: &str| {
        Some(Fault::new(
            code,
            source.clone(),
            format!("{} must be {wanted}, not {}", field.id, kind_of(value)),
        ))
    };
    match (field.kind, value) {
        (FieldType::Boolean, Value::Bool(_)) | (FieldType::Integer, Value::Integer(_)) => None,
        (FieldType::Boolean, _) => wrong("InvalidBool", "true or false"),
        (FieldType::Integer, _) => wrong("InvalidInteger", "a whole number of at most 53 bits"),
        (FieldType::Datetime, Value::String(text)) => {
            let too_long = field.size.is_some_and(|size| text.chars().count() > size);
            if !too_long && DateTime::parse(text).and_then(|time| time.moment()).is_some() {
                return None;
            }
            let detail = format!("{} must be a time such as 2026-01-02T03:04:05.678Z", field.id);
            Some(Fault::new("BadFormatDateTime", source, detail))
        }
        (FieldType::Datetime, _) => wrong("InvalidString", "the text of a time"),
        (FieldType::String | FieldType::StringUnindexed | FieldType::Text, Value::String(text)) => {
            let (size, length) = (field.size?, text.chars().count());
            let detail = format!("{} may have {size} characters, and this has {length}", field.id);
            (length > size).then(|| Fault::new("AboveMaxLength", source, detail))
        }
        (FieldType::String | FieldType::StringUnindexed | FieldType::Text, _) => {
            wrong("InvalidString", "a text")
        }
    }
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Integer(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
