//! The address of the client: tables, and the property that an attacker cannot choose it.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test")]

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue};
use litesoc::client_ip::{ClientIp, Source};
use proptest::prelude::*;

fn behind(source: Source) -> ClientIp {
    let networks = ["10.0.0.0/8", "127.0.0.1", "2001:db8:aaaa::/48", "::ffff:172.16.0.0/108"];
    networks.iter().fold(ClientIp::behind(source), |finder, network| finder.trust(network).unwrap())
}

fn headers(name: &'static str, lines: &[&[u8]]) -> HeaderMap {
    let lines = lines.iter().map(|line| HeaderValue::from_bytes(line).unwrap());
    lines.fold(HeaderMap::new(), |mut headers, line| {
        headers.append(name, line);
        headers
    })
}

fn find(source: Source, peer: &str, lines: &[&str]) -> String {
    let names = [
        (Source::Forwarded, "forwarded"),
        (Source::XRealIp, "x-real-ip"),
        (Source::XForwardedFor, "x-forwarded-for"),
    ];
    let (_, name) = names.into_iter().find(|(named, _)| *named == source).unwrap();
    let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
    behind(source).find(peer.parse().unwrap(), &headers(name, &lines)).to_string()
}

#[test]
fn x_forwarded_for() {
    let table: &[(&str, &[&str], &str, &str)] = &[
        ("10.0.0.1", &["203.0.113.7"], "203.0.113.7", "one proxy"),
        ("10.0.0.1", &["1.1.1.1, 203.0.113.7, 10.0.0.2"], "203.0.113.7", "two proxies and a claim"),
        ("10.0.0.1", &["1.1.1.1", "203.0.113.7", "10.0.0.2"], "203.0.113.7", "a line for each"),
        ("10.0.0.1", &["1.1.1.1, 203.0.113.7", "10.0.0.3,10.0.0.2"], "203.0.113.7", "lines in order"),
        ("198.51.100.1", &["203.0.113.7"], "198.51.100.1", "a stranger's header is not read"),
        ("10.0.0.1", &[], "10.0.0.1", "no header"),
        ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3", "all trusted: the leftmost"),
        ("10.0.0.1", &["203.0.113.7, nonsense, 10.0.0.2"], "10.0.0.2", "nonsense ends the walk"),
        ("10.0.0.1", &["nonsense"], "10.0.0.1", "nonsense at once"),
        ("10.0.0.1", &["nonsense, 203.0.113.7"], "203.0.113.7", "nonsense left of the answer"),
        ("10.0.0.1", &["203.0.113.7:4711"], "203.0.113.7", "a port"),
        ("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7", "IPv6 with a port"),
        ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7", "IPv6 in brackets"),
        ("10.0.0.1", &["2001:db8::7"], "2001:db8::7", "IPv6 alone"),
        ("10.0.0.1", &["203.0.113.7, 2001:db8:aaaa::1"], "203.0.113.7", "a trusted IPv6 hop"),
        ("10.0.0.1", &["fe80::1%eth0"], "10.0.0.1", "a scope means nothing here"),
        ("10.0.0.1", &["[fe80::1%1]:80"], "10.0.0.1", "nor does its number"),
        ("10.0.0.1", &["::ffff:203.0.113.7"], "203.0.113.7", "IPv4 within IPv6"),
        ("::ffff:10.0.0.1", &["203.0.113.7, ::ffff:10.0.0.2"], "203.0.113.7", "and as a hop"),
        ("172.16.3.4", &["203.0.113.7"], "203.0.113.7", "a network of IPv4 within IPv6"),
        ("10.0.0.1", &["203.0.113.7, , ,"], "203.0.113.7", "empty entries"),
        ("10.0.0.1", &["  203.0.113.7\t,10.0.0.2 "], "203.0.113.7", "blanks"),
        ("10.0.0.1", &["203.0.113.07"], "10.0.0.1", "an ambiguous octet"),
        ("10.0.0.1", &["203.0.113.7:99999"], "10.0.0.1", "no such port"),
        ("10.0.0.1", &["unknown"], "10.0.0.1", "unknown"),
        ("10.0.0.1", &["\"203.0.113.7\""], "10.0.0.1", "quotes are not of this header"),
    ];
    for (peer, lines, expected, why) in table {
        assert_eq!(&find(Source::XForwardedFor, peer, lines), expected, "{why}: {lines:?}");
    }
}

