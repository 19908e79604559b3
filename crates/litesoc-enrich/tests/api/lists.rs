//! Lists of networks in all their spellings, and their flags against the plainest search there is.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use litesoc_enrich::{Enricher, ListKind, Source, SourceKind};
use litesoc_model::Network;
use proptest::prelude::*;

use crate::mmdb::{at, known, list};

#[test]
fn every_spelling_of_a_network() {
    let text = "\u{feff}# exits\n\
        192.0.2.1\n\
        192.0.2.16/28 ; a remark\r\n\
        192.0.2.64-192.0.2.66\n\
        192.0.2.80 - 192.0.2.82\n\
        192.0.2.96,192.0.2.98,DE,\"Example, Inc\"\n\
        \"192.0.2.112/30\",\"DE\"\n\
        192.0.2.131/28 # bits below the prefix\n\
        ; a whole line\n\
        // another\n\
        \n\
        2001:db8:1::/48\tfoo\n\
        2001:db8:2::1\n\
        ::ffff:192.0.2.200\n";
    let enricher = Enricher::open([list("tor-exits.txt", text)]).unwrap();
    for exit in [
        "192.0.2.1",
        "192.0.2.16",
        "192.0.2.31",
        "192.0.2.65",
        "192.0.2.81",
        "192.0.2.97",
        "192.0.2.115",
        "192.0.2.128",
        "192.0.2.143",
        "2001:db8:1:2::3",
        "2001:db8:2::1",
        "192.0.2.200",
        "::ffff:192.0.2.1",
    ] {
        assert!(known(&enricher, exit).network.is_tor, "{exit}");
    }
    for other in
        ["192.0.2.0", "192.0.2.2", "192.0.2.32", "192.0.2.67", "192.0.2.99", "192.0.2.144", "2001:db8:2::2"]
    {
        assert!(!known(&enricher, other).network.is_tor, "{other}");
    }
    assert_eq!(enricher.status().files[0].networks, 10);
}

#[test]
fn tables_with_a_heading_have_their_addresses_where_it_says() {
    let nodes = "Fingerprint,IpAddr,Port\nABCD,192.0.2.7,9001\nEF01,192.0.2.9,443\n";
    let ranges = "ip_range_start,ip_range_end,country\n198.51.100.0,198.51.100.31,DE\n";
    let enricher = Enricher::open([list("tor.csv", nodes), list("datacenter.csv", ranges)]).unwrap();
    assert!(known(&enricher, "192.0.2.7").network.is_tor && known(&enricher, "192.0.2.9").network.is_tor);
    assert!(known(&enricher, "198.51.100.31").network.is_datacenter);
}

#[test]
fn a_name_tells_the_kind() {
    for (path, kind) in [
        ("vpn.txt", Some(ListKind::Vpn)),
        ("lists/vpn/ipv4.txt", Some(ListKind::Vpn)),
        ("output/datacenter/ipv6.txt", Some(ListKind::Datacenter)),
        ("TorBulkExitList", Some(ListKind::Tor)),
        ("tor-relays.lst", Some(ListKind::Tor)),
        ("egress-ip-ranges.csv", Some(ListKind::Relay)),
        ("open_proxies.netset", Some(ListKind::Proxy)),
        ("carrier-gateways.txt", Some(ListKind::Mobile)),
        ("allow.txt", Some(ListKind::Allow)),
        ("unwanted.list", Some(ListKind::Deny)),
        ("vpn-and-proxy.txt", None),
        ("README.txt", None),
        ("LICENSE", None),
        ("vpn.md", None),
        ("monitor.txt", None),
    ] {
        assert_eq!(SourceKind::of_path(path), kind.map(SourceKind::List), "{path}");
    }
}

#[test]
fn bad_lines_are_all_told_by_number() {
    let text = "192.0.2.0/24\n300.1.1.1\n192.0.2.9-192.0.2.1\n192.0.2.0/33\n0.0.0.0/0\n::/0\n0.0.0.0,255.255.255.255\nnot\u{1b}[2J\n";
    let error = Enricher::open([list("vpn.txt", text)]).unwrap_err();
    insta::assert_snapshot!(error);
    let page = Enricher::open([list("vpn.txt", "<!DOCTYPE html><html>404</html>")]).unwrap_err();
    assert_eq!(page.to_string(), "vpn.txt: is a web page and not a list; was an error page downloaded?");
    let many = "x\n".repeat(1_000);
    assert_eq!(Enricher::open([list("vpn.txt", &many)]).unwrap_err().faults().len(), 21);
    let empty = Enricher::open([list("vpn.txt", "# nothing\n")]).unwrap_err();
    assert!(empty.to_string().contains("holds no network"), "{empty}");
    assert!(Enricher::open([list("deny.txt", "# nobody yet\n")]).is_ok());
    let binary = Source::new(
        "vpn.txt",
        SourceKind::List(ListKind::Vpn),
        [b"192.0.2.1\n".as_slice(), &[0xff, 0xfe]].concat(),
    );
    assert_eq!(Enricher::open([binary]).unwrap_err().faults()[0].line, Some(2));
}

