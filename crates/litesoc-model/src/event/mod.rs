//! [`Event`]: what an application tells LiteSOC, on its way out.

mod error;
mod marks;
mod parts;
mod shortcuts;
mod write;

use std::fmt;
use std::net::IpAddr;

use litesoc_events::EventType;
use serde::Serialize;
use uuid::Uuid;

pub use self::error::EventError;
pub use self::marks::{Marks, SdkMark};
use self::parts::{Parts, Place};
use crate::time::Timestamp;

/// The most characters an actor's id may have.
pub const MAX_ACTOR_ID_CHARS: usize = 255;
/// The most characters an e-mail address may have.
pub const MAX_EMAIL_CHARS: usize = 320;
/// The most characters any other text of an event may have.
pub const MAX_TEXT_CHARS: usize = 1_024;
/// The most bytes the metadata of an event may take as JSON, the SDK's own marks not counted.
pub const MAX_METADATA_BYTES: usize = 16 * 1_024;
/// The most bytes an event can take on the wire. The limits of its parts leave no way above.
pub const MAX_EVENT_BYTES: usize = 64 * 1_024;

/// A security event to be sent.
///
/// Metadata is turned into JSON at once, so a value that changes later does not change what is sent, and a value that
/// cannot be written spoils this event only: [`check`](Self::check) tells. Values under keys that look like secrets
/// (see [`is_secret_key`](crate::is_secret_key)) are replaced by `[REDACTED]` at any depth.
///
/// ```
/// use litesoc_model::{Event, EventType};
///
/// let event = Event::new(EventType::AUTH_LOGIN_FAILED)
///     .actor("user_123")
///     .email("user@example.com")
///     .user_ip("203.0.113.7".parse::<std::net::IpAddr>()?)
///     .metadata("reason", "invalid_password")
///     .metadata("password", "hunter2");
/// event.check()?;
/// assert_eq!(
///     event.to_json(),
///     r#"{"event":"auth.login_failed","actor":{"id":"user_123","email":"user@example.com"},"user_ip":"203.0.113.7","metadata":{"reason":"invalid_password","password":"[REDACTED]"}}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Texts and metadata live in buffers that are kept per thread and used again: a thread that has sent an event of some
/// size allocates nothing for the next.
#[must_use = "an event does nothing until it is tracked"]
pub struct Event {
    event: EventType,
    /// `None` only while it is dropped.
    parts: Option<Box<Parts>>,
}

/// What an [`Event`] holds besides its name and metadata.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventFields<'a> {
    /// The id of who did it, as set; without one the e-mail address stands in on the wire.
    pub actor_id: Option<&'a str>,
    /// The e-mail address of who did it.
    pub email: Option<&'a str>,
    /// The name of who did it.
    pub actor_name: Option<&'a str>,
    /// The id of what it was done to.
    pub target_id: Option<&'a str>,
    /// The kind of thing it was done to.
    pub target_type: Option<&'a str>,
    /// The name of what it was done to.
    pub target_name: Option<&'a str>,
    /// The address of the end user.
    pub user_ip: Option<IpAddr>,
    /// When it happened, if that was told.
    pub time: Option<Timestamp>,
    /// The event's own id, if one was given.
    pub id: Option<Uuid>,
}

impl Event {
    /// An event of this type, or of this name.
    #[inline]
    pub fn new(event: impl Into<EventType>) -> Self {
        Self { event: event.into(), parts: Some(parts::take()) }
    }

    /// Who did it: the id of the account. At most 255 characters; empty text unsets it.
    #[inline]
    pub fn actor(mut self, id: &str) -> Self {
        self.parts_mut().set_text(Place::ActorId, id);
        self
    }

    /// The e-mail address of who did it. At most 320 characters. Without an [`actor`](Self::actor) it is the id as well.
    #[inline]
    pub fn email(mut self, email: &str) -> Self {
        self.parts_mut().set_text(Place::Email, email);
        self
    }

    /// The name of who did it. At most 1,024 characters.
    #[inline]
    pub fn actor_name(mut self, name: &str) -> Self {
        self.parts_mut().set_text(Place::ActorName, name);
        self
    }

    /// What it was done to: an id and the kind of thing. At most 1,024 characters each.
    #[inline]
    pub fn target(mut self, id: &str, kind: &str) -> Self {
        self.parts_mut().set_text(Place::TargetId, id);
        self.parts_mut().set_text(Place::TargetType, kind);
        self
    }

    /// The name of what it was done to. At most 1,024 characters.
    pub fn target_name(mut self, name: &str) -> Self {
        self.parts_mut().set_text(Place::TargetName, name);
        self
    }

    /// The address of the end user, not of this server. IPv4 addresses inside IPv6 are taken out.
    #[inline]
    pub fn user_ip(mut self, address: impl Into<Option<IpAddr>>) -> Self {
        self.parts_mut().user_ip = address.into().map(|address| address.to_canonical());
        self
    }

