//! The threat score and its terms; what is known without any data.

use litesoc_enrich::Enricher;
use litesoc_model::{Enrichment, ThreatTerm};

use crate::mmdb::{at, known, list};

#[test]
fn every_term_is_told_and_the_sum_ends_at_a_hundred() {
    let everywhere = "192.0.2.1\n";
    let sources = ["tor.txt", "proxy.txt", "vpn.txt", "datacenter.txt", "relay.txt", "mobile.txt"]
        .map(|name| list(name, everywhere));
    let known = known(&Enricher::open(sources).unwrap(), "192.0.2.1");
    assert_eq!(known.threat_score, 100);
    let terms = [("tor", 60), ("proxy", 35), ("vpn", 25), ("datacenter", 20)];
    assert_eq!(known.threat_terms, terms.map(|(reason, points)| ThreatTerm::new(reason, points)));
}

#[test]
fn what_is_stored_comes_back_the_same() {
    let enricher = Enricher::open([list("vpn.txt", "192.0.2.0/24")]).unwrap();
    let known = known(&enricher, "192.0.2.1");
    let json = serde_json::to_string(&known).unwrap();
    insta::assert_snapshot!(json, @r#"{"network":{"is_vpn":true},"threat_score":25,"threat_terms":[{"reason":"vpn","points":25}]}"#);
    assert_eq!(serde_json::from_str::<Enrichment>(&json).unwrap(), known);
}

#[test]
fn without_data_only_what_is_no_public_network_is_known() {
    let enricher = Enricher::default();
    assert_eq!(enricher.enrich(None), None);
    assert_eq!(enricher.enrich(at("9.9.9.9")), None);
    for private in ["10.0.0.1", "127.0.0.1", "192.0.2.1", "::1", "fe80::1", "::ffff:10.0.0.1"] {
        let known = known(&enricher, private);
        assert!(known.network.is_private && known.place.is_none() && known.threat_score == 0, "{private}");
    }
    assert!(enricher.status().is_empty());
    insta::assert_snapshot!(enricher.status().coverage.missing().join("\n"));
}

#[test]
fn countries_and_systems_of_high_risk_add_to_the_score() {
    let place = |country: &str| {
        format!("[[network]]\nnetworks = [\"192.0.2.0/24\"]\ncountry = {country:?}\nasn = 64511\n")
    };
    let score = |more: &str, country: &str| {
        let text = format!("{more}\n{}", place(country));
        let known = known(&Enricher::open([list("overrides.toml", &text)]).unwrap(), "192.0.2.1");
        let reasons =
            known.threat_terms.iter().map(|term| (term.reason.to_string(), term.points)).collect::<Vec<_>>();
        (known.threat_score, reasons)
    };
    let risky = ("high_risk_country".to_owned(), 20);
    assert_eq!(score("", "KP"), (20, vec![risky.clone()]));
    assert_eq!(score("", "DE"), (0, vec![]));
    assert_eq!(score("[threat]\nhigh_risk_countries = [\"DE\"]", "KP").0, 0);
    let bad = ("bad_asn".to_owned(), 30);
    let own = "[threat]\nhigh_risk_countries = [\"DE\"]\nbad_asns = [64511]\nbad_asn = 30";
    assert_eq!(score(own, "DE"), (50, vec![bad, risky]));
}
