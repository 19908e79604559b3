//! [`AddressGroup`]: the addresses that count as one source.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::record::Field;

/// The addresses that count as one source: a single IPv4 address, or one IPv6 network.
///
/// Whoever holds an IPv6 network can change the address for every attempt, so its addresses count together.
/// An IPv4 address written as IPv6 (`::ffff:203.0.113.5`, RFC 4291 section 2.5.5.2) is the IPv4 address.
///
/// ```
/// use litesoc_detect::AddressGroup;
///
/// let group = |text: &str| text.parse().map(|ip| AddressGroup::of(ip, 64).to_string());
/// assert_eq!(group("::ffff:203.0.113.5"), Ok("203.0.113.5".into()));
/// assert_eq!(group("2001:db8:1:2:aaaa::1"), Ok("2001:db8:1:2::/64".into()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressGroup {
    base: IpAddr,
    prefix: u8,
}

impl AddressGroup {
    /// The group of an address; `ipv6_prefix` leading bits make an IPv6 network.
    #[must_use]
    pub fn of(ip: IpAddr, ipv6_prefix: u8) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(address) => Self { base: IpAddr::V4(address), prefix: 32 },
            IpAddr::V6(address) => {
                let prefix = ipv6_prefix.min(128);
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                let base = Ipv6Addr::from_bits(address.to_bits() & mask);
                Self { base: IpAddr::V6(base), prefix }
            }
        }
    }

    /// Tells every group from every other.
    pub(crate) fn to_bytes(self) -> [u8; 18] {
        let mut bytes = [0; 18];
        match self.base {
            IpAddr::V4(base) => bytes[2..6].copy_from_slice(&base.octets()),
            IpAddr::V6(base) => {
                bytes[0] = 6;
                bytes[2..].copy_from_slice(&base.octets());
            }
        }
        bytes[1] = self.prefix;
        bytes
    }
}

impl Field for AddressGroup {
    fn put(&self, out: &mut Vec<u8>) {
        self.base.put(out);
        self.prefix.put(out);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let (base, prefix) = (IpAddr::take(input)?, u8::take(input)?);
        let group = Self::of(base, prefix);
        // Only what `of` makes: a base with bits below its prefix would be another source with the same name.
        (group.base == base && group.prefix == prefix).then_some(group)
    }
}

impl fmt::Display for AddressGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.base {
            IpAddr::V6(base) if self.prefix < 128 => write!(f, "{base}/{}", self.prefix),
            IpAddr::V4(_) | IpAddr::V6(_) => write!(f, "{}", self.base),
        }
    }
}
