//! [`Status`]: what is loaded, how old it is, what its licences ask for, and what is missing.

use serde::Serialize;

use crate::fact::{Fact, Facts};

/// What is loaded and what is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// One entry for each source, in the order in which they were given.
    pub files: Vec<FileStatus>,
    /// What can be known.
    pub coverage: Coverage,
    /// What the licences of the loaded data ask to be shown beside results, each once.
    pub attributions: Vec<Box<str>>,
}

impl Status {
    /// Whether there is no data at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// What is known of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileStatus {
    /// Its name, as it was given.
    pub name: Box<str>,
    /// `database`, `overrides`, or the kind of list.
    pub kind: Box<str>,
    /// What a database calls itself, such as `GeoLite2-City`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_type: Option<Box<str>>,
    /// When a database was built, in seconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub built_at: Option<u64>,
    /// Networks with something said about them.
    pub networks: u64,
    /// Its length.
    pub bytes: u64,
    /// What it tells of IPv4 addresses.
    pub ipv4: Facts,
    /// What it tells of IPv6 addresses.
    pub ipv6: Facts,
    /// What its licence asks to be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribution: Option<Box<str>>,
}

/// What can be known of addresses of each family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// Of IPv4 addresses.
    pub ipv4: Facts,
    /// Of IPv6 addresses.
    pub ipv6: Facts,
}

impl Coverage {
    pub(crate) const fn add(&mut self, ipv4: Facts, ipv6: Facts) {
        self.ipv4 = self.ipv4.and(ipv4);
        self.ipv6 = self.ipv6.and(ipv6);
    }

    /// What no loaded file tells, in sentences for people; empty when everything can be known.
    ///
    /// ```
    /// use litesoc_enrich::Enricher;
    ///
    /// let missing = Enricher::default().status().coverage.missing();
    /// assert!(missing[0].starts_with("no country, region, city, position"));
    /// ```
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let (ipv4, ipv6) = (self.ipv4.missing(), self.ipv6.missing());
        let both: Facts = ipv4.iter().filter(|fact| ipv6.contains(*fact)).collect();
        let only = |one: Facts| -> Facts { one.iter().filter(|fact| !both.contains(*fact)).collect() };
        let mut sentences: Vec<String> =
            [(both, ""), (only(ipv4), " of IPv4 addresses"), (only(ipv6), " of IPv6 addresses")]
                .into_iter()
                .filter(|(facts, _)| !facts.is_empty())
                .map(|(facts, of)| format!("no {facts}{of}"))
                .collect();
        if !ipv4.is_empty() && ipv4.contains(Fact::Position) && ipv6.contains(Fact::Position) {
            sentences.push("no positions, so nothing can be said of impossible travel".to_owned());
        }
        sentences
    }
}
