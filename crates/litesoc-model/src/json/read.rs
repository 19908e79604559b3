//! Members of valid JSON objects, read with tolerance: a value of another type than hoped for counts as absent.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::scan::{self, Member};
use super::text::unescape;
use crate::time::Timestamp;

/// The members of one object. Of repeated keys the last counts; `null` counts as absent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members<'a>(Vec<Member<'a>>);

impl<'a> Members<'a> {
    /// The members of an object that is known to be valid JSON; none when it is something else than an object.
    pub(crate) fn of(json: &'a str) -> Self {
        if raw_object(json).is_none() {
            return Self::default();
        }
        let mut list = Vec::with_capacity(8);
        list.extend(scan::members(json));
        Self(list)
    }

    /// The members of an object of unknown origin.
    pub(crate) fn parse(json: &'a str) -> Result<Self, serde_json::Error> {
        let raw: &RawValue = serde_json::from_str(json)?;
        Ok(Self::of(raw.get()))
    }

    /// The value of `key`, as JSON text.
    pub(crate) fn get(&self, key: &str) -> Option<&'a str> {
        let found = self.0.iter().rev().find(|member| is_key(member.key, key))?;
        (found.value != "null").then_some(found.value)
    }

    /// Whether `key` is there, be it with `null`.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.0.iter().any(|member| is_key(member.key, key))
    }

    /// What `read` makes of the first of `keys` that it can read.
    pub(crate) fn first<T>(&self, keys: &[&str], read: impl Fn(&'a str) -> Option<T>) -> Option<T> {
        keys.iter().find_map(|key| self.get(key).and_then(&read))
    }

    /// The members of the object under `key`.
    pub(crate) fn inner(&self, key: &str) -> Option<Self> {
        self.get(key).and_then(raw_object).map(Self::of)
    }

    /// The text under the first of `keys` that holds one; numbers are taken as they are written.
    pub(crate) fn string(&self, keys: &[&str]) -> Option<String> {
        self.first(keys, text_or_number).map(Cow::into_owned)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Member<'a>> {
        self.0.iter()
    }
}

/// Whether a key as written between its quotes stands for `key`.
pub(crate) fn is_key(written: &str, key: &str) -> bool {
    if written.contains('\\') { unescape(written) == key } else { written == key }
}

/// The text of a JSON string.
pub(crate) fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inside = raw.strip_prefix('"')?.strip_suffix('"')?;
    Some(if inside.contains('\\') { unescape(inside).into() } else { inside.into() })
}

/// The text of a JSON string, or a number as it is written.
pub(crate) fn text_or_number(raw: &str) -> Option<Cow<'_, str>> {
    let is_number = || raw.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    text(raw).or_else(|| is_number().then_some(raw.into()))
}

/// A finite number, or a string that holds one.
pub(crate) fn number(raw: &str) -> Option<f64> {
    text_or_number(raw)?.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// A whole number that is not negative, whichever way it is written: `30`, `30.0`, `"30"`.
pub(crate) fn whole(raw: &str) -> Option<u64> {
    let text = text_or_number(raw)?;
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let value: f64 = text.parse().ok()?;
        // Exactly the floats that lose nothing as an integer.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
        ((0.0..=9_007_199_254_740_992.0).contains(&value) && value.fract() == 0.0).then_some(value as u64)
    })
}

/// A whole number of either sign.
pub(crate) fn signed(raw: &str) -> Option<i64> {
    text_or_number(raw)?.trim().parse().ok()
}

/// A truth value, also as 0 and 1 or as a word.
pub(crate) fn flag(raw: &str) -> Option<bool> {
    match raw {
        "true" | "1" | "\"true\"" | "\"1\"" => Some(true),
        "false" | "0" | "\"false\"" | "\"0\"" => Some(false),
        _ => None,
    }
}

/// A moment: ISO 8601 text, or a number of seconds or milliseconds since the Unix epoch.
pub(crate) fn timestamp(raw: &str) -> Option<Timestamp> {
    if let Some(text) = text(raw) {
        return text.parse().ok();
    }
    let value = signed(raw)?;
    // Until the year 5138 a count of seconds is below this, and after 1973 a count of milliseconds above.
    let millis = if value.unsigned_abs() < 100_000_000_000 { value * 1_000 } else { value };
    Some(Timestamp::from_millis(millis))
}

/// The text itself if it is an object.
pub(crate) fn raw_object(raw: &str) -> Option<&str> {
    raw.trim_start().starts_with('{').then_some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_whichever_way_they_are_written() {
        assert_eq!(whole("30"), Some(30));
        assert_eq!(whole("\"30\""), Some(30));
        assert_eq!(whole("30.0"), Some(30));
        assert_eq!(whole("1e2"), Some(100));
        assert_eq!(whole("-1"), None);
        assert_eq!(whole("1.5"), None);
        assert_eq!(whole("[1]"), None);
        assert_eq!(number("\"51.5\""), Some(51.5));
        assert_eq!(number("\"NaN\""), None);
        assert_eq!(text(r#""a\u0041""#).as_deref(), Some("aA"));
        assert_eq!(text_or_number("7").as_deref(), Some("7"));
        assert_eq!(text_or_number("true"), None);
        assert_eq!(timestamp("1772368200"), timestamp("1772368200000"));
    }

    #[test]
    fn of_repeated_keys_the_last_counts() {
        let members = Members::of(r#"{"a":1,"\u0061":2,"b":3,"b":null}"#);
        assert_eq!(members.get("a"), Some("2"));
        assert_eq!(members.get("b"), None);
        assert!(members.contains("b") && !members.contains("c"));
    }
}
