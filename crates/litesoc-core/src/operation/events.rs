//! Reading events back.

use bytes::Bytes;
use http::Response;
use litesoc_events::Severity;
use litesoc_model::{EventRecord, Page, Single, Timestamp};

use super::Operation;
use super::query::{Query, item_path};
use super::reply::{success, unexpected};
use crate::error::Error;

/// The rows of a page when nothing else is asked for; every version of the service has pages of this size.
const DEFAULT_LIMIT: u64 = 50;

/// `GET /events`: a page of events, newest first.
#[derive(Clone, Debug, Default)]
pub struct ListEvents {
    event_name: Option<String>,
    actor_id: Option<String>,
    severity: Option<Severity>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    limit: Option<u64>,
    offset: Option<u64>,
}

impl ListEvents {
    /// All events the plan keeps, the newest 50 first.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only events of this name, as it was sent or as the service normalised it.
    #[must_use]
    pub fn event_name(mut self, name: impl Into<String>) -> Self {
        self.event_name = Some(name.into());
        self
    }

    /// Only events of this actor.
    #[must_use]
    pub fn actor_id(mut self, actor: impl Into<String>) -> Self {
        self.actor_id = Some(actor.into());
        self
    }

    /// Only events of this severity.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Only events from this time on.
    #[must_use]
    pub const fn from(mut self, from: Timestamp) -> Self {
        self.from = Some(from);
        self
    }

    /// Only events up to this time.
    #[must_use]
    pub const fn to(mut self, to: Timestamp) -> Self {
        self.to = Some(to);
        self
    }

    /// Rows in a page. Default 50; services give 100 to 200 at most, and the page says how many came.
    #[must_use]
    pub const fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Rows to leave out, newest first.
    #[must_use]
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// How many rows the page is asked to have.
    pub(crate) fn rows(&self) -> u64 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    #[cfg(feature = "client")]
    pub(crate) fn first_row(&self) -> u64 {
        self.offset.unwrap_or(0)
    }

    /// Whether a row is what was asked for. Services differ in the filters they know and ignore the others.
    fn admits(&self, event: &EventRecord) -> bool {
        let named = |name: &String| {
            event.event.as_str() == name
                || event.original_event.as_ref().is_some_and(|original| original == name)
        };
        self.event_name.as_ref().is_none_or(named)
            && self.actor_id.as_deref().is_none_or(|actor| event.actor_id.as_deref() == Some(actor))
    }
}

impl Operation for ListEvents {
    type Output = Page<EventRecord>;

    fn path(&self) -> Result<String, Error> {
        let query = Query::new("/events")
            .add_number("limit", Some(self.rows()))
            .add_number("offset", self.offset.filter(|&offset| offset > 0))
            .add("event_name", self.event_name.as_deref())
            .add("actor_id", self.actor_id.as_deref())
            .add("severity", self.severity.map(Severity::as_str))
            .add("from", self.from.map(|time| time.to_string()).as_deref())
            .add("to", self.to.map(|time| time.to_string()).as_deref());
        Ok(query.finish())
    }

    fn read(&self, response: &Response<Bytes>, now: Timestamp) -> Result<Self::Output, Error> {
        let mut page =
            Page::decode(success(response, now)?).map_err(|error| unexpected("list of events", error))?;
        page.data.retain(|event| self.admits(event));
        Ok(page)
    }
}

/// `GET /events/:id`: one event.
#[derive(Clone, Debug)]
pub struct GetEvent {
    id: String,
}

impl GetEvent {
    /// The event with this id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }
}

impl Operation for GetEvent {
    type Output = EventRecord;

    fn path(&self) -> Result<String, Error> {
        item_path("/events", &self.id)
    }

    fn read(&self, response: &Response<Bytes>, now: Timestamp) -> Result<Self::Output, Error> {
        Single::decode(success(response, now)?)
            .map(|single| single.data)
            .map_err(|error| unexpected("event", error))
    }
}
