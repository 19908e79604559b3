//! [`EventRecord`]: an event as the service keeps and shows it.

use std::net::IpAddr;

use litesoc_events::EventType;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::alert::{Forensics, NetworkForensics};
use crate::decode::{DecodeError, Record, object};
use crate::json::{Members, flag, number, timestamp};
use crate::metadata::Metadata;
use crate::time::Timestamp;
use crate::vocabulary::EventSeverity;

/// Who did it, as the service shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ActorRef {
    /// The id of the account.
    pub id: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What it was done to.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Target {
    /// The id of the thing.
    pub id: Option<String>,
    /// The kind of thing.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Target {
    /// A thing with an id and a kind.
    #[must_use]
    pub fn new(id: impl Into<String>, kind: impl Into<String>) -> Self {
        Self { id: Some(id.into()), kind: Some(kind.into()), name: None }
    }

    /// Reads a target from JSON text; `None` when it is no object.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        Members::parse(json)
            .ok()
            .filter(|members| members.iter().next().is_some())
            .map(|members| Self::of(&members))
    }

    fn of(members: &Members<'_>) -> Self {
        Self { id: members.string(&["id"]), kind: members.string(&["type"]), name: members.string(&["name"]) }
    }
}

/// An event as the service keeps and shows it.
///
/// Everything but the id may be missing: on the free plan the place and network fields are null, and older services
/// leave out more.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EventRecord {
    /// The event's id, a UUID on current services.
    pub id: String,
    /// The organisation it belongs to.
    pub org_id: Option<String>,
    /// What happened.
    pub event: EventType,
    /// The name that was sent, when the service stored the event under another.
    pub original_event: Option<String>,
    /// Who did it.
    pub actor_id: Option<String>,
    /// Their e-mail address.
    pub actor_email: Option<String>,
    /// Their name.
    pub actor_name: Option<String>,
    /// What it was done to.
    pub target: Option<Target>,
    /// The address of the end user, as the service shows it.
    pub user_ip: Option<String>,
    /// The address of the machine that reported it.
    pub server_ip: Option<String>,
    /// The country of the end user, ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    /// The city of the end user.
    pub city: Option<String>,
    /// Whether the address belongs to a VPN.
    pub is_vpn: Option<bool>,
    /// Whether the address is a Tor exit.
    pub is_tor: Option<bool>,
    /// Whether the address is an open proxy.
    pub is_proxy: Option<bool>,
    /// Whether the address belongs to a data centre.
    pub is_datacenter: Option<bool>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// How bad it is; on current services one of info, warning and critical.
    pub severity: EventSeverity,
    /// How bad it is on the five-level scale.
    pub severity_detail: Option<EventSeverity>,
    /// How risky the service thinks it is, 0 to 100.
    pub risk_score: Option<f64>,
    /// What the application added.
    pub metadata: Metadata,
    /// Network and place in the form that alerts have.
    pub forensics: Option<Forensics>,
    /// The event that this one was made from.
    pub trigger_event_id: Option<String>,
    /// When it happened.
    pub created_at: Option<Timestamp>,
    /// When the service received it, if that is another moment.
    pub received_at: Option<Timestamp>,
}

impl EventRecord {
    /// A record with nothing but an id, a type and a time; its severity is the type's.
    #[must_use]
    pub fn new(id: impl Into<String>, event: EventType, created_at: Timestamp) -> Self {
        let severity = EventSeverity::from(event.severity());
        let severity_detail = Some(EventSeverity::from(event.severity_level().as_str()));
        Self {
            id: id.into(),
            event,
            severity,
            severity_detail,
            created_at: Some(created_at),
            org_id: None,
            original_event: None,
            actor_id: None,
            actor_email: None,
            actor_name: None,
            target: None,
            user_ip: None,
            server_ip: None,
            country_code: None,
            city: None,
            is_vpn: None,
            is_tor: None,
            is_proxy: None,
            is_datacenter: None,
            latitude: None,
            longitude: None,
            risk_score: None,
            metadata: Metadata::default(),
            forensics: None,
            trigger_event_id: None,
            received_at: None,
        }
    }

    /// The end user's address, if it is one.
    #[must_use]
    pub fn user_address(&self) -> Option<IpAddr> {
        self.user_ip.as_deref().and_then(crate::address::read_address)
    }

    /// Whether the service knows anything of the network or the place; it shows nothing on the free plan.
    #[must_use]
    pub fn has_forensics(&self) -> bool {
        self.is_vpn.is_some() || self.is_tor.is_some() || self.is_proxy.is_some() || self.latitude.is_some()
    }
}

impl Record for EventRecord {
    const LIST_KEY: &'static str = "events";
    const SINGLE_KEY: &'static str = "event";

    fn from_json(json: &str) -> Result<Self, DecodeError> {
        Self::of(&object(json)?)
    }
}

