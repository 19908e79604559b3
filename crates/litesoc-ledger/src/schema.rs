//! Schemas: which members an event may have. Data, not code; all faults of an event at once.

mod check;
mod fault;
mod read;

pub use self::check::Admitted;
pub use self::fault::{Code, Fault, Faults};
use crate::{
    Hash,
    canonical::{Object, Value},
};

/// Characters of the longest text field; the size of a field that names none.
pub const MAX_TEXT: usize = 32_766;

/// What a schema asks of events.
///
/// ```
/// use litesoc_ledger::{event::Event, schema::{Code, Schema}};
///
/// let schema = Schema::standard();
/// let event = Event::parse(br#"{"actor":"alice","colour":"red"}"#).expect("JSON");
/// let faults = schema.admit(event, "/event", false).unwrap_err();
/// let found: Vec<_> = faults.0.iter().map(|fault| (fault.code, fault.source.as_str())).collect();
/// assert_eq!(found, [
///     (Code::UnexpectedProperty, "/event/colour"),
///     (Code::FieldRequired, "/event/message"),
/// ]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Schema {
    /// The fields, in the order in which people see them.
    pub fields: Vec<Field>,
    /// Whether clients may sign events.
    pub client_signable: bool,
    /// Whether proofs are given.
    pub tamper_proofing: bool,
    /// What happens to malformed events.
    pub save_malformed: SaveMalformed,
    /// Further members of the schema that nothing here depends on: `vendor_id`, `json_path`.
    pub further: Object,
}

/// One field of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name of the member: `^[a-z][0-9a-z_]*$`, at most 32 characters, not `received_at`.
    pub id: String,
    /// What it holds.
    pub kind: FieldType,
    /// Most characters of a text.
    pub size: usize,
    /// Whether it must be there.
    pub required: bool,
    /// Whether its value is sensitive.
    pub redact: bool,
    /// Further members that nothing here depends on: `name`, `description`, `ui_default_visible`, `partitioned`.
    pub further: Object,
}

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// `true` or `false`.
    Boolean,
    /// A date and time, see [`DateTime`](crate::time::DateTime).
    Datetime,
    /// A date and time if it reads as one, else any text: the `timestamp` of the standard schema.
    LooseDatetime,
    /// An integer of at most 53 bits.
    Integer,
    /// A short text.
    String,
    /// A text that search does not look into.
    StringUnindexed,
    /// A long text.
    Text,
}

impl FieldType {
    /// The name in schema files. The type of the standard `timestamp` has none of its own.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Datetime => "datetime",
            Self::Integer => "integer",
            Self::String | Self::LooseDatetime => "string",
            Self::StringUnindexed => "string-unindexed",
            Self::Text => "text",
        }
    }

    /// Whether values are times, for search, order and normalisation.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::Datetime | Self::LooseDatetime)
    }
}

/// What happens to events that do not fit the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SaveMalformed {
    /// They are refused.
    #[default]
    Reject,
    /// They are kept as they are, and what is malformed is listed in `err`.
    All,
    /// They are kept without the malformed values of fields that are to be redacted.
    Unredacted,
}

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
            further: Object::new(),
        };
        let text = |id| field(id, FieldType::Text, MAX_TEXT, id == "message");
        let short = |id, size| field(id, FieldType::String, size, false);
        let fields = vec![
            field("timestamp", FieldType::LooseDatetime, 128, false),
            short("actor", 128),
            short("action", 32),
            short("status", 32),
            short("target", 128),
            short("source", 128),
            short("tenant_id", 128),
            text("message"),
            text("old"),
            text("new"),
        ];
        Self {
            fields,
            client_signable: true,
            tamper_proofing: true,
            save_malformed: SaveMalformed::Reject,
            further: Object::new(),
        }
    }

    /// Reads a schema; see the field types of [`FieldType`].
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, with JSON pointers.
    pub fn from_value(value: &Value) -> Result<Self, Faults> {
        read::read(value)
    }

    /// The schema as a value that [`from_value`](Self::from_value) reads, and that `/v1/schema` serves.
    #[must_use]
    pub fn to_value(&self) -> Value {
        read::write(self)
    }

    /// The hash of the canonical text, which the genesis record names.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.to_value().to_canonical().as_bytes())
    }

    /// The field with an id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The ids of the fields that hold times, as [`settle`](crate::signature::settle) wants them.
    pub fn times(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|field| field.kind.is_time()).map(|field| field.id.as_str())
    }
}
