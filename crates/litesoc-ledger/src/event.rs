//! The event of a record: what a client says, before the log seals it.

use crate::canonical::{InvalidJson, JsonFault, Object, Value};

/// The members of an event.
///
/// ```
/// use litesoc_ledger::event::Event;
///
/// let event = Event::parse(br#"{"message":"signed in","actor":null}"#)?;
/// assert_eq!(event.to_canonical(), r#"{"message":"signed in"}"#);
/// # Ok::<(), litesoc_ledger::canonical::InvalidJson>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    members: Object,
}

impl Event {
    /// An event without members.
    #[must_use]
    pub const fn new() -> Self {
        Self { members: Object::new() }
    }

    /// The event with these members, without those that are null.
    ///
    /// Null members of the event itself mean absent ones and are dropped, as the clients drop them before they sign.
    /// A null deeper inside stays.
    #[must_use]
    pub fn from_members(mut members: Object) -> Self {
        members.retain(|_, value| !value.is_null());
        Self { members }
    }

    /// Reads the JSON text of an event. See [`from_members`](Self::from_members) for null members.
    ///
    /// # Errors
    ///
    /// What [`Value::parse`] refuses, and a value that is no object.
    pub fn parse(text: &[u8]) -> Result<Self, InvalidJson> {
        match Value::parse(text)? {
            Value::Object(members) => Ok(Self::from_members(members)),
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::String(_) | Value::Array(_) => {
                Err(InvalidJson::new(JsonFault::Syntax, 0))
            }
        }
    }

    /// Replaces every member that is an object by its canonical text, as the SDKs do before they sign and send: events
    /// of the standard schema hold strings. Arrays stay.
    #[must_use]
    pub fn with_objects_as_text(mut self) -> Self {
        for value in self.members.values_mut() {
            if matches!(value, Value::Object(_)) {
                *value = Value::String(value.to_canonical());
            }
        }
        self
    }

    /// Sets a member; a null removes it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a member; a null removes it.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        if value.is_null() {
            self.members.remove(&name);
        } else {
            self.members.insert(name, value);
        }
    }

    /// A member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Removes a member.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name)
    }

    /// All members, sorted.
    #[must_use]
    pub const fn members(&self) -> &Object {
        &self.members
    }

    /// The members as a value.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(self.members)
    }

    /// The canonical text: the bytes that are signed.
    #[must_use]
    pub fn to_canonical(&self) -> String {
        let mut out = String::new();
        self.push_canonical(&mut out);
        out
    }

    /// Appends the canonical text.
    pub fn push_canonical(&self, out: &mut String) {
        crate::canonical::push_object(&self.members, out);
    }
}
