//! [`AlertUpdate`]: resolving an alert or marking it safe, and the answer to it.

use serde::Serialize;

use crate::alert::Alert;
use crate::decode::{DecodeError, Record};
use crate::error_body::ErrorBody;
use crate::json::{Members, timestamp};
use crate::page::json_text;
use crate::time::Timestamp;
use crate::vocabulary::{AlertStatus, Resolution};

/// The most characters a note may have.
pub const MAX_NOTES_CHARS: usize = 2_000;
/// The most characters a resolution may have.
pub const MAX_RESOLUTION_CHARS: usize = 64;

/// What to do with an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AlertAction {
    /// It was dealt with: the status becomes resolved.
    Resolve,
    /// It was no threat: the status becomes dismissed.
    MarkSafe,
    /// It is not over: the status becomes open again.
    Reopen,
}

impl AlertAction {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::MarkSafe => "mark_safe",
            Self::Reopen => "reopen",
        }
    }

    /// The status an alert has afterwards.
    #[must_use]
    pub const fn status(self) -> AlertStatus {
        match self {
            Self::Resolve => AlertStatus::Resolved,
            Self::MarkSafe => AlertStatus::Dismissed,
            Self::Reopen => AlertStatus::Open,
        }
    }

    fn of_action(word: &str) -> Option<Self> {
        match word.trim() {
            "resolve" => Some(Self::Resolve),
            "mark_safe" => Some(Self::MarkSafe),
            "reopen" => Some(Self::Reopen),
            _ => None,
        }
    }

    fn of_status(word: &str) -> Option<Self> {
        match AlertStatus::from(word) {
            AlertStatus::Resolved => Some(Self::Resolve),
            AlertStatus::Dismissed => Some(Self::MarkSafe),
            AlertStatus::Open => Some(Self::Reopen),
            AlertStatus::Acknowledged | AlertStatus::Other(_) => None,
        }
    }
}

/// A change to an alert.
///
/// ```
/// use litesoc_model::{AlertUpdate, Resolution};
///
/// let update = AlertUpdate::resolve(Resolution::BlockedIp).notes("blocked in the firewall").by("security-team");
/// assert_eq!(
///     update.to_json(),
///     r#"{"action":"resolve","resolution_type":"blocked_ip","internal_notes":"blocked in the firewall","resolved_by":"security-team"}"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlertUpdate {
    /// What to do.
    pub action: AlertAction,
    /// How it was resolved; only when resolving.
    pub resolution: Option<Resolution>,
    /// A note, at most 2,000 characters.
    pub notes: Option<String>,
    /// Who did it.
    pub resolved_by: Option<String>,
}

/// Why the body of an update is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AlertUpdateError {
    /// The body is not a JSON object.
    #[error("the body is not a JSON object: {0}")]
    NotAnObject(Box<str>),
    /// There is neither `action` nor `status`.
    #[error("send `action`: \"resolve\" or \"mark_safe\"")]
    NoAction,
    /// The action or status is none that can be set.
    #[error("`{0}` is no action: send `action`: \"resolve\" or \"mark_safe\"")]
    UnknownAction(Box<str>),
    /// A text is over its limit.
    #[error("`{field}` has more than {limit} characters")]
    TooLong {
        /// The member.
        field: &'static str,
        /// The most it may have.
        limit: usize,
    },
}

impl AlertUpdate {
    /// Resolves an alert.
    #[must_use]
    pub fn resolve(resolution: Resolution) -> Self {
        Self { action: AlertAction::Resolve, resolution: Some(resolution), notes: None, resolved_by: None }
    }

    /// Marks an alert as a false positive.
    #[must_use]
    pub fn mark_safe() -> Self {
        Self { action: AlertAction::MarkSafe, resolution: None, notes: None, resolved_by: None }
    }

    /// Opens an alert again.
    #[must_use]
    pub fn reopen() -> Self {
        Self { action: AlertAction::Reopen, resolution: None, notes: None, resolved_by: None }
    }

