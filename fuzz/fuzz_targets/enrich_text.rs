//! Any text as a list of networks and as overrides: no panic, every fault is short and one line, the rest answers.
#![no_main]

use std::net::Ipv4Addr;

use libfuzzer_sys::fuzz_target;
use litesoc_enrich::{Enricher, ListKind, Source, SourceKind};

fuzz_target!(|input: (bool, &[u8])| {
    let (overrides, bytes) = input;
    let kind = if overrides { SourceKind::Overrides } else { SourceKind::List(ListKind::Vpn) };
    match Enricher::open([Source::new("fuzz", kind, bytes)]) {
        Ok(enricher) => {
            for low in 0..=255_u8 {
                let _ = enricher.enrich(Some(Ipv4Addr::new(192, 0, 2, low).into()));
                let _ = enricher.enrich(Some(Ipv4Addr::new(low, 0, 0, 1).into()));
            }
        }
        Err(error) => {
            assert!(!error.faults().is_empty());
            for fault in error.faults() {
                assert!(!fault.message.is_empty() && fault.message.chars().count() < 1_000, "{fault}");
            }
        }
    }
});
