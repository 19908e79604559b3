//! [`Members`]: the members of an object, read one by one, with what is wrong gathered on the way.

use litesoc_ledger::canonical::{Object, Value};

use super::{Faults, Restriction};
use crate::fault::Fault;

/// The most values of a restriction, all fields together.
const MOST_VALUES: usize = 1_000;

/// The members of an object. A null member is an absent one.
pub(super) struct Members<'a> {
    object: &'a Object,
    /// The pointer to the object.
    place: String,
    faults: Faults,
}

impl<'a> Members<'a> {
    pub(super) fn of(body: &'a Value) -> Result<Self, Faults> {
        Self::below(body, String::new())
    }

    pub(super) fn below(value: &'a Value, place: String) -> Result<Self, Faults> {
        match value.as_object() {
            Some(object) => Ok(Self { object, place, faults: Vec::new() }),
            None => Err(vec![Fault::new("InvalidObject", place, "must be an object")]),
        }
    }

    pub(super) fn done<T>(self, read: T) -> Result<T, Faults> {
        if self.faults.is_empty() { Ok(read) } else { Err(self.faults) }
    }

    pub(super) fn fault(&mut self, code: &'static str, name: &str, detail: impl Into<String>) {
        self.faults.push(Fault::new(code, format!("{}/{name}", self.place), detail));
    }

    pub(super) fn add(&mut self, faults: Faults) {
        self.faults.extend(faults);
    }

    pub(super) fn take_faults(&mut self, inner: Members<'_>) {
        self.faults.extend(inner.faults);
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str, most: usize) -> Option<&'a str> {
        let value = self.get(name)?;
        let Some(text) = value.as_str() else {
            self.fault("InvalidString", name, "must be a string");
            return None;
        };
        if text.len() > most && text.chars().count() > most {
            self.fault("AboveMaxLength", name, format!("must have at most {most} characters"));
            return None;
        }
        Some(text)
    }

    pub(super) fn required_text(&mut self, name: &str) -> &'a str {
        if self.get(name).is_none() {
            self.fault("FieldRequired", name, "is required");
        }
        self.text(name, 64).unwrap_or_default()
    }

    pub(super) fn flag(&mut self, name: &str, usual: bool) -> bool {
        match self.get(name) {
            None => usual,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.fault("InvalidBool", name, "must be true or false");
                usual
            }
        }
    }

    pub(super) fn number(&mut self, name: &str, least: u64, most: u64) -> Option<u64> {
        let value = self.get(name)?;
        let Some(number) = value.as_integer() else {
            self.fault("InvalidInteger", name, "must be an integer");
            return None;
        };
        let fitting = u64::try_from(number).ok().filter(|number| (least..=most).contains(number));
        if fitting.is_none() {
            let range =
                if most == u64::MAX { format!("at least {least}") } else { format!("{least} to {most}") };
            self.fault("NotWithinRange", name, format!("must be {range}"));
        }
        fitting
    }

    pub(super) fn choice(&mut self, name: &str, choices: &[&'a str]) -> Option<&'a str> {
        let text = self.text(name, usize::MAX)?;
        let known = choices.contains(&text);
        if !known {
            self.fault("NotEnumMember", name, format!("must be one of {}", choices.join(", ")));
        }
        known.then_some(text)
    }

    pub(super) fn object(&mut self, name: &str) -> Option<&'a Object> {
        let Some(value) = self.get(name) else {
            self.fault("FieldRequired", name, "is required");
            return None;
        };
        let object = value.as_object();
        if object.is_none() {
            self.fault("InvalidObject", name, "must be an object");
        }
        object
    }

    /// A list that must be there and hold something.
    pub(super) fn list(&mut self, name: &str, most: usize) -> &'a [Value] {
        let Some(value) = self.get(name) else {
            self.fault("FieldRequired", name, "is required");
            return &[];
        };
        let Some(list) = value.as_array() else {
            self.fault("InvalidArray", name, "must be an array");
            return &[];
        };
        if list.is_empty() {
            self.fault("BelowMinItems", name, "must have at least 1 element");
        } else if list.len() > most {
            self.fault("AboveMaxItems", name, format!("must have at most {most} elements"));
            return &[];
        }
        list
    }

    /// For each field the values it may have; `None` when the member is absent.
    pub(super) fn restriction(&mut self, name: &str) -> Option<Restriction> {
        let value = self.get(name)?;
        let Some(object) = value.as_object() else {
            self.fault("InvalidObject", name, "must be an object of arrays of strings");
            return None;
        };
        let mut restriction = Restriction::new();
        let mut values = 0;
        for (field, list) in object.iter().filter(|(_, list)| !list.is_null()) {
            let Some(texts) = list.as_array().and_then(texts) else {
                self.fault("InvalidArray", &format!("{name}/{field}"), "must be an array of strings");
                continue;
            };
            values += texts.len();
            // An empty array restricts nothing.
            if !texts.is_empty() {
                restriction.insert(field.clone(), texts);
            }
        }
        if values > MOST_VALUES {
            self.fault("AboveMaxItems", name, format!("must have at most {MOST_VALUES} values"));
        }
        Some(restriction)
    }
}

fn texts(list: &[Value]) -> Option<Vec<String>> {
    let mut texts: Vec<_> =
        list.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    // Sorted, so that two restrictions that mean the same are equal.
    texts.sort_unstable();
    texts.dedup();
    Some(texts)
}