impl EventRecord {
    fn of(members: &Members<'_>) -> Result<Self, DecodeError> {
        let id =
            members.string(&["id", "event_id"]).ok_or(DecodeError::Missing { what: "event", field: "id" })?;
        let actor = members.inner("actor").unwrap_or_default();
        // Some answers nest what others spread out.
        let network = members.inner("network_intelligence").unwrap_or_default();
        let place = members.inner("geolocation").unwrap_or_default();
        let either_flag = |key| members.get(key).or_else(|| network.get(key)).and_then(flag);
        let either_text = |key| members.string(&[key]).or_else(|| place.string(&[key]));
        let either_number = |key| members.get(key).or_else(|| place.get(key)).and_then(number);
        let severity = members.string(&["severity"]).map_or(EventSeverity::Info, EventSeverity::from);
        let actor_text = members.get("actor").and_then(crate::json::text_or_number).map(String::from);
        Ok(Self {
            id,
            org_id: members.string(&["org_id", "organization_id"]),
            event: EventType::from(
                members.string(&["event_name", "event", "event_type", "type"]).unwrap_or_default(),
            ),
            original_event: members.string(&["original_event"]),
            actor_id: members
                .string(&["actor_id"])
                .or_else(|| actor.string(&["id", "user_id"]))
                .or(actor_text),
            actor_email: members.string(&["actor_email"]).or_else(|| actor.string(&["email", "user_email"])),
            actor_name: members.string(&["actor_name"]).or_else(|| actor.string(&["name"])),
            target: members.inner("target").map(|target| Target::of(&target)),
            user_ip: members.string(&["user_ip", "ip_address", "source_ip"]),
            server_ip: members.string(&["server_ip"]),
            country_code: either_text("country_code"),
            city: either_text("city"),
            is_vpn: either_flag("is_vpn"),
            is_tor: either_flag("is_tor"),
            is_proxy: either_flag("is_proxy"),
            is_datacenter: either_flag("is_datacenter"),
            latitude: either_number("latitude"),
            longitude: either_number("longitude"),
            severity,
            severity_detail: members.string(&["severity_detail"]).map(EventSeverity::from),
            risk_score: members.get("risk_score").and_then(number),
            metadata: Metadata::of_member(members, "metadata"),
            forensics: Forensics::of_member(members),
            trigger_event_id: members.string(&["trigger_event_id"]),
            created_at: members.first(&["created_at", "timestamp"], timestamp),
            received_at: members.get("received_at").and_then(timestamp),
        })
    }
}

/// The network once more, under the name that some clients look for it by.
#[derive(serde::Serialize)]
struct NetworkIntelligence<'a> {
    network_type: &'static str,
    #[serde(flatten)]
    network: &'a NetworkForensics,
}

impl<'a> NetworkIntelligence<'a> {
    const fn of(network: &'a NetworkForensics) -> Self {
        Self { network_type: network.kind(), network }
    }
}

/// The members that every client knows come first, then those that only some ask for.
impl Serialize for EventRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("Event", 30)?;
        row.serialize_field("id", &self.id)?;
        row.serialize_field("org_id", &self.org_id)?;
        row.serialize_field("event_name", self.event.as_str())?;
        row.serialize_field("actor_id", &self.actor_id)?;
        row.serialize_field("user_ip", &self.user_ip)?;
        row.serialize_field("server_ip", &self.server_ip)?;
        row.serialize_field("country_code", &self.country_code)?;
        row.serialize_field("city", &self.city)?;
        row.serialize_field("is_vpn", &self.is_vpn)?;
        row.serialize_field("is_tor", &self.is_tor)?;
        row.serialize_field("is_proxy", &self.is_proxy)?;
        row.serialize_field("is_datacenter", &self.is_datacenter)?;
        row.serialize_field("latitude", &self.latitude)?;
        row.serialize_field("longitude", &self.longitude)?;
        row.serialize_field("severity", &self.severity)?;
        row.serialize_field("metadata", &self.metadata)?;
        row.serialize_field("created_at", &self.created_at)?;
        self.serialize_extensions(&mut row)?;
        row.end()
    }
}

impl EventRecord {
    fn serialize_extensions<S: SerializeStruct>(&self, row: &mut S) -> Result<(), S::Error> {
        let actor = (self.actor_id.is_some() || self.actor_email.is_some() || self.actor_name.is_some())
            .then(|| ActorRef {
                id: self.actor_id.clone(),
                email: self.actor_email.clone(),
                name: self.actor_name.clone(),
            });
        row.serialize_field("event", self.event.as_str())?;
        row.serialize_field("type", self.event.as_str())?;
        row.serialize_field("actor", &actor)?;
        row.serialize_field("actor_email", &self.actor_email)?;
        row.serialize_field("timestamp", &self.created_at)?;
        row.serialize_field("target", &self.target)?;
        row.serialize_field("forensics", &self.forensics)?;
        let known = self.forensics.as_ref();
        row.serialize_field(
            "network_intelligence",
            &known.map(|known| NetworkIntelligence::of(&known.network)),
        )?;
        row.serialize_field("geolocation", &known.map(|known| &known.location))?;
        row.serialize_field("risk_score", &self.risk_score)?;
        row.serialize_field("severity_detail", &self.severity_detail)?;
        row.serialize_field("received_at", &self.received_at)?;
        row.serialize_field("original_event", &self.original_event)
    }
}
