//! [`Entries`]: the records of a database in the form in which they are asked for, each once.

use std::collections::HashMap;

use litesoc_model::{Place, Position};

use super::record::Record;
use crate::country::country_name;
use crate::fact::Facts;
use crate::ranges::Flags;

/// The records of a database, with their words in one text, each word once.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    entries: Vec<Entry>,
    words: String,
}

/// What one record says.
#[derive(Debug)]
pub(crate) struct Entry {
    country: Option<[u8; 2]>,
    /// Only where our own table has none.
    country_name: Word,
    region: Word,
    city: Word,
    timezone: Word,
    organization: Word,
    position: Option<Position>,
    pub(crate) asn: Option<u32>,
    pub(crate) flags: Flags,
    pub(crate) facts: Facts,
}

/// A piece of the text; an empty one stands for no word.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    start: u32,
    length: u16,
}

impl Entries {
    pub(crate) fn get(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)
    }

    /// Where an entry is; `None` when it says neither a country nor a position.
    pub(crate) fn place(&self, entry: &Entry) -> Option<Place> {
        if entry.country.is_none() && entry.position.is_none() {
            return None;
        }
        let boxed = |word: Word| self.word(word).map(Into::into);
        let code = entry.country.as_ref().and_then(|code| str::from_utf8(code).ok());
        let mut place = Place::default();
        place.country_code = code.map(Into::into);
        place.country_name =
            code.and_then(country_name).or_else(|| self.word(entry.country_name)).map(Into::into);
        place.region = boxed(entry.region);
        place.city = boxed(entry.city);
        place.timezone = boxed(entry.timezone);
        place.position = entry.position;
        Some(place)
    }

    /// Who runs the network of an entry.
    pub(crate) fn organization(&self, entry: &Entry) -> Option<&str> {
        self.word(entry.organization)
    }

    fn word(&self, word: Word) -> Option<&str> {
        let start = word.start as usize;
        self.words.get(start..start + usize::from(word.length)).filter(|text| !text.is_empty())
    }
}

/// Gathers entries.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    gathered: Entries,
    known: HashMap<Box<str>, Word>,
}

impl Gathering {
    /// Adds a record; its number.
    pub(crate) fn add(&mut self, record: &Record<'_>) -> Result<u32, String> {
        let country = record.country();
        let named = country.as_ref().and_then(|code| str::from_utf8(code).ok()).and_then(country_name);
        let entry = Entry {
            country,
            country_name: if named.is_some() { Word::default() } else { self.word(record.country_name)? },
            region: self.word(record.region)?,
            city: self.word(record.city)?,
            timezone: self.word(record.timezone)?,
            organization: self.word(record.organization())?,
            position: record.position(),
            asn: record.asn,
            flags: record.flags,
            facts: record.facts(),
        };
        let number = u32::try_from(self.gathered.entries.len()).map_err(|_| too_large())?;
        self.gathered.entries.push(entry);
        Ok(number)
    }

    pub(crate) fn facts(&self, number: u32) -> Facts {
        self.gathered.get(number).map(|entry| entry.facts).unwrap_or_default()
    }

    pub(crate) fn finish(mut self) -> Entries {
        self.gathered.entries.shrink_to_fit();
        self.gathered.words.shrink_to_fit();
        self.gathered
    }

    fn word(&mut self, text: Option<&str>) -> Result<Word, String> {
        let Some(text) = text else { return Ok(Word::default()) };
        if let Some(word) = self.known.get(text) {
            return Ok(*word);
        }
        let start = u32::try_from(self.gathered.words.len()).map_err(|_| too_large())?;
        let word = Word { start, length: u16::try_from(text.len()).map_err(|_| too_large())? };
        self.gathered.words.push_str(text);
        self.known.insert(text.into(), word);
        Ok(word)
    }
}

fn too_large() -> String {
    "holds more than can be kept".to_owned()
}
