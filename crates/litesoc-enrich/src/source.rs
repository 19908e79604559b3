//! [`Source`]: the bytes of one file, and what kind of file it is.

use std::fmt;
use std::str::FromStr;

use crate::fact::Fact;

/// What a list of networks says of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ListKind {
    /// VPN providers.
    Vpn,
    /// Tor exits.
    Tor,
    /// Open proxies.
    Proxy,
    /// Privacy relays that keep people near their true place.
    Relay,
    /// Data centres and clouds.
    Datacenter,
    /// Mobile networks.
    Mobile,
    /// Networks that the operator trusts.
    Allow,
    /// Networks that the operator does not want.
    Deny,
}

impl ListKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Vpn,
        Self::Tor,
        Self::Proxy,
        Self::Relay,
        Self::Datacenter,
        Self::Mobile,
        Self::Allow,
        Self::Deny,
    ];

    /// Its word, such as `vpn`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vpn => "vpn",
            Self::Tor => "tor",
            Self::Proxy => "proxy",
            Self::Relay => "relay",
            Self::Datacenter => "datacenter",
            Self::Mobile => "mobile",
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }

    /// The fact that a list of this kind tells.
    pub(crate) const fn fact(self) -> Option<Fact> {
        match self {
            Self::Vpn => Some(Fact::Vpn),
            Self::Tor => Some(Fact::Tor),
            Self::Proxy => Some(Fact::Proxy),
            Self::Relay => Some(Fact::Relay),
            Self::Datacenter => Some(Fact::Datacenter),
            Self::Mobile => Some(Fact::Mobile),
            Self::Allow | Self::Deny => None,
        }
    }

    /// Whether the operator writes lists of this kind, so that an empty one is no damage.
    pub(crate) const fn is_own(self) -> bool {
        matches!(self, Self::Allow | Self::Deny)
    }

    /// The kind that a word of a file's name stands for.
    fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "vpn" | "vpns" => Self::Vpn,
            "tor" | "torbulkexitlist" | "onion" => Self::Tor,
            "proxy" | "proxies" | "socks" | "socks4" | "socks5" => Self::Proxy,
            "relay" | "relays" | "egress" | "icloud" => Self::Relay,
            "datacenter" | "datacenters" | "datacentre" | "datacentres" | "dc" | "hosting" | "cloud"
            | "clouds" => Self::Datacenter,
            "mobile" | "cellular" | "carrier" | "carriers" => Self::Mobile,
            "allow" | "allowlist" | "trusted" => Self::Allow,
            "deny" | "denylist" | "blocklist" | "unwanted" => Self::Deny,
            _ => return None,
        })
    }
}

impl fmt::Display for ListKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What kind of file a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceKind {
    /// An MMDB file of any of the known schemas; which one, its content tells.
    Database,
    /// A text or CSV file with one network a line.
    List(ListKind),
    /// The operator's own statements, in TOML.
    Overrides,
}

impl SourceKind {
    /// The kind that a path tells by its name: `.mmdb` is a database, `overrides.toml` the operator's statements, and a
    /// `.txt`, `.csv`, `.lst`, `.list`, `.netset` or `.ipset` is a list of the kind that a word of its name says, or of
    /// its folder's when its own has none. `None` when it tells nothing, or more than one kind.
    ///
    /// ```
    /// use litesoc_enrich::{ListKind, SourceKind};
    ///
    /// assert_eq!(SourceKind::of_path("geo/dbip-city.mmdb"), Some(SourceKind::Database));
    /// assert_eq!(SourceKind::of_path("lists/vpn/ipv4.txt"), Some(SourceKind::List(ListKind::Vpn)));
    /// assert_eq!(SourceKind::of_path("egress-ip-ranges.csv"), Some(SourceKind::List(ListKind::Relay)));
    /// assert_eq!(SourceKind::of_path("README.txt"), None);
    /// ```
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let mut parts = path.rsplit(['/', '\\']);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        match extension {
            "mmdb" => Some(Self::Database),
            "toml" => stem.contains("overrides").then_some(Self::Overrides),
            "" | "txt" | "csv" | "lst" | "list" | "netset" | "ipset" => {
                let folder = || parts.next().and_then(|folder| of_words(&folder.to_ascii_lowercase()));
                of_words(stem).or_else(folder).map(Self::List)
            }
            _ => None,
        }
    }
}

/// The one kind that the words of a name tell.
fn of_words(name: &str) -> Option<ListKind> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let mut kinds: Vec<ListKind> = words.filter_map(ListKind::of_word).collect();
    kinds.sort_unstable();
    kinds.dedup();
    match kinds[..] {
        [kind] => Some(kind),
        // A relay of Tor is Tor.
        [ListKind::Tor, ListKind::Relay] => Some(ListKind::Tor),
        _ => None,
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => f.write_str("database"),
            Self::List(kind) => f.write_str(kind.as_str()),
            Self::Overrides => f.write_str("overrides"),
        }
    }
}

/// A word that names no kind of file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a kind of file is database, overrides, vpn, tor, proxy, relay, datacenter, mobile, allow or deny")]
#[non_exhaustive]
pub struct UnknownKind;

impl FromStr for SourceKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        match word {
            "database" => Ok(Self::Database),
            "overrides" => Ok(Self::Overrides),
            _ => {
                let kind = ListKind::ALL.into_iter().find(|kind| kind.as_str() == word);
                kind.map(Self::List).ok_or(UnknownKind)
            }
        }
    }
}

/// The bytes of one file, its name for errors, and its kind.
#[derive(Clone)]
pub struct Source {
    pub(crate) name: Box<str>,
    pub(crate) kind: SourceKind,
    pub(crate) content: Vec<u8>,
}

impl Source {
    /// A source from bytes that are at hand.
    #[must_use]
    pub fn new(name: impl Into<Box<str>>, kind: SourceKind, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), kind, content: content.into() }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("bytes", &self.content.len())
            .finish()
    }
}
