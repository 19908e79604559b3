//! Finds a key in the tables with one look and one comparison.
//!
//! All indexes are computed when the crate is compiled. For the names of the catalogue and of the API, multipliers are tried
//! until no two keys share a slot; names in common use are too many for that, and are looked for from their slot on.

use crate::{
    aliases::{ALIASES, Alias},
    catalogue::{CATALOGUE, NOTED},
    common::COMMON,
    event_type::listed_name,
    key::{Key, MAX_BYTES},
    normalize::Rule,
};

/// A collision-free table from keys to their positions.
struct Slots<const SLOTS: usize> {
    multipliers: [u64; 4],
    positions: [u8; SLOTS],
}

/// A slot without a key. No table has so many keys.
const EMPTY: u8 = u8::MAX;

impl<const SLOTS: usize> Slots<SLOTS> {
    const fn new(keys: &[Key]) -> Self {
        assert!(keys.len() < EMPTY as usize && SLOTS.is_power_of_two());
        let mut seed = 1;
        loop {
            let mut slots = Self { multipliers: multipliers(seed), positions: [EMPTY; SLOTS] };
            let mut at = 0;
            while at < keys.len() {
                let slot = slots.slot(&keys[at]);
                if slots.positions[slot] != EMPTY {
                    break;
                }
                slots.positions[slot] = at as u8;
                at += 1;
            }
            if at == keys.len() {
                return slots;
            }
            seed += 1;
            assert!(seed < 2_000, "two keys are equal, or there are too many for the slots");
        }
    }

    #[inline]
    const fn slot(&self, key: &Key) -> usize {
        (key.scattered(&self.multipliers) >> (64 - SLOTS.trailing_zeros())) as usize
    }

    /// The position the key has if it is in the table at all; past the end of the keys for an empty slot.
    #[inline]
    fn position(&self, key: &Key) -> usize {
        usize::from(self.positions[self.slot(key)])
    }
}

/// Four odd numbers without a pattern, from the SplitMix64 sequence of the seed.
const fn multipliers(seed: u64) -> [u64; 4] {
    let mut numbers = [0; 4];
    let mut state = seed;
    let mut at = 0;
    while at < numbers.len() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        numbers[at] = (mixed ^ (mixed >> 31)) | 1;
        at += 1;
    }
    numbers
}

/// The letters of a name that the tables of this crate list.
const fn listed_key(name: &[u8]) -> Key {
    Key::new(name).expect("every listed name has 8 to 32 bytes")
}

const fn folded_key(name: &[u8]) -> Key {
    Key::folded(name).expect("every listed name has 8 to 32 bytes, even without separators")
}

const LISTED: usize = CATALOGUE.len() + NOTED.len();

static NAMES: [Key; LISTED] = {
    let mut keys = [listed_key(b"no name.."); LISTED];
    let mut at = 0;
    while at < LISTED {
        keys[at] = listed_key(listed_name(at as u8).as_bytes());
        at += 1;
    }
    keys
};

static NAME_SLOTS: Slots<1024> = Slots::new(&NAMES);

/// The position of a listed name, given letter for letter.
#[inline]
pub(crate) fn listed(name: &str) -> Option<u8> {
    let key = Key::new(name.as_bytes())?;
    let at = NAME_SLOTS.position(&key);
    (NAMES.get(at)? == &key).then_some(at as u8)
}

/// What a folded key stands for.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// The position of the event.
    pub(crate) position: u8,
    /// Why this event, when the name is not the event's own, letter for letter.
    pub(crate) rule: Rule,
    /// Why this event, when it is.
    pub(crate) unchanged: Rule,
    /// How the words of the key are told apart.
    pub(crate) borders: Borders,
}

/// How the words of a folded key are told apart in the name it was folded from.
#[derive(Clone, Copy)]
pub(crate) enum Borders {
    /// By separators, which the key shows. This is the event's own name.
    Separators(Key),
    /// By humps, which the key does not show. A name with these humps, or with a capital first, has the right ones.
    Humps(Key),
}

/// Folded keys under construction, no more than `MOST`.
///
/// Names and aliases made of the same words count once; each counts again without separators, for its humps.
struct Collection<const MOST: usize> {
    keys: [Key; MOST],
    entries: [Entry; MOST],
    count: usize,
}

impl<const MOST: usize> Collection<MOST> {
    const fn empty() -> Self {
        let key = listed_key(b"no name..");
        let borders = Borders::Separators(key);
        let nothing = Entry { position: 0, rule: Rule::Exact, unchanged: Rule::Exact, borders };
        Self { keys: [key; MOST], entries: [nothing; MOST], count: 0 }
    }