    /// When it happened, if not now. Services that know our clients honour it within 24 hours.
    #[inline]
    pub fn time(mut self, time: impl Into<Option<Timestamp>>) -> Self {
        self.parts_mut().time = time.into();
        self
    }

    /// The event's own id, best a UUIDv7. Two events with one id are stored once. By default the client makes one.
    #[inline]
    pub fn id(mut self, id: impl Into<Option<Uuid>>) -> Self {
        self.parts_mut().id = id.into();
        self
    }

    /// Something else worth knowing. A key given before is replaced.
    ///
    /// Everything that serde can serialise will do, as long as it nests at most eight levels, its maps have text keys
    /// and its numbers are finite. The names of the SDK's own marks (`_event_id`, `_sdk`, `_sdk_version`) are ignored.
    #[inline]
    pub fn metadata(mut self, key: &str, value: impl Serialize) -> Self {
        self.parts_mut().set_metadata(key, &value);
        self
    }

    /// The type of the event.
    #[must_use]
    pub fn event_type(&self) -> &EventType {
        &self.event
    }

    /// The name of the event.
    #[must_use]
    pub fn name(&self) -> &str {
        self.event.as_str()
    }

    /// Gives the event another type.
    pub fn set_event_type(&mut self, event: impl Into<EventType>) {
        self.event = event.into();
    }

    /// What is set besides the name and the metadata.
    #[inline]
    #[must_use]
    pub fn fields(&self) -> EventFields<'_> {
        self.parts().fields()
    }

    /// The JSON of a metadata value.
    #[must_use]
    pub fn metadata_value(&self, key: &str) -> Option<&str> {
        self.parts().metadata_value(key)
    }

    /// The metadata as pairs of a key, as it is written between its quotes, and the JSON of its value.
    pub fn metadata_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parts().pairs()
    }

    /// Takes a metadata value out again, and any fault of it. True if it was there.
    pub fn remove_metadata(&mut self, key: &str) -> bool {
        self.parts_mut().remove_metadata(key)
    }

    /// Replaces by `[REDACTED]` the metadata values, at any depth, whose keys the given function calls secret.
    ///
    /// For keys of the application's own; those of [`is_secret_key`](crate::is_secret_key) are gone already.
    pub fn redact_metadata(&mut self, is_secret: &dyn Fn(&str) -> bool) {
        self.parts_mut().redact_metadata(is_secret);
    }

    /// Whether the event can be sent.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it: a name that is empty, too long or has control characters, a text that is
    /// too long, or metadata that could not be written.
    #[inline]
    pub fn check(&self) -> Result<(), EventError> {
        if !self.event.is_known() {
            error::check_name(self.event.as_str())?;
        }
        self.parts().check()
    }

    /// Appends the event as one JSON object, in one pass and, given room in `out`, without allocation.
    ///
    /// An event that [`check`](Self::check) refuses is written without what is wrong with it.
    #[inline]
    pub fn write_json(&self, out: &mut Vec<u8>, marks: &Marks<'_>) {
        write::write_event(out, self.event.as_str(), self.parts(), marks);
    }

    /// The event as JSON text, without marks. For tests and for people; [`write_json`](Self::write_json) is the fast way.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        self.write_json(&mut out, &Marks::NONE);
        String::from_utf8(out).unwrap_or_default()
    }

    #[inline]
    fn parts(&self) -> &Parts {
        self.parts.as_deref().expect("an event has its parts until it is dropped")
    }

    #[inline]
    fn parts_mut(&mut self) -> &mut Parts {
        self.parts.as_deref_mut().expect("an event has its parts until it is dropped")
    }
}

impl Drop for Event {
    #[inline]
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take() {
            parts::give_back(parts);
        }
    }
}

impl Clone for Event {
    fn clone(&self) -> Self {
        let mut parts = parts::take();
        parts.clone_from(self.parts());
        Self { event: self.event.clone(), parts: Some(parts) }
    }
}

/// The name and which parts are set, never their content.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.fields();
        let mut shown = f.debug_struct("Event");
        shown.field("event", &self.name());
        let set = [
            ("actor", fields.actor_id.is_some()),
            ("email", fields.email.is_some()),
            ("actor_name", fields.actor_name.is_some()),
            ("target", fields.target_id.is_some()),
            ("user_ip", fields.user_ip.is_some()),
            ("time", fields.time.is_some()),
            ("id", fields.id.is_some()),
        ];
        for (name, _) in set.iter().filter(|(_, set)| *set) {
            shown.field(name, &format_args!("set"));
        }
        shown.field("metadata", &format_args!("{} keys", self.metadata_pairs().count())).finish()
    }
}

/// The same JSON that [`Event::write_json`] gives without marks; into serde_json it goes through as it is.
impl Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw =
            serde_json::value::RawValue::from_string(self.to_json()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}
