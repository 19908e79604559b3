//! [`Table`]: state by key in bounded memory, shared fairly by organisations.
//!
//! # What goes when memory is full
//!
//! Every organisation with state in the table is entitled to an equal share of it.
//! One that holds its share or more makes room for its own new keys; one that holds less is given room by whoever holds most.
//! So nobody loses state to another organisation's flood while it holds no more than its share, and one organisation alone can
//! use the whole table.
//!
//! Within an organisation, keys whose state is worth keeping ([`Record::is_worth_keeping`]) are told from those that have shown
//! next to nothing. Of the latter the one touched longest ago goes first, so that a flood of invented names pushes out other
//! invented names; but an eighth of the organisation's keys may be such ones, else a full table could learn of nobody new.
//!
//! A touch only leaves a mark; a key whose turn has come and that bears one is put at the head again (second chance, also
//! known as CLOCK, Corbató 1968). Moving keys in a list at every touch would cost four cache misses among a million.

mod chunks;
mod owners;

use std::io;

use hashbrown::HashTable;

use self::chunks::Chunks;
use self::owners::{NONE, Owners};
use crate::RestoreError;
use crate::key::Key;
use crate::record::{Field, Record};
use crate::snapshot::{Reader, Writer};
use crate::spill::Shelf;

/// State by key in bounded memory, shared fairly by organisations.
#[derive(Debug)]
pub(crate) struct Table<V> {
    /// Places by key; the keys lie in the entries. Only ever probed, never walked.
    index: HashTable<u32>,
    entries: Chunks<Entry<V>>,
    owners: Owners,
    capacity: usize,
    shelf: Shelf,
}

/// Keys that get a second chance when one has to go.
const CHANCES: usize = 8;

/// One key with its state, in the list of its organisation and segment.
#[derive(Debug)]
struct Entry<V> {
    key: Key,
    owner: u32,
    newer: u32,
    older: u32,
    kept: bool,
    /// Touched since it was put at the head of its list.
    touched: bool,
    value: V,
}

