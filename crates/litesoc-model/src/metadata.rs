//! [`Metadata`]: the free part of an event or alert, kept as the text it came as.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::json::{Members, text, unescape};

/// A JSON object kept as text, so that no number loses digits and no key its place.
///
/// ```
/// use litesoc_model::Metadata;
///
/// let metadata: Metadata = serde_json::from_str(r#"{"reason": "blocked", "attempts": 12345678901234567890123}"#)?;
/// assert_eq!(metadata.text("reason").as_deref(), Some("blocked"));
/// assert_eq!(metadata.raw("attempts"), Some("12345678901234567890123"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Metadata(Box<RawValue>);

impl Metadata {
    /// The object with this JSON text.
    ///
    /// # Errors
    ///
    /// When the text is not valid JSON. Valid JSON that is no object becomes an empty one.
    pub fn from_json(json: impl Into<String>) -> Result<Self, serde_json::Error> {
        RawValue::from_string(json.into()).map(Self::of)
    }

    fn of(raw: Box<RawValue>) -> Self {
        if raw.get().starts_with('{') { Self(raw) } else { Self::default() }
    }

    /// The JSON text of the object.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// Whether it has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The keys, and the values as JSON text, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
        crate::json::members(self.as_json()).map(|member| {
            let key = member.key;
            (if key.contains('\\') { unescape(key).into() } else { key.into() }, member.value)
        })
    }

    /// The JSON text of a value. Of repeated keys the last counts; `null` counts as absent.
    #[must_use]
    pub fn raw(&self, key: &str) -> Option<&str> {
        Members::of(self.as_json()).get(key)
    }

    /// A value that is text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.raw(key).and_then(text)
    }

    /// A value as whatever type it deserialises to; `None` when it is absent or of another type.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.raw(key)?).ok()
    }
}

impl Default for Metadata {
    fn default() -> Self {
        Self(RawValue::from_string("{}".to_owned()).expect("an empty object is JSON"))
    }
}

impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl Eq for Metadata {}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl Serialize for Metadata {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self::of)
    }
}

impl Metadata {
    /// The object under `key`, or an empty one.
    pub(crate) fn of_member(members: &Members<'_>, key: &str) -> Self {
        let object = members.get(key).and_then(crate::json::raw_object);
        object.and_then(|json| Self::from_json(json).ok()).unwrap_or_default()
    }
}
