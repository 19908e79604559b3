//! Damaged and hostile databases: an error that says which file and why when it is opened, and never anything later.

use std::net::{Ipv4Addr, Ipv6Addr};

use litesoc_enrich::{Enricher, Source, SourceKind};
use mmdb_writer::Value;
use proptest::prelude::*;

use crate::mmdb::{asn, city, database};

fn sound() -> Vec<u8> {
    let berlin = city("DE", "Germany", "Berlin", "Berlin", (52.52, 13.405), 20);
    let oslo = city("NO", "Norway", "Oslo", "Oslo", (59.91, 10.75), 20);
    database(
        "GeoLite2-City",
        &[("192.0.2.0/25", berlin), ("192.0.2.128/25", oslo), ("2001:db8::/32", asn(64_500, "Example"))],
    )
}

fn open(bytes: impl Into<Vec<u8>>) -> Result<Enricher, String> {
    Enricher::open([Source::new("geo/city.mmdb", SourceKind::Database, bytes)])
        .map_err(|error| error.to_string())
}

/// Asks for many addresses; nothing may panic.
fn ask(enricher: &Enricher) {
    for low in 0..=255_u32 {
        let _ = enricher.enrich(Some(Ipv4Addr::from(0xc000_0200 | low).into()));
        let _ = enricher.enrich(Some(Ipv4Addr::from(low << 24).into()));
        let _ = enricher.enrich(Some(Ipv6Addr::from(u128::from(low) << 120 | 0x0db8_0000).into()));
    }
}

#[test]
fn what_is_no_database_is_told_as_what_it_is() {
    for (bytes, told) in [
        (b"".to_vec(), "is empty"),
        (b"<html><body>404 Not Found".to_vec(), "is a web page"),
        (vec![0x1f, 0x8b, 8, 0], "is compressed with gzip"),
        (b"just some text".to_vec(), "is no readable MMDB file"),
        (b"\xab\xcd\xefMaxMind.com".to_vec(), "is no readable MMDB file"),
        (
            database("weather", &[("192.0.2.0/24", Value::map([("rain", Value::from(true))]))]),
            "tells nothing that can be used here",
        ),
        (database("GeoLite2-City", &[]), "tells nothing that can be used here"),
    ] {
        let error = open(bytes).unwrap_err();
        assert!(error.starts_with(&format!("geo/city.mmdb: {told}")), "{error}");
    }
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_refused() {
    let whole = sound();
    for length in 0..whole.len() {
        if let Ok(enricher) = open(&whole[..length]) {
            ask(&enricher);
            panic!("{length} of {} bytes were taken for a database", whole.len());
        }
    }
}

#[test]
fn records_that_refer_to_each_other_without_end_are_refused() {
    // Maps of two members that both point to the next map: 2^40 values in 40 maps.
    let mut data = Vec::new();
    for _ in 0..40_usize {
        let next = u16::try_from(data.len() + 9).unwrap().to_be_bytes();
        let pointer = [0x20 | next[0], next[1]];
        data.extend_from_slice(&[
            0xe2, 0x41, b'a', pointer[0], pointer[1], 0x41, b'b', pointer[0], pointer[1],
        ]);
    }
    data.extend_from_slice(&[0xe0]);
    let error = open(by_hand(&data)).unwrap_err();
    assert!(error.contains("is refused: its records"), "{error}");
    // A record that is a pointer to itself.
    let error = open(by_hand(&[0x20, 0x00])).unwrap_err();
    assert!(error.contains("is refused: its records"), "{error}");
}

/// A database of one node, both sides of which have the record at the start of the data.
fn by_hand(data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 17, 0, 0, 17];
    bytes.extend_from_slice(&[0; 16]);
    bytes.extend_from_slice(data);
    let real = database("x", &[("192.0.2.0/24", asn(1, "x"))]);
    let marker = b"\xab\xcd\xefMaxMind.com";
    let start = real.windows(marker.len()).rposition(|window| window == marker).expect("there is metadata");
    let mut metadata = real[start..].to_vec();
    set_number(&mut metadata, "node_count", 1);
    set_number(&mut metadata, "record_size", 24);
    set_number(&mut metadata, "ip_version", 4);
    bytes.extend_from_slice(&metadata);
    bytes
}

/// Changes a number in the metadata, which has one or two bytes there.
fn set_number(metadata: &mut [u8], name: &str, to: u8) {
    let at = metadata.windows(name.len()).position(|window| window == name.as_bytes());
    let at = at.expect("the member is there") + name.len();
    let (length, head) = (usize::from(metadata[at] & 0x1f), if metadata[at] >> 5 == 0 { 2 } else { 1 });
    let digits = &mut metadata[at + head..at + head + length];
    digits.fill(0);
    *digits.last_mut().expect("no number is empty") = to;
}

#[test]
fn a_tree_that_runs_in_a_circle_is_refused() {
    let mut bytes = by_hand(&[0xe0]);
    bytes[2] = 0;
    let error = open(bytes).unwrap_err();
    assert!(error.contains("its tree runs in a circle"), "{error}");
    let mut bytes = by_hand(&[0xe0]);
    bytes[5] = 250;
    let error = open(bytes).unwrap_err();
    assert!(error.contains("its tree points outside the data"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_damage_makes_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = sound();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Ok(enricher) = open(bytes) {
            ask(&enricher);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[ -~\n\t\u{80}-\u{ff}]{0,300}", kind in prop::sample::select(vec!["vpn", "overrides", "database"])) {
        let _ = Enricher::open([Source::new("x", kind.parse::<SourceKind>().unwrap(), text)]);
    }
}
