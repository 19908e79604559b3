//! What it takes to read an object of the service, and what can be wrong with it.

use crate::error_body::ErrorBody;
use crate::json::Members;

/// Why an answer could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The body is not JSON.
    #[error("the answer is not JSON: {message}")]
    NotJson {
        /// What the parser said, with the position.
        message: Box<str>,
    },
    /// The body is JSON of some other shape.
    #[error("the answer is not {expected}")]
    Shape {
        /// What was expected, in words.
        expected: &'static str,
    },
    /// A member that nothing can do without is not there.
    #[error("the {what} has no `{field}`")]
    Missing {
        /// What kind of object.
        what: &'static str,
        /// Which member.
        field: &'static str,
    },
    /// The body reports an error under a status that promised success.
    #[error("the service refused: {0}")]
    Refused(Box<ErrorBody>),
}

impl DecodeError {
    pub(crate) fn not_json(error: &serde_json::Error) -> Self {
        Self::NotJson { message: error.to_string().into() }
    }
}

/// An object of the service that comes in lists and alone: [`EventRecord`](crate::EventRecord) or [`Alert`](crate::Alert).
pub trait Record: Sized {
    /// The key under which older services put the list.
    const LIST_KEY: &'static str;

    /// The key under which some answers put a single object.
    const SINGLE_KEY: &'static str;

    /// Reads one object from JSON text, whatever version of the service wrote it.
    ///
    /// # Errors
    ///
    /// When the text is not a JSON object or has no id.
    fn from_json(json: &str) -> Result<Self, DecodeError>;
}

/// The members of one object.
pub(crate) fn object(json: &str) -> Result<Members<'_>, DecodeError> {
    let members = Members::parse(json).map_err(|error| DecodeError::not_json(&error))?;
    if json.trim_start().starts_with('{') {
        Ok(members)
    } else {
        Err(DecodeError::Shape { expected: "an object" })
    }
}
