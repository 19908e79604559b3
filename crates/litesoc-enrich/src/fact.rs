//! [`Fact`] and [`Facts`]: what a file can tell of an address.

use std::fmt;

use serde::{Serialize, Serializer};

/// One thing that can be known of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fact {
    /// The country.
    Country,
    /// The state or province.
    Region,
    /// The city.
    City,
    /// The coordinates.
    Position,
    /// The time zone.
    Timezone,
    /// The number of the autonomous system.
    Asn,
    /// Who runs the network.
    Organization,
    /// Whether it is a VPN.
    Vpn,
    /// Whether it is a Tor exit.
    Tor,
    /// Whether it is an open proxy.
    Proxy,
    /// Whether it is a privacy relay.
    Relay,
    /// Whether it is a data centre.
    Datacenter,
    /// Whether it is a mobile network.
    Mobile,
}

impl Fact {
    /// All of them, places first.
    pub const ALL: [Self; 13] = [
        Self::Country,
        Self::Region,
        Self::City,
        Self::Position,
        Self::Timezone,
        Self::Asn,
        Self::Organization,
        Self::Vpn,
        Self::Tor,
        Self::Proxy,
        Self::Relay,
        Self::Datacenter,
        Self::Mobile,
    ];

    /// Its word, such as `country`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Region => "region",
            Self::City => "city",
            Self::Position => "position",
            Self::Timezone => "timezone",
            Self::Asn => "asn",
            Self::Organization => "organization",
            Self::Vpn => "vpn",
            Self::Tor => "tor",
            Self::Proxy => "proxy",
            Self::Relay => "relay",
            Self::Datacenter => "datacenter",
            Self::Mobile => "mobile",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of facts.
///
/// ```
/// use litesoc_enrich::{Fact, Facts};
///
/// let known: Facts = [Fact::Country, Fact::Asn].into_iter().collect();
/// assert!(known.contains(Fact::Asn) && !known.contains(Fact::City));
/// assert_eq!(known.to_string(), "country, asn");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts(u16);

impl Facts {
    /// Whether a fact is in the set.
    #[must_use]
    pub const fn contains(self, fact: Fact) -> bool {
        self.0 & fact.bit() != 0
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The facts of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The facts that are not in it.
    #[must_use]
    pub fn missing(self) -> Self {
        Fact::ALL.into_iter().filter(|fact| !self.contains(*fact)).collect()
    }

    /// The facts, places first.
    pub fn iter(self) -> impl Iterator<Item = Fact> {
        Fact::ALL.into_iter().filter(move |fact| self.contains(*fact))
    }

    pub(crate) const fn add_if(&mut self, known: bool, fact: Fact) {
        if known {
            self.0 |= fact.bit();
        }
    }
}

impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        Self(facts.into_iter().fold(0, |bits, fact| bits | fact.bit()))
    }
}

impl From<Fact> for Facts {
    fn from(fact: Fact) -> Self {
        Self(fact.bit())
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fact) in self.iter().enumerate() {
            if number > 0 {
                f.write_str(", ")?;
            }
            f.write_str(fact.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
