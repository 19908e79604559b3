//! Reading events back.

use bytes::Bytes;
use http::Response;
use litesoc_events::Severity;
use litesoc_model::{EventRecord, Single, Timestamp};

use super::Operation;
use super::list::{Filter, List};
use super::query::item_path;
use super::reply::{success, unexpected};
use crate::error::Error;

/// `GET /events`: a page of events, newest first.
pub type ListEvents = List<EventFilter>;

/// The filters that lists of events have.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    event_name: Option<String>,
    severity: Option<Severity>,
}

impl ListEvents {
    /// Only events of this name, as it was sent or as the service normalised it.
    #[must_use]
    pub fn event_name(mut self, name: impl Into<String>) -> Self {
        self.filter.event_name = Some(name.into());
        self
    }

    /// Only events of this severity.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.filter.severity = Some(severity);
        self
    }
}

impl Filter for EventFilter {
    type Row = EventRecord;

    const PATH: &'static str = "/events";
    const DEFAULT_LIMIT: u64 = 50;

    fn query(&self) -> Vec<(&'static str, &str)> {
        let name = self.event_name.as_deref().map(|name| ("event_name", name));
        let severity = self.severity.map(|severity| ("severity", severity.as_str()));
        name.into_iter().chain(severity).collect()
    }

    fn admits(&self, event: &EventRecord) -> bool {
        self.event_name
            .as_deref()
            .is_none_or(|name| event.event.as_str() == name || event.original_event.as_deref() == Some(name))
    }

    fn id(event: &EventRecord) -> &str {
        &event.id
    }

    fn actor_id(event: &EventRecord) -> Option<&str> {
        event.actor_id.as_deref()
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
