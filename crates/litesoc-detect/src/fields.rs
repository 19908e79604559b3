//! [`Fields`]: the few members of an event's metadata that rules ask for, read in one pass.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Longest text taken from a member, in bytes; the rest of a longer one is no use to any rule.
const MAX_TEXT: usize = 1_024;

/// The members of an event's metadata that rules ask for.
///
/// Metadata is whatever an application sent: members may be missing, twice there (the last one counts, as in every
/// JSON parser that builds a map) or of a wrong type (they are as good as missing).
/// What is no JSON object has no members.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fields<'a> {
    /// What the browser or app says of itself.
    pub(crate) user_agent: Option<Cow<'a, str>>,
    /// An id that the application gave the device.
    pub(crate) device_id: Option<Cow<'a, str>>,
}

impl<'a> Fields<'a> {
    /// Reads them from a JSON object.
    pub(crate) fn of(metadata: &'a str) -> Self {
        // Many events have no metadata at all.
        if metadata.len() <= 2 {
            return Self::default();
        }
        let mut reader = serde_json::Deserializer::from_str(metadata);
        reader.deserialize_map(Members).unwrap_or_default()
    }
}

struct Members;

impl<'a> Visitor<'a> for Members {
    type Value = Fields<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::default();
        while let Some(key) = map.next_key_seed(Text)? {
            match key.as_deref().unwrap_or_default() {
                "user_agent" | "userAgent" => fields.user_agent = map.next_value_seed(Text)?,
                "device_id" | "deviceId" => fields.device_id = map.next_value_seed(Text)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(fields)
    }
}

/// A text that is not empty, borrowed where it has no escapes; anything else is read over.
pub(crate) struct Text;

impl<'a> DeserializeSeed<'a> for Text {
    type Value = Option<Cow<'a, str>>;

    fn deserialize<D: Deserializer<'a>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Text {
    type Value = Option<Cow<'a, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok((!text.is_empty()).then(|| Cow::Borrowed(&text[..text.floor_char_boundary(MAX_TEXT)])))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        let text = &text[..text.floor_char_boundary(MAX_TEXT)];
        Ok((!text.is_empty()).then(|| Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn members_of_a_wrong_type_are_as_good_as_missing() {
        let read = |metadata: &'static str| {
            let fields = Fields::of(metadata);
            (
                fields.user_agent.unwrap_or_default().into_owned(),
                fields.device_id.unwrap_or_default().into_owned(),
            )
        };
        let both = |agent: &str, device: &str| (agent.to_owned(), device.to_owned());
        assert_eq!(read(r#"{"device_id":"d1","user_agent":"curl/8.0"}"#), both("curl/8.0", "d1"));
        assert_eq!(read(r#"{"x":[{"user_agent":"no"}],"userAgent":"a\u00e9"}"#), both("a\u{e9}", ""));
        assert_eq!(read(r#"{"device_id":7,"user_agent":{"a":[1,null]},"deviceId":"d2"}"#), both("", "d2"));
        assert_eq!(read(r#"{"device_id":"d1","device_id":null}"#), both("", ""));
        for broken in ["", "[]", "null", "7", "\"text\"", "{", r#"{"user_agent":"#, "nonsense"] {
            assert_eq!(Fields::of(broken), Fields::default(), "{broken}");
        }
    }

    #[test]
    fn a_text_without_escapes_is_borrowed_and_a_long_one_cut() {
        let fields = Fields::of(r#"{"user_agent":"plain"}"#);
        assert!(matches!(fields.user_agent, Some(Cow::Borrowed("plain"))));
        let long = format!(r#"{{"device_id":"{}"}}"#, "\u{e9}".repeat(900));
        assert_eq!(Fields::of(&long).device_id.map(|text| text.chars().count()), Some(512));
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in any::<String>(), inside in any::<String>()) {
            Fields::of(&text);
            let quoted = serde_json::to_string(&inside).unwrap();
            let fields = format!("{{{quoted}:[1],\"device_id\":{quoted}}}");
            let cut = &inside[..inside.floor_char_boundary(MAX_TEXT)];
            prop_assert_eq!(Fields::of(&fields).device_id.unwrap_or_default(), cut);
        }
    }
}
