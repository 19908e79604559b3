//! How a vocabulary asks a payload for a field.

/// A payload whose fields a vocabulary may ask for.
///
/// Implemented for a slice of pairs, for `()`, which has no fields, and for closures.
///
/// ```
/// use litesoc_events::{EventType, Vendor};
/// use serde_json::{Value, json};
///
/// let payload = json!({ "type_uid": 300201, "status_id": 2 });
/// let has = |path: &str, expected: &str| {
///     let value = path.split('.').try_fold(&payload, |value, key| value.get(key));
///     match value {
///         Some(Value::String(text)) => text == expected,
///         Some(value) => value.to_string() == expected,
///         None => false,
///     }
/// };
/// let found = Vendor::Ocsf.normalize("3002:1", &has).expect("class and activity are listed");
/// assert_eq!(found.event, EventType::AUTH_LOGIN_FAILED);
/// ```
pub trait Fields {
    /// Whether the field at the dotted path is there and has the value, a number or a truth value written as in JSON.
    fn has(&self, path: &str, value: &str) -> bool;
}

impl Fields for () {
    fn has(&self, _: &str, _: &str) -> bool {
        false
    }
}

impl Fields for [(&str, &str)] {
    fn has(&self, path: &str, value: &str) -> bool {
        self.contains(&(path, value))
    }
}

impl<F: Fn(&str, &str) -> bool> Fields for F {
    fn has(&self, path: &str, value: &str) -> bool {
        self(path, value)
    }
}
