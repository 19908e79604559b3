//! [`IncomingEvent`]: one event as a service reads it, from any client of any age.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use litesoc_events::MAX_NAME_BYTES;
use serde::Serialize;
use uuid::Uuid;

use super::{ItemError, metadata};
use crate::address::{plain_address, read_address};
use crate::event::{MAX_ACTOR_ID_CHARS, MAX_EMAIL_CHARS, MAX_METADATA_BYTES, MAX_TEXT_CHARS};
use crate::json::{MAX_METADATA_DEPTH, Members, raw_object, text, text_or_number, timestamp};
use crate::time::Timestamp;
use crate::vocabulary::ErrorCode;

/// The mark of this project's own clients, whose times a service believes.
pub const OWN_SDK: &str = "litesoc-rust";

/// How far back an event's own time is believed.
const MAX_PAST: Duration = Duration::from_hours(24);
/// How far ahead an event's own time is believed.
const MAX_FUTURE: Duration = Duration::from_mins(5);

/// What a client wrote into the metadata for the service, not for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientMarks<'a> {
    /// The client library.
    pub sdk: Option<Cow<'a, str>>,
    /// Its version.
    pub sdk_version: Option<Cow<'a, str>>,
    /// The event's id, made by the client; events with the same id are one.
    pub event_id: Option<Uuid>,
}

/// One event as a service reads it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IncomingEvent<'a> {
    /// The name as it was sent, without blanks around it; neither empty nor over 128 bytes.
    pub name: Cow<'a, str>,
    /// Who did it; the e-mail address when no id was sent.
    pub actor_id: Option<Cow<'a, str>>,
    /// Their e-mail address.
    pub actor_email: Option<Cow<'a, str>>,
    /// Their name.
    pub actor_name: Option<Cow<'a, str>>,
    /// What it was done to: a JSON object.
    pub target: Option<&'a str>,
    /// The address of the end user.
    pub user_ip: Option<IpAddr>,
    /// What the application added: a JSON object without the client's marks, at most 16 KiB and eight levels deep, each key once.
    pub metadata: Cow<'a, str>,
    /// What the client wrote for the service.
    pub marks: ClientMarks<'a>,
    /// The time that was sent.
    pub timestamp: Option<Timestamp>,
}

/// Where the name may be, in order.
const NAME_KEYS: [&str; 3] = ["event", "event_name", "event_type"];

impl<'a> IncomingEvent<'a> {
    pub(super) fn has_name(members: &Members<'_>) -> bool {
        NAME_KEYS.iter().any(|key| members.get(key).is_some())
    }

    /// Reads one event. Unknown members are ignored; of repeated ones the last counts.
    pub(super) fn of(members: &Members<'a>, index: usize) -> Result<Self, ItemError> {
        let refuse = |message: String| ItemError::new(index, ErrorCode::ValidationFailed, message);
        let name = read_name(members).map_err(refuse)?;
        let actor = read_actor(members);
        actor.check().map_err(refuse)?;
        let sent_metadata = members.get("metadata").and_then(raw_object);
        let mut read = metadata::read(sent_metadata.unwrap_or("{}")).map_err(refuse)?;
        let address = read_user_ip(members, read.address.as_deref());
        let mut event = Self {
            name,
            actor_id: actor.id.or_else(|| actor.email.clone()),
            actor_email: actor.email,
            actor_name: actor.name,
            target: members
                .get("target")
                .and_then(raw_object)
                .filter(|target| target.len() <= 4 * MAX_TEXT_CHARS),
            user_ip: address.ip,
            metadata: read.metadata,
            marks: std::mem::take(&mut read.marks),
            timestamp: members.get("timestamp").and_then(timestamp),
        };
        event.add_context(members, address.raw);
        Ok(event)
    }

    /// Keeps what the members outside the metadata said and no field holds.
    fn add_context(&mut self, members: &Members<'a>, raw_address: Option<Cow<'a, str>>) {
        if let Some(raw) = raw_address {
            self.add_metadata("user_ip_raw", &shorten(&raw));
        }
        let context = members.inner("context");
        if let Some(agent) = context.as_ref().and_then(|context| context.get("user_agent")).and_then(text)
            && !Members::of(&self.metadata).contains("user_agent")
        {
            self.add_metadata("user_agent", &shorten(&agent));
        }
    }

