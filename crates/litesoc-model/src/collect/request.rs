//! [`CollectRequest`]: the body of a request that brings events, read with all the tolerance that its senders need.

use serde_json::value::RawValue;

use super::{IncomingEvent, ItemError};
use crate::error_body::ErrorBody;
use crate::json::{Members, elements};
use crate::vocabulary::ErrorCode;

/// The most events a request may bring.
pub const MAX_BATCH: usize = 100;

/// A request that brings events: each of them, or why it is refused.
///
/// ```
/// use litesoc_model::CollectRequest;
///
/// let request = CollectRequest::parse(br#"{"events": [{"event": "auth.logout", "user_id": 7}, {"no": "name"}]}"#)?;
/// assert!(request.batch);
/// assert_eq!(request.items[0].as_ref().unwrap().actor_id.as_deref(), Some("7"));
/// assert_eq!(request.items[1].as_ref().unwrap_err().index, 1);
/// # Ok::<(), litesoc_model::CollectError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CollectRequest<'a> {
    /// The events in their order.
    pub items: Vec<Result<IncomingEvent<'a>, ItemError>>,
    /// Whether they came as a batch.
    pub batch: bool,
}

/// Why a whole request is refused; its status is 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// The body is not JSON, or not UTF-8.
    #[error("invalid JSON at line {line}, column {column}: {message}")]
    InvalidJson {
        /// The line of the fault, from 1.
        line: usize,
        /// The column of the fault in bytes, from 1; 0 before the first byte.
        column: usize,
        /// What is wrong there.
        message: Box<str>,
    },
    /// The body is another JSON value than an object.
    #[error("the body is not an object: send one event, or {{\"events\": [...]}}")]
    NotAnObject,
    /// `events` is not a list.
    #[error("`events` is not an array: send {{\"events\": [...]}} with 1 to {MAX_BATCH} events")]
    EventsNotAnArray,
    /// `events` is an empty list.
    #[error("`events` is empty: send 1 to {MAX_BATCH} events")]
    NoEvents,
    /// `events` is too long.
    #[error("`events` has {count} events: send at most {MAX_BATCH} in a request")]
    TooManyEvents {
        /// How many there are.
        count: usize,
    },
}

impl CollectError {
    /// The reason for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidJson { .. } => ErrorCode::InvalidJson,
            Self::TooManyEvents { .. } => ErrorCode::BatchTooLarge,
            Self::NotAnObject | Self::EventsNotAnArray | Self::NoEvents => ErrorCode::ValidationFailed,
        }
    }
}

impl From<&CollectError> for ErrorBody {
    fn from(error: &CollectError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<&ItemError> for ErrorBody {
    fn from(error: &ItemError) -> Self {
        Self::new(error.code.clone(), error.message.clone())
    }
}

impl<'a> CollectRequest<'a> {
    /// Reads the body of a request: one event, or `{"events": [...]}`.
    ///
    /// The body is checked once as a whole; then each event is read where it lies. A fault in one event refuses that
    /// event alone.
    ///
    /// # Errors
    ///
    /// When the body is not JSON, not an object, or its `events` are no list of 1 to 100.
    pub fn parse(body: &'a [u8]) -> Result<Self, CollectError> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let text = str::from_utf8(body).map_err(|error| not_utf8(body, error.valid_up_to()))?;
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| not_json(&error))?;
        let json = raw.get();
        if !json.starts_with('{') {
            return Err(CollectError::NotAnObject);
        }
        let members = Members::of(json);
        match members.get("events") {
            Some(events) if events.starts_with('[') => Self::of_batch(events),
            None if !members.contains("events") => Ok(Self::of_single(&members)),
            _ if IncomingEvent::has_name(&members) => Ok(Self::of_single(&members)),
            _ => Err(CollectError::EventsNotAnArray),
        }
    }

    fn of_single(members: &Members<'a>) -> Self {
        Self { items: vec![IncomingEvent::of(members, 0)], batch: false }
    }

    fn of_batch(events: &'a str) -> Result<Self, CollectError> {
        // One more than may be there is enough to know; only then are they all counted.
        let found: Vec<&'a str> = elements(events).take(MAX_BATCH + 1).collect();
        match found.len() {
            0 => return Err(CollectError::NoEvents),
            1..=MAX_BATCH => {}
            _ => return Err(CollectError::TooManyEvents { count: elements(events).count() }),
        }
        let read = |(index, event): (usize, &'a str)| {
            if event.starts_with('{') {
                IncomingEvent::of(&Members::of(event), index)
            } else {
                Err(ItemError::new(index, ErrorCode::ValidationFailed, "the event is not an object"))
            }
        };
        let items = found.into_iter().enumerate().map(read).collect();
        Ok(Self { items, batch: true })
    }

    /// How many events are not refused.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.items.iter().filter(|item| item.is_ok()).count()
    }
}

fn not_json(error: &serde_json::Error) -> CollectError {
    let message = error.to_string();
    // The parser ends its message with the position, which has members of its own here.
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    CollectError::InvalidJson { line: error.line(), column: error.column(), message: message.into() }
}

fn not_utf8(body: &[u8], valid: usize) -> CollectError {
    let before = &body[..valid];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    CollectError::InvalidJson { line, column, message: "not UTF-8".into() }
}
