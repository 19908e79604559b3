//! [`Line`]: the values of one line, however people write them.

use std::net::IpAddr;

use litesoc_model::{Timestamp, read_address};
use serde_json::{Map, Value};

use super::fields::{FIELDS, Field, Members, Name};
use super::{ATTACK, Truth, is_clean};

/// The values of one line, each with the name it was given under; null and empty text are no values.
#[derive(Debug, Default)]
pub(super) struct Line {
    given: [Option<(&'static str, Value)>; FIELDS],
}

/// Numbers below are seconds since 1970 (to the year 5138), others milliseconds (from the year 1973 on).
const LEAST_MILLIS: f64 = 1e11;
/// So much of a value is shown in a complaint.
const SHOWN: usize = 60;

impl Line {
    /// Sorts the members by what they say; `unread` hears the names that say nothing here.
    pub(super) fn of(members: Members, mut unread: impl FnMut(String)) -> Result<Self, String> {
        let mut line = Self::default();
        for (name, value) in members.0 {
            if is_absent(&value) {
                continue;
            }
            match name {
                Name::Other(name) => unread(name),
                Name::Known(field, name) => match line.given[field as usize].replace((name, value)) {
                    None => {}
                    Some((earlier, _)) if earlier == name => return Err(format!("`{name}` is there twice")),
                    Some((earlier, _)) => {
                        return Err(format!("`{earlier}` and `{name}` say the same; leave one out"));
                    }
                },
            }
        }
        Ok(line)
    }

    fn get(&self, field: Field) -> Option<(&'static str, &Value)> {
        self.given[field as usize].as_ref().map(|(name, value)| (*name, value))
    }

    /// The name a value was given under.
    pub(super) fn name(&self, field: Field) -> &'static str {
        self.get(field).map_or_else(|| field.names()[0], |(name, _)| name)
    }

    /// Text that has to be there.
    pub(super) fn event(&self) -> Result<&str, String> {
        match self.get(Field::Event) {
            None => Err(missing(Field::Event)),
            Some((_, Value::String(event))) => Ok(event),
            Some((name, other)) => Err(refuse(name, other, "no text")),
        }
    }

    /// RFC 3339, or seconds or milliseconds since 1970.
    pub(super) fn time(&self) -> Result<Timestamp, String> {
        let (name, value) = self.get(Field::Time).ok_or_else(|| missing(Field::Time))?;
        let written = value.as_str().and_then(|text| text.parse().ok());
        let count = || {
            let count = number(value)?;
            let millis = if count.abs() < LEAST_MILLIS { count * 1_000.0 } else { count };
            (millis.abs() <= Timestamp::MAX.as_millis() as f64)
                .then(|| Timestamp::from_millis(millis.round() as i64))
        };
        written.or_else(count).ok_or_else(|| {
            let expected =
                "no RFC 3339 time such as 2026-03-01T12:30:00Z, nor seconds or milliseconds since 1970";
            refuse(name, value, expected)
        })
    }

    /// The id of whoever acts: text, a number, or an object with `id` or `email`.
    pub(super) fn actor(&self) -> Result<Option<String>, String> {
        let Some((name, Value::Object(actor))) = self.get(Field::Actor) else {
            return self.text(Field::Actor);
        };
        let id = ["id", "email"].iter().find_map(|key| actor.get(*key).filter(|value| !is_absent(value)));
        let id = id.ok_or_else(|| format!("`{name}` is an object without `id` and `email`"))?;
        text(id).map(Some).ok_or_else(|| refuse(&format!("{name}.id"), id, "neither text nor a number"))
    }

    /// Text, or a number as text.
    pub(super) fn text(&self, field: Field) -> Result<Option<String>, String> {
        self.read(field, text, "neither text nor a number")
    }

    /// An address, with or without a port and brackets.
    pub(super) fn address(&self) -> Result<Option<IpAddr>, String> {
        self.read(Field::Ip, |value| value.as_str().and_then(read_address), "no IP address")
    }

    /// Two letters, made capital.
    pub(super) fn country(&self) -> Result<Option<String>, String> {
        let code = |value: &Value| {
            let text = value.as_str()?.trim();
            let is_code = text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_alphabetic());
            is_code.then(|| text.to_ascii_uppercase())
        };
        self.read(Field::Country, code, "no ISO 3166-1 code of two letters such as DE")
    }

    /// A number, or text that is one.
    pub(super) fn number(&self, field: Field) -> Result<Option<f64>, String> {
        self.read(field, number, "no number")
    }

