//! A value that has a canonical form.

use std::collections::BTreeMap;

use super::InvalidJson;

/// Members of an object. `BTreeMap<String, _>` sorts by UTF-8 bytes, which is the order of code points.
pub type Object = BTreeMap<String, Value>;

/// The largest magnitude of an integer, 2^53 - 1: beyond it JavaScript and Go lose digits.
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// A JSON value with a canonical text.
///
/// ```
/// use litesoc_ledger::canonical::Value;
///
/// let value = Value::parse(br#"{ "b": [1, null], "a": "\u00e9" }"#)?;
/// assert_eq!(value.to_canonical(), r#"{"a":"é","b":[1,null]}"#);
/// assert!(Value::parse(b"1.0").is_err());
/// # Ok::<(), litesoc_ledger::canonical::InvalidJson>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "JSON has six kinds of value")]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer within ±[`MAX_INTEGER`]; the parsers yield no other, and one made by hand beyond it is written as it
    /// is and refused by every reader.
    Integer(i64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Self>),
    /// An object.
    Object(Object),
}

impl Value {
    /// Reads any JSON text that has a canonical form: white space, order and escapes do not matter.
    ///
    /// # Errors
    ///
    /// What is no JSON, and what the module refuses; with the byte and the JSON pointer.
    pub fn parse(text: &[u8]) -> Result<Self, InvalidJson> {
        super::parse::parse(text)
    }

    /// Reads canonical text and nothing else.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and every text that is not the canonical one of its value.
    pub fn parse_canonical(text: &[u8]) -> Result<Self, InvalidJson> {
        super::is_canonical(text)?;
        super::parse::parse(text)
    }

    /// The canonical text.
    #[must_use]
    pub fn to_canonical(&self) -> String {
        let mut out = String::new();
        self.push_canonical(&mut out);
        out
    }

    /// Appends the canonical text.
    pub fn push_canonical(&self, out: &mut String) {
        super::write::push_value(self, out);
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The number of an integer.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }

    /// The members of an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(elements) = self { Some(elements) } else { None }
    }

    /// A member of an object; `None` for other values too.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// Whether this is `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<Object> for Value {
    fn from(members: Object) -> Self {
        Self::Object(members)
    }
}

impl From<Vec<Self>> for Value {
    fn from(elements: Vec<Self>) -> Self {
        Self::Array(elements)
    }
}
