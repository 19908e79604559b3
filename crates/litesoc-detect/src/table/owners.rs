//! [`Owners`]: whose keys are in a table, and who gives room when it is full.

use std::collections::{BTreeSet, HashMap};

use crate::key::Key;

/// No place.
pub(super) const NONE: u32 = u32::MAX;
/// One of so many keys of an organisation may be worth little before one worth keeping goes.
const PROBATION: usize = 8;

/// Keys in the order in which they were touched.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    pub(super) newest: u32,
    pub(super) oldest: u32,
    pub(super) len: usize,
}

const EMPTY: List = List { newest: NONE, oldest: NONE, len: 0 };

/// One organisation's keys: those worth little, then those worth keeping.
#[derive(Clone, Copy, Debug)]
struct Owner {
    key: Key,
    len: usize,
    lists: [List; 2],
}

/// Whose keys are in a table.
#[derive(Debug)]
pub(super) struct Owners {
    slots: Vec<Owner>,
    free: Vec<u32>,
    /// Slots by organisation; only ever probed, never walked.
    by_key: HashMap<Key, u32>,
    /// Organisations by how many keys they have; ordered, so that the same history finds the same one.
    by_len: BTreeSet<(usize, Key)>,
}

impl Owners {
    pub(super) fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), by_key: HashMap::new(), by_len: BTreeSet::new() }
    }

    /// The slot of an organisation, made when it has none.
    pub(super) fn slot(&mut self, key: Key) -> u32 {
        if let Some(slot) = self.by_key.get(&key) {
            return *slot;
        }
        let owner = Owner { key, len: 0, lists: [EMPTY; 2] };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = owner;
                slot
            }
            None => {
                self.slots.push(owner);
                u32::try_from(self.slots.len() - 1).expect("there are fewer organisations than places")
            }
        };
        self.by_key.insert(key, slot);
        slot
    }

    pub(super) fn list_mut(&mut self, slot: u32, kept: bool) -> &mut List {
        &mut self.slots[slot as usize].lists[usize::from(kept)]
    }

    /// Counts a new key.
    pub(super) fn joined(&mut self, slot: u32) {
        let owner = &mut self.slots[slot as usize];
        self.by_len.remove(&(owner.len, owner.key));
        owner.len += 1;
        self.by_len.insert((owner.len, owner.key));
    }

    /// Counts a key that is gone.
    pub(super) fn left(&mut self, slot: u32) {
        let owner = &mut self.slots[slot as usize];
        self.by_len.remove(&(owner.len, owner.key));
        owner.len -= 1;
        if owner.len > 0 {
            self.by_len.insert((owner.len, owner.key));
        } else {
            self.by_key.remove(&owner.key);
            self.free.push(slot);
        }
    }

    /// Who gives room for a new key of this organisation.
    pub(super) fn who_gives_room(&self, wanted_by: Key, capacity: usize) -> u32 {
        let own = self.by_key.get(&wanted_by).copied();
        let sharers = self.by_len.len() + usize::from(own.is_none());
        let share = (capacity / sharers.max(1)).max(1);
        let own = own.filter(|slot| self.slots[*slot as usize].len >= share);
        let largest = || self.by_len.last().and_then(|(_, key)| self.by_key.get(key).copied());
        own.or_else(largest).expect("a full table has an owner")
    }

    /// The key of an organisation that goes first.
    pub(super) fn oldest_of(&self, slot: u32) -> u32 {
        let owner = &self.slots[slot as usize];
        let [probation, kept] = owner.lists;
        let enough = probation.len * PROBATION > owner.len;
        if kept.len == 0 || enough { probation.oldest } else { kept.oldest }
    }

    /// Where each list begins, in an order that is the same for the same state.
    pub(super) fn oldest_places(&self) -> impl Iterator<Item = (Key, u32)> {
        self.by_len.iter().filter_map(|(_, key)| self.by_key.get(key)).flat_map(|slot| {
            let owner = &self.slots[*slot as usize];
            owner.lists.iter().map(|list| (owner.key, list.oldest))
        })
    }
}
