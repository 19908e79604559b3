//! [`Networks`]: who has which addresses, and what a database says of them, right or wrong.
//!
//! The shares below are round figures in the middle of what studies of such databases report: most addresses of homes are
//! placed within 50 km, a few per cent in another city of the country, one in some hundreds in another country; phones
//! appear where their carrier's gateway is; lists of VPNs miss some exits.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use litesoc_model::{Enrichment, Network, Place, Position, ThreatTerm};

use crate::lab::chance::Chance;
use crate::lab::tables::cities::{CITIES, City};

/// An address somebody uses, with what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) ip: IpAddr,
    pub(crate) known: Arc<Enrichment>,
}

/// What an address is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Lines of homes, hotels and small offices.
    Fixed,
    /// The organisation's own addresses: its offices and the exit of its VPN.
    Company,
    /// A carrier's gateways.
    Mobile,
    /// Exits of VPNs that people buy.
    Vpn,
    Hosting,
    Tor,
    /// Open proxies.
    Proxy,
    /// A browser maker's relay.
    Relay,
    /// Aeroplanes, seen where the satellite operator's ground station is.
    Inflight,
}

/// IPv4 or IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    V4,
    V6,
}

/// Providers of VPNs, and of hosting, of which the lab knows so many each.
pub(crate) const VPNS: u8 = 5;
const FIXED_SHARES: [f64; 4] = [0.4, 0.3, 0.2, 0.1];

/// Who has which addresses.
#[derive(Debug)]
pub(crate) struct Networks {
    seed: u64,
    blocks: HashMap<(Kind, u8, &'static str), u16>,
}

impl Networks {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, blocks: HashMap::new() }
    }

    /// One of the providers of lines in a country, the larger the likelier.
    pub(crate) fn provider(chance: &mut Chance) -> u8 {
        u8::try_from(chance.weighted(FIXED_SHARES.iter().copied())).unwrap_or(0)
    }

    /// The IPv4 address of a subscriber of this operator in this city.
    pub(crate) fn v4(&mut self, kind: Kind, operator: u8, city: &'static City, host: u16) -> Source {
        let block = self.block(kind, operator, city);
        let [high, low] = block.to_be_bytes();
        let [third, fourth] = host.to_be_bytes();
        // From 24.0.0.0 on: no range in it is set aside for anything special.
        let ip = Ipv4Addr::new(24 + high, low, third, fourth.clamp(1, 254));
        Source {
            ip: ip.into(),
            known: Arc::new(self.known(kind, operator, city, block, host >> 6, Family::V4)),
        }
    }

    /// An IPv6 address of a subscriber: one /64, and a suffix that changes with every use.
    pub(crate) fn v6(
        &mut self,
        operator: u8,
        city: &'static City,
        subscriber: u16,
        chance: &mut Chance,
    ) -> Source {
        let block = self.block(Kind::Fixed, operator, city);
        let suffix = chance.next().to_be_bytes();
        let piece = |at: usize| u16::from_be_bytes([suffix[at], suffix[at + 1]]);
        let ip = Ipv6Addr::new(0x2a0e, block, subscriber, 0, piece(0), piece(2), piece(4), piece(6));
        let known = self.known(Kind::Fixed, operator, city, block, subscriber >> 6, Family::V6);
        Source { ip: ip.into(), known: Arc::new(known) }
    }

    fn block(&mut self, kind: Kind, operator: u8, city: &'static City) -> u16 {
        let next = u16::try_from(self.blocks.len()).unwrap_or(u16::MAX);
        *self.blocks.entry((kind, operator, city.name)).or_insert(next)
    }

    /// What a database says of a small network; the same whenever it is asked.
    fn known(
        &self,
        kind: Kind,
        operator: u8,
        city: &'static City,
        block: u16,
        part: u16,
        family: Family,
    ) -> Enrichment {
        let salt = u64::from(block) << 20 | u64::from(part) << 4 | u64::from(family == Family::V6);
        let mut chance = Chance::new(self.seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let _discarded = chance.next();
        let mut known = Enrichment::default();
        known.place = Some(place(kind, city, family, &mut chance));
        // Flags are kept by network, not by address.
        let mut by_block = Chance::new(self.seed ^ u64::from(block).wrapping_mul(0xd134_2543_de82_ef95));
        let _discarded = by_block.next();
        known.network = network(kind, operator, city, &mut by_block);
        known.threat_terms = terms(&known.network);
        known.threat_score = known.threat_terms.iter().map(|term| term.points).fold(0, u8::saturating_add);
        known
    }
}

/// Where the database believes an address of a city is.
fn place(kind: Kind, city: &'static City, family: Family, chance: &mut Chance) -> Place {
    let lot = chance.unit();
    match kind {
        Kind::Fixed if family == Family::V6 && lot < 0.30 => at(hub(city.country), 50, 10.0, chance),
        Kind::Fixed => match chance.unit() {
            lot if lot < 0.720 => at(city, 20, 10.0, chance),
            lot if lot < 0.930 => at(city, 50, 60.0, chance),
            lot if lot < 0.985 => whole_country(city),
            lot if lot < 0.998 => at(compatriot(city, chance), 20, 10.0, chance),
            _ => at(stranger(city, chance), 50, 10.0, chance),
        },
        Kind::Mobile => at(city, 100, 20.0, chance),
        Kind::Company
        | Kind::Vpn
        | Kind::Hosting
        | Kind::Tor
        | Kind::Proxy
        | Kind::Relay
        | Kind::Inflight => at(city, 20, 5.0, chance),
    }
}