#[test]
fn forwarded() {
    let table: &[(&[&str], &str, &str)] = &[
        (&["for=203.0.113.7"], "203.0.113.7", "a token"),
        (&["For=\"203.0.113.7\""], "203.0.113.7", "quoted, upper case"),
        (&["for=203.0.113.7;proto=https;by=10.0.0.1"], "203.0.113.7", "other parameters"),
        (&["proto=https; by=10.0.0.1; for=203.0.113.7"], "203.0.113.7", "in any order"),
        (&["for=\"[2001:db8::7]:4711\""], "2001:db8::7", "IPv6 with a port"),
        (&["for=\"203.0.113.7:4711\""], "203.0.113.7", "IPv4 with a port"),
        (&["for=\"203.0.113.\\7\""], "203.0.113.7", "a quoted pair"),
        (
            &["for=1.1.1.1, for=203.0.113.7;host=\"a,b;c=\\\"d\", for=10.0.0.2"],
            "203.0.113.7",
            "separators in quotes",
        ),
        (&["for=1.1.1.1", "for=203.0.113.7, for=10.0.0.2"], "203.0.113.7", "lines"),
        (&["for=203.0.113.7, for=unknown, for=10.0.0.2"], "10.0.0.2", "unknown"),
        (&["for=203.0.113.7, for=_hidden"], "10.0.0.1", "an obfuscated identifier"),
        (&["for=203.0.113.7, proto=http"], "10.0.0.1", "an element without for"),
        (&["for=1.1.1.1;for=203.0.113.7"], "10.0.0.1", "for twice"),
        (&["for=\", for=203.0.113.7"], "203.0.113.7", "a quote that was opened by the client"),
        (&["for=\"", "for=203.0.113.7"], "203.0.113.7", "the same in a line of its own"),
        (&["for=1.1.1.1;host=\"\\\\\\, for=203.0.113.7"], "203.0.113.7", "and with backslashes"),
        (&["for=203.0.113.7\""], "10.0.0.1", "a quote that was never opened"),
        (&["for=203.0.113.7;;, ,"], "203.0.113.7", "empty parameters and elements"),
        (&["203.0.113.7"], "10.0.0.1", "no parameter at all"),
    ];
    for (lines, expected, why) in table {
        assert_eq!(&find(Source::Forwarded, "10.0.0.1", lines), expected, "{why}: {lines:?}");
    }
}

#[test]
fn x_real_ip() {
    let table: &[(&str, &[&str], &str)] = &[
        ("10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", &["10.0.0.9"], "10.0.0.9"),
        ("10.0.0.1", &["1.1.1.1", "203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", &["1.1.1.1, 203.0.113.7"], "10.0.0.1"),
        ("10.0.0.1", &[], "10.0.0.1"),
        ("198.51.100.1", &["203.0.113.7"], "198.51.100.1"),
    ];
    for (peer, lines, expected) in table {
        assert_eq!(&find(Source::XRealIp, peer, lines), expected, "{lines:?}");
    }
}

#[test]
fn the_default_is_the_peer() {
    let spoofed = headers("x-forwarded-for", &[b"203.0.113.7"]);
    for finder in [ClientIp::default(), ClientIp::peer(), ClientIp::behind(Source::XForwardedFor)] {
        assert_eq!(finder.find("::ffff:10.0.0.1".parse().unwrap(), &spoofed).to_string(), "10.0.0.1");
    }
    let other = behind(Source::Forwarded).find("10.0.0.1".parse().unwrap(), &spoofed);
    assert_eq!(other.to_string(), "10.0.0.1", "only the chosen header counts");
}

#[test]
fn networks_are_checked() {
    for network in ["", "10.0.0.0/33", "10.0.0", "example.com", "::/129"] {
        let error = ClientIp::peer().trust(network).unwrap_err();
        assert!(error.to_string().contains(&format!("{network:?}")), "{error}");
    }
}

/// Anything that can stand in a header line.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let telling = proptest::sample::select(vec![
        b',', b';', b'"', b'\\', b'=', b' ', b'1', b'0', b'.', b':', b'[', b']', b'f', b'o', b'r', 0xff,
    ]);
    let text = proptest::sample::select(vec!["for=10.0.0.1", "10.0.0.1", "for=\"", "203.0.113.9", "unknown"]);
    let piece = prop_oneof![
        proptest::collection::vec(telling, 0..12),
        text.prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// The addresses of proxies that are trusted.
fn proxies() -> impl Strategy<Value = Vec<IpAddr>> {
    proptest::collection::vec((0_u8.., 1_u8..).prop_map(|(c, d)| IpAddr::from([10, 0, c, d])), 0..4)
}

proptest! {
    /// Each proxy appends the address it saw, to the line there is or as a line of its own.
    #[test]
    fn nobody_left_of_the_trusted_proxies_changes_the_answer(
        claims in proptest::collection::vec(anything(), 0..3),
        client in any::<[u8; 4]>().prop_filter("not a proxy", |octets| ![10, 127, 172].contains(&octets[0])),
        proxies in proxies(),
        forwarded in any::<bool>(),
        own_lines in any::<bool>(),
    ) {
        let (source, name) = if forwarded {
            (Source::Forwarded, "forwarded")
        } else {
            (Source::XForwardedFor, "x-forwarded-for")
        };
        let finder = behind(source);
        let client = IpAddr::from(client);

        let mut lines = claims;
        for hop in std::iter::once(&client).chain(&proxies) {
            let entry = if forwarded { format!("for=\"{hop}\";proto=https") } else { hop.to_string() };
            match lines.last_mut() {
                Some(last) if !own_lines => last.extend_from_slice(format!(", {entry}").as_bytes()),
                _ => lines.push(entry.into_bytes()),
            }
        }
        let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();
        let found = finder.find("10.0.0.1".parse().unwrap(), &headers(name, &lines));
        prop_assert_eq!(found, client);
    }
}
