//! Events on their way in, events as stored, and the question that lists them.

use std::borrow::Cow;
use std::net::IpAddr;

use uuid::Uuid;

use crate::organization::OrganizationId;
use crate::page::{PageCursor, Seq};

/// An event ready to be stored: authenticated, normalised and judged; the store gives its words no meaning.
///
/// ```
/// use litesoc_store::{NewEvent, OrganizationId};
/// use uuid::Uuid;
///
/// let mut event = NewEvent::new(OrganizationId::new("org_demo")?, Uuid::from_u128(1), "auth.login_failed", 1_700_000_000_000);
/// event.actor_id = Some("user_1".into());
/// event.severity = "warning".into();
/// # Ok::<(), litesoc_store::StoreError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewEvent {
    /// The organisation it belongs to.
    pub organization: OrganizationId,
    /// Its public id, unique within the organisation: a second event with the same id is a repeat of the first.
    ///
    /// Ids whose first bytes grow with time (UUIDv7) are stored faster than random ones.
    pub id: Uuid,
    /// The canonical name, such as `auth.login_failed`.
    pub event_name: String,
    /// The name that was sent, when it is not the canonical one; list filters match it too.
    pub original_event: Option<String>,
    /// The id of who acted.
    pub actor_id: Option<String>,
    /// The e-mail address of who acted.
    pub actor_email: Option<String>,
    /// The name of who acted.
    pub actor_name: Option<String>,
    /// What was acted upon, a JSON object.
    pub target: Option<String>,
    /// The address of the user.
    pub user_ip: Option<IpAddr>,
    /// The address the request came from.
    pub server_ip: Option<IpAddr>,
    /// The severity of the API: `info`, `warning` or `critical`.
    pub severity: Cow<'static, str>,
    /// The finer severity of the catalogue, such as `medium`, where it is known.
    pub severity_detail: Option<Cow<'static, str>>,
    /// What the user attached, a JSON object; `{}` when there is nothing.
    pub metadata: String,
    /// The reserved metadata keys as they were sent (which SDK, which attempt), a JSON object.
    pub marks: Option<String>,
    /// What was known of the user's address when the event arrived, a JSON object; `None` when nothing was.
    ///
    /// It is kept and never looked up again, so that the same history always says the same.
    pub enrichment: Option<String>,
    /// When it happened, in milliseconds since the Unix epoch: `created_at` of the API, the order of lists, and what
    /// retention goes by.
    pub event_time_ms: i64,
    /// When it arrived, in milliseconds since the Unix epoch: decides the month it is counted in.
    pub received_ms: i64,
}

impl NewEvent {
    /// An `info` event without actor and metadata that happened when it arrived.
    #[must_use]
    pub fn new(
        organization: OrganizationId,
        id: Uuid,
        event_name: impl Into<String>,
        received_ms: i64,
    ) -> Self {
        Self {
            organization,
            id,
            event_name: event_name.into(),
            original_event: None,
            actor_id: None,
            actor_email: None,
            actor_name: None,
            target: None,
            user_ip: None,
            server_ip: None,
            severity: Cow::Borrowed("info"),
            severity_detail: None,
            metadata: "{}".into(),
            marks: None,
            enrichment: None,
            event_time_ms: received_ms,
            received_ms,
        }
    }
}

/// An event with its place in the committed order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredEvent {
    /// Its place.
    pub seq: Seq,
    /// The event as it was appended.
    pub event: NewEvent,
}

impl StoredEvent {
    /// The event at this place.
    #[must_use]
    pub const fn new(seq: Seq, event: NewEvent) -> Self {
        Self { seq, event }
    }
}

/// What became of one event of an appended batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Appended {
    /// It is stored at this place.
    Stored {
        /// Its place.
        seq: Seq,
    },
    /// An event with its id was there before, at this place; it was not stored again and not counted.
    Duplicate {
        /// The place of the first one.
        seq: Seq,
    },
}

impl Appended {
    /// The place of the event, or of the one it repeats.
    #[must_use]
    pub const fn seq(self) -> Seq {
        match self {
            Self::Stored { seq } | Self::Duplicate { seq } => seq,
        }
    }

    /// Whether the event was new.
    #[must_use]
    pub const fn is_stored(self) -> bool {
        matches!(self, Self::Stored { .. })
    }
}

/// What an append did: it is on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Commit {
    /// One entry for each event of the batch, in its order.
    pub outcomes: Vec<Appended>,
}

impl Commit {
    /// A commit with these outcomes.
    #[must_use]
    pub const fn new(outcomes: Vec<Appended>) -> Self {
        Self { outcomes }
    }

    /// How many events were new.
    #[must_use]
    pub fn stored(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.is_stored()).count()
    }
}

/// Which events of one organisation to list, newest first by (event time, place).
///
/// ```
/// use litesoc_store::{EventQuery, OrganizationId};
///
/// let mut query = EventQuery::new(OrganizationId::new("org_demo")?);
/// query.names = vec!["auth.login_failed".into()];
/// query.limit = 20;
/// # Ok::<(), litesoc_store::StoreError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventQuery {
    /// The organisation.
    pub organization: OrganizationId,
    /// Any of these names, canonical or as sent; empty for all.
    pub names: Vec<String>,
    /// Only this actor.
    pub actor_id: Option<String>,
    /// Only this severity.
    pub severity: Option<String>,
    /// Nothing that happened before this, in milliseconds since the Unix epoch; inclusive.
    pub from_ms: Option<i64>,
    /// Nothing that happened after this, in milliseconds since the Unix epoch; inclusive.
    pub to_ms: Option<i64>,
    /// The end of retention: events that happened before it do not exist for this question, its total included.
    pub not_before_ms: Option<i64>,
    /// At most this many rows; at most [`MAX_ROWS`](crate::MAX_ROWS).
    pub limit: usize,
    /// Skip this many rows, counted from the cursor where there is one.
    pub offset: u64,
    /// Continue where an earlier page ended.
    pub cursor: Option<PageCursor>,
    /// Whether to count the matching rows.
    pub count: bool,
}

impl EventQuery {
    /// The newest 50 events of an organisation, counted.
    #[must_use]
    pub const fn new(organization: OrganizationId) -> Self {
        Self {
            organization,
            names: Vec::new(),
            actor_id: None,
            severity: None,
            from_ms: None,
            to_ms: None,
            not_before_ms: None,
            limit: 50,
            offset: 0,
            cursor: None,
            count: true,
        }
    }
}