impl<V: Record> Table<V> {
    /// An empty table; what is pushed out of it goes to `shelf`.
    pub(crate) fn new(capacity: usize, shelf: Shelf) -> Self {
        Self {
            index: HashTable::new(),
            entries: Chunks::new(),
            owners: Owners::new(),
            capacity: capacity.clamp(1, NONE as usize),
            shelf,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn contains(&self, key: Key) -> bool {
        self.place(key).is_some()
    }

    /// The state, without touching it.
    pub(crate) fn get(&self, key: Key) -> Option<&V> {
        self.place(key).map(|place| &self.entries.at(place).value)
    }

    /// The state to change, without touching it.
    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut V> {
        self.place(key).map(|place| &mut self.entries.at_mut(place).value)
    }

    /// The state to change, now touched.
    ///
    /// A change that makes it worth keeping, or no longer so, shows at the next [`Self::update`].
    pub(crate) fn touch(&mut self, key: Key) -> Option<&mut V> {
        let entry = self.entries.at_mut(self.place(key)?);
        entry.touched = true;
        Some(&mut entry.value)
    }

    /// Changes the state of a key, which is touched; `make` gives the state of a key that is not in memory.
    pub(crate) fn update<R>(
        &mut self,
        owner: Key,
        key: Key,
        make: impl FnOnce() -> V,
        change: impl FnOnce(&mut V) -> R,
    ) -> R {
        let Some(place) = self.place(key) else {
            let (place, _gone) = self.admit(owner, key, make());
            let result = change(&mut self.entries.at_mut(place).value);
            self.settle(place);
            return result;
        };
        let entry = self.entries.at_mut(place);
        let result = change(&mut entry.value);
        entry.touched = true;
        if entry.kept != entry.value.is_worth_keeping() {
            self.unlink(place);
            self.settle(place);
        }
        result
    }

    /// Puts in the state of a key, which becomes the one touched last; what had to go for it comes back.
    pub(crate) fn insert(&mut self, owner: Key, key: Key, value: V) -> Option<V> {
        let (place, gone) = match self.place(key) {
            Some(place) => {
                self.unlink(place);
                let before = std::mem::replace(&mut self.entries.at_mut(place).value, value);
                (place, Some(before))
            }
            None => self.admit(owner, key, value),
        };
        self.settle(place);
        gone
    }

    /// Brings the state of a key back that was pushed out of memory, if it was.
    ///
    /// This may ask a disk: for names that anybody can invent, such as those of failed sign-ins, it is the wrong question.
    pub(crate) fn recall(&mut self, owner: Key, key: Key) {
        if self.shelf.is_none() || self.place(key).is_some() {
            return;
        }
        if let Some(value) = self.shelf.take::<V>(key) {
            let _gone = self.insert(owner, key, value);
        }
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<V> {
        self.place(key).map(|place| self.take_out(place).value)
    }

    /// All states, in an order that means nothing.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|entry| &mut entry.value)
    }

    /// Keeps what is pushed out of memory from now on here.
    pub(crate) fn set_shelf(&mut self, shelf: Shelf) {
        self.shelf = shelf;
    }

    /// Writes everything as one part of a snapshot.
    pub(crate) fn write(&self, part: &'static str, out: &mut Writer<'_>) -> io::Result<()> {
        out.part(part, self.len())?;
        self.oldest_first().try_for_each(|(owner, entry)| {
            out.frame(|out| {
                owner.put(out);
                entry.key.put(out);
                entry.kept.put(out);
                entry.touched.put(out);
                entry.value.write(out);
            })
        })
    }

    /// Reads the part that [`Self::write`] wrote into an empty table.
    pub(crate) fn read(&mut self, part: &'static str, input: &mut Reader<'_>) -> Result<(), RestoreError> {
        let frames = input.part(part)?;
        let entries = &self.entries;
        self.index.reserve(frames.min(self.capacity), |place| entries.at(*place).key.hash());
        for _ in 0..frames {
            let (owner, key, marks, value) = input.frame(|input| {
                let (owner, key) = <(Key, Key)>::take(input)?;
                Some((owner, key, <(bool, bool)>::take(input)?, V::read(input)?))
            })?;
            if self.place(key).is_some() {
                return Err(input.corrupt());
            }
            let (place, _gone) = self.admit(owner, key, value);
            let entry = self.entries.at_mut(place);
            (entry.kept, entry.touched) = marks;
            self.link(place);
        }
        Ok(())
    }

    /// All states with whose they are, each organisation's in the order in which they would go, those worth little first.
    fn oldest_first(&self) -> impl Iterator<Item = (Key, &Entry<V>)> {
        self.owners.oldest_places().flat_map(move |(owner, oldest)| {
            let mut next = oldest;
            std::iter::from_fn(move || {
                let place = (next != NONE).then_some(next)?;
                let entry = self.entries.at(place);
                next = entry.newer;
                Some((owner, entry))
            })
        })
    }

    fn place(&self, key: Key) -> Option<u32> {
        let same = |place: &u32| self.entries.at(*place).key == key;
        self.index.find(key.hash(), same).copied()
    }

    /// Makes room and puts a state in, which is in no list yet.
    fn admit(&mut self, owner: Key, key: Key, value: V) -> (u32, Option<V>) {
        let gone = (self.entries.len() >= self.capacity).then(|| {
            let victim = self.owners.who_gives_room(owner, self.capacity);
            let place = self.first_to_go(victim);
            let gone = self.take_out(place);
            if gone.kept {
                self.shelf.put(gone.key, &gone.value);
            }
            gone.value
        });
        let owner = self.owners.slot(owner);
        let place = self.entries.push(Entry {
            key,
            owner,
            newer: NONE,
            older: NONE,
            kept: false,
            touched: false,
            value,
        });
        let entries = &self.entries;
        self.index.insert_unique(key.hash(), place, |place| entries.at(*place).key.hash());
        self.owners.joined(owner);
        (place, gone)
    }

    /// The key of an organisation that goes next; those that were touched get a second chance before.
    fn first_to_go(&mut self, owner: u32) -> u32 {
        for _ in 0..CHANCES {
            let place = self.owners.oldest_of(owner);
            if !std::mem::take(&mut self.entries.at_mut(place).touched) {
                return place;
            }
            self.unlink(place);
            self.link(place);
        }
        self.owners.oldest_of(owner)
    }

    /// Puts an entry that is in no list at the head of the one it belongs to now.
    fn settle(&mut self, place: u32) {
        let entry = self.entries.at_mut(place);
        entry.kept = entry.value.is_worth_keeping();
        entry.touched = false;
        self.link(place);
    }

    fn link(&mut self, place: u32) {
        let entry = self.entries.at(place);
        let (owner, kept) = (entry.owner, entry.kept);
        let list = self.owners.list_mut(owner, kept);
        let newest = std::mem::replace(&mut list.newest, place);
        list.len += 1;
        if newest == NONE {
            list.oldest = place;
        } else {
            self.entries.at_mut(newest).newer = place;
        }
        let entry = self.entries.at_mut(place);
        (entry.newer, entry.older) = (NONE, newest);
    }

    /// Takes an entry out; the last one moves into its place.
    fn take_out(&mut self, place: u32) -> Entry<V> {
        self.unlink(place);
        let key = self.entries.at(place).key;
        if let Ok(found) = self.index.find_entry(key.hash(), |known| *known == place) {
            let _place = found.remove();
        }
        let last = self.entries.last();
        if last != place {
            let moved = self.entries.at(last);
            let (key, owner, kept) = (moved.key, moved.owner, moved.kept);
            let (newer, older) = (moved.newer, moved.older);
            if let Some(known) = self.index.find_mut(key.hash(), |known| *known == last) {
                *known = place;
            }
            self.redirect(owner, kept, newer, older, place);
        }
        let gone = self.entries.swap_remove(place);
        self.owners.left(gone.owner);
        gone
    }

    /// Tells the neighbours of an entry that it lies elsewhere now.
    fn redirect(&mut self, owner: u32, kept: bool, newer: u32, older: u32, place: u32) {
        match newer {
            NONE => self.owners.list_mut(owner, kept).newest = place,
            newer => self.entries.at_mut(newer).older = place,
        }
        match older {
            NONE => self.owners.list_mut(owner, kept).oldest = place,
            older => self.entries.at_mut(older).newer = place,
        }
    }

    fn unlink(&mut self, place: u32) {
        let entry = self.entries.at(place);
        let (owner, kept, newer, older) = (entry.owner, entry.kept, entry.newer, entry.older);
        match newer {
            NONE => self.owners.list_mut(owner, kept).newest = older,
            newer => self.entries.at_mut(newer).older = older,
        }
        match older {
            NONE => self.owners.list_mut(owner, kept).oldest = newer,
            older => self.entries.at_mut(older).newer = newer,
        }
        self.owners.list_mut(owner, kept).len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use litesoc_model::Timestamp;

    impl Record for u32 {
        fn write(&self, out: &mut Vec<u8>) {
            self.put(out);
        }

        fn read(input: &mut &[u8]) -> Option<Self> {
            Self::take(input)
        }

        fn is_worth_keeping(&self) -> bool {
            *self > 1
        }
    }

    const ACME: Key = Key::serial(1 << 40);
    const GLOBEX: Key = Key::serial(2 << 40);

    fn count(table: &mut Table<u32>, owner: Key, name: u64) {
        table.update(owner, Key::serial(name), || 0, |count| *count += 1);
    }

    fn known(table: &Table<u32>, names: std::ops::Range<u64>) -> usize {
        names.filter(|name| table.get(Key::serial(*name)).is_some()).count()
    }

    #[test]
    fn the_least_recently_touched_goes_first() {
        let mut table = Table::new(2, Shelf::default());
        let at = Timestamp::from_millis;
        let (one, two, three) = (Key::serial(1), Key::serial(2), Key::serial(3));
        assert_eq!(table.insert(ACME, one, at(1)), None);
        assert_eq!(table.insert(ACME, two, at(2)), None);
        assert_eq!(table.touch(one).copied(), Some(at(1)));
        assert_eq!(table.insert(ACME, three, at(3)), Some(at(2)));
        assert_eq!((table.remove(one), table.len(), table.get(two)), (Some(at(1)), 1, None));
    }

    #[test]
    fn a_flood_of_names_seen_once_pushes_out_its_own() {
        let mut table = Table::new(100, Shelf::default());
        for name in (0..80).chain(0..80) {
            count(&mut table, ACME, name);
        }
        (1_000..9_000).for_each(|name| count(&mut table, ACME, name));
        assert_eq!((known(&table, 0..80), table.len()), (80, 100));
        // Names that come back are learned even when all others are worth keeping.
        for name in 100..300 {
            count(&mut table, ACME, name);
            count(&mut table, ACME, name);
        }
        assert_eq!((known(&table, 100..300) >= 80, table.len()), (true, 100));
        count(&mut table, ACME, 301);
        count(&mut table, ACME, 302);
        assert_eq!(known(&table, 301..303), 2);
    }

    #[test]
    fn a_flood_in_one_organisation_takes_no_more_than_its_share() {
        let mut table = Table::new(100, Shelf::default());
        (0..200).for_each(|name| count(&mut table, GLOBEX, name));
        assert_eq!(known(&table, 0..200), 100, "alone, an organisation may use all");
        (10_000..10_050).for_each(|name| count(&mut table, ACME, name));
        assert_eq!(known(&table, 10_000..10_050), 50);
        (200..9_000).for_each(|name| count(&mut table, GLOBEX, name));
        assert_eq!((known(&table, 10_000..10_050), table.len()), (50, 100));
        (10_050..10_070).for_each(|name| count(&mut table, ACME, name));
        assert_eq!((known(&table, 10_000..10_070), known(&table, 0..9_000)), (50, 50));
    }
}