/// What is on lists, as its text and as what it means.
#[derive(Clone, Debug)]
struct Entry {
    kind: ListKind,
    text: String,
    first: u128,
    last: u128,
    v4: bool,
}

fn entry() -> impl Strategy<Value = Entry> {
    let kind = prop::sample::select(ListKind::ALL.to_vec());
    // Few addresses and all lengths, so that networks often touch and lie in each other.
    let v4 = (kind.clone(), 0_u32..512, 20_u8..=32, 0_u32..40, any::<bool>()).prop_map(
        |(kind, low, length, more, range)| {
            let address = 0xc000_0200 + low;
            if range {
                let last = address + more;
                let text = format!("{}-{}", Ipv4Addr::from(address), Ipv4Addr::from(last));
                return Entry { kind, text, first: address.into(), last: last.into(), v4: true };
            }
            let host = u32::MAX.checked_shr(length.into()).unwrap_or(0);
            let text = format!("{}/{length}", Ipv4Addr::from(address));
            Entry { kind, text, first: (address & !host).into(), last: (address | host).into(), v4: true }
        },
    );
    let v6 = (kind, 0_u128..512, 116_u8..=128).prop_map(|(kind, low, length)| {
        let address = (0x2001_0db8_u128 << 96) + low;
        let host = u128::MAX.checked_shr(length.into()).unwrap_or(0);
        let text = format!("{}/{length}", Ipv6Addr::from(address));
        Entry { kind, text, first: address & !host, last: address | host, v4: false }
    });
    prop_oneof![3 => v4, 1 => v6]
}

fn flags(network: &Network) -> Vec<ListKind> {
    let all = [
        (network.is_vpn, ListKind::Vpn),
        (network.is_tor, ListKind::Tor),
        (network.is_proxy, ListKind::Proxy),
        (network.is_relay, ListKind::Relay),
        (network.is_datacenter, ListKind::Datacenter),
        (network.is_mobile, ListKind::Mobile),
        (network.is_allowed, ListKind::Allow),
        (network.is_denied, ListKind::Deny),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, kind)| kind).collect()
}

proptest! {
    #[test]
    fn the_search_finds_what_a_look_at_every_line_finds(entries in prop::collection::vec(entry(), 1..60)) {
        let sources = ListKind::ALL.into_iter().filter_map(|kind| {
            let mut text = String::new();
            for entry in entries.iter().filter(|entry| entry.kind == kind) {
                writeln!(text, "{}", entry.text).unwrap();
            }
            (!text.is_empty()).then(|| Source::new(kind.as_str(), SourceKind::List(kind), text))
        });
        let enricher = Enricher::open(sources).unwrap();
        for low in 0..600_u32 {
            for (number, ip) in [
                (u128::from(0xc000_01f0 + low), IpAddr::V4((0xc000_01f0 + low).into())),
                ((0x2001_0db8_u128 << 96) + u128::from(low), IpAddr::V6(((0x2001_0db8_u128 << 96) + u128::from(low)).into())),
            ] {
                let mut expected: Vec<ListKind> = entries
                    .iter()
                    .filter(|entry| entry.v4 == ip.is_ipv4() && (entry.first..=entry.last).contains(&number))
                    .map(|entry| entry.kind)
                    .collect();
                expected.sort_unstable();
                expected.dedup();
                let found = enricher.enrich(Some(ip)).unwrap();
                prop_assert_eq!(flags(&found.network), expected, "{}", ip);
            }
        }
    }
}

#[test]
fn the_ends_of_the_address_space_can_be_named() {
    let text = "0.0.0.0/1\n255.255.255.255\nffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n::/1\n";
    let enricher = Enricher::open([list("vpn.txt", text)]).unwrap();
    for ip in
        ["0.0.0.0", "127.255.255.255", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]
    {
        assert!(enricher.enrich(at(ip)).unwrap().network.is_vpn, "{ip}");
    }
    assert!(!known(&enricher, "128.0.0.0").network.is_vpn);
    assert!(!known(&enricher, "8000::").network.is_vpn);
}
