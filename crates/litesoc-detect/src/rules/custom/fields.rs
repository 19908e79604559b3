//! [`EventFields`]: an event as Sigma rules see it, under its canonical names and a few of the Elastic Common Schema.

use std::borrow::Cow;
use std::cell::OnceCell;

use jiff::tz::TimeZone;
use litesoc_model::{Network, Place};
use litesoc_sigma::{Taxonomy, Value};
use serde_json::Value as Json;

use crate::{AddressGroup, Observation};

/// The canonical names, besides `metadata.*` and `network_intelligence.*`.
const NAMES: [&str; 39] = [
    "event",
    "category",
    "severity",
    "severity_detail",
    "actor.id",
    "user_ip",
    "source",
    "country_code",
    "country_name",
    "region",
    "city",
    "latitude",
    "longitude",
    "timezone",
    "asn",
    "asn_org",
    "is_vpn",
    "is_tor",
    "is_proxy",
    "is_relay",
    "is_datacenter",
    "is_mobile",
    "is_private",
    "is_allowed",
    "is_denied",
    "hides_place",
    "network_type",
    "threat_score",
    "timestamp",
    "received_at",
    "hour",
    "weekday",
    "id",
    "organization",
    "user_agent",
    "original_event",
    "target.id",
    "target.type",
    "target.name",
];

/// Other names of the same: of the LiteSOC API's objects, and of the Elastic Common Schema.
const ALIASES: [(&str, &str); 17] = [
    ("actor_id", "actor.id"),
    ("event_name", "event"),
    ("created_at", "timestamp"),
    ("event.action", "event"),
    ("user.id", "actor.id"),
    ("source.ip", "user_ip"),
    ("client.ip", "user_ip"),
    ("source.geo.country_iso_code", "country_code"),
    ("source.geo.country_name", "country_name"),
    ("source.geo.region_name", "region"),
    ("source.geo.city_name", "city"),
    ("source.geo.timezone", "timezone"),
    ("source.as.number", "asn"),
    ("source.as.organization.name", "asn_org"),
    ("user_agent.original", "user_agent"),
    ("@timestamp", "timestamp"),
    ("organization.id", "organization"),
];

/// What metadata that names nothing else of this name holds: what is known of the event's network.
const INTELLIGENCE: &str = "network_intelligence.";

/// The fields that Sigma rules over our events can test.
///
/// ```
/// use litesoc_detect::{sigma::RuleSet, taxonomy};
///
/// let rule = "{title: T, logsource: {product: litesoc}, detection: {s: {is_tor: true}, condition: s}}";
/// assert!(RuleSet::parse_as(&taxonomy(), [("tor.yml", rule)]).is_ok());
/// ```
#[must_use]
pub fn taxonomy() -> Taxonomy {
    let names = NAMES.into_iter().chain(ALIASES.into_iter().map(|(alias, _)| alias));
    let closed = names.fold(Taxonomy::new("litesoc"), Taxonomy::field);
    closed.open("metadata.").open(INTELLIGENCE)
}

/// An event as Sigma rules see it; the fields are those of [`taxonomy`].
///
/// ```
/// use litesoc_detect::sigma::{Fields, Value};
/// use litesoc_detect::{EventFields, Observation};
/// use litesoc_events::EventType;
/// use litesoc_model::Timestamp;
/// use uuid::Uuid;
///
/// let (at, export) = (Timestamp::from_millis(1_772_368_200_000), EventType::DATA_EXPORT);
/// let seen = Observation::new("acme", Uuid::nil(), &export, at, at).metadata(r#"{"file":{"type":"csv"}}"#);
/// let fields = EventFields::new(&seen, 64);
/// assert_eq!(fields.get("event"), Some(Value::from("data.export")));
/// assert_eq!(fields.get("metadata.file.type"), Some(Value::from("csv")));
/// ```
#[derive(Debug)]
pub struct EventFields<'a> {
    seen: Observation<'a>,
    /// Leading bits that make one source of many IPv6 addresses.
    ipv6_prefix: u8,
    /// Read when a rule asks for it.
    metadata: OnceCell<Json>,
}

impl<'a> EventFields<'a> {
    /// The fields of an event; `ipv6_prefix` is that of the [`Settings`](crate::Settings).
    #[must_use]
    pub const fn new(seen: &Observation<'a>, ipv6_prefix: u8) -> Self {
        Self { seen: *seen, ipv6_prefix, metadata: OnceCell::new() }
    }

    fn metadata(&self) -> &Json {
        self.metadata.get_or_init(|| serde_json::from_str(self.seen.metadata).unwrap_or_default())
    }