    /// Kilometres, rounded.
    pub(super) fn radius(&self) -> Result<Option<u16>, String> {
        let radius = |value: &Value| number(value).and_then(|km| whole(km.round(), u16::MAX.into()));
        let radius = self.read(Field::Radius, radius, "no number of kilometres from 0 to 65535")?;
        Ok(radius.and_then(|km| u16::try_from(km).ok()))
    }

    /// The number of an autonomous system, with or without `AS`; 0 stands for none (RFC 7607).
    pub(super) fn asn(&self) -> Result<Option<u32>, String> {
        let asn = |value: &Value| {
            let Some(text) = value.as_str().map(str::trim) else {
                return number(value).and_then(|number| whole(number, u32::MAX));
            };
            let prefix = text.get(..2).filter(|prefix| prefix.eq_ignore_ascii_case("AS"));
            text[prefix.map_or(0, str::len)..].trim().parse().ok()
        };
        let asn = self.read(Field::Asn, asn, "no number of an autonomous system such as 3320")?;
        Ok(asn.filter(|asn| *asn > 0))
    }

    /// Whether something holds; `false` where nothing is said.
    pub(super) fn flag(&self, field: Field) -> Result<bool, String> {
        let flag = |value: &Value| match word(value)?.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        Ok(self.read(field, flag, "neither true nor false")?.unwrap_or_default())
    }

    /// Whatever else is known of the event.
    pub(super) fn metadata(&mut self) -> Result<Map<String, Value>, String> {
        match self.given[Field::Metadata as usize].take() {
            None => Ok(Map::new()),
            Some((_, Value::Object(members))) => Ok(members),
            Some((name, other)) => Err(refuse(name, &other, "no object")),
        }
    }

    /// Which attack the event belongs to; `None` when nobody means harm.
    pub(super) fn truth(&self) -> Result<Option<Truth>, String> {
        let label = self.read(Field::Label, word, "no label, which is text, a number, true or false")?;
        let attack =
            self.get(Field::Attack).filter(|(_, value)| !word(value).is_some_and(|word| is_clean(&word)));
        let Some(label) = label else {
            return attack.map_or(Ok(None), |(name, _)| {
                Err(format!(
                    "`{name}` without `label`: `label` says what an attack is, `{name}` which one of them"
                ))
            });
        };
        if is_clean(&label) {
            return Ok(None);
        }
        let label =
            if matches!(&*label, "1" | "true") { ATTACK.to_owned() } else { self.label_as_written(label) };
        let attack = attack
            .map(|(name, value)| text(value).ok_or_else(|| refuse(name, value, "neither text nor a number")))
            .transpose()?;
        Ok(Some(Truth { label, attack }))
    }

    /// A label keeps its capital letters.
    fn label_as_written(&self, word: String) -> String {
        match self.get(Field::Label) {
            Some((_, Value::String(written))) => written.trim().to_owned(),
            _ => word,
        }
    }

    fn read<T>(
        &self,
        field: Field,
        read: impl FnOnce(&Value) -> Option<T>,
        expected: &str,
    ) -> Result<Option<T>, String> {
        let Some((name, value)) = self.get(field) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| refuse(name, value, expected))
    }
}

fn is_absent(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A truth value, a number or text in small letters; whole numbers lose their `.0`.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::Bool(is_true) => Some(is_true.to_string()),
        Value::Number(_) => number(value).map(|number| number.to_string()),
        Value::String(text) => Some(text.trim().to_lowercase()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    let number = match value.as_str() {
        Some(text) => text.trim().parse().ok()?,
        None => value.as_f64()?,
    };
    number.is_finite().then_some(number)
}

/// A number without a fraction, up to `most`.
fn whole(number: f64, most: u32) -> Option<u32> {
    ((0.0..=f64::from(most)).contains(&number) && number.fract() == 0.0).then_some(number as u32)
}

fn missing(field: Field) -> String {
    let names: Vec<String> = field.names().iter().map(|name| format!("`{name}`")).collect();
    format!("missing field {}", names.join(" or "))
}

fn refuse(name: &str, value: &Value, expected: &str) -> String {
    format!("`{name}` {} is {expected}", shown(&value.to_string()))
}

/// The beginning of a text that may be long.
pub(super) fn shown(text: &str) -> String {
    let mut beginning: String = text.chars().take(SHOWN).collect();
    if beginning.len() < text.len() {
        beginning.push_str("..");
    }
    beginning
}
