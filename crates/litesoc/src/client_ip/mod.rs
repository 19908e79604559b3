//! Finding the address of the client behind the proxies that you trust.
//!
//! A server behind a proxy sees the proxy's address; the client's is in a header that proxies add to, each on the
//! right. Everything left of what your own proxies added was sent by whoever spoke to the outermost of them, and can
//! be anything: taking the leftmost address lets an attacker choose the address that you record, block or count by.
//! So this module walks from the right, past the proxies that you named, to the first address that is not one of
//! them.
//!
//! ```
//! use http::HeaderMap;
//! use litesoc::client_ip::{ClientIp, Source};
//!
//! # fn main() -> Result<(), litesoc::client_ip::InvalidNetwork> {
//! let finder = ClientIp::behind(Source::XForwardedFor).trust("10.0.0.0/8")?;
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("x-forwarded-for", "1.1.1.1, 203.0.113.7, 10.0.0.2".parse().unwrap());
//! let peer = "10.0.0.1".parse().unwrap();
//! // 1.1.1.1 is what the client claims; 203.0.113.7 is what our outermost proxy saw.
//! assert_eq!(finder.find(peer, &headers).to_string(), "203.0.113.7");
//! # Ok(())
//! # }
//! ```
//!
//! # The rule
//!
//! 1. The peer of the connection is the first candidate. If it is not trusted, it is the answer and no header is read.
//! 2. The header's entries are walked from right to left, over all its lines. An entry that is trusted is the new
//!    candidate; the first one that is not is the answer.
//! 3. An entry that is no address (malformed, `unknown`, an obfuscated identifier) ends the walk: the answer is the
//!    candidate, the last address that a trusted proxy vouched for. Reading on would be guessing.
//! 4. When all are trusted, the leftmost is the answer; without the header, the peer.
//!
//! Ports are ignored, and IPv4 addresses written as IPv6 (`::ffff:192.0.2.1`) are IPv4 addresses. One header is
//! consulted, the one you choose: a proxy that sets one of them passes the others through as the client sent them.

mod entry;

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use http::HeaderMap;
use ipnet::{IpNet, Ipv4Net};

/// Where the addresses of the hops come from: what your proxy is known to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The connection alone.
    #[default]
    Peer,
    /// `Forwarded` (RFC 7239), a list.
    Forwarded,
    /// `X-Forwarded-For`, a list.
    XForwardedFor,
    /// `X-Real-IP`, one address. Of several lines, the last is taken.
    XRealIp,
}

/// Finds the address of the client. The rule is told in the [module](self).
///
/// The default trusts nobody, so it answers with the peer's address.
#[derive(Clone, Debug, Default)]
pub struct ClientIp {
    source: Source,
    trusted: Vec<IpNet>,
}

/// A network that [`ClientIp::trust`] cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidNetwork {
    given: String,
}

impl fmt::Display for InvalidNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an address or a network in CIDR form: {:?}", self.given)
    }
}

impl Error for InvalidNetwork {}

impl ClientIp {
    /// Trusts nobody: the answer is the peer's address.
    #[must_use]
    pub fn peer() -> Self {
        Self::default()
    }

    /// Reads the hops from `source`. It is consulted only for peers that are [trusted](Self::trust).
    #[must_use]
    pub const fn behind(source: Source) -> Self {
        Self { source, trusted: Vec::new() }
    }

    /// Trusts the proxies of a network, `10.0.0.0/8`, or of one address, `::1`.
    ///
    /// # Errors
    ///
    /// [`InvalidNetwork`] when it is neither.
    pub fn trust(mut self, network: &str) -> Result<Self, InvalidNetwork> {
        let parsed = network.parse().or_else(|_| network.parse::<IpAddr>().map(IpNet::from));
        let network = parsed.map_err(|_| InvalidNetwork { given: network.to_owned() })?;
        self.trusted.push(folded(network));
        Ok(self)
    }

    /// The address of the client whose request came over a connection from `peer` with these headers.
    #[must_use]
    pub fn find(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        match self.source {
            Source::Peer => peer,
            Source::Forwarded => self.walk(peer, headers, "forwarded", entry::last_forwarded),
            Source::XForwardedFor => self.walk(peer, headers, "x-forwarded-for", entry::last_listed),
            Source::XRealIp => {
                let last = headers.get_all("x-real-ip").iter().next_back();
                let address = last.and_then(|line| entry::address(line.as_bytes().trim_ascii()));
                address.filter(|_| self.trusts(peer)).unwrap_or(peer)
            }
        }
    }

    fn walk(&self, peer: IpAddr, headers: &HeaderMap, name: &str, last: entry::Split) -> IpAddr {
        let mut candidate = peer;
        for line in headers.get_all(name).iter().rev() {
            let mut rest = Some(line.as_bytes());
            while let Some(list) = rest {
                if !self.trusts(candidate) {
                    return candidate;
                }
                let hop = last(list);
                rest = hop.rest;
                match hop.found {
                    entry::Found::Nothing => {}
                    entry::Found::Address(address) => candidate = address,
                    entry::Found::NoAddress => return candidate,
                }
            }
        }
        candidate
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }
}

/// A network of IPv4 addresses written as IPv6 is one of IPv4, since addresses are folded, too.
fn folded(network: IpNet) -> IpNet {
    let mapped = match network {
        IpNet::V6(network) => network.addr().to_ipv4_mapped().map(|address| (address, network.prefix_len())),
        IpNet::V4(_) => None,
    };
    let four = |(address, length): (Ipv4Addr, u8)| Ipv4Net::new(address, length.checked_sub(96)?).ok();
    mapped.and_then(four).map_or(network, IpNet::V4)
}
