//! [`Enrichment`]: what is known of the address of an event, fixed when the event arrives.

use serde::{Deserialize, Serialize};

use crate::alert::{Forensics, LocationForensics, NetworkForensics};

/// What is known of the address of an event.
///
/// It is found once, when the event arrives, and kept with it: looking again with newer data would let the same history
/// give other alerts.
///
/// ```
/// use litesoc_model::{Enrichment, Forensics, Place};
///
/// let mut known = Enrichment::default();
/// known.place = Some(Place::of_country("DE"));
/// known.network.is_vpn = true;
/// let shown = Forensics::from(&known);
/// assert_eq!(shown.location.country_code.as_deref(), Some("DE"));
/// assert!(shown.network.is_vpn);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Enrichment {
    /// Where the address is; `None` when no data says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The network it belongs to.
    #[serde(skip_serializing_if = "Network::is_unknown")]
    pub network: Network,
    /// How suspicious the network is, 0 to 100: the sum of the terms, capped.
    #[serde(skip_serializing_if = "is_zero")]
    pub threat_score: u8,
    /// What the score is made of, largest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub threat_terms: Vec<ThreatTerm>,
}

/// Where an address is, as exactly as the data knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Place {
    /// ISO 3166-1 alpha-2, in capitals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<Box<str>>,
    /// The country in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_name: Option<Box<str>>,
    /// The state or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Box<str>>,
    /// The city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Box<str>>,
    /// The coordinates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The IANA name of the time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Box<str>>,
}

impl Place {
    /// Somewhere in a country.
    #[must_use]
    pub fn of_country(code: impl Into<Box<str>>) -> Self {
        Self { country_code: Some(code.into()), ..Self::default() }
    }
}

/// A point on the Earth, and how far from it the address may really be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Position {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Kilometres around the point, where the data says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radius_km: Option<u16>,
}

impl Position {
    /// A point; `None` when it does not lie on the Earth.
    #[must_use]
    pub fn new(latitude: f64, longitude: f64, radius_km: Option<u16>) -> Option<Self> {
        let lies = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        lies.then_some(Self { latitude, longitude, radius_km })
    }
}

/// The network an address belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Network {
    /// The number of the autonomous system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    /// Who runs the autonomous system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Box<str>>,
    /// A VPN.
    #[serde(skip_serializing_if = "is_false")]
    pub is_vpn: bool,
    /// A Tor exit.
    #[serde(skip_serializing_if = "is_false")]
    pub is_tor: bool,
    /// An open proxy.
    #[serde(skip_serializing_if = "is_false")]
    pub is_proxy: bool,
    /// A privacy relay that keeps people near their true place, such as a browser maker's.
    #[serde(skip_serializing_if = "is_false")]
    pub is_relay: bool,
    /// A data centre.
    #[serde(skip_serializing_if = "is_false")]
    pub is_datacenter: bool,
    /// A mobile network, whose addresses show its gateways and not its users.
    #[serde(skip_serializing_if = "is_false")]
    pub is_mobile: bool,
    /// An address of no public network: private, loopback, documentation and the like.
    #[serde(skip_serializing_if = "is_false")]
    pub is_private: bool,
    /// On the operator's list of trusted networks.
    #[serde(skip_serializing_if = "is_false")]
    pub is_allowed: bool,
    /// On the operator's list of unwanted networks.
    #[serde(skip_serializing_if = "is_false")]
    pub is_denied: bool,
}

impl Network {
    /// Whether nothing is known of it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// Whether its addresses say nothing about where the user is: VPN, Tor, proxy, relay or data centre.
    #[must_use]
    pub const fn hides_place(&self) -> bool {
        self.is_vpn || self.is_tor || self.is_proxy || self.is_relay || self.is_datacenter
    }
}

/// One reason for a threat score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ThreatTerm {
    /// The word of the reason, such as `tor`.
    pub reason: Box<str>,
    /// How much it adds.
    pub points: u8,
}

impl ThreatTerm {
    /// This reason adds so much.
    #[must_use]
    pub fn new(reason: impl Into<Box<str>>, points: u8) -> Self {
        Self { reason: reason.into(), points }
    }
}

impl From<&Enrichment> for Forensics {
    fn from(known: &Enrichment) -> Self {
        let words = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        let network = &known.network;
        let place = known.place.clone().unwrap_or_default();
        Self {
            network: NetworkForensics {
                is_vpn: network.is_vpn,
                is_tor: network.is_tor,
                is_proxy: network.is_proxy,
                is_datacenter: network.is_datacenter,
                is_mobile: network.is_mobile,
                asn: network.asn,
                asn_org: words(&network.organization),
                isp: words(&network.organization),
                threat_score: Some(f64::from(known.threat_score)),
            },
            location: LocationForensics {
                city: words(&place.city),
                region: words(&place.region),
                country_code: words(&place.country_code),
                country_name: words(&place.country_name),
                latitude: place.position.map(|position| position.latitude),
                longitude: place.position.map(|position| position.longitude),
                timezone: words(&place.timezone),
            },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(score: &u8) -> bool {
    *score == 0
}
