//! [`ThreatWeights`]: what makes a network suspicious, and how much.

use std::collections::BTreeSet;

use litesoc_model::{Enrichment, ThreatTerm};

/// How much each property of a network adds to the threat score.
///
/// The score is the sum, at most 100. Trusted networks and those that are no public ones have none.
/// The defaults are those of the LiteSOC API's description of the score, read as: below 25 low, below 50 medium, below 75
/// high, from there on critical.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreatWeights {
    /// A network on the operator's list of unwanted ones. 100.
    pub denied: u8,
    /// A Tor exit. 60.
    pub tor: u8,
    /// An open proxy. 35.
    pub proxy: u8,
    /// A VPN. 25.
    pub vpn: u8,
    /// A data centre: people sit elsewhere. 20.
    pub datacenter: u8,
    /// A privacy relay. 0: it hides the address and keeps the region, and its users have signed in to it.
    pub relay: u8,
    /// A country on the list of high risk. 20.
    pub high_risk_country: u8,
    /// An autonomous system on the list of bad ones. 10.
    pub bad_asn: u8,
    /// Countries of high risk, ISO 3166-1 alpha-2 in capitals. As it comes, the jurisdictions for which the Financial Action
    /// Task Force calls for action: Iran, North Korea and Myanmar.
    pub high_risk_countries: BTreeSet<Box<str>>,
    /// Autonomous systems known for abuse. None by default.
    pub bad_asns: BTreeSet<u32>,
}

impl Default for ThreatWeights {
    fn default() -> Self {
        Self {
            denied: 100,
            tor: 60,
            proxy: 35,
            vpn: 25,
            datacenter: 20,
            relay: 0,
            high_risk_country: 20,
            bad_asn: 10,
            high_risk_countries: ["IR", "KP", "MM"].into_iter().map(Into::into).collect(),
            bad_asns: BTreeSet::new(),
        }
    }
}

impl ThreatWeights {
    /// The weights that can be set, by their names.
    pub(crate) fn by_name(&mut self, name: &str) -> Option<&mut u8> {
        Some(match name {
            "denied" => &mut self.denied,
            "tor" => &mut self.tor,
            "proxy" => &mut self.proxy,
            "vpn" => &mut self.vpn,
            "datacenter" => &mut self.datacenter,
            "relay" => &mut self.relay,
            "high_risk_country" => &mut self.high_risk_country,
            "bad_asn" => &mut self.bad_asn,
            _ => return None,
        })
    }

    /// Sets score and terms from what is known otherwise.
    pub(crate) fn judge(&self, known: &mut Enrichment) {
        let network = &known.network;
        if network.is_allowed || (network.is_private && !network.is_denied) {
            return;
        }
        let country = known.place.as_ref().and_then(|place| place.country_code.as_deref());
        let risky = country.is_some_and(|code| self.high_risk_countries.contains(code));
        let bad = network.asn.is_some_and(|asn| self.bad_asns.contains(&asn));
        let mut terms: Vec<ThreatTerm> = [
            (network.is_denied, "denied", self.denied),
            (network.is_tor, "tor", self.tor),
            (network.is_proxy, "proxy", self.proxy),
            (network.is_vpn, "vpn", self.vpn),
            (network.is_datacenter, "datacenter", self.datacenter),
            (network.is_relay, "relay", self.relay),
            (risky, "high_risk_country", self.high_risk_country),
            (bad, "bad_asn", self.bad_asn),
        ]
        .into_iter()
        .filter(|(holds, _, points)| *holds && *points > 0)
        .map(|(_, reason, points)| ThreatTerm::new(reason, points))
        .collect();
        // Stable: equal ones stay in the order above.
        terms.sort_by_key(|term| std::cmp::Reverse(term.points));
        let sum: u32 = terms.iter().map(|term| u32::from(term.points)).sum();
        known.threat_score = u8::try_from(sum.min(100)).unwrap_or(100);
        known.threat_terms = terms;
    }
}
