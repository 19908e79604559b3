//! [`Visit`]: one sign-in in numbers, as profiles remember it.

use std::net::IpAddr;

use litesoc_model::{Enrichment, Network, Place};
use uuid::Uuid;

use super::anchor::Anchor;
use super::country::Country;
use super::sighting::Day;
use super::software::{Software, digest, digest_bytes};
use super::spot::Spot;
use crate::fields::Fields;
use crate::scene::Scene;

/// Kilometres around a point whose data says nothing of its accuracy.
const DEFAULT_RADIUS_KM: u16 = 50;
const DAY_SECONDS: u32 = 24 * 60 * 60;

/// How an address hides where its user is; worse ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hiding {
    /// A VPN.
    Vpn,
    /// A data centre.
    Datacenter,
    /// An open proxy.
    Proxy,
    /// A Tor exit.
    Tor,
}

impl Hiding {
    fn of(network: &Network) -> Option<Self> {
        let ways = [
            (network.is_tor, Self::Tor),
            (network.is_proxy, Self::Proxy),
            // Most VPNs stand in data centres; that it is a VPN says more.
            (network.is_vpn, Self::Vpn),
            (network.is_datacenter, Self::Datacenter),
        ];
        ways.into_iter().find_map(|(is, way)| is.then_some(way))
    }

    pub(crate) const fn key(self) -> u32 {
        self as u32 + 1
    }
}

/// Where somebody is, as far as an address tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Whereabouts {
    pub(crate) spot: Spot,
    pub(crate) radius_km: u16,
    /// Whether it is better known than by the country.
    pub(crate) exact: bool,
}

/// One sign-in in numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    /// Seconds since 1970.
    pub(crate) at: u32,
    pub(crate) day: Day,
    pub(crate) event_id: Uuid,
    pub(crate) whereabouts: Option<Whereabouts>,
    pub(crate) country: Option<Country>,
    /// The autonomous system; 0 is none.
    pub(crate) asn: u32,
    pub(crate) hiding: Option<Hiding>,
    /// Whether the address says nothing about where the user is.
    pub(crate) hides_place: bool,
    pub(crate) is_mobile: bool,
    pub(crate) is_allowed: bool,
    pub(crate) is_denied: bool,
    /// The id of the device; 0 is none.
    pub(crate) device: u32,
    pub(crate) software: Option<Software>,
    /// The user agent to the letter; 0 is none.
    pub(crate) agent: u32,
    /// The source; 0 is none.
    pub(crate) address: u32,
    /// Whether several accounts of the organisation sign in from this very address.
    pub(crate) is_shared: bool,
    /// Whether the rest of the network shows that it is a carrier's, though the data does not say so of this address.
    pub(crate) is_of_carrier: bool,
    /// Whether the rest of the network shows that it hides places, though the data does not say so of this address.
    pub(crate) is_of_tunnel: bool,
}

impl Visit {
    pub(crate) fn of(scene: &Scene<'_>) -> Self {
        let seen = scene.seen;
        let fields = Fields::of(seen.metadata);
        let at = u32::try_from((seen.at.as_millis() / 1_000).max(0)).unwrap_or(u32::MAX);
        let nothing = Enrichment::default();
        let known = seen.enrichment.filter(|known| !known.network.is_private).unwrap_or(&nothing);
        let network = &known.network;
        let place = known.place.as_ref();
        let country = place.and_then(|place| Country::of(place.country_code.as_deref()?));
        let asn = network.asn.unwrap_or(0);
        let satellite = scene.settings.travel.satellite_networks.contains(&asn) && asn != 0;
        Self {
            at,
            day: Day::try_from(at / DAY_SECONDS).unwrap_or(Day::MAX),
            event_id: seen.event_id,
            whereabouts: place.and_then(|place| whereabouts(place, country)),
            country,
            asn,
            hiding: Hiding::of(network).filter(|_| !network.is_relay),
            hides_place: network.hides_place() || satellite || network.is_allowed,
            is_mobile: network.is_mobile,
            is_allowed: network.is_allowed,
            is_denied: network.is_denied,
            device: fields.device_id.as_deref().map_or(0, digest),
            software: fields.user_agent.as_deref().map(Software::of),
            agent: fields.user_agent.as_deref().map_or(0, digest),
            address: seen.ip.map_or(0, |ip| address(ip, scene.settings.ipv6_prefix)),
            is_shared: false,
            is_of_carrier: false,
            is_of_tunnel: false,
        }
    }

    /// Whether it shows the browser or app of a telephone.
    pub(crate) fn is_by_telephone(&self) -> bool {
        self.software.is_some_and(Software::is_telephone)
    }

    /// Where the account certainly is; `None` when the address does not tell.
    pub(crate) fn anchor(&self) -> Option<Anchor> {
        let here = self.whereabouts.filter(|_| !(self.hides_place || self.is_of_tunnel))?;
        Some(Anchor {
            at: self.at,
            event_id: self.event_id,
            spot: here.spot,
            radius_km: here.radius_km,
            country: self.country.map_or(0, Country::key),
            device: self.device,
            asn: self.asn,
            software: self.software.map_or(0, Software::short),
            mobile: self.is_mobile || self.is_of_carrier,
            shared: self.is_shared,
        })
    }
}

fn whereabouts(place: &Place, country: Option<Country>) -> Option<Whereabouts> {
    let exact = place.city.is_some() || place.region.is_some() || country.is_none();
    let extent = country.and_then(Country::extent);
    let widest = extent.filter(|_| !exact).map_or(0, |(_, radius_km)| radius_km);
    match place.position {
        Some(position) => {
            let radius_km = position.radius_km.unwrap_or(DEFAULT_RADIUS_KM).max(widest);
            Some(Whereabouts { spot: Spot::of(position), radius_km, exact })
        }
        None => extent.map(|(spot, radius_km)| Whereabouts { spot, radius_km, exact: false }),
    }
}

/// An IPv4 address or an IPv6 network as a number.
fn address(ip: IpAddr, ipv6_prefix: u8) -> u32 {
    match ip.to_canonical() {
        IpAddr::V4(address) => digest_bytes(&address.octets()),
        IpAddr::V6(address) => {
            let octets = address.octets();
            digest_bytes(&octets[..usize::from(ipv6_prefix / 8).min(octets.len())])
        }
    }
}
