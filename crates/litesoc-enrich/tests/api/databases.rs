//! The schemas of MaxMind, DB-IP, ip-location-db and IPinfo, told apart by what they hold.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use litesoc_enrich::{Enricher, Fact, Source, SourceKind};
use litesoc_model::{Enrichment, Position};
use mmdb_writer::{RecordSize, Value, Writer};

use crate::mmdb::{BUILT_AT, asn, at, city, database, database_v4, known, names, open};

fn berlin() -> Value {
    city("DE", "Deutschland", "Land Berlin", "Berlin", (52.52, 13.405), 20)
}

#[test]
fn maxmind_city() {
    let enricher =
        open(database("GeoLite2-City", &[("192.0.2.0/24", berlin()), ("2001:db8::/32", berlin())]));
    for ip in ["192.0.2.7", "::ffff:192.0.2.7", "64:ff9b::192.0.2.7", "2002:c000:207::1", "2001:db8:5::1"] {
        let place = known(&enricher, ip).place.expect("it is in the file");
        assert_eq!(place.country_code.as_deref(), Some("DE"), "{ip}");
        assert_eq!(place.country_name.as_deref(), Some("Germany"), "our own name, not the file's");
        assert_eq!(place.region.as_deref(), Some("Land Berlin"));
        assert_eq!(place.city.as_deref(), Some("Berlin"));
        assert_eq!(place.position, Position::new(52.52, 13.405, Some(20)));
        assert_eq!(place.timezone.as_deref(), Some("Europe/Berlin"));
    }
    let elsewhere = known(&enricher, "9.9.9.9");
    assert_eq!(elsewhere, Enrichment::default(), "nothing is known, and that is known");
}

#[test]
fn dbip_keeps_the_form_and_puts_the_network_under_traits() {
    let traits = Value::map([
        ("autonomous_system_number", Value::from(64_500_u32)),
        ("autonomous_system_organization", Value::from("Example Hosting")),
        ("connection_type", Value::from("Corporate")),
        ("isp", Value::from("Example ISP")),
        ("user_type", Value::from("hosting")),
    ]);
    let record = Value::map([
        ("city", Value::map([("names", names("Oslo", "Oslo"))])),
        (
            "country",
            Value::map([("iso_code", Value::from("NO")), ("is_in_european_union", Value::from(false))]),
        ),
        (
            "location",
            Value::map([("latitude", Value::from(59.91_f32)), ("longitude", Value::from(10.75_f32))]),
        ),
        ("traits", traits),
    ]);
    let file = Source::new(
        "geo/dbip-full.mmdb",
        SourceKind::Database,
        database("DBIP-Location-ISP", &[("192.0.2.0/25", record)]),
    );
    let enricher = Enricher::open([file]).unwrap();
    let known = known(&enricher, "192.0.2.1");
    assert_eq!(known.place.unwrap().city.as_deref(), Some("Oslo"));
    assert_eq!(
        (known.network.asn, known.network.organization.as_deref()),
        (Some(64_500), Some("Example Hosting"))
    );
    assert!(known.network.is_datacenter && !known.network.is_mobile && !known.network.is_private);
    let status = enricher.status();
    assert_eq!(&*status.attributions, ["IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0".into()]);
    assert_eq!((status.files[0].built_at, status.files[0].networks), (Some(BUILT_AT), 1));
}

#[test]
fn ip_location_db_is_flat() {
    let record = Value::map([
        ("city", Value::from("Nairobi")),
        ("country_code", Value::from("ke")),
        ("latitude", Value::from(-1.286_f32)),
        ("longitude", Value::from(36.817_f32)),
        ("postcode", Value::from("")),
        ("state1", Value::from("Nairobi Area")),
        ("state2", Value::from("")),
        ("timezone", Value::from("Africa/Nairobi")),
    ]);
    let enricher = open(database_v4("city ipv4", &[("198.51.100.0/24", record)]));
    let place = known(&enricher, "198.51.100.9").place.unwrap();
    assert_eq!((place.country_code.as_deref(), place.country_name.as_deref()), (Some("KE"), Some("Kenya")));
    assert_eq!((place.city.as_deref(), place.region.as_deref()), (Some("Nairobi"), Some("Nairobi Area")));
    assert!(place.position.is_some_and(|point| (point.latitude + 1.286).abs() < 1e-5));
    assert_eq!(enricher.enrich(at("2001:db8::1")).map(|known| known.network.is_private), Some(true));
    let missing = enricher.status().coverage.missing();
    assert!(
        missing.iter().any(|line| line.starts_with("no country") && line.ends_with("of IPv6 addresses")),
        "{missing:?}"
    );
}

#[test]
fn ipinfo_is_flat_too_and_its_numbers_have_letters() {
    let record = Value::map([
        ("as_domain", Value::from("example.net")),
        ("as_name", Value::from("Example Net")),
        ("asn", Value::from("AS64501")),
        ("country", Value::from("Japan")),
        ("country_code", Value::from("JP")),
    ]);
    let known = known(&open(database("ipinfo_lite", &[("203.0.113.0/24", record)])), "203.0.113.5");
    assert_eq!(known.place.unwrap().country_name.as_deref(), Some("Japan"));
    assert_eq!(
        (known.network.asn, known.network.organization.as_deref()),
        (Some(64_501), Some("Example Net"))
    );
}

