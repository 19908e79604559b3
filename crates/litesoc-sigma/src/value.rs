//! [`Fields`] and [`Value`]: how the rules look into an event.

use std::borrow::Cow;

/// The fields of one event.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use litesoc_sigma::{Fields, Value};
///
/// struct Row(BTreeMap<&'static str, String>);
///
/// impl Fields for Row {
///     fn get(&self, name: &str) -> Option<Value<'_>> {
///         self.0.get(name).map(|text| Value::from(text.as_str()))
///     }
/// }
/// ```
pub trait Fields {
    /// The value of a field; `None` when the event has no such field, which is not the same as [`Value::Null`].
    fn get(&self, name: &str) -> Option<Value<'_>>;

    /// Shows every text of the event to `look` until that says `true`, and says whether it did.
    ///
    /// Keyword searches use it.
    /// Without it, keywords are never found.
    fn any_text(&self, look: &mut dyn FnMut(&str) -> bool) -> bool {
        let _ = look;
        false
    }
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// The field is there and holds nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// Several values: a comparison holds when it holds for one of them.
    Many(Vec<Self>),
}

impl<'a> Value<'a> {
    /// The value as a text; `None` for null and for several.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Null | Self::Many(_) => return None,
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Float(number) => Cow::Owned(number.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        })
    }

    /// The value as a number, when it is one or a text that reads as one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Null | Self::Bool(_) | Self::Many(_) => None,
            Self::Integer(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        }
    }

    /// Calls `test` on the value, or on each of several, until one holds.
    pub(crate) fn any(&self, test: &mut dyn FnMut(&Self) -> bool) -> bool {
        match self {
            Self::Many(values) => values.iter().any(|value| !matches!(value, Self::Many(_)) && test(value)),
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::Float(_) | Self::Text(_) => test(self),
        }
    }

    /// The value as one text to group and to count by; empty for null.
    pub(crate) fn label(&self) -> Cow<'_, str> {
        match self {
            Self::Many(values) => {
                let labels: Vec<_> = values.iter().filter_map(Self::text).collect();
                Cow::Owned(labels.join(","))
            }
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::Float(_) | Self::Text(_) => {
                self.text().unwrap_or_default()
            }
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

/// The form in which texts are compared when case does not matter: each letter in lower case by itself.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().flat_map(char::to_lowercase).collect())
}
