//! [`Database`]: an MMDB file that has been read through once, so that no lookup can fail later.

mod attribution;
mod entry;
mod measure;
mod part;
mod record;
mod tree;

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use maxminddb::Reader;

use self::entry::Gathering;
pub(crate) use self::entry::{Entries, Entry};
use self::measure::Meter;
use self::record::Record;
use self::tree::{Leaf, Tree};
use crate::error::quoted;
use crate::fact::{Fact, Facts};
use crate::status::FileStatus;

/// An MMDB file that has been read through once.
///
/// Its tree is kept as it is, but for the leaves, which name entries instead of places in the file; its records are kept
/// as entries, decoded. So a lookup decodes nothing, and whatever is wrong with a record is known at the start.
pub(crate) struct Database {
    tree: Tree,
    entries: Entries,
    /// How exactly it tells a place: 3 position, 2 city or region, 1 country, 0 none.
    exactness: u8,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("exactness", &self.exactness).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens a database and reads every record of it.
    ///
    /// The work is bounded by the length of the file, whatever stands in it: each node of the tree is visited once, each
    /// record is decoded once, and a [`Meter`] limits what the pointers of records may multiply.
    pub(crate) fn open(name: &str, content: &[u8]) -> Result<(Self, FileStatus), String> {
        if content.is_empty() {
            return Err("is empty".to_owned());
        }
        if content.starts_with(&[0x1f, 0x8b]) {
            return Err("is compressed with gzip; unpack it first".to_owned());
        }
        if content.trim_ascii_start().starts_with(b"<") {
            return Err("is a web page and not a database; was an error page downloaded?".to_owned());
        }
        let reader = Reader::from_source(content).map_err(|error| unreadable(&error))?;
        let metadata = reader.metadata();
        let data = tree::data(content, metadata)?;
        let mut survey = Survey::new(&reader, data);
        let tree = Tree::renumber(content, metadata, data.len(), |leaf| survey.number(&leaf))?;
        let all = survey.ipv4.and(survey.ipv6);
        if all.is_empty() {
            return Err(format!(
                "tells nothing that can be used here: no country, place, autonomous system or kind of network \
                 (it calls itself `{}`)",
                quoted(&metadata.database_type)
            ));
        }
        let status = FileStatus {
            name: name.into(),
            kind: "database".into(),
            database_type: Some(quoted(&metadata.database_type).into()),
            built_at: Some(metadata.build_epoch).filter(|at| *at > 0),
            networks: survey.networks,
            bytes: content.len() as u64,
            ipv4: survey.ipv4,
            ipv6: survey.ipv6,
            attribution: attribution::of(name, metadata).map(Into::into),
        };
        Ok((Self { tree, entries: survey.gathering.finish(), exactness: exactness(all) }, status))
    }

    pub(crate) const fn exactness(&self) -> u8 {
        self.exactness
    }

    /// What it says of an address.
    #[inline]
    pub(crate) fn lookup(&self, ip: IpAddr) -> Option<&Entry> {
        self.entries.get(self.tree.find(ip)?)
    }

    /// What the entries of this database mean.
    pub(crate) const fn entries(&self) -> &Entries {
        &self.entries
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
struct Survey<'a> {
    reader: &'a Reader<&'a [u8]>,
    meter: Meter<'a>,
    gathering: Gathering,
    /// The number of each record, by where it begins.
    numbers: HashMap<u32, u32>,
    networks: u64,
    ipv4: Facts,
    ipv6: Facts,
}

impl<'a> Survey<'a> {
    fn new(reader: &'a Reader<&'a [u8]>, data: &'a [u8]) -> Self {
        Self {
            reader,
            meter: Meter::new(data),
            gathering: Gathering::default(),
            numbers: HashMap::new(),
            networks: 0,
            ipv4: Facts::default(),
            ipv6: Facts::default(),
        }
    }

    /// The number of the record of a network.
    fn number(&mut self, leaf: &Leaf) -> Result<u32, String> {
        let number = match self.numbers.get(&leaf.offset) {
            Some(number) => *number,
            None => {
                self.meter.charge(leaf.offset as usize)?;
                let found = self.reader.lookup(leaf.address).map_err(|error| unreadable(&error))?;
                let record: Option<Record<'_>> = found.decode().map_err(|error| unreadable(&error))?;
                let number = self.gathering.add(&record.unwrap_or_default())?;
                self.numbers.insert(leaf.offset, number);
                number
            }
        };
        let facts = self.gathering.facts(number);
        let family = if leaf.address.is_ipv4() { &mut self.ipv4 } else { &mut self.ipv6 };
        *family = family.and(facts);
        self.networks += 1;
        Ok(number)
    }
}

fn unreadable(error: &maxminddb::MaxMindDbError) -> String {
    format!("is no readable MMDB file, perhaps damaged or cut off: {}", quoted(&error.to_string()))
}
