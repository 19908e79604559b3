//! [`CollectResponse`]: the answer to sent events.

use http::StatusCode;
use serde::Serialize;

use crate::error_body::ErrorBody;
use crate::json::{Members, elements, flag, raw_object, text_or_number, whole};
use crate::plan::Quota;
use crate::vocabulary::ErrorCode;

/// One event of a batch that was refused while others were taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ItemError {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// The reason for programs.
    pub code: ErrorCode,
    /// The reason for people.
    pub message: String,
}

impl ItemError {
    /// The refusal of one event.
    #[must_use]
    pub fn new(index: usize, code: ErrorCode, message: impl Into<String>) -> Self {
        Self { index, code, message: message.into() }
    }

    /// The list under `errors`. What has no index in it cannot be told to any event and is left out.
    fn list(members: &Members<'_>) -> Vec<Self> {
        let array = members.get("errors").filter(|raw| raw.starts_with('[')).unwrap_or("[]");
        let of = |raw| {
            let item = Members::of(raw_object(raw)?);
            let error = ErrorBody::decode(raw.as_bytes());
            let index = usize::try_from(item.get("index").and_then(whole)?).ok()?;
            Some(Self {
                index,
                code: error.code.unwrap_or(ErrorCode::ValidationFailed),
                message: error.message,
            })
        };
        elements(array).filter_map(of).collect()
    }
}

/// The answer to sent events: accepted, all or in part.
///
/// ```
/// use http::StatusCode;
/// use litesoc_model::CollectResponse;
///
/// let queued = br#"{"success":true,"status":"queued","queued":2,"quota":{"remaining":98,"limit":100}}"#;
/// let accepted = CollectResponse::read(StatusCode::ACCEPTED, queued).unwrap();
/// assert_eq!(accepted.queued, Some(2));
/// // Any success will do: a proxy that answers 204 in the service's place has taken the events all the same.
/// assert!(CollectResponse::read(StatusCode::NO_CONTENT, b"").is_ok());
/// assert!(CollectResponse::read(StatusCode::OK, br#"{"error":"quota exceeded"}"#).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CollectResponse {
    /// Always true on the wire; older clients look for it.
    success: bool,
    /// `queued`, or `inserted` from a service in debug mode.
    pub status: Option<String>,
    /// How many events were taken, if the answer tells.
    pub queued: Option<u64>,
    /// The id of the event, or of the first.
    pub event_id: Option<String>,
    /// The same as `queued`, in the words of the first version.
    pub events_accepted: Option<u64>,
    /// The month's events.
    pub quota: Option<Quota>,
    /// The ids of the events of a batch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub event_ids: Vec<String>,
    /// The events of a batch that were refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ItemError>,
}

impl CollectResponse {
    /// The answer to one event that was taken.
    #[must_use]
    pub fn single(id: impl Into<String>, quota: Quota) -> Self {
        Self::of(vec![id.into()], quota)
    }

    /// The answer to a batch of which these were taken and those refused.
    #[must_use]
    pub fn batch(ids: Vec<String>, quota: Quota, errors: Vec<ItemError>) -> Self {
        Self { event_ids: ids.clone(), errors, ..Self::of(ids, quota) }
    }

    fn of(ids: Vec<String>, quota: Quota) -> Self {
        let count = ids.len() as u64;
        Self {
            success: true,
            status: Some("queued".to_owned()),
            queued: Some(count),
            event_id: ids.into_iter().next(),
            events_accepted: Some(count),
            quota: Some(quota.brief()),
            event_ids: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Reads an answer.
    ///
    /// Every 2xx counts as accepted, whatever its body, unless the body is a JSON object with an `error` in it or with
    /// `success: false`: clients that ask for more lose or repeat events when a service changes its words.
    ///
    /// # Errors
    ///
    /// What the body says went wrong.
    pub fn read(status: StatusCode, body: &[u8]) -> Result<Self, Box<ErrorBody>> {
        if !status.is_success() {
            return Err(Box::new(ErrorBody::decode(body)));
        }
        let text = String::from_utf8_lossy(body);
        let Ok(members) = Members::parse(text.trim_start_matches('\u{feff}')) else {
            return Ok(Self { success: true, ..Self::default() });
        };
        if let Some(error) = ErrorBody::find(&members) {
            return Err(Box::new(error));
        }
        let ids = members.get("event_ids").filter(|raw| raw.starts_with('[')).unwrap_or("[]");
        let number = |keys: &[&str]| members.first(keys, whole);
        Ok(Self {
            success: members.get("success").and_then(flag).unwrap_or(true),
            status: members.string(&["status"]),
            queued: number(&["queued", "inserted", "events_accepted"]),
            event_id: members.string(&["event_id", "id"]),
            events_accepted: number(&["events_accepted", "queued", "inserted"]),
            quota: Quota::of_member(&members),
            event_ids: elements(ids).filter_map(text_or_number).map(String::from).collect(),
            errors: ItemError::list(&members),
        })
    }

    /// Whether a service in debug mode stored the event at once.
    #[must_use]
    pub fn is_inserted(&self) -> bool {
        self.status.as_deref() == Some("inserted")
    }
}
