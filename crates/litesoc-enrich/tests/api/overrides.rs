//! What the operator says outweighs every file, and is checked before it is believed.

use litesoc_enrich::{Enricher, Source, SourceKind};

use crate::mmdb::{asn, city, database, known, list};

const OVERRIDES: &str = r#"
allow = ["203.0.113.0/24"]
deny = ["198.51.100.64/26", "2001:db8:bad::/48"]
attribution = ["Example data by Example"]

[threat]
tor = 70
high_risk_countries = ["KP"]
bad_asns = [64_511]

[[network]]
name = "Campus"
networks = ["10.0.0.0/8", "192.0.2.0/24"]
country = "DE"
region = "Bavaria"
city = "Munich"
latitude = 48.137
longitude = 11.575
radius_km = 5
timezone = "Europe/Berlin"
asn = 64_500
kind = "office"

[[network]]
name = "Exit of our own VPN"
networks = ["10.9.0.0/16", "198.51.100.7"]
kind = ["vpn", "datacenter"]
organization = "Example GmbH"
"#;

fn overrides(text: &str) -> Source {
    Source::new("overrides.toml", SourceKind::Overrides, text)
}

#[test]
fn own_networks_have_a_place_and_are_not_private() {
    let enricher = Enricher::open([overrides(OVERRIDES)]).unwrap();
    let campus = known(&enricher, "10.1.2.3");
    assert!(!campus.network.is_private);
    assert_eq!((campus.network.asn, campus.network.organization.as_deref()), (Some(64_500), Some("Campus")));
    let place = campus.place.unwrap();
    assert_eq!((place.city.as_deref(), place.country_name.as_deref()), (Some("Munich"), Some("Germany")));
    assert_eq!(place.position.and_then(|point| point.radius_km), Some(5));
    let inner = known(&enricher, "10.9.1.1");
    assert!(inner.network.is_vpn && inner.network.is_datacenter, "the smaller network counts");
    assert_eq!((inner.network.organization.as_deref(), inner.place), (Some("Example GmbH"), None));
    assert!(known(&enricher, "172.16.0.1").network.is_private);
    assert_eq!(enricher.status().attributions, ["Example data by Example".into()]);
}

#[test]
fn the_operator_outweighs_the_files() {
    let berlin = city("DE", "x", "Berlin", "Berlin", (52.5, 13.4), 10);
    let files = [
        list("vpn.txt", "192.0.2.0/24\n203.0.113.0/24"),
        Source::new("c.mmdb", SourceKind::Database, database("c", &[("192.0.0.0/16", berlin)])),
        Source::new(
            "a.mmdb",
            SourceKind::Database,
            database("a", &[("192.0.0.0/16", asn(64_496, "Somebody"))]),
        ),
        overrides(OVERRIDES),
    ];
    let enricher = Enricher::open(files).unwrap();
    let campus = known(&enricher, "192.0.2.1");
    assert!(!campus.network.is_vpn, "an office, says the operator");
    assert_eq!(campus.place.unwrap().city.as_deref(), Some("Munich"));
    assert_eq!(
        (campus.network.asn, campus.network.organization.as_deref()),
        (Some(64_500), Some("Somebody"))
    );
    let trusted = known(&enricher, "203.0.113.5");
    assert!(trusted.network.is_vpn && trusted.network.is_allowed);
    assert_eq!((trusted.threat_score, trusted.threat_terms.len()), (0, 0));
    let unwanted = known(&enricher, "198.51.100.65");
    assert!(unwanted.network.is_denied && unwanted.threat_score == 100);
    assert!(known(&enricher, "2001:db8:bad::1").network.is_denied);
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_line() {
    let text = r#"
allow = ["203.0.113.0/99", 7]
denied = []

[threat]
tor = 101
vpn = "much"
high_risk_countries = ["XX"]
tore = 5

[[network]]
name = ""
country = "Germany"
latitude = 91.0
asn = -1
kind = "home"

[[network]]
networks = ["192.0.2.0/24", "10.0.0.0/8"]
radius_km = 5

[[network]]
networks = ["192.0.2.77/24", "0.0.0.0/0"]
"#;
    insta::assert_snapshot!(Enricher::open([overrides(text)]).unwrap_err());
    let torn = Enricher::open([overrides("allow = [\n[[network]\nname = 'x\n")]).unwrap_err();
    assert!(torn.faults().iter().all(|fault| fault.line.is_some()), "{torn}");
    let two = Enricher::open([overrides(""), overrides("")]).unwrap_err();
    assert!(two.to_string().contains("second file of overrides"), "{two}");
}
