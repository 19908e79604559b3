//! [`Health`]: what the service says of itself.

use serde::Serialize;

use crate::decode::DecodeError;
use crate::json::{Members, flag, timestamp, whole};
use crate::page::json_text;
use crate::plan::Quota;
use crate::time::Timestamp;
use crate::vocabulary::Plan;

/// Whom a key belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Organization {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Organization {
    /// An organisation with an id and a name.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into() }
    }
}

/// How far detection is behind the events that are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DetectionLag {
    /// Events stored whose alerts cannot be read yet; at 0 every alert that follows from a stored event can be read.
    #[serde(rename = "lag_events")]
    pub events: u64,
    /// Milliseconds since the arrival of the last event that was examined; 0 when none waits.
    #[serde(rename = "lag_ms")]
    pub milliseconds: u64,
}

impl DetectionLag {
    /// So many events and milliseconds behind.
    #[must_use]
    pub const fn new(events: u64, milliseconds: u64) -> Self {
        Self { events, milliseconds }
    }

    /// Without a number of events nothing is said of them, which is not the same as none.
    fn of_member(members: &Members<'_>) -> Option<Self> {
        let lag = members.inner("detection")?;
        let number = |key| lag.get(key).and_then(whole);
        Some(Self { events: number("lag_events")?, milliseconds: number("lag_ms").unwrap_or(0) })
    }
}

/// What the service says of itself and, given a key, of the key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// `ok` when all is well.
    pub status: String,
    /// Which service answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
    /// Whom the key belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    /// Whether the key is valid; `None` without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticated: Option<bool>,
    /// The plan of the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// The month's events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// How far detection is behind; a LiteSOC server of one's own says it to a valid key, the hosted service does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detection: Option<DetectionLag>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Health {
    /// The answer of a service that is well, without a key.
    #[must_use]
    pub fn ok(service: impl Into<String>, version: impl Into<String>, now: Timestamp) -> Self {
        Self {
            status: "ok".to_owned(),
            service: Some(service.into()),
            version: Some(version.into()),
            timestamp: Some(now),
            ..Self::default()
        }
    }

    /// The answer to a key that is not valid; its status is 401.
    #[must_use]
    pub fn bad_key() -> Self {
        Self { status: "error".to_owned(), error: Some("Invalid API key".to_owned()), ..Self::default() }
    }

    /// The same for a valid key.
    #[must_use]
    pub fn for_key(mut self, organization: Organization, plan: Plan, quota: Quota) -> Self {
        self.organization = Some(organization);
        self.authenticated = Some(true);
        self.plan = Some(plan);
        self.quota = Some(quota);
        self
    }

    /// The same with how far detection is behind.
    #[must_use]
    pub const fn with_detection(mut self, lag: DetectionLag) -> Self {
        self.detection = Some(lag);
        self
    }

    /// Whether the service says that all is well.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self.status.as_str(), "ok" | "healthy" | "up")
    }

    /// Reads the body of a health answer, bare or under `data`.
    ///
    /// # Errors
    ///
    /// When the body is not a JSON object.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let members = Members::of(json_text(body)?);
        let members = members.inner("data").unwrap_or(members);
        if members.iter().next().is_none() {
            return Err(DecodeError::Shape { expected: "an object with a status" });
        }
        let organization = members.inner("organization").map(|organization| Organization {
            id: organization.string(&["id"]).unwrap_or_default(),
            name: organization.string(&["name"]).unwrap_or_default(),
        });
        Ok(Self {
            status: members.string(&["status"]).unwrap_or_default(),
            service: members.string(&["service"]),
            version: members.string(&["version"]),
            timestamp: members.get("timestamp").and_then(timestamp),
            organization,
            authenticated: members.get("authenticated").and_then(flag),
            plan: members.string(&["plan"]).map(Plan::from),
            quota: Quota::of_member(&members),
            detection: DetectionLag::of_member(&members),
            error: members.string(&["error"]),
        })
    }
}
