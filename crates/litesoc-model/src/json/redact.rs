//! Putting `[REDACTED]` in the place of secret values inside finished JSON.

use super::REDACTED;
use super::scan::members;
use super::text::unescape;

/// `json` with the value of every secret key replaced, at any depth; `None` when there is none.
///
/// `json` must be valid. Nothing is allocated for objects without a secret and without escapes in their keys.
pub(crate) fn redact(json: &str, is_secret: &dyn Fn(&str) -> bool) -> Option<String> {
    match json.as_bytes().first() {
        Some(b'{') => redact_object(json, is_secret),
        Some(b'[') => redact_array(json, is_secret),
        _ => None,
    }
}

fn redact_object(json: &str, is_secret: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut changes = Changes::new(json);
    for member in members(json) {
        let secret =
            if member.key.contains('\\') { is_secret(&unescape(member.key)) } else { is_secret(member.key) };
        if secret {
            changes.replace(member.value, REDACTED);
        } else if let Some(changed) = redact(member.value, is_secret) {
            changes.replace(member.value, &changed);
        }
    }
    changes.finish()
}

/// Arrays hold no keys of their own; only the objects in them matter.
fn redact_array(json: &str, is_secret: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut changes = Changes::new(json);
    for element in super::scan::elements(json) {
        if let Some(changed) = redact(element, is_secret) {
            changes.replace(element, &changed);
        }
    }
    changes.finish()
}

/// A text under change: parts of it replaced from front to back.
struct Changes<'a> {
    json: &'a str,
    out: String,
    copied: usize,
}

impl<'a> Changes<'a> {
    fn new(json: &'a str) -> Self {
        Self { json, out: String::new(), copied: 0 }
    }

    /// Replaces `part`, a slice of the text behind all parts replaced before.
    fn replace(&mut self, part: &str, by: &str) {
        let start = part.as_ptr().addr() - self.json.as_ptr().addr();
        self.out.push_str(&self.json[self.copied..start]);
        self.out.push_str(by);
        self.copied = start + part.len();
    }

    fn finish(mut self) -> Option<String> {
        (self.copied > 0).then(|| {
            self.out.push_str(&self.json[self.copied..]);
            self.out
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_replaced_at_any_depth_and_the_rest_is_untouched() {
        let json =
            r#"{ "a": 1, "pin":"1\"2", "b":[{"p\u0069n":{"x":[1]}},[{"pin":null}]], "c":{"d":"pin"} }"#;
        let expected = r#"{ "a": 1, "pin":"[REDACTED]", "b":[{"p\u0069n":"[REDACTED]"},[{"pin":"[REDACTED]"}]], "c":{"d":"pin"} }"#;
        assert_eq!(redact(json, &|key| key == "pin").as_deref(), Some(expected));
        assert_eq!(redact(json, &|_| false), None);
        assert_eq!(redact("\"pin\"", &|_| true), None);
    }
}