    /// Adds a member to the metadata, in the place of one of the same key.
    ///
    /// A value that cannot be serialised adds nothing.
    pub fn add_metadata<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) {
        if let Ok(value) = serde_json::to_string(value) {
            self.metadata = metadata::with_member(&self.metadata, key, &value).into();
        }
    }

    /// Whether it comes from one of this project's own clients.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.marks.sdk.as_deref() == Some(OWN_SDK)
    }

    /// When the event happened.
    ///
    /// Its own time, from the `timestamp` or from the UUIDv7 that is its id, if one of this project's own clients sent it
    /// and it lies at most 24 hours before and 5 minutes after the arrival; else the arrival.
    #[must_use]
    pub fn event_time(&self, received: Timestamp) -> Timestamp {
        if !self.is_own() {
            return received;
        }
        let own = self.timestamp.or_else(|| self.marks.event_id.and_then(uuid_time));
        own.filter(|own| {
            own.saturating_since(received) <= MAX_FUTURE && received.saturating_since(*own) <= MAX_PAST
        })
        .unwrap_or(received)
    }
}

/// The moment in a UUIDv7 (RFC 9562, section 5.7): its first 48 bits are Unix milliseconds.
fn uuid_time(id: Uuid) -> Option<Timestamp> {
    let millis = i64::try_from(id.as_u128() >> 80).ok()?;
    (id.get_version_num() == 7).then(|| Timestamp::from_millis(millis))
}

/// Free text of unknown length, cut to what is worth keeping.
fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MAX_TEXT_CHARS) {
        None => text.into(),
        Some((end, _)) => text[..end].into(),
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => text.trim().into(),
        Cow::Owned(text) => text.trim().to_owned().into(),
    }
}

fn read_name<'a>(members: &Members<'a>) -> Result<Cow<'a, str>, String> {
    let name = members.first(&NAME_KEYS, text).map(trimmed).unwrap_or_default();
    if name.is_empty() {
        Err("`event` is missing: send its name, like \"auth.login_failed\"".to_owned())
    } else if name.len() > MAX_NAME_BYTES {
        Err(format!("`event` has {} bytes: send at most {MAX_NAME_BYTES}", name.len()))
    } else {
        Ok(name)
    }
}

#[derive(Default)]
struct Actor<'a> {
    id: Option<Cow<'a, str>>,
    email: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
}

impl Actor<'_> {
    fn check(&self) -> Result<(), String> {
        let texts = [
            ("actor.id", &self.id, MAX_ACTOR_ID_CHARS),
            ("actor.email", &self.email, MAX_EMAIL_CHARS),
            ("actor.name", &self.name, MAX_TEXT_CHARS),
        ];
        let too_long = |text: &str, limit| text.len() > limit && text.chars().count() > limit;
        let long = texts
            .into_iter()
            .find(|(_, text, limit)| text.as_deref().is_some_and(|text| too_long(text, *limit)));
        long.map_or(Ok(()), |(field, _, limit)| Err(format!("`{field}` has more than {limit} characters")))
    }
}

/// The actor from `actor`, an object or text, else from members beside it.
fn read_actor<'a>(members: &Members<'a>) -> Actor<'a> {
    let some = |raw: &'a str| text_or_number(raw).map(trimmed).filter(|text| !text.is_empty());
    let sent = members.get("actor");
    let inner = sent.and_then(raw_object).map(Members::of).unwrap_or_default();
    let id = inner.first(&["id", "user_id"], some).or_else(|| sent.and_then(some));
    Actor {
        id: id.or_else(|| members.first(&["user_id", "userId", "actor_id"], some)),
        email: inner
            .first(&["email", "user_email"], some)
            .or_else(|| members.first(&["email", "user_email", "actor_email"], some)),
        name: inner.first(&["name"], some),
    }
}

struct UserIp<'a> {
    ip: Option<IpAddr>,
    /// What was sent in the first place, if it is not simply the address.
    raw: Option<Cow<'a, str>>,
}

/// The first place that has an address in it; never the address of whoever sent the request.
fn read_user_ip<'a>(members: &Members<'a>, in_metadata: Option<&str>) -> UserIp<'a> {
    let sent = members.first(&["user_ip", "ip_address"], text);
    if let Some(address) = sent.as_deref().and_then(plain_address) {
        return UserIp { ip: Some(address.to_canonical()), raw: None };
    }
    let places = [
        members.get("user_ip").and_then(text),
        members.get("ip_address").and_then(text),
        members.inner("context").and_then(|context| context.get("ip_address").and_then(text)),
    ];
    let ip = places.iter().flatten().find_map(|text| read_address(text));
    let raw = places
        .into_iter()
        .flatten()
        .find(|raw| !raw.trim().is_empty() && plain_address(raw.trim()).is_none());
    UserIp { ip: ip.or_else(|| in_metadata.and_then(read_address)), raw }
}

/// What is wrong with metadata that nests or weighs too much.
pub(super) fn metadata_limits(bytes: usize, depth: usize) -> Result<(), String> {
    if bytes > MAX_METADATA_BYTES {
        Err(format!("`metadata` has {bytes} bytes: send at most {MAX_METADATA_BYTES}"))
    } else if depth > MAX_METADATA_DEPTH {
        Err(format!("`metadata` nests {depth} levels: send at most {MAX_METADATA_DEPTH}"))
    } else {
        Ok(())
    }
}
