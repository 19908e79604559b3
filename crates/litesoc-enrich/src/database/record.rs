//! [`Record`]: one record of a database, whichever schema it follows.
//!
//! Known are the schemas of MaxMind (City, Country, ASN, ISP, Anonymous IP, Connection Type, Enterprise), of DB-IP, which
//! keeps MaxMind's form and puts the network under `traits`, the flat one of ip-location-db, and the flat ones of IPinfo.
//! They do not contradict each other, so one reader takes all of them by what they hold and not by what they are called.
//! A member of another type than expected is as good as missing: a file with a strange member is still worth having.

use litesoc_model::Position;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess};

use super::part::{Fill, Part, Scalar, number, read, scalar, skip, text};
use crate::fact::{Fact, Facts};
use crate::ranges::Flags;
use crate::source::ListKind;

/// One record, borrowed from the database.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record<'a> {
    country_code: Option<&'a str>,
    pub(super) country_name: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) city: Option<&'a str>,
    pub(super) timezone: Option<&'a str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    radius_km: Option<f64>,
    pub(super) asn: Option<u32>,
    as_organization: Option<&'a str>,
    isp: Option<&'a str>,
    pub(super) flags: Flags,
    /// Of which kinds of network it speaks, be its answer yes or no.
    spoken_of: Facts,
}

impl Record<'_> {
    /// What it tells.
    pub(super) fn facts(&self) -> Facts {
        let mut facts = self.spoken_of;
        facts.add_if(self.country().is_some(), Fact::Country);
        facts.add_if(self.region.is_some(), Fact::Region);
        facts.add_if(self.city.is_some(), Fact::City);
        facts.add_if(self.position().is_some(), Fact::Position);
        facts.add_if(self.timezone.is_some(), Fact::Timezone);
        facts.add_if(self.asn.is_some(), Fact::Asn);
        facts.add_if(self.organization().is_some(), Fact::Organization);
        facts
    }

    /// Who runs the network.
    pub(super) fn organization(&self) -> Option<&str> {
        self.as_organization.or(self.isp)
    }

    /// The code of the country in capitals. `ZZ` stands for none.
    pub(super) fn country(&self) -> Option<[u8; 2]> {
        let code: [u8; 2] = self.country_code?.as_bytes().try_into().ok()?;
        let code = code.map(|letter| letter.to_ascii_uppercase());
        (code.iter().all(u8::is_ascii_uppercase) && code != *b"ZZ").then_some(code)
    }

    pub(super) fn position(&self) -> Option<Position> {
        let (latitude, longitude) = (self.latitude?, self.longitude?);
        // What nobody could find is at 0, 0 in flat files, off the coast of Africa.
        if latitude == 0.0 && longitude == 0.0 && self.city.is_none() {
            return None;
        }
        let radius = self.radius_km.filter(|km| (0.0..=f64::from(u16::MAX)).contains(km));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was checked to fit")]
        Position::new(latitude, longitude, radius.map(|km| km as u16))
    }
}

impl<'a> Record<'a> {
    fn flag(&mut self, kind: ListKind, holds: bool) {
        if let Some(fact) = kind.fact() {
            self.spoken_of.add_if(true, fact);
        }
        if holds {
            self.flags = self.flags.and(Flags::of(kind));
        }
    }

    /// Takes the words for the use of a network of MaxMind and DB-IP: `connection_type` and `user_type`.
    fn usage(&mut self, word: Option<&str>, of_user: bool) {
        let Some(word) = word else { return };
        let is = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        self.flag(ListKind::Mobile, is(&["cellular"]));
        if of_user {
            self.flag(ListKind::Datacenter, is(&["hosting", "content_delivery_network"]));
            self.flag(ListKind::Relay, is(&["consumer_privacy_network"]));
        }
    }

