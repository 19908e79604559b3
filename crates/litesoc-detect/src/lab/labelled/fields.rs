//! [`Field`]: what a member of a line says, under all the names it goes by.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// What a member of a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Event,
    Time,
    Actor,
    Ip,
    Label,
    Attack,
    Latitude,
    Longitude,
    Radius,
    Country,
    Region,
    City,
    Asn,
    Vpn,
    Tor,
    Proxy,
    Relay,
    Datacenter,
    Mobile,
    UserAgent,
    Device,
    Metadata,
}

/// How many fields there are.
pub(super) const FIELDS: usize = Field::Metadata as usize + 1;

/// Every field by its names: ours, those of the LiteSOC API, and those in common use.
const NAMES: &[(Field, &[&str])] = &[
    (Field::Event, &["event", "event_type", "event_name", "type", "action"]),
    (Field::Time, &["time", "timestamp", "created_at", "occurred_at"]),
    (Field::Actor, &["actor", "actor_id", "user", "user_id", "username"]),
    (Field::Ip, &["ip", "user_ip", "ip_address", "source_ip"]),
    (Field::Label, &["label"]),
    (Field::Attack, &["attack", "attack_id", "incident"]),
    (Field::Latitude, &["lat", "latitude"]),
    (Field::Longitude, &["lon", "longitude", "lng"]),
    (Field::Radius, &["radius_km"]),
    (Field::Country, &["country", "country_code"]),
    (Field::Region, &["region"]),
    (Field::City, &["city"]),
    (Field::Asn, &["asn", "as_number"]),
    (Field::Vpn, &["vpn", "is_vpn"]),
    (Field::Tor, &["tor", "is_tor"]),
    (Field::Proxy, &["proxy", "is_proxy"]),
    (Field::Relay, &["relay", "is_relay"]),
    (Field::Datacenter, &["datacenter", "is_datacenter", "hosting"]),
    (Field::Mobile, &["mobile", "is_mobile"]),
    (Field::UserAgent, &["user_agent", "ua", "useragent"]),
    (Field::Device, &["device_id", "device"]),
    (Field::Metadata, &["metadata"]),
];

impl Field {
    /// All its names, the first of which is ours.
    pub(super) fn names(self) -> &'static [&'static str] {
        NAMES.iter().find_map(|(field, names)| (*field == self).then_some(*names)).unwrap_or_default()
    }
}

/// The name of one member.
#[derive(Debug)]
pub(super) enum Name {
    Known(Field, &'static str),
    Other(String),
}

impl Name {
    fn of(name: &str) -> Self {
        let known = NAMES.iter().find_map(|(field, names)| {
            names.iter().find(|known| **known == name).map(|name| (*field, *name))
        });
        known.map_or_else(|| Self::Other(name.to_owned()), |(field, name)| Self::Known(field, name))
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(Name::of(name))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// The members of one line, in their order; a map would keep one of two that have the same name.
#[derive(Debug)]
pub(super) struct Members(pub(super) Vec<(Name, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::with_capacity(FIELDS);
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
