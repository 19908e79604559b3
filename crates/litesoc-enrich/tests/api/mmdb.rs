//! Small databases on documentation ranges, in the schemas of the publishers.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use litesoc_enrich::{Enricher, Source, SourceKind};
use litesoc_model::Enrichment;
use mmdb_writer::{IpVersion, Value, Writer};

/// 2026-03-01T00:00:00Z.
pub(crate) const BUILT_AT: u64 = 1_772_323_200;

/// A database that calls itself so, with these records.
pub(crate) fn database(calls_itself: &str, records: &[(&str, Value)]) -> Vec<u8> {
    write(calls_itself, IpVersion::V6, records)
}

/// The same for IPv4 addresses alone.
pub(crate) fn database_v4(calls_itself: &str, records: &[(&str, Value)]) -> Vec<u8> {
    write(calls_itself, IpVersion::V4, records)
}

fn write(calls_itself: &str, version: IpVersion, records: &[(&str, Value)]) -> Vec<u8> {
    let mut writer = Writer::builder(calls_itself)
        .ip_version(version)
        .build_epoch(SystemTime::UNIX_EPOCH + Duration::from_secs(BUILT_AT))
        .build();
    for (network, record) in records {
        let network: ipnet::IpNet = network.parse().expect("a network");
        writer.insert_value(network, record.clone()).expect("it fits");
    }
    writer.to_bytes().expect("it can be written")
}

pub(crate) fn names(english: &str, german: &str) -> Value {
    Value::map([("de", Value::from(german)), ("en", Value::from(english))])
}

/// A record of MaxMind's City schema.
pub(crate) fn city(
    code: &str,
    country: &str,
    region: &str,
    city: &str,
    at: (f64, f64),
    radius: u16,
) -> Value {
    Value::map([
        ("city", Value::map([("geoname_id", Value::from(1_u32)), ("names", names(city, "Stadt"))])),
        ("continent", Value::map([("code", Value::from("EU")), ("names", names("Europe", "Europa"))])),
        ("country", Value::map([("iso_code", Value::from(code)), ("names", names(country, "Land"))])),
        (
            "location",
            Value::map([
                ("accuracy_radius", Value::from(radius)),
                ("latitude", Value::from(at.0)),
                ("longitude", Value::from(at.1)),
                ("time_zone", Value::from("Europe/Berlin")),
            ]),
        ),
        ("postal", Value::map([("code", Value::from("10115"))])),
        (
            "subdivisions",
            Value::array([Value::map([("iso_code", Value::from("BE")), ("names", names(region, "Land"))])]),
        ),
    ])
}

/// A record of MaxMind's ASN schema, which is ip-location-db's too.
pub(crate) fn asn(number: u32, organization: &str) -> Value {
    Value::map([
        ("autonomous_system_number", Value::from(number)),
        ("autonomous_system_organization", Value::from(organization)),
    ])
}

pub(crate) fn open(bytes: Vec<u8>) -> Enricher {
    Enricher::open([Source::new("test.mmdb", SourceKind::Database, bytes)]).expect("a sound database")
}

pub(crate) fn list(name: &str, text: &str) -> Source {
    Source::new(name, SourceKind::of_path(name).expect("the name tells the kind"), text)
}

pub(crate) fn at(ip: &str) -> Option<IpAddr> {
    Some(ip.parse().expect("an address"))
}

pub(crate) fn known(enricher: &Enricher, ip: &str) -> Enrichment {
    enricher.enrich(at(ip)).expect("there is data")
}
