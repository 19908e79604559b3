//! Holding events against a schema.

use super::{Code, Faults, Field, FieldType, SaveMalformed, Schema, fault::below};
use crate::{
    canonical::{MAX_INTEGER, Value},
    event::Event,
    time::DateTime,
};

/// An event that may be sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Admitted {
    /// The event, with times in their one form unless it is signed.
    pub event: Event,
    /// What is malformed, for the `err` of the envelope; only with a schema that keeps such events.
    pub err: Option<Value>,
}

impl Schema {
    /// Decides whether an event may be sealed. `pointer` is where the event stands in the request, such as `/event`.
    ///
    /// An unsigned event's times are rewritten to `YYYY-MM-DDTHH:MM:SS.ffffffZ`; a signed event is left alone, because
    /// its signature is over its text.
    ///
    /// # Errors
    ///
    /// All faults of the event, unless the schema keeps malformed ones.
    pub fn admit(&self, event: Event, pointer: &str, signed: bool) -> Result<Admitted, Faults> {
        let mut faults = Faults::default();
        let mut sensitive = Vec::new();
        if signed && !self.client_signable {
            faults.add(Code::BadState, "/signature", "this configuration does not take signed events");
            return Err(faults);
        }
        for (id, value) in event.members() {
            let place = below(pointer, id);
            let Some(field) = self.field(id) else {
                faults.add(Code::UnexpectedProperty, place, "the schema has no such field");
                continue;
            };
            if let Some((code, detail)) = field.fault(value) {
                faults.add(code, place, detail);
                if field.redact {
                    sensitive.push(id.clone());
                }
            }
        }
        for field in self.fields.iter().filter(|field| field.required && event.get(&field.id).is_none()) {
            faults.add(Code::FieldRequired, below(pointer, &field.id), "the schema requires this field");
        }
        if !faults.0.is_empty() && self.save_malformed == SaveMalformed::Reject {
            return Err(faults);
        }
        let mut event = event;
        if self.save_malformed == SaveMalformed::Unredacted {
            // A signature would not survive that.
            if signed && !sensitive.is_empty() {
                return Err(faults);
            }
            sensitive.iter().for_each(|id| drop(event.remove(id)));
        }
        if !signed {
            self.normalise(&mut event);
        }
        let err = (!faults.0.is_empty()).then(|| faults.to_value());
        Ok(Admitted { event, err })
    }

    /// Rewrites the times that can be read; a text that is no time stays.
    fn normalise(&self, event: &mut Event) {
        for id in self.times() {
            let time = event.get(id).and_then(Value::as_str).and_then(DateTime::parse);
            if let Some(moment) = time.and_then(|time| time.moment()) {
                event.set(id, moment.to_string());
            }
        }
    }
}

impl Field {
    /// What is wrong with a value of this field.
    fn fault(&self, value: &Value) -> Option<(Code, String)> {
        let text = match (self.kind, value) {
            (FieldType::Boolean, Value::Bool(_)) => return None,
            (FieldType::Boolean, _) => return Some((Code::InvalidBool, "must be true or false".to_owned())),
            (FieldType::Integer, Value::Integer(number)) => {
                let fits = (-MAX_INTEGER..=MAX_INTEGER).contains(number);
                return (!fits).then(|| (Code::NotWithinRange, "must lie within 53 bits".to_owned()));
            }
            (FieldType::Integer, _) => return Some((Code::InvalidInteger, "must be an integer".to_owned())),
            (_, Value::String(text)) => text,
            _ => return Some((Code::InvalidString, "must be a string".to_owned())),
        };
        // Characters are counted only where bytes do not decide it.
        if text.len() > self.size && text.chars().count() > self.size {
            return Some((Code::AboveMaxLength, format!("must have at most {} characters", self.size)));
        }
        if self.kind == FieldType::Datetime
            && DateTime::parse(text).is_none_or(|time| time.moment().is_none())
        {
            return Some((
                Code::BadFormatDateTime,
                "must be a date and time such as 2025-01-31T23:59:59.000000Z".to_owned(),
            ));
        }
        None
    }
}