#[test]
fn anonymous_ip_and_connection_type() {
    let hidden = Value::map([
        ("is_anonymous", Value::from(true)),
        ("is_anonymous_vpn", true.into()),
        ("is_hosting_provider", true.into()),
    ]);
    let exit = Value::map([("is_anonymous", Value::from(true)), ("is_tor_exit_node", Value::from(true))]);
    let phone = Value::map([("connection_type", Value::from("Cellular"))]);
    let files = [
        Source::new(
            "anonymous.mmdb",
            SourceKind::Database,
            database("GeoIP2-Anonymous-IP", &[("192.0.2.0/28", hidden), ("192.0.2.16/28", exit)]),
        ),
        Source::new(
            "connection.mmdb",
            SourceKind::Database,
            database("GeoIP2-Connection-Type", &[("192.0.2.32/28", phone)]),
        ),
    ];
    let enricher = Enricher::open(files).unwrap();
    let vpn = known(&enricher, "192.0.2.1");
    assert!(vpn.network.is_vpn && vpn.network.is_datacenter && vpn.network.hides_place());
    assert_eq!(vpn.threat_score, 45);
    assert!(known(&enricher, "192.0.2.17").network.is_tor);
    assert!(known(&enricher, "192.0.2.33").network.is_mobile);
    assert!(enricher.status().coverage.ipv4.contains(Fact::Tor));
    assert!(enricher.status().attributions.is_empty(), "a database that was bought asks for nothing");
}

#[test]
fn the_most_exact_place_counts_whatever_the_order() {
    let country = Value::map([("country_code", Value::from("FR"))]);
    let files = || {
        [
            Source::new(
                "country.mmdb",
                SourceKind::Database,
                database("country", &[("192.0.2.0/23", country.clone())]),
            ),
            Source::new(
                "asn.mmdb",
                SourceKind::Database,
                database("asn", &[("192.0.2.0/24", asn(64_502, "Example"))]),
            ),
            Source::new(
                "city.mmdb",
                SourceKind::Database,
                database("GeoLite2-City", &[("192.0.2.0/24", berlin())]),
            ),
        ]
    };
    let mut turned = files();
    turned.reverse();
    for files in [files(), turned] {
        let enricher = Enricher::open(files).unwrap();
        let both = known(&enricher, "192.0.2.1");
        assert_eq!(both.place.unwrap().city.as_deref(), Some("Berlin"));
        assert_eq!(both.network.asn, Some(64_502));
        let only_country = known(&enricher, "192.0.3.1").place.unwrap();
        assert_eq!((only_country.country_code.as_deref(), only_country.city), (Some("FR"), None));
    }
}

#[test]
fn strange_members_are_as_good_as_missing() {
    let record = Value::map([
        ("city", Value::from(7_u32)),
        ("country", Value::map([("iso_code", Value::from("Germany")), ("names", Value::from("x"))])),
        ("country_code", Value::array([Value::from("DE")])),
        ("latitude", Value::from("52.5")),
        ("longitude", Value::from(1_000.0_f64)),
        ("subdivisions", Value::map([("a", Value::from("b"))])),
        ("asn", Value::from(0_u32)),
        ("isp", Value::from("x".repeat(300))),
        ("timezone", Value::from("")),
        ("is_vpn", Value::from("true")),
    ]);
    let known = known(&open(database("strange", &[("192.0.2.0/24", record)])), "192.0.2.1");
    assert_eq!(known.place, None);
    assert_eq!((known.network.asn, known.network.organization), (None, None));
    assert!(known.network.is_vpn);
}

#[test]
fn the_middle_of_nowhere_is_no_position() {
    let nowhere = Value::map([
        ("country_code", Value::from("ZZ")),
        ("latitude", Value::from(0.0_f64)),
        ("longitude", Value::from(0.0_f64)),
    ]);
    let somewhere = Value::map([("country_code", Value::from("DE"))]);
    let enricher = open(database("flat", &[("192.0.2.0/25", nowhere), ("192.0.2.128/25", somewhere)]));
    assert_eq!(known(&enricher, "192.0.2.1").place, None);
    assert!(known(&enricher, "192.0.2.129").place.is_some());
}

#[test]
fn every_network_of_a_large_file_keeps_its_own_record() {
    // All sizes of records in the tree come up, and so many nodes that the tree counts as a large one.
    for size in [RecordSize::Bits24, RecordSize::Bits28, RecordSize::Bits32] {
        let mut writer = Writer::builder("numbers").record_size(size).build();
        // Backwards, so that the first record in the file belongs to the last network.
        for number in (0..4_096_u32).rev() {
            let network = Ipv4Net::new(Ipv4Addr::from(0x0a00_0000 | number << 12), 20).unwrap();
            writer.insert_value(network, asn(number + 1, &format!("Network {number}"))).unwrap();
            let network =
                Ipv6Net::new(Ipv6Addr::from(0x2001_0db8 << 96 | u128::from(number) << 80), 48).unwrap();
            writer.insert_value(network, asn(number + 10_001, "v6")).unwrap();
        }
        let enricher = open(writer.to_bytes().unwrap());
        for number in 0..4_096_u32 {
            let v4 = IpAddr::V4(Ipv4Addr::from(0x0a00_0000 | number << 12 | 7));
            let v6 = IpAddr::V6(Ipv6Addr::from(0x2001_0db8 << 96 | u128::from(number) << 80 | 9));
            let network = |ip: IpAddr| enricher.enrich(Some(ip)).unwrap().network;
            assert_eq!(network(v4).asn, Some(number + 1));
            assert_eq!(network(v4).organization.as_deref(), Some(&*format!("Network {number}")));
            assert_eq!(network(v6).asn, Some(number + 10_001));
        }
    }
}
