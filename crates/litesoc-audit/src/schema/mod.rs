//! [`Schema`]: what the events of a log may hold.

mod check;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FieldType {
    /// `true` or `false`.
    Boolean,
    /// A date and time.
    Datetime,
    /// A whole number of at most 53 bits.
    Integer,
    /// A text.
    String,
    /// A text that is not searched.
    StringUnindexed,
    /// A long text.
    Text,
}

/// One field of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Field {
    /// Its name: a small letter, then small letters, digits and `_`; at most 32 characters.
    pub id: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// The most characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// Whether every event must have it.
    #[serde(default)]
    pub required: bool,
    /// For the console: whether it is redacted.
    #[serde(default)]
    pub redact: bool,
    /// For the console: a name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For the console: what it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// For the console: whether it is a column from the start.
    #[serde(default)]
    pub ui_default_visible: bool,
}

/// What the events of a log may hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Schema {
    /// Whether clients may sign.
    #[serde(default = "yes")]
    pub client_signable: bool,
    /// Whether records are proven; always so here.
    #[serde(default = "yes")]
    pub tamper_proofing: bool,
    /// What becomes of malformed events.
    #[serde(default)]
    pub save_malformed: SaveMalformed,
    /// The fields.
    pub fields: Vec<Field>,
}

/// What becomes of an event that does not fit the schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SaveMalformed {
    /// The request is refused.
    #[default]
    Reject,
    /// It is kept, and what is malformed is listed in the envelope.
    All,
    /// As `all`.
    Unredacted,
}

const fn yes() -> bool {
    true
}

/// The longest name of a field.
const LONGEST_NAME: usize = 32;
/// Characters of the long fields of the standard schema.
const LONG: usize = 32_766;

impl Schema {
    /// The standard schema of the Pangea Audit API.
    #[must_use]
    pub fn standard() -> Self {
        let field = |id: &str, kind, size, required| Field {
            id: id.to_owned(),
            kind,
            size,
            required,
            redact: false,
            name: None,
            description: None,
            ui_default_visible: true,
        };
        let short = |id| field(id, FieldType::String, Some(128), false);
        Self {
            client_signable: true,
            tamper_proofing: true,
            save_malformed: SaveMalformed::Reject,
            fields: vec![
                field("message", FieldType::Text, Some(LONG), true),
                short("actor"),
                field("action", FieldType::String, Some(32), false),
                short("source"),
                field("status", FieldType::String, Some(32), false),
                short("target"),
                field("timestamp", FieldType::Datetime, Some(128), false),
                short("tenant_id"),
                field("new", FieldType::Text, Some(LONG), false),
                field("old", FieldType::Text, Some(LONG), false),
            ],
        }
    }

    /// Reads a schema as the Pangea Audit API writes one.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(schema: &serde_json::Value) -> Result<Self, Vec<Fault>> {
        let parsed: Self = serde_json::from_value(schema.clone())
            .map_err(|error| vec![Fault::new("InvalidObject", "", error.to_string())])?;
        let mut faults = Vec::new();
        for (place, field) in parsed.fields.iter().enumerate() {
            let source = format!("/fields/{place}/id");
            if !is_field_name(&field.id) {
                let detail = format!(
                    "{:?} is no name of a field: a small letter, then small letters, digits and _, at most 32, and not \
                     received_at",
                    field.id
                );
                faults.push(Fault::new("DoesNotMatchPattern", source, detail));
            } else if parsed.fields[..place].iter().any(|other| other.id == field.id) {
                faults.push(Fault::new("BadState", source, format!("there are two fields {}", field.id)));
            }
        }
        if parsed.fields.is_empty() {
            faults.push(Fault::new("BelowMinItems", "/fields", "a schema needs at least one field"));
        }
        if faults.is_empty() { Ok(parsed) } else { Err(faults) }
    }

    /// A field.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The names of the fields that hold times.
    #[must_use]
    pub fn times(&self) -> Vec<&str> {
        let times = self.fields.iter().filter(|field| field.kind == FieldType::Datetime);
        times.map(|field| field.id.as_str()).collect()
    }
}

fn is_field_name(id: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins = id.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    begins && id.len() <= LONGEST_NAME && id.bytes().all(letters) && id != "received_at"
}
