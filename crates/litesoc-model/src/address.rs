//! Reading the address of an end user from whatever a client put there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The address in a text that may be more, or less, than one.
///
/// Blanks, ports and brackets are taken off; of a list the right-most public address counts, for the ones left of it
/// are whatever the end user's machine claimed; without a public one, the right-most address. IPv4 inside IPv6 is taken
/// out. Addresses with a zone, and words such as `unknown`, are none.
///
/// ```
/// use litesoc_model::read_address;
///
/// assert_eq!(read_address("6.6.6.6, 203.0.113.7:4711, 10.0.0.1"), "203.0.113.7".parse().ok());
/// assert_eq!(read_address("::ffff:203.0.113.7"), "203.0.113.7".parse().ok());
/// assert_eq!(read_address("fe80::1%eth0"), None);
/// ```
#[must_use]
pub fn read_address(text: &str) -> Option<IpAddr> {
    if let Some(address) = plain_address(text) {
        return Some(address.to_canonical());
    }
    let mut last = None;
    for part in text.rsplit(',') {
        if let Some(address) = one_address(part.trim()) {
            if is_public(address) {
                return Some(address);
            }
            last = last.or(Some(address));
        }
    }
    last
}

/// The address in a text that is one and nothing else.
pub(crate) fn plain_address(text: &str) -> Option<IpAddr> {
    // No address begins otherwise; most other texts are turned away here.
    let first = text.bytes().next()?;
    (first.is_ascii_hexdigit() || first == b':').then(|| text.parse().ok()).flatten()
}

/// An address with or without port, brackets and quotes.
fn one_address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    // Text with a zone parses as a socket address only; without its zone it would be another address.
    let with_port =
        || text.parse().ok().filter(|_| !text.contains('%')).map(|socket: SocketAddr| socket.ip());
    plain_address(text).or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

/// Whether an address can be the sender of something on the public internet.
///
/// Private, shared (RFC 6598), loopback, link-local, benchmarking, multicast and reserved ranges of the IANA
/// special-purpose registries cannot. The documentation ranges count as public: tests and examples live in them.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmarking = a == 198 && (18..20).contains(&b);
    let protocols = (a, b, c) == (192, 0, 0);
    !(a == 0
        || a >= 240
        || shared
        || benchmarking
        || protocols
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    // Global unicast is 2000::/3; everything else is reserved, local or multicast.
    address.segments()[0] & 0xe000 == 0x2000
}
