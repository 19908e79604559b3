//! Schemas as JSON.

use super::{Code, Faults, Field, FieldType, MAX_TEXT, SaveMalformed, Schema, fault::below};
use crate::canonical::{Object, Value};

/// Most fields of a schema.
const MAX_FIELDS: usize = 128;

pub(super) fn read(value: &Value) -> Result<Schema, Faults> {
    let mut faults = Faults::default();
    let Some(members) = value.as_object() else {
        faults.add(Code::InvalidObject, "", "a schema is an object");
        return Err(faults);
    };
    let mut schema = Schema {
        fields: Vec::new(),
        client_signable: true,
        tamper_proofing: true,
        save_malformed: SaveMalformed::Reject,
        further: Object::new(),
    };
    for (name, member) in members {
        let place = below("", name);
        match name.as_str() {
            "fields" => fields(member, &mut schema.fields, &mut faults),
            "client_signable" => schema.client_signable = flag(member, place, &mut faults),
            "tamper_proofing" => schema.tamper_proofing = flag(member, place, &mut faults),
            "save_malformed" => match member.as_str() {
                Some("reject") => schema.save_malformed = SaveMalformed::Reject,
                Some("all") => schema.save_malformed = SaveMalformed::All,
                Some("unredacted") => schema.save_malformed = SaveMalformed::Unredacted,
                _ => faults.add(Code::NotEnumMember, place, "must be reject, all or unredacted"),
            },
            "vendor_id" | "json_path" => {
                if member.as_str().is_none() {
                    faults.add(Code::InvalidString, place, "must be a string");
                }
                schema.further.insert(name.clone(), member.clone());
            }
            _ => faults.add(Code::UnexpectedProperty, place, "a schema has no such member"),
        }
    }
    if !members.contains_key("fields") {
        faults.add(Code::FieldRequired, "/fields", "a schema has fields");
    }
    if faults.0.is_empty() { Ok(schema) } else { Err(faults) }
}

fn flag(value: &Value, place: String, faults: &mut Faults) -> bool {
    if let Value::Bool(flag) = value {
        return *flag;
    }
    faults.add(Code::InvalidBool, place, "must be true or false");
    false
}

fn fields(value: &Value, fields: &mut Vec<Field>, faults: &mut Faults) {
    let Some(elements) = value.as_array() else {
        return faults.add(Code::InvalidArray, "/fields", "must be an array");
    };
    if elements.is_empty() {
        faults.add(Code::BelowMinItems, "/fields", "a schema has at least one field");
    }
    if elements.len() > MAX_FIELDS {
        return faults.add(Code::AboveMaxItems, "/fields", "a schema has at most 128 fields");
    }
    for (index, element) in elements.iter().enumerate() {
        let place = format!("/fields/{index}");
        let Some(members) = element.as_object() else {
            faults.add(Code::InvalidObject, place, "a field is an object");
            continue;
        };
        let before = faults.0.len();
        let field = field(members, &place, faults);
        if fields.iter().any(|other| other.id == field.id) {
            faults.add(Code::BadState, below(&place, "id"), "another field has this id");
        }
        if faults.0.len() == before {
            fields.push(field);
        }
    }
}

fn field(members: &Object, place: &str, faults: &mut Faults) -> Field {
    let mut field = Field {
        id: String::new(),
        kind: FieldType::String,
        size: MAX_TEXT,
        required: false,
        redact: false,
        further: Object::new(),
    };
    for (name, value) in members {
        let place = below(place, name);
        match name.as_str() {
            "id" => match value.as_str().filter(|id| is_id(id)) {
                Some(id) => id.clone_into(&mut field.id),
                None => faults.add(
                    Code::DoesNotMatchPattern,
                    place,
                    "must be ^[a-z][0-9a-z_]*$, at most 32 characters, and not received_at",
                ),
            },
            "type" => match value.as_str().and_then(kind) {
                Some(kind) => field.kind = kind,
                None => faults.add(
                    Code::NotEnumMember,
                    place,
                    "must be boolean, datetime, integer, string, string-unindexed or text",
                ),
            },
            "size" => match value.as_integer().and_then(|size| usize::try_from(size).ok()) {
                Some(size) if (1..=MAX_TEXT).contains(&size) => field.size = size,
                Some(_) => faults.add(Code::NotWithinRange, place, "must lie within 1..32766"),
                None => faults.add(Code::InvalidInteger, place, "must be an integer"),
            },
            "required" => field.required = flag(value, place, faults),
            "redact" => field.redact = flag(value, place, faults),
            "partitioned" | "ui_default_visible" => {
                let flag = flag(value, place, faults);
                field.further.insert(name.clone(), flag.into());
            }
            "name" | "description" => {
                if value.as_str().is_none() {
                    faults.add(Code::InvalidString, place, "must be a string");
                }
                field.further.insert(name.clone(), value.clone());
            }
            _ => faults.add(Code::UnexpectedProperty, place, "a field has no such member"),
        }
    }
    for required in ["id", "type"] {
        if !members.contains_key(required) {
            faults.add(Code::FieldRequired, below(place, required), "a field has an id and a type");
        }
    }
    field
}

fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    id.len() <= 32
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.bytes().all(plain)
        && id != "received_at"
}

fn kind(name: &str) -> Option<FieldType> {
    Some(match name {
        "boolean" => FieldType::Boolean,
        "datetime" => FieldType::Datetime,
        "integer" => FieldType::Integer,
        "string" => FieldType::String,
        "string-unindexed" => FieldType::StringUnindexed,
        "text" => FieldType::Text,
        _ => return None,
    })
}

pub(super) fn write(schema: &Schema) -> Value {
    let field = |field: &Field| {
        let mut members = field.further.clone();
        let mut set = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        set("id", field.id.as_str().into());
        set("type", field.kind.name().into());
        set("size", Value::Integer(field.size as i64));
        set("required", field.required.into());
        set("redact", field.redact.into());
        Value::Object(members)
    };
    let malformed = match schema.save_malformed {
        SaveMalformed::Reject => "reject",
        SaveMalformed::All => "all",
        SaveMalformed::Unredacted => "unredacted",
    };
    let mut members = schema.further.clone();
    let mut set = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    set("fields", Value::Array(schema.fields.iter().map(field).collect()));
    set("client_signable", schema.client_signable.into());
    set("tamper_proofing", schema.tamper_proofing.into());
    set("save_malformed", malformed.into());
    Value::Object(members)
}
