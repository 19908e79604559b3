//! JSON values as parts of records; floating-point numbers keep every bit, which a round trip through text does not promise.

use litesoc_model::Enrichment;
use serde_json::{Map, Number, Value};

use super::Field;

/// How deep values nest at most; what a rule says about an event is flat.
const DEEPEST: u8 = 16;

impl Field for Value {
    fn put(&self, out: &mut Vec<u8>) {
        put(self, out, DEEPEST);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        take(input, DEEPEST)
    }
}

impl Field for Enrichment {
    fn put(&self, out: &mut Vec<u8>) {
        serde_json::to_value(self).unwrap_or_default().put(out);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        serde_json::from_value(<Value as Field>::take(input)?).ok()
    }
}

fn put(value: &Value, out: &mut Vec<u8>, deeper: u8) {
    match value {
        Value::Bool(truth) => {
            out.push(1);
            truth.put(out);
        }
        Value::Number(number) => put_number(number, out),
        Value::String(text) => {
            out.push(5);
            text.put(out);
        }
        Value::Array(values) if deeper > 0 => {
            out.push(6);
            values.len().put(out);
            values.iter().for_each(|value| put(value, out, deeper - 1));
        }
        Value::Object(members) if deeper > 0 => {
            out.push(7);
            members.len().put(out);
            for (name, value) in members {
                name.put(out);
                put(value, out, deeper - 1);
            }
        }
        Value::Null | Value::Array(_) | Value::Object(_) => out.push(0),
    }
}

fn put_number(number: &Number, out: &mut Vec<u8>) {
    if let Some(natural) = number.as_u64() {
        out.push(2);
        natural.put(out);
    } else if let Some(integer) = number.as_i64() {
        out.push(3);
        integer.put(out);
    } else {
        out.push(4);
        number.as_f64().unwrap_or_default().put(out);
    }
}

fn take(input: &mut &[u8], deeper: u8) -> Option<Value> {
    Some(match u8::take(input)? {
        0 => Value::Null,
        1 => Value::Bool(bool::take(input)?),
        2 => Value::from(u64::take(input)?),
        3 => Value::from(i64::take(input)?),
        4 => Value::Number(Number::from_f64(f64::take(input)?)?),
        5 => Value::String(String::take(input)?),
        6 if deeper > 0 => {
            let count = usize::take(input)?;
            Value::Array((0..count).map(|_| take(input, deeper - 1)).collect::<Option<_>>()?)
        }
        7 if deeper > 0 => {
            let count = usize::take(input)?;
            let member = |_| Some((String::take(input)?, take(input, deeper - 1)?));
            Value::Object((0..count).map(member).collect::<Option<Map<_, _>>>()?)
        }
        _ => return None,
    })
}
