//! What crosses the wire between a LiteSOC client and server.
#![doc = include_str!("../README.md")]

mod address;
mod alert;
mod alert_update;
mod answer;
mod collect;
mod decode;
mod enrichment;
mod error_body;
mod event;
mod health;
mod json;
mod metadata;
mod open;
mod page;
pub mod plan;
mod record;
mod retry_after;
mod secret;
mod time;
mod vocabulary;

pub use litesoc_events::EventType;

pub use self::address::{is_public, read_address};
pub use self::alert::{Alert, Forensics, LocationForensics, NetworkForensics};
pub use self::alert_update::{
    AlertAction, AlertUpdate, AlertUpdateError, AlertUpdated, MAX_NOTES_CHARS, MAX_RESOLUTION_CHARS,
};
pub use self::answer::{AlertUpdatedBody, ListBody, SingleBody};
pub use self::collect::{
    ClientMarks, CollectError, CollectRequest, CollectResponse, IncomingEvent, ItemError, MAX_BATCH, OWN_SDK,
};
pub use self::decode::{DecodeError, Record};
pub use self::enrichment::{Enrichment, Network, Place, Position, ThreatTerm};
pub use self::error_body::{ErrorBody, ErrorShape, ShapedError};
pub use self::event::{
    Event, EventError, EventFields, MAX_ACTOR_ID_CHARS, MAX_EMAIL_CHARS, MAX_EVENT_BYTES, MAX_METADATA_BYTES,
    MAX_TEXT_CHARS, Marks, SdkMark,
};
pub use self::health::{DetectionLag, Health, Organization};
pub use self::json::MAX_METADATA_DEPTH;
pub use self::metadata::Metadata;
pub use self::page::{Meta, Page, Pagination, RejectedRow, Single};
pub use self::plan::{PlanInfo, Quota, RateLimit};
pub use self::record::{ActorRef, EventRecord, Target};
pub use self::retry_after::RetryAfter;
pub use self::secret::{SECRET_ENDINGS, SECRET_WORDS, is_secret_key};
pub use self::time::{Timestamp, TimestampError};
pub use self::vocabulary::{
    AlertSeverity, AlertStatus, AlertType, ErrorCode, EventSeverity, Plan, Resolution,
};
