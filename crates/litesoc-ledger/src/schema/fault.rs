//! Faults of events and schemas, as the Pangea Audit API reports them.

use std::fmt;

use crate::canonical::{Object, Value};

/// What is wrong with a value; the names are those of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// A required member is missing.
    FieldRequired,
    /// Not a string.
    InvalidString,
    /// Not an integer.
    InvalidInteger,
    /// Not an object.
    InvalidObject,
    /// Not an array.
    InvalidArray,
    /// Not a boolean.
    InvalidBool,
    /// Not a date and time.
    BadFormatDateTime,
    /// Not of the form that is asked for.
    DoesNotMatchPattern,
    /// None of the names that are allowed.
    NotEnumMember,
    /// Too many characters.
    AboveMaxLength,
    /// Too many elements.
    AboveMaxItems,
    /// Too few elements.
    BelowMinItems,
    /// A number that is too small or too large.
    NotWithinRange,
    /// A member that is not known.
    UnexpectedProperty,
    /// Two things that exclude each other.
    MutuallyExclusive,
    /// Right in itself, and not as things stand.
    BadState,
}

impl Code {
    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FieldRequired => "FieldRequired",
            Self::InvalidString => "InvalidString",
            Self::InvalidInteger => "InvalidInteger",
            Self::InvalidObject => "InvalidObject",
            Self::InvalidArray => "InvalidArray",
            Self::InvalidBool => "InvalidBool",
            Self::BadFormatDateTime => "BadFormatDateTime",
            Self::DoesNotMatchPattern => "DoesNotMatchPattern",
            Self::NotEnumMember => "NotEnumMember",
            Self::AboveMaxLength => "AboveMaxLength",
            Self::AboveMaxItems => "AboveMaxItems",
            Self::BelowMinItems => "BelowMinItems",
            Self::NotWithinRange => "NotWithinRange",
            Self::UnexpectedProperty => "UnexpectedProperty",
            Self::MutuallyExclusive => "MutuallyExclusive",
            Self::BadState => "BadState",
        }
    }
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// What kind of fault it is.
    pub code: Code,
    /// What is wrong, in words. No value of the event is repeated.
    pub detail: String,
    /// Where, as a JSON pointer into the request.
    pub source: String,
}

impl Fault {
    /// A fault.
    #[must_use]
    pub fn new(code: Code, source: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), source: source.into() }
    }

    /// The fault as the API reports it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let member = |name: &str, text: &str| (name.to_owned(), Value::from(text));
        let members = [
            member("code", self.code.name()),
            member("detail", &self.detail),
            member("source", &self.source),
        ];
        Object::from(members).into()
    }
}

/// All faults of an event or a schema.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "a list of faults")]
pub struct Faults(
    /// The faults: those of members that are there, then those that are missing.
    pub Vec<Fault>,
);

impl Faults {
    pub(super) fn add(&mut self, code: Code, source: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Fault::new(code, source, detail));
    }

    /// The faults as an array, as the API and `err` hold them.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::Array(self.0.iter().map(Fault::to_value).collect())
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Fault { code, detail, source }) in self.0.iter().enumerate() {
            write!(out, "{}{source}: {}: {detail}", if index == 0 { "" } else { "\n" }, code.name())?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Appends a member to a JSON pointer.
pub(super) fn below(pointer: &str, member: &str) -> String {
    format!("{pointer}/{}", member.replace('~', "~0").replace('/', "~1"))
}
