//! Paths and query strings, escaped.

use std::fmt::Write as _;

use crate::error::{Error, ErrorKind};

/// The longest id that is worth asking for, in bytes. The service's are UUIDs of 36.
const MAX_ID_BYTES: usize = 128;

/// `collection/id` with the id as one segment, whatever characters it has.
///
/// Without the escape, an id such as `a/../b` that came from a request of the application's own user would reach
/// another resource.
pub(super) fn item_path(collection: &str, id: &str) -> Result<String, Error> {
    let invalid = |why: &str| Err(Error::new(ErrorKind::Validation, format!("id for {collection}: {why}")));
    match id {
        "" => return invalid("it is empty"),
        "." | ".." => return invalid("it would change the path"),
        _ if id.len() > MAX_ID_BYTES => return invalid("it is longer than 128 bytes"),
        _ if id.contains('/') => return invalid("it has a slash"),
        _ => {}
    }
    let mut path = format!("{collection}/");
    escape(&mut path, id);
    Ok(path)
}

/// Escapes all but the unreserved characters of RFC 3986, section 2.3.
fn escape(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// A path with a query string that grows.
pub(super) struct Query {
    path: String,
    separator: char,
}

impl Query {
    pub(super) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), separator: '?' }
    }

    pub(super) fn add(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.path.push(self.separator);
            self.path.push_str(name);
            self.path.push('=');
            escape(&mut self.path, value);
            self.separator = '&';
        }
        self
    }

    pub(super) fn add_number(self, name: &str, value: Option<u64>) -> Self {
        self.add(name, value.map(|value| value.to_string()).as_deref())
    }

    pub(super) fn finish(self) -> String {
        self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_ids_stay_one_segment() {
        assert_eq!(item_path("/events", "a b?c#d%2f").unwrap(), "/events/a%20b%3Fc%23d%252f");
        assert_eq!(item_path("/events", "é").unwrap(), "/events/%C3%A9");
        for id in ["", ".", "..", "a/../b", "/", &"x".repeat(129)] {
            assert_eq!(item_path("/alerts", id).unwrap_err().kind(), ErrorKind::Validation);
        }
    }

    #[test]
    fn queries_escape_values() {
        let query = Query::new("/events")
            .add("actor_id", Some("a&b=c"))
            .add("none", None)
            .add_number("limit", Some(5));
        assert_eq!(query.finish(), "/events?actor_id=a%26b%3Dc&limit=5");
    }
}
