//! [`Table`]: the groups of one correlation; when there is no room, the one that was touched longest ago goes.

use std::collections::HashMap;

use crate::correlation::group::{Group, Occurrence};

const NONE: usize = usize::MAX;

/// The groups of one correlation.
///
/// Entries lie in one vector and are chained by index, the most recently touched first. The hash map is only ever
/// probed, never walked, so its random seed shows nowhere.
#[derive(Debug)]
pub(crate) struct Table {
    places: HashMap<u128, usize>,
    entries: Vec<Entry>,
    free: Vec<usize>,
    newest: usize,
    oldest: usize,
    /// About how much memory the groups take.
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    key: u128,
    group: Group,
    newer: usize,
    older: usize,
}

/// About how much memory a group takes besides its occurrences, and an occurrence, with the room that vectors and maps
/// leave free.
const GROUP_BYTES: usize = 160;
const OCCURRENCE_BYTES: usize = 48;

const fn bytes_of(occurrences: usize) -> usize {
    GROUP_BYTES + OCCURRENCE_BYTES * occurrences
}

impl Table {
    pub(crate) fn new() -> Self {
        Self {
            places: HashMap::new(),
            entries: Vec::new(),
            free: Vec::new(),
            newest: NONE,
            oldest: NONE,
            bytes: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn occurrences(&self) -> usize {
        self.oldest_first().map(|(_, occurrences)| occurrences.len()).sum()
    }

    /// Changes the group of this key, which becomes the most recently touched.
    pub(crate) fn change<R>(&mut self, key: u128, change: impl FnOnce(&mut Group) -> R) -> R {
        let place = match self.places.get(&key) {
            Some(place) => *place,
            None => self.add(key),
        };
        if self.newest != place {
            self.unlink(place);
            self.link_newest(place);
        }
        let group = &mut self.entries[place].group;
        let before = bytes_of(group.occurrences.len());
        let result = change(group);
        self.bytes = self.bytes - before + bytes_of(group.occurrences.len());
        result
    }

    /// Forgets the group that was touched longest ago, unless it is the only one.
    pub(crate) fn forget_oldest(&mut self) -> bool {
        if self.places.len() < 2 {
            return false;
        }
        let place = self.oldest;
        self.unlink(place);
        let entry = &mut self.entries[place];
        let group = std::mem::take(&mut entry.group);
        self.places.remove(&entry.key);
        self.free.push(place);
        self.bytes -= bytes_of(group.occurrences.len());
        true
    }

    /// The groups, the one that was touched longest ago first.
    pub(crate) fn oldest_first(&self) -> impl Iterator<Item = (u128, &[Occurrence])> {
        let first = self.entries.get(self.oldest);
        std::iter::successors(first, |entry| self.entries.get(entry.newer))
            .map(|entry| (entry.key, &entry.group.occurrences[..]))
    }

    fn add(&mut self, key: u128) -> usize {
        let entry = Entry { key, group: Group::default(), newer: NONE, older: NONE };
        let place = match self.free.pop() {
            Some(place) => {
                self.entries[place] = entry;
                place
            }
            None => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        };
        self.places.insert(key, place);
        self.bytes += bytes_of(0);
        self.link_newest(place);
        place
    }

    fn unlink(&mut self, place: usize) {
        let (newer, older) = (self.entries[place].newer, self.entries[place].older);
        match newer {
            NONE => self.newest = older,
            newer => self.entries[newer].older = older,
        }
        match older {
            NONE => self.oldest = newer,
            older => self.entries[older].newer = newer,
        }
    }

    fn link_newest(&mut self, place: usize) {
        self.entries[place].newer = NONE;
        self.entries[place].older = self.newest;
        match self.newest {
            NONE => self.oldest = place,
            newest => self.entries[newest].newer = place,
        }
        self.newest = place;
    }
}