    fn canonical(&self, name: &str) -> Option<Value<'_>> {
        let seen = &self.seen;
        let text = |text: &'a str| Value::from(text);
        Some(match name {
            "event" => Value::from(seen.event.as_str()),
            "category" => text(seen.event.category()?.as_str()),
            "severity" => text(seen.event.severity().as_str()),
            "severity_detail" => text(seen.event.severity_level().as_str()),
            "actor.id" => text(seen.actor?),
            "user_ip" => Value::from(seen.ip?.to_canonical().to_string()),
            "source" => Value::from(AddressGroup::of(seen.ip?, self.ipv6_prefix).to_string()),
            "id" => Value::from(seen.event_id.to_string()),
            "organization" => text(seen.organization),
            "timestamp" => Value::from(seen.at.to_string()),
            "received_at" => Value::from(seen.received.to_string()),
            "hour" => Value::Integer(self.moment()?.hour().into()),
            "weekday" => Value::Integer(self.moment()?.weekday().to_monday_one_offset().into()),
            "original_event" => text(seen.original?),
            "target.id" => self.target("id")?,
            "target.type" => self.target("type")?,
            "target.name" => self.target("name")?,
            "user_agent" => self.json("user_agent").or_else(|| self.json("userAgent"))?,
            _ => return self.known(name),
        })
    }

    /// The time of the event in UTC.
    fn moment(&self) -> Option<jiff::civil::DateTime> {
        let moment = jiff::Timestamp::from_millisecond(self.seen.at.as_millis()).ok()?;
        Some(moment.to_zoned(TimeZone::UTC).datetime())
    }

    /// What was known of the address.
    fn known(&self, name: &str) -> Option<Value<'_>> {
        let known = self.seen.enrichment?;
        if name == "threat_score" {
            return Some(Value::Integer(known.threat_score.into()));
        }
        known
            .place
            .as_ref()
            .and_then(|place| of_place(place, name))
            .or_else(|| of_network(&known.network, name))
    }

    /// A member of what it was done to; of a plain id, the id.
    fn target(&self, member: &str) -> Option<Value<'_>> {
        let target = self.seen.target.filter(|target| !target.is_empty())?;
        if !target.starts_with('{') {
            return (member == "id").then(|| Value::from(target));
        }
        let read: serde_json::Map<String, Json> = serde_json::from_str(target).ok()?;
        match read.get(member)? {
            Json::String(text) => Some(Value::from(text.clone())),
            Json::Number(number) => Some(Value::from(number.to_string())),
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
        }
    }

    /// A member of the metadata by its path, with dots between the names.
    fn json(&self, path: &str) -> Option<Value<'_>> {
        self.metadata().as_object()?;
        let mut found = Vec::new();
        collect(self.metadata(), path, &mut found);
        match &found[..] {
            [] => None,
            [one] => Some(value(one)),
            several => Some(Value::Many(several.iter().map(|one| value(one)).collect())),
        }
    }
}

impl litesoc_sigma::Fields for EventFields<'_> {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        if let Some(path) = name.strip_prefix("metadata.") {
            let stored = self.json(path);
            // What an application says itself counts more than what was looked up.
            return stored.or_else(|| path.strip_prefix(INTELLIGENCE).and_then(|name| self.known(name)));
        }
        if let Some(name) = name.strip_prefix(INTELLIGENCE) {
            return self.known(name);
        }
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        self.canonical(alias.map_or(name, |(_, canonical)| canonical))
    }

    fn any_text(&self, look: &mut dyn FnMut(&str) -> bool) -> bool {
        let short = ["event", "actor.id", "user_ip", "country_code", "country_name", "city", "asn_org"];
        let text = |name: &&str| self.canonical(name);
        short.iter().filter_map(text).any(|value| value.text().is_some_and(|text| look(&text)))
            || any_text(self.metadata(), look)
    }
}

fn of_place<'a>(place: &'a Place, name: &str) -> Option<Value<'a>> {
    let text = |text: &'a Option<Box<str>>| text.as_deref().map(Value::from);
    match name {
        "country_code" => text(&place.country_code),
        "country_name" => text(&place.country_name),
        "region" => text(&place.region),
        "city" => text(&place.city),
        "timezone" => text(&place.timezone),
        "latitude" => place.position.map(|position| Value::Float(position.latitude)),
        "longitude" => place.position.map(|position| Value::Float(position.longitude)),
        _ => None,
    }
}

fn of_network<'a>(network: &'a Network, name: &str) -> Option<Value<'a>> {
    Some(Value::Bool(match name {
        "asn" => return network.asn.map(|number| Value::Integer(number.into())),
        "asn_org" => return network.organization.as_deref().map(Value::from),
        "network_type" => return Some(network_type(network).into()),
        "is_vpn" => network.is_vpn,
        "is_tor" => network.is_tor,
        "is_proxy" => network.is_proxy,
        "is_relay" => network.is_relay,
        "is_datacenter" => network.is_datacenter,
        "is_mobile" => network.is_mobile,
        "is_private" => network.is_private,
        "is_allowed" => network.is_allowed,
        "is_denied" => network.is_denied,
        "hides_place" => network.hides_place(),
        _ => return None,
    }))
}

/// One word for a network: what hides the user first, then where the address belongs.
const fn network_type(network: &Network) -> &'static str {
    if network.is_tor {
        "tor"
    } else if network.is_vpn {
        "vpn"
    } else if network.is_proxy {
        "proxy"
    } else if network.is_relay {
        "relay"
    } else if network.is_datacenter {
        "datacenter"
    } else if network.is_mobile {
        "mobile"
    } else if network.is_private {
        "private"
    } else {
        "residential"
    }
}

/// The members at a path; a list on the way stands for each of its members, and a key may have dots of its own.
fn collect<'j>(json: &'j Json, path: &str, found: &mut Vec<&'j Json>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| collect(item, path, found)),
        Json::Object(members) => {
            if let Some(member) = members.get(path) {
                found.push(member);
            } else if let Some((key, rest)) = path.split_once('.')
                && let Some(member) = members.get(key)
            {
                collect(member, rest, found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn value(json: &Json) -> Value<'_> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Integer(whole),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::Text(Cow::Borrowed(text)),
        Json::Array(items) => Value::Many(items.iter().map(value).collect()),
        // It is there, and equals nothing.
        Json::Object(_) => Value::Many(Vec::new()),
    }
}

fn any_text(json: &Json, look: &mut dyn FnMut(&str) -> bool) -> bool {
    match json {
        Json::Null => false,
        Json::Bool(_) | Json::Number(_) => look(&json.to_string()),
        Json::String(text) => look(text),
        Json::Array(items) => items.iter().any(|item| any_text(item, look)),
        Json::Object(members) => members.values().any(|member| any_text(member, look)),
    }
}