/// The largest city of the country: where carriers and registries have their centre.
pub(crate) fn hub(country: &str) -> &'static City {
    let heavier = |one: &&City, other: &&City| one.weight.total_cmp(&other.weight);
    CITIES.iter().filter(|city| city.country == country).max_by(heavier).unwrap_or(&CITIES[0])
}

/// Another city of the country, where there is one.
fn compatriot(city: &'static City, chance: &mut Chance) -> &'static City {
    let others: Vec<&'static City> =
        CITIES.iter().filter(|other| other.country == city.country && other.name != city.name).collect();
    if others.is_empty() { city } else { chance.choose(&others) }
}

/// A city of another country within reach of a regional registry.
fn stranger(city: &'static City, chance: &mut Chance) -> &'static City {
    let near = |other: &&City| {
        other.country != city.country && other.is_ordinary() && other.distance_to(city) < 3_000.0
    };
    let others: Vec<&'static City> = CITIES.iter().filter(near).collect();
    if others.is_empty() { city } else { chance.choose(&others) }
}

/// Near a city: the radius that is claimed, and how far off the point really lies.
fn at(city: &'static City, radius_km: u16, off_km: f64, chance: &mut Chance) -> Place {
    let degrees = off_km / 111.0;
    let latitude = city.latitude + chance.bell() / 2.0 * degrees;
    let shrink = city.latitude.to_radians().cos().max(0.1);
    let longitude = city.longitude + chance.bell() / 2.0 * degrees / shrink;
    let mut place = Place::of_country(city.country);
    place.country_name = Some(city.country_name.into());
    place.city = Some(city.name.into());
    place.timezone = Some(city.timezone.into());
    // Four decimals, as such databases have them.
    let round = |degrees: f64| (degrees * 10_000.0).round() / 10_000.0;
    place.position = Position::new(round(latitude), round(longitude), Some(radius_km));
    place
}

/// A database that knows the country only says so with a point in it and a wide radius.
fn whole_country(city: &'static City) -> Place {
    let hub = hub(city.country);
    let mut place = Place::of_country(city.country);
    place.country_name = Some(city.country_name.into());
    place.position = Position::new(hub.latitude, hub.longitude, Some(500));
    place
}

fn network(kind: Kind, operator: u8, city: &'static City, chance: &mut Chance) -> Network {
    let country = CITIES.iter().position(|other| other.country == city.country).unwrap_or(0) as u32;
    let number = country * 10 + u32::from(operator);
    let (asn, name) = match kind {
        Kind::Fixed => (300_000 + number, format!("{} Telecom {}", city.country_name, operator + 1)),
        Kind::Mobile => (310_000 + number, format!("{} Mobile {}", city.country_name, operator + 1)),
        Kind::Company => (320_000, "Lab Works".to_owned()),
        Kind::Vpn => (330_000 + u32::from(operator), format!("Tunnel Network {}", operator + 1)),
        Kind::Hosting => (340_000 + u32::from(operator), format!("Hosting {}", operator + 1)),
        Kind::Tor => (340_000 + u32::from(operator), "Free Hosting".to_owned()),
        Kind::Proxy => (300_000 + number, format!("{} Telecom {}", city.country_name, operator + 1)),
        Kind::Relay => (350_000, "Browser Relay".to_owned()),
        // The one number that is taken from life: rules know the networks of satellites and aeroplanes by it.
        Kind::Inflight => (64_294, "Sky Connect".to_owned()),
    };
    let mut network = Network::default();
    network.asn = Some(asn);
    network.organization = Some(name.into());
    match kind {
        Kind::Mobile => network.is_mobile = chance.happens(0.90),
        Kind::Vpn => {
            network.is_vpn = chance.happens(0.90);
            network.is_datacenter = chance.happens(0.75);
        }
        Kind::Hosting => network.is_datacenter = chance.happens(0.97),
        Kind::Tor => {
            network.is_tor = chance.happens(0.98);
            network.is_datacenter = chance.happens(0.80);
        }
        Kind::Proxy => network.is_proxy = chance.happens(0.95),
        Kind::Relay => network.is_relay = chance.happens(0.98),
        Kind::Fixed | Kind::Company | Kind::Inflight => {}
    }
    network
}

fn terms(network: &Network) -> Vec<ThreatTerm> {
    let terms = [
        (network.is_tor, "tor", 60),
        (network.is_proxy, "proxy", 35),
        (network.is_vpn, "vpn", 25),
        (network.is_datacenter, "datacenter", 20),
    ];
    terms
        .into_iter()
        .filter(|(holds, ..)| *holds)
        .map(|(_, word, points)| ThreatTerm::new(word, points))
        .collect()
}
