//! [`Database`]: an MMDB file that has been read through once, so that no lookup can fail later.

mod attribution;
mod measure;
mod part;
mod record;
mod tree;

use std::collections::HashMap;
use std::net::IpAddr;

use maxminddb::Reader;

use self::measure::Meter;
pub(crate) use self::record::Record;
use self::tree::{Leaf, Tree};
use crate::fact::{Fact, Facts};
use crate::status::FileStatus;

/// An MMDB file that has been read through once.
pub(crate) struct Database {
    reader: Reader<Vec<u8>>,
    /// It has no IPv6 addresses.
    only_v4: bool,
    /// How exactly it tells a place: 3 position, 2 city or region, 1 country, 0 none.
    exactness: u8,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("type", &self.reader.metadata().database_type)
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Opens a database and reads every record of it.
    ///
    /// The work is bounded by the length of the file, whatever stands in it: each node of the tree is visited once, each
    /// record is decoded once, and a [`Meter`] limits what the pointers of records may multiply.
    pub(crate) fn open(name: &str, content: Vec<u8>) -> Result<(Self, FileStatus), String> {
        let bytes = content.len() as u64;
        if content.is_empty() {
            return Err("is empty".to_owned());
        }
        if content.starts_with(&[0x1f, 0x8b]) {
            return Err("is compressed with gzip; unpack it first".to_owned());
        }
        if content.trim_ascii_start().starts_with(b"<") {
            return Err("is a web page and not a database; was an error page downloaded?".to_owned());
        }
        let survey = Survey::of(&content)?;
        let reader = Reader::from_source(content).map_err(|error| unreadable(&error))?;
        let (ipv4, ipv6) = (survey.ipv4, survey.ipv6);
        let all = ipv4.and(ipv6);
        if all.is_empty() {
            let named = &reader.metadata().database_type;
            return Err(format!(
                "tells nothing that can be used here: no country, place, autonomous system or kind of network \
                 (it calls itself `{}`)",
                crate::error::quoted(named)
            ));
        }
        let metadata = reader.metadata();
        let status = FileStatus {
            name: name.into(),
            kind: "database".into(),
            database_type: Some(crate::error::quoted(&metadata.database_type).into()),
            built_at: Some(metadata.build_epoch).filter(|at| *at > 0),
            networks: survey.networks,
            bytes,
            ipv4,
            ipv6,
            attribution: attribution::of(name, metadata).map(Into::into),
        };
        let only_v4 = metadata.ip_version == 4;
        Ok((Self { reader, only_v4, exactness: exactness(all) }, status))
    }

    pub(crate) const fn exactness(&self) -> u8 {
        self.exactness
    }

    /// What it says of an address.
    #[inline]
    pub(crate) fn lookup(&self, ip: IpAddr) -> Option<Record<'_>> {
        if self.only_v4 && ip.is_ipv6() {
            return None;
        }
        // Every record was decoded when the database was opened, so there is no error to lose here.
        self.reader.lookup(ip).ok()?.decode().ok()?
    }
}

const fn exactness(facts: Facts) -> u8 {
    if facts.contains(Fact::Position) {
        3
    } else if facts.contains(Fact::City) || facts.contains(Fact::Region) {
        2
    } else if facts.contains(Fact::Country) {
        1
    } else {
        0
    }
}

/// What a walk through all of a database finds.
#[derive(Debug, Default)]
struct Survey {
    networks: u64,
    ipv4: Facts,
    ipv6: Facts,
}

impl Survey {
    fn of(content: &[u8]) -> Result<Self, String> {
        let reader = Reader::from_source(content).map_err(|error| unreadable(&error))?;
        let tree = Tree::of(content, reader.metadata())?;
        let mut meter = Meter::new(tree.data());
        let mut survey = Self::default();
        let mut seen: HashMap<u32, Facts> = HashMap::new();
        tree.walk(|leaf: Leaf| {
            let facts = match seen.get(&leaf.offset) {
                Some(facts) => *facts,
                None => {
                    meter.charge(leaf.offset as usize)?;
                    let found = reader.lookup(leaf.address).map_err(|error| unreadable(&error))?;
                    let record: Option<Record<'_>> = found.decode().map_err(|error| unreadable(&error))?;
                    let facts = record.unwrap_or_default().facts();
                    seen.insert(leaf.offset, facts);
                    facts
                }
            };
            survey.networks += 1;
            let family = if leaf.address.is_ipv4() { &mut survey.ipv4 } else { &mut survey.ipv6 };
            *family = family.and(facts);
            Ok(())
        })?;
        Ok(survey)
    }
}

fn unreadable(error: &maxminddb::MaxMindDbError) -> String {
    format!(
        "is no readable MMDB file, perhaps damaged or cut off: {}",
        crate::error::quoted(&error.to_string())
    )
}