    fn place_member<A: MapAccess<'a>>(&mut self, name: &str, members: &mut A) -> Result<bool, A::Error> {
        match name {
            "country" => {
                let country = named(members)?;
                // In the flat schema of IPinfo it is the name, beside `country_code`.
                self.country_code = country.code.or(self.country_code);
                self.country_name = country.name.or(self.country_name);
            }
            "registered_country" => {
                let country = named(members)?;
                self.country_code = self.country_code.or(country.code);
                self.country_name = self.country_name.or(country.name);
            }
            "country_code" => self.country_code = text(members)?,
            "city" => self.city = named(members)?.name,
            "state1" | "region" => self.region = named(members)?.name,
            "subdivisions" => {
                let mut first = First::default();
                read(members, &mut first)?;
                self.region = first.0.name;
            }
            "timezone" | "time_zone" => self.timezone = text(members)?,
            "latitude" | "lat" => self.latitude = number(members)?,
            "longitude" | "lng" => self.longitude = number(members)?,
            "accuracy_radius" | "radius" => self.radius_km = number(members)?,
            // What stands under these is what stands at the top in flat files.
            "location" | "traits" => read(members, self)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn network_member<A: MapAccess<'a>>(&mut self, name: &str, members: &mut A) -> Result<bool, A::Error> {
        let kind = match name {
            "is_anonymous_vpn" | "is_vpn" | "vpn" => ListKind::Vpn,
            "is_tor_exit_node" | "is_tor" | "tor" => ListKind::Tor,
            "is_public_proxy" | "is_residential_proxy" | "is_anonymous_proxy" | "is_proxy" | "proxy" => {
                ListKind::Proxy
            }
            "is_hosting_provider" | "is_datacenter" | "is_hosting" | "hosting" => ListKind::Datacenter,
            "is_relay" | "relay" => ListKind::Relay,
            "is_mobile" | "mobile" => ListKind::Mobile,
            _ => {
                match name {
                    "autonomous_system_number" | "asn" | "as_number" => self.asn = scalar(members)?.asn(),
                    "autonomous_system_organization" | "as_name" => self.as_organization = text(members)?,
                    "isp" => self.isp = text(members)?,
                    "user_type" | "connection_type" => {
                        let word = text(members)?;
                        self.usage(word, name == "user_type");
                    }
                    _ => return Ok(false),
                }
                return Ok(true);
            }
        };
        let holds = scalar(members)?.flag();
        // A proxy of one kind is a proxy, whatever the file says of the other kinds.
        self.flag(kind, holds);
        Ok(true)
    }
}

impl<'a> Part<'a> for Record<'a> {
    fn member<A: MapAccess<'a>>(&mut self, name: &'a str, members: &mut A) -> Result<(), A::Error> {
        if self.place_member(name, members)? || self.network_member(name, members)? {
            return Ok(());
        }
        skip(members)
    }
}

impl<'a> Deserialize<'a> for Record<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        let mut record = Self::default();
        Fill(&mut record).deserialize(deserializer)?;
        Ok(record)
    }
}

/// Something with a name and perhaps a code: a map with `names` as MaxMind has it, or just the name.
#[derive(Clone, Copy, Debug, Default)]
struct Named<'a> {
    code: Option<&'a str>,
    name: Option<&'a str>,
}

fn named<'a, A: MapAccess<'a>>(members: &mut A) -> Result<Named<'a>, A::Error> {
    let mut named = Named::default();
    read(members, &mut named)?;
    Ok(named)
}

impl<'a> Part<'a> for Named<'a> {
    fn scalar(&mut self, value: Scalar<'a>) {
        self.name = value.text();
        // A country that is given by its code alone.
        self.code = self.name.filter(|name| name.len() == 2);
    }

    fn member<A: MapAccess<'a>>(&mut self, name: &'a str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "iso_code" | "code" => self.code = text(members)?,
            "name" => self.name = text(members)?,
            "names" => {
                let mut names = Names::default();
                read(members, &mut names)?;
                self.name = names.english.or(names.any);
            }
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// A name in several languages.
#[derive(Debug, Default)]
struct Names<'a> {
    english: Option<&'a str>,
    any: Option<&'a str>,
}

impl<'a> Part<'a> for Names<'a> {
    fn member<A: MapAccess<'a>>(&mut self, name: &'a str, members: &mut A) -> Result<(), A::Error> {
        if name == "en" {
            self.english = text(members)?;
        } else if self.any.is_none() && self.english.is_none() {
            self.any = text(members)?;
        } else {
            skip(members)?;
        }
        Ok(())
    }
}

/// The first of several, which of subdivisions is the largest one.
#[derive(Debug, Default)]
struct First<'a>(Named<'a>);

impl<'a> Part<'a> for First<'a> {
    fn elements<A: SeqAccess<'a>>(&mut self, elements: &mut A) -> Result<(), A::Error> {
        if elements.next_element_seed(Fill(&mut self.0))?.is_some() {
            while elements.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        }
        Ok(())
    }
}
