//! Writing the canonical text of a value.

use super::{Object, Value};

pub(super) fn push_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Integer(number) => out.push_str(&number.to_string()),
        Value::String(text) => push_string(text, out),
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_value(element, out);
            }
            out.push(']');
        }
        Value::Object(members) => push_object(members, out),
    }
}

pub(crate) fn push_object(members: &Object, out: &mut String) {
    out.push('{');
    for (index, (name, member)) in members.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_string(name, out);
        out.push(':');
        push_value(member, out);
    }
    out.push('}');
}

/// Appends a string in canonical form, with its quotes.
///
/// ```
/// let mut out = String::new();
/// litesoc_ledger::canonical::push_string("a\"\u{1}/é", &mut out);
/// assert_eq!(out, r#""a\"\u0001/é""#);
/// ```
pub fn push_string(text: &str, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        // Only ASCII bytes are escaped, so both ends of the slice are borders of characters.
        out.push_str(&text[plain..at]);
        plain = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                out.push_str("\\u00");
                crate::encoding::push_hex(&[control], out);
            }
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}
