//! Why an event cannot be sent.

use litesoc_events::MAX_NAME_BYTES;

use super::MAX_METADATA_BYTES;
use crate::json::{Fault, FaultKind, MAX_METADATA_DEPTH};

/// What is wrong with an event, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The name is empty or blank.
    #[error("the event has no name: give it one like `auth.login_failed`")]
    NameEmpty,
    /// The name is over the limit.
    #[error("the event's name has {length} bytes: shorten it to at most {MAX_NAME_BYTES}")]
    NameTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The name has a control character in it.
    #[error("the event's name has a control character in it: use letters, digits, dots and underscores")]
    NameControlCharacter,
    /// A text is over its limit.
    #[error("the event's {part} has {length} characters: shorten it to at most {limit}")]
    TextTooLong {
        /// Which text, in words.
        part: &'static str,
        /// Its length in characters.
        length: usize,
        /// The most it may have.
        limit: usize,
    },
    /// A float is NaN or infinite, which JSON cannot say.
    #[error("metadata `{key}` is NaN or infinite: JSON has no such number, send text or leave it out")]
    MetadataNotFinite {
        /// The keys that lead to it.
        key: Box<str>,
    },
    /// A value nests too deep.
    #[error("metadata `{key}` nests deeper than {MAX_METADATA_DEPTH} levels: flatten it or send it as text")]
    MetadataTooDeep {
        /// The keys that lead to it.
        key: Box<str>,
    },
    /// A map has a key that is not text.
    #[error("metadata `{key}` is a map whose keys are not text: turn the keys into strings")]
    MetadataKeyNotText {
        /// The keys that lead to it.
        key: Box<str>,
    },
    /// An integer is beyond 64 bits.
    #[error("metadata `{key}` is an integer of more than 64 bits: send it as text")]
    MetadataIntegerTooLarge {
        /// The keys that lead to it.
        key: Box<str>,
    },
    /// The metadata is over the limit.
    #[error(
        "the event's metadata is over {MAX_METADATA_BYTES} bytes as JSON with `{key}`: leave out what can be looked up elsewhere"
    )]
    MetadataTooLarge {
        /// The key at which the limit was passed.
        key: Box<str>,
    },
    /// The value's own `Serialize` failed.
    #[error("metadata `{key}` cannot be serialised: {message}")]
    MetadataValue {
        /// The keys that lead to it.
        key: Box<str>,
        /// What the value said.
        message: Box<str>,
    },
}

impl EventError {
    /// The fault of a metadata value, with the key it was given under.
    #[cold]
    pub(super) fn of_metadata(key: &str, fault: Fault) -> Self {
        let (kind, path) = fault.within(key).into_parts();
        let key = path.into_boxed_str();
        match kind {
            FaultKind::NotFinite => Self::MetadataNotFinite { key },
            FaultKind::TooDeep => Self::MetadataTooDeep { key },
            FaultKind::KeyNotText => Self::MetadataKeyNotText { key },
            FaultKind::IntegerTooLarge => Self::MetadataIntegerTooLarge { key },
            FaultKind::TooLarge => Self::MetadataTooLarge { key },
            FaultKind::Value(message) => Self::MetadataValue { key, message },
        }
    }
}

/// Whether a name that is not in the catalogue can be sent.
pub(super) fn check_name(name: &str) -> Result<(), EventError> {
    if name.trim().is_empty() {
        Err(EventError::NameEmpty)
    } else if name.len() > MAX_NAME_BYTES {
        Err(EventError::NameTooLong { length: name.len() })
    } else if name.chars().any(char::is_control) {
        Err(EventError::NameControlCharacter)
    } else {
        Ok(())
    }
}
