//! Any bytes where a database of addresses is expected: no panic, no endless work, and what opens answers every address.
#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libfuzzer_sys::fuzz_target;
use litesoc_enrich::{Enricher, Source, SourceKind};

fuzz_target!(|bytes: &[u8]| {
    let Ok(enricher) = Enricher::open([Source::new("fuzz.mmdb", SourceKind::Database, bytes)]) else { return };
    assert_eq!(enricher.status().files.len(), 1);
    let ask = |ip: IpAddr| {
        let known = enricher.enrich(Some(ip)).expect("there is data");
        let json = serde_json::to_string(&known).expect("it is JSON");
        assert_eq!(serde_json::from_str::<litesoc_model::Enrichment>(&json).expect("and back"), known);
    };
    for chunk in bytes.chunks_exact(16).take(64) {
        let number = u128::from_be_bytes(chunk.try_into().expect("sixteen bytes"));
        ask(Ipv6Addr::from(number).into());
        ask(Ipv4Addr::from(number as u32).into());
    }
    for high in 0..=255_u8 {
        ask(Ipv4Addr::new(high, 0, 2, 1).into());
    }
});