    /// Adds a note.
    #[must_use]
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into()).filter(|notes| !notes.is_empty());
        self
    }

    /// Adds who did it.
    #[must_use]
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.resolved_by = Some(who.into()).filter(|who| !who.is_empty());
        self
    }

    /// The body that current services take, with `action`.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            action: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            resolution_type: Option<&'a Resolution>,
            #[serde(skip_serializing_if = "Option::is_none")]
            internal_notes: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            resolved_by: Option<&'a str>,
        }
        let body = Body {
            action: self.action.as_str(),
            resolution_type: self.resolution.as_ref(),
            internal_notes: self.notes.as_deref(),
            resolved_by: self.resolved_by.as_deref(),
        };
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// The body that older services take, with `status`; for a second try when the first is refused as invalid.
    #[must_use]
    pub fn to_status_json(&self) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            status: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            resolution_type: Option<&'a Resolution>,
            #[serde(skip_serializing_if = "Option::is_none")]
            notes: Option<&'a str>,
        }
        let status = match self.action {
            AlertAction::Resolve => "resolved",
            AlertAction::MarkSafe => "safe",
            AlertAction::Reopen => "open",
        };
        let body = Body { status, resolution_type: self.resolution.as_ref(), notes: self.notes.as_deref() };
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// Reads the body of an update in any form that a client sends: with `action`, with `status`, or with neither where
    /// the path says what to do and `implied` passes it on.
    ///
    /// # Errors
    ///
    /// When the body is no JSON object, says nothing that can be done, or a text in it is too long.
    pub fn parse(body: &[u8], implied: Option<AlertAction>) -> Result<Self, AlertUpdateError> {
        let body = if implied.is_some() && body.trim_ascii().is_empty() { b"{}" } else { body };
        let not_an_object = |message: String| AlertUpdateError::NotAnObject(message.into());
        let json = json_text(body).map_err(|error| not_an_object(error.to_string()))?;
        if !json.starts_with('{') {
            return Err(not_an_object("it is another JSON value".to_owned()));
        }
        let members = Members::of(json);
        let action = Self::action_of(&members)?.or(implied).ok_or(AlertUpdateError::NoAction)?;
        let update = Self {
            action,
            resolution: members.string(&["resolution_type", "resolution"]).map(Resolution::from),
            notes: members
                .string(&["internal_notes", "notes", "resolution_notes"])
                .filter(|notes| !notes.is_empty()),
            resolved_by: members.string(&["resolved_by"]).filter(|who| !who.is_empty()),
        };
        update.check()?;
        let resolution = update.resolution.clone().filter(|_| action == AlertAction::Resolve);
        let default = || (action == AlertAction::Resolve).then_some(Resolution::Other);
        Ok(Self { resolution: resolution.or_else(default), ..update })
    }

    fn action_of(members: &Members<'_>) -> Result<Option<AlertAction>, AlertUpdateError> {
        let refuse = |word: &str| AlertUpdateError::UnknownAction(word.chars().take(64).collect());
        if let Some(word) = members.get("action") {
            let word = crate::json::text_or_number(word).ok_or_else(|| refuse("action"))?;
            return AlertAction::of_action(&word).map(Some).ok_or_else(|| refuse(&word));
        }
        let Some(word) = members.get("status") else { return Ok(None) };
        let word = crate::json::text_or_number(word).ok_or_else(|| refuse("status"))?;
        AlertAction::of_status(&word).map(Some).ok_or_else(|| refuse(&word))
    }

    /// Whether the texts are within their limits.
    ///
    /// # Errors
    ///
    /// Names the first that is not.
    pub fn check(&self) -> Result<(), AlertUpdateError> {
        let texts = [
            ("resolution_type", self.resolution.as_ref().map(Resolution::as_str), MAX_RESOLUTION_CHARS),
            ("internal_notes", self.notes.as_deref(), MAX_NOTES_CHARS),
            ("resolved_by", self.resolved_by.as_deref(), crate::event::MAX_ACTOR_ID_CHARS),
        ];
        let long =
            texts.into_iter().find(|(_, text, limit)| text.is_some_and(|text| text.chars().count() > *limit));
        long.map_or(Ok(()), |(field, _, limit)| Err(AlertUpdateError::TooLong { field, limit }))
    }
}

/// The answer to an update. Older services repeat the whole alert, some only what changed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AlertUpdated {
    /// The alert's id.
    pub id: Option<String>,
    /// Its status now.
    pub status: Option<AlertStatus>,
    /// How it was resolved.
    pub resolution: Option<Resolution>,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// Who resolved it.
    pub resolved_by: Option<String>,
    /// When it changed.
    pub updated_at: Option<Timestamp>,
    /// The whole alert, when the answer has it.
    pub alert: Option<Alert>,
}

impl AlertUpdated {
    /// Reads the body of the answer to an update, enveloped or bare.
    ///
    /// # Errors
    ///
    /// When the body is not JSON or reports an error.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let members = Members::of(json_text(body)?);
        if let Some(error) = ErrorBody::find(&members) {
            return Err(DecodeError::Refused(Box::new(error)));
        }
        let members = members.inner("data").or_else(|| members.inner(Alert::SINGLE_KEY)).unwrap_or(members);
        let moment = |key| members.get(key).and_then(timestamp);
        let whole = members.contains("alert_type") || members.contains("title");
        let alert = whole.then(|| Alert::of(&members).ok()).flatten();
        let resolution = members.string(&["resolution_type"]).map(Resolution::from);
        Ok(Self {
            id: members.string(&["id", "alert_id"]),
            status: members.string(&["status"]).map(AlertStatus::from),
            resolution: resolution.or_else(|| alert.as_ref()?.resolution()),
            resolved_at: moment("resolved_at"),
            resolved_by: members.string(&["resolved_by"]),
            updated_at: moment("updated_at"),
            alert,
        })
    }
}
