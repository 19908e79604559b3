//! Addresses as the data knows them: IPv4 out of its IPv6 disguises, and networks that are nobody's place.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The address to look up for an address that was seen.
///
/// An IPv4 address that is written as IPv6 is the IPv4 address: mapped (RFC 4291, `::ffff:0:0/96`), translated (RFC 6052,
/// `64:ff9b::/96`), 6to4 (RFC 3056, `2002::/16`) and Teredo (RFC 4380, `2001::/32`, where the client's own address stands
/// inverted in the last 32 bits).
pub(crate) fn canonical(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => embedded(v6).map_or(ip, IpAddr::V4),
    }
}

fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = ip.to_ipv4_mapped() {
        return Some(mapped);
    }
    let pair = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match ip.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(pair(high, low)),
        [0x2002, high, low, ..] => Some(pair(high, low)),
        [0x2001, 0, _, _, _, _, high, low] => Some(pair(!high, !low)),
        _ => None,
    }
}

/// Whether an address belongs to no public network: the special-purpose registries of the IANA (RFC 6890) without those
/// blocks that are reachable from everywhere, and the shared space of carriers (RFC 6598).
pub(crate) fn is_special(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_special_v4(v4),
        IpAddr::V6(v6) => is_special_v6(v6),
    }
}

fn is_special_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, d] = ip.octets();
    match a {
        0 | 10 | 127 => true,
        100 => (64..128).contains(&b),
        169 => b == 254,
        172 => (16..32).contains(&b),
        // The anycast addresses of RFC 7723 and RFC 8155 are public.
        192 => match (b, c) {
            (0, 0) => !matches!(d, 9 | 10),
            (0, 2) | (88, 99) => true,
            _ => b == 168,
        },
        198 => matches!(b, 18 | 19) || (b, c) == (51, 100),
        203 => (b, c) == (0, 113),
        224.. => true,
        _ => false,
    }
}

fn is_special_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    // Everything global is in 2000::/3 (RFC 4291 and the IANA registry of IPv6 address space).
    if segments[0] & 0xe000 != 0x2000 {
        return true;
    }
    match segments {
        // Benchmarks (RFC 5180), ORCHID (RFC 4843, RFC 7343) and documentation (RFC 3849, RFC 9637).
        [0x2001, 0x2, 0, ..] | [0x2001, 0xdb8, ..] => true,
        [0x2001, second, ..] => matches!(second & 0xfff0, 0x10 | 0x20),
        [0x3fff, second, ..] => second < 0x1000,
        _ => false,
    }
}

/// A network with both its ends, IPv4 where it is IPv4 in disguise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Span {
    V4(u32, u32),
    V6(u128, u128),
}

impl Span {
    /// The ends of a prefix; bits below the prefix are ignored.
    pub(crate) fn of_net(net: IpNet) -> Self {
        match (canonical(net.addr()), net) {
            // Only a prefix that lies within the mapped block is IPv4; a wider one is IPv6 with IPv4 inside.
            (IpAddr::V4(v4), IpNet::V6(v6))
                if v6.addr().to_ipv4_mapped().is_some() && v6.prefix_len() >= 96 =>
            {
                let host = u32::MAX.checked_shr(u32::from(v6.prefix_len() - 96)).unwrap_or(0);
                let first = u32::from(v4) & !host;
                Self::V4(first, first | host)
            }
            (_, IpNet::V4(net)) => Self::V4(net.network().into(), net.broadcast().into()),
            (_, IpNet::V6(net)) => Self::V6(net.network().into(), net.broadcast().into()),
        }
    }

    /// From one address to another, both included; `None` when they are of two families or in the wrong order.
    pub(crate) fn between(first: IpAddr, last: IpAddr) -> Option<Self> {
        match (first.to_canonical(), last.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
                Some(Self::V4(first.into(), last.into()))
            }
            (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
                Some(Self::V6(first.into(), last.into()))
            }
            _ => None,
        }
    }

    /// Whether it is a whole address space, which no statement can be about.
    pub(crate) const fn is_everything(self) -> bool {
        matches!(self, Self::V4(0, u32::MAX) | Self::V6(0, u128::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv4_comes_out_of_its_disguises() {
        for (seen, meant) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("64:ff9b::192.0.2.1", "192.0.2.1"),
            ("2002:c000:201:5::9", "192.0.2.1"),
            ("2001:0:4136:e378:8000:63bf:3fff:fdfe", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("64:ff9b:1::192.0.2.1", "64:ff9b:1::c000:201"),
        ] {
            assert_eq!(canonical(seen.parse().unwrap()), meant.parse::<IpAddr>().unwrap(), "{seen}");
        }
    }

    #[test]
    fn what_is_no_public_network() {
        for special in [
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.1.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.9",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "3fff:fff::1",
            "2001:2::1",
            "100::1",
            "64:ff9b:1::1",
            "5f00::1",
        ] {
            assert!(is_special(special.parse().unwrap()), "{special}");
        }
        for public in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.0.9",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "3fff:1000::1",
            "2a00::1",
        ] {
            assert!(!is_special(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn the_ends_of_networks() {
        let span = |text: &str| Span::of_net(text.parse().unwrap());
        assert_eq!(span("192.0.2.77/24"), Span::V4(0xc000_0200, 0xc000_02ff));
        assert_eq!(span("::ffff:192.0.2.0/120"), Span::V4(0xc000_0200, 0xc000_02ff));
        assert_eq!(span("::ffff:192.0.2.7/128"), Span::V4(0xc000_0207, 0xc000_0207));
        assert!(span("0.0.0.0/0").is_everything() && span("::/0").is_everything());
        assert!(span("::ffff:0.0.0.0/96").is_everything());
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(Span::between(at("192.0.2.9"), at("192.0.2.1")), None);
        assert_eq!(Span::between(at("192.0.2.9"), at("2001:db8::")), None);
    }
}
