//! `litesoc geo lookup`: what the files know of one address.

use std::net::IpAddr;

use litesoc::model::{Enrichment, Network};
use serde::Serialize;

use super::{GeoFiles, load};
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::Card;

#[derive(Serialize)]
struct Document {
    ip: IpAddr,
    known: Option<Enrichment>,
}

pub(super) fn run(ip: IpAddr, named: &GeoFiles, screen: &mut Screen) -> Result<(), Failure> {
    let known = load::load(named)?.enrich(Some(ip));
    if screen.is_json() {
        return screen.document(&Document { ip, known });
    }
    let Some(known) = known else {
        return screen.line("nothing is known; name files with --geo FILE or --geo DIR");
    };
    screen.raw(card(ip, &known).to_string().as_bytes())
}

fn card(ip: IpAddr, known: &Enrichment) -> Card {
    let mut card = Card::default();
    card.add("address", Some(ip));
    if let Some(place) = &known.place {
        card.add("city", place.city.as_deref());
        card.add("region", place.region.as_deref());
        let code = place.country_code.as_deref();
        let country = place.country_name.as_deref().zip(code).map(|(name, code)| format!("{name} ({code})"));
        card.add("country", country.as_deref().or(code));
        let position = place.position.map(|point| {
            let radius = point.radius_km.map_or_else(String::new, |km| format!(", within {km} km"));
            format!("{} {}{radius}", point.latitude, point.longitude)
        });
        card.add("position", position);
        card.add("time zone", place.timezone.as_deref());
    }
    card.add("system", known.network.asn.map(|asn| format!("AS{asn}")));
    card.add("network of", known.network.organization.as_deref());
    card.add("kind", Some(kinds(&known.network).join(", ")));
    let terms = known.threat_terms.iter().map(|term| format!("{} {}", term.reason, term.points));
    let terms: Vec<String> = terms.collect();
    let why = if terms.is_empty() { String::new() } else { format!(": {}", terms.join(", ")) };
    card.add("threat", Some(format!("{} of 100{why}", known.threat_score)));
    card
}

fn kinds(network: &Network) -> Vec<&'static str> {
    let all = [
        (network.is_vpn, "VPN"),
        (network.is_tor, "Tor exit"),
        (network.is_proxy, "open proxy"),
        (network.is_relay, "privacy relay"),
        (network.is_datacenter, "data centre"),
        (network.is_mobile, "mobile network"),
        (network.is_private, "private or reserved"),
        (network.is_allowed, "trusted by the operator"),
        (network.is_denied, "unwanted by the operator"),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, kind)| kind).collect()
}
