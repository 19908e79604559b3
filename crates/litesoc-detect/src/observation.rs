//! [`Observation`]: one stored event as the rules see it.

use std::net::IpAddr;

use litesoc_events::EventType;
use litesoc_model::{Enrichment, Timestamp};
use uuid::Uuid;

/// One stored event as the rules see it, borrowed from wherever it lies.
///
/// Rules count by [`at`](Self::at), the time the event happened, never by the time it arrived.
/// An event must be shown once: whoever stores events drops repeats by their id.
///
/// ```
/// use litesoc_detect::Observation;
/// use litesoc_events::EventType;
/// use litesoc_model::Timestamp;
/// use uuid::Uuid;
///
/// let at = Timestamp::from_millis(1_772_368_200_000);
/// let failed = EventType::AUTH_LOGIN_FAILED;
/// let seen = Observation::new("acme", Uuid::nil(), &failed, at, at)
///     .actor(Some("alice"))
///     .ip("203.0.113.5".parse().ok());
/// assert_eq!(seen.actor, Some("alice"));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Observation<'a> {
    /// The organisation that sent the event; rules never look across two of them.
    pub organization: &'a str,
    /// The event's public id.
    pub event_id: Uuid,
    /// The normalised event name.
    pub event: &'a EventType,
    /// The id of the account that acted, or was tried.
    pub actor: Option<&'a str>,
    /// The address of the end user, not of the application's server.
    pub ip: Option<IpAddr>,
    /// Whom or what it was done to, a JSON object with `id` and `name`, or a plain id.
    pub target: Option<&'a str>,
    /// The name under which the application sent the event, when it was normalised to another.
    pub original: Option<&'a str>,
    /// When the event happened.
    pub at: Timestamp,
    /// When the event arrived.
    pub received: Timestamp,
    /// The event's metadata, a JSON object; anything else counts as empty.
    pub metadata: &'a str,
    /// What was known of the address when the event arrived; `None` when nothing was asked.
    pub enrichment: Option<&'a Enrichment>,
}

impl<'a> Observation<'a> {
    /// An event without actor, address or metadata.
    #[must_use]
    pub const fn new(
        organization: &'a str,
        event_id: Uuid,
        event: &'a EventType,
        at: Timestamp,
        received: Timestamp,
    ) -> Self {
        Self {
            organization,
            event_id,
            event,
            actor: None,
            ip: None,
            target: None,
            original: None,
            at,
            received,
            metadata: "{}",
            enrichment: None,
        }
    }

    /// The same with this actor; an empty id is none.
    #[must_use]
    pub fn actor(mut self, actor: Option<&'a str>) -> Self {
        self.actor = actor.filter(|id| !id.is_empty());
        self
    }

    /// The same with this address.
    #[must_use]
    pub const fn ip(mut self, ip: Option<IpAddr>) -> Self {
        self.ip = ip;
        self
    }

    /// The same with this target: a JSON object with `id` and `name`, or a plain id.
    #[must_use]
    pub const fn target(mut self, target: Option<&'a str>) -> Self {
        self.target = target;
        self
    }

    /// The same with this name, under which the application sent it.
    #[must_use]
    pub const fn original(mut self, original: Option<&'a str>) -> Self {
        self.original = original;
        self
    }

    /// The same with this metadata, a JSON object.
    #[must_use]
    pub const fn metadata(mut self, metadata: &'a str) -> Self {
        self.metadata = metadata;
        self
    }

    /// The same with what is known of its address.
    #[must_use]
    pub const fn enrichment(mut self, enrichment: Option<&'a Enrichment>) -> Self {
        self.enrichment = enrichment;
        self
    }
}
