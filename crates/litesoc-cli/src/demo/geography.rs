//! Where the addresses of the demo lie: networks set aside for documentation and benchmarks, each with a made-up place.
//!
//! The places are told to the server as an operator tells his own networks, in overrides; there is no other data.

use std::net::{IpAddr, Ipv4Addr};

use litesoc_enrich::{Enricher, Source, SourceKind};

use crate::outcome::Failure;

/// One network of the demo.
#[derive(Clone, Copy, Debug)]
struct Network {
    range: &'static str,
    name: &'static str,
    asn: u32,
    country: &'static str,
    city: &'static str,
    at: (f64, f64),
    kind: &'static str,
}

const fn network(
    range: &'static str,
    name: &'static str,
    asn: u32,
    country: &'static str,
    city: &'static str,
    at: (f64, f64),
    kind: &'static str,
) -> Network {
    Network { range, name, asn, country, city, at, kind }
}

/// RFC 2544 for the users' homes, RFC 5737 for everybody else; the numbers of the systems are those of RFC 5398.
const NETWORKS: [Network; 13] = [
    network("198.18.1.0/24", "Spree Broadband", 64_496, "DE", "Berlin", (52.52, 13.40), "office"),
    network("198.18.2.0/24", "Seine Telecom", 64_497, "FR", "Paris", (48.86, 2.35), "office"),
    network("198.18.3.0/24", "Prado Fibra", 64_498, "ES", "Madrid", (40.42, -3.70), "office"),
    network("198.18.4.0/24", "Ontario Cable", 64_499, "CA", "Toronto", (43.65, -79.38), "office"),
    network("198.18.5.0/24", "Sumida Net", 64_500, "JP", "Tokyo", (35.68, 139.69), "office"),
    network("203.0.113.64/28", "Cheap Servers", 64_501, "RO", "Bucharest", (44.43, 26.10), "datacenter"),
    network("198.51.100.0/25", "Hidden Tunnel VPN", 64_502, "NL", "Amsterdam", (52.37, 4.90), "vpn"),
    network("192.0.2.0/26", "Pampas Wireless", 64_503, "AR", "Buenos Aires", (-34.60, -58.38), "office"),
    network("192.0.2.64/26", "Java Online", 64_504, "ID", "Jakarta", (-6.21, 106.85), "office"),
    network("192.0.2.128/26", "Cape Connect", 64_505, "ZA", "Cape Town", (-33.92, 18.42), "office"),
    network("203.0.113.16/28", "Straits Net", 64_506, "MY", "Kuala Lumpur", (3.15, 101.70), "office"),
    network("203.0.113.32/28", "Geysir Internet", 64_507, "IS", "Reykjavik", (64.15, -21.94), "office"),
    network("203.0.113.96/28", "Anonymous Exit", 64_508, "CH", "Zurich", (47.37, 8.54), "tor"),
];

/// The user whose number this is lives in one of five cities.
pub(super) fn home(number: usize) -> IpAddr {
    let (city, house) = (1 + number % 5, number / 5);
    address([198, 18, city, house + 1])
}

/// Somebody of the cast lives in Berlin.
pub(super) fn home_in_berlin(number: usize) -> IpAddr {
    address([198, 18, 1, 220 + number])
}

/// In a data centre in Bucharest.
pub(super) const IN_BUCHAREST: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 66));
/// Behind a VPN that comes out in Amsterdam.
pub(super) const BEHIND_A_VPN: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 23));
/// In Kuala Lumpur.
pub(super) const IN_KUALA_LUMPUR: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 20));
/// In Reykjavik.
pub(super) const IN_REYKJAVIK: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 40));
/// Behind Tor.
pub(super) const BEHIND_TOR: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 99));

/// One of many machines, in three countries by turns.
pub(super) fn somewhere(number: usize) -> IpAddr {
    address([192, 0, 2, (number % 3) * 64 + number / 3 + 1])
}

fn address(octets: [usize; 4]) -> IpAddr {
    let [a, b, c, d] = octets.map(|octet| u8::try_from(octet).unwrap_or(u8::MAX));
    Ipv4Addr::new(a, b, c, d).into()
}

/// What the server of the demo knows of addresses.
pub(super) fn enricher() -> Result<Enricher, Failure> {
    Ok(Enricher::open([Source::new("demo.toml", SourceKind::Overrides, overrides())])?)
}

fn overrides() -> String {
    use std::fmt::Write as _;

    NETWORKS.iter().fold(String::new(), |mut text, network| {
        let Network { range, name, asn, country, city, at: (latitude, longitude), kind } = network;
        let _always = writeln!(
            text,
            "[[network]]\nnetworks = [{range:?}]\nname = {name:?}\nasn = {asn}\ncountry = {country:?}\ncity = {city:?}\n\
             latitude = {latitude:?}\nlongitude = {longitude:?}\nradius_km = 20\nkind = {kind:?}\n"
        );
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_somewhere() {
        let enricher = enricher().unwrap();
        let city = |ip| enricher.enrich(Some(ip)).and_then(|known| known.place?.city);
        let all = (0..1_000).map(home).chain((0..20).map(home_in_berlin)).chain((0..60).map(somewhere));
        let all = all.chain([IN_BUCHAREST, BEHIND_A_VPN, IN_KUALA_LUMPUR, IN_REYKJAVIK, BEHIND_TOR]);
        assert_eq!(all.filter(|ip| city(*ip).is_none()).collect::<Vec<_>>(), Vec::<IpAddr>::new());
        assert_eq!(city(home_in_berlin(3)).as_deref(), Some("Berlin"));
        let tor = enricher.enrich(Some(BEHIND_TOR)).unwrap();
        assert!(tor.network.is_tor && tor.threat_score == 60);
    }
}