    const fn add(&mut self, name: &'static str, position: u8, rule: Rule) {
        let key = folded_key(name.as_bytes());
        let mut at = 0;
        while at < self.count {
            if self.keys[at].equals(&key) {
                assert!(self.entries[at].position == position, "the same words stand for two events");
                return;
            }
            at += 1;
        }
        let own = listed_key(listed_name(position).as_bytes());
        let unchanged = if (position as usize) < CATALOGUE.len() { Rule::Exact } else { Rule::Custom };
        self.push(key, Entry { position, rule, unchanged, borders: Borders::Separators(own) });
        let (humps, length) = humps(name.as_bytes());
        let humps = humps.split_at(length).0;
        self.push(
            folded_key(humps),
            Entry { position, rule, unchanged, borders: Borders::Humps(listed_key(humps)) },
        );
    }

    const fn push(&mut self, key: Key, entry: Entry) {
        self.keys[self.count] = key;
        self.entries[self.count] = entry;
        self.count += 1;
    }

    /// The names of the catalogue and of the API.
    const fn of_the_api() -> Self {
        let mut collection = Self::empty();
        let mut at = 0;
        while at < CATALOGUE.len() {
            match &CATALOGUE[at].normalizes_to {
                Some(event) => collection.add(CATALOGUE[at].name, event.position(), Rule::Merged),
                None => collection.add(CATALOGUE[at].name, at as u8, Rule::Spelling),
            }
            at += 1;
        }
        collection.add_all(ALIASES);
        at = 0;
        while at < NOTED.len() {
            collection.add(NOTED[at].name, (CATALOGUE.len() + at) as u8, Rule::Custom);
            at += 1;
        }
        collection
    }

    /// Names in common use.
    const fn in_common_use() -> Self {
        let mut collection = Self::empty();
        collection.add_all(COMMON);
        collection
    }

    const fn add_all(&mut self, aliases: &[Alias]) {
        let mut at = 0;
        while at < aliases.len() {
            self.add(aliases[at].name, aliases[at].event.position(), Rule::Alias);
            at += 1;
        }
    }

    /// The first of the keys with their entries, all of them if `COUNT` is how many there are.
    const fn rows<const COUNT: usize>(&self) -> [(Key, Entry); COUNT] {
        let mut rows = [(self.keys[0], self.entries[0]); COUNT];
        let mut at = 0;
        while at < COUNT {
            rows[at] = (self.keys[at], self.entries[at]);
            at += 1;
        }
        rows
    }
}

/// The name in camel case, and its length.
const fn humps(name: &[u8]) -> ([u8; MAX_BYTES], usize) {
    let mut humps = [0; MAX_BYTES];
    let mut length = 0;
    let mut at = 0;
    while at < name.len() {
        if name[at] == b'.' || name[at] == b'_' {
            at += 1;
            humps[length] = name[at].to_ascii_uppercase();
        } else {
            humps[length] = name[at];
        }
        length += 1;
        at += 1;
    }
    (humps, length)
}

type OfTheApi = Collection<{ 2 * (LISTED + ALIASES.len()) }>;
type InCommonUse = Collection<{ 2 * COMMON.len() }>;

const OF_THE_API: OfTheApi = Collection::of_the_api();
const IN_COMMON_USE: InCommonUse = Collection::in_common_use();

static ENTRIES: [(Key, Entry); OF_THE_API.count] = OF_THE_API.rows();
static ENTRY_SLOTS: Slots<4096> = Slots::new(OF_THE_API.keys.split_at(OF_THE_API.count).0);

static COMMON_ENTRIES: [(Key, Entry); IN_COMMON_USE.count] = IN_COMMON_USE.rows();
static COMMON_PLACES: Places<2048> = Places::new(&IN_COMMON_USE);

/// Where the entries of names in common use are: each in its slot or, if that is taken, in the next free one.
struct Places<const SLOTS: usize>([u16; SLOTS]);

impl<const SLOTS: usize> Places<SLOTS> {
    const FREE: u16 = u16::MAX;

    const fn new(collection: &InCommonUse) -> Self {
        assert!(SLOTS.is_power_of_two() && 2 * collection.count < SLOTS);
        let mut places = [Self::FREE; SLOTS];
        let mut at = 0;
        while at < collection.count {
            let mut slot = Self::slot(&collection.keys[at]);
            while places[slot] != Self::FREE {
                slot = (slot + 1) % SLOTS;
            }
            places[slot] = at as u16;
            at += 1;
        }
        Self(places)
    }

    #[inline]
    const fn slot(key: &Key) -> usize {
        // Of the number that has just led to an empty slot of the other table other bits.
        (key.scattered(&ENTRY_SLOTS.multipliers) >> 32) as usize % SLOTS
    }
}

/// The entry of a folded key.
#[inline]
pub(crate) fn entry(key: &Key) -> Option<&'static Entry> {
    match ENTRIES.get(ENTRY_SLOTS.position(key)) {
        Some((found, entry)) if found == key => Some(entry),
        _ => common(key),
    }
}

/// The entry of a folded key that is a name in common use.
fn common(key: &Key) -> Option<&'static Entry> {
    let mut slot = Places::<2048>::slot(key);
    loop {
        let (found, entry) = COMMON_ENTRIES.get(usize::from(COMMON_PLACES.0[slot]))?;
        if found == key {
            return Some(entry);
        }
        slot = (slot + 1) % COMMON_PLACES.0.len();
    }
}
