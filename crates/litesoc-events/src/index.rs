//! Finds a key in the tables with one multiplication per word, one look and one comparison.
//!
//! Both indexes are computed when the crate is compiled: a multiplier is tried until no two keys share a slot.

use crate::{
    aliases::ALIASES,
    catalogue::{CATALOGUE, NOTED},
    event_type::listed_name,
    key::{Key, folded, letters},
    normalize::Rule,
};

/// A collision-free table of keys.
struct Index<const KEYS: usize, const SLOTS: usize> {
    multipliers: Key,
    slots: [u8; SLOTS],
    keys: [Key; KEYS],
}

/// A slot without a key. No table has so many keys.
const EMPTY: u8 = u8::MAX;

impl<const KEYS: usize, const SLOTS: usize> Index<KEYS, SLOTS> {
    const fn new(keys: [Key; KEYS]) -> Self {
        assert!(KEYS < EMPTY as usize && SLOTS.is_power_of_two());
        let mut seed = 1;
        loop {
            let multipliers = multipliers(seed);
            let mut slots = [EMPTY; SLOTS];
            let mut at = 0;
            while at < KEYS {
                let slot = Self::slot(&multipliers, &keys[at]);
                if slots[slot] != EMPTY {
                    break;
                }
                slots[slot] = at as u8;
                at += 1;
            }
            if at == KEYS {
                return Self { multipliers, slots, keys };
            }
            seed += 1;
            assert!(seed < 2_000, "two keys are equal, or there are too many for the slots");
        }
    }

    #[inline]
    const fn slot(multipliers: &Key, key: &Key) -> usize {
        let sum = multipliers[0]
            .wrapping_mul(key[0])
            .wrapping_add(multipliers[1].wrapping_mul(key[1]))
            .wrapping_add(multipliers[2].wrapping_mul(key[2]))
            .wrapping_add(multipliers[3].wrapping_mul(key[3]));
        (sum >> (64 - SLOTS.trailing_zeros())) as usize
    }

    /// The position of a key among the keys.
    #[inline]
    fn find(&self, key: &Key) -> Option<usize> {
        let at = usize::from(self.slots[Self::slot(&self.multipliers, key)]);
        let found = self.keys.get(at)?;
        (found == key).then_some(at)
    }
}

/// Four odd numbers without a pattern, from the SplitMix64 sequence of the seed.
const fn multipliers(seed: u64) -> Key {
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
const fn listed_letters(name: &'static str) -> Key {
    letters(name.as_bytes()).expect("every listed name has 8 to 32 bytes")
}

const LISTED: usize = CATALOGUE.len() + NOTED.len();

/// The listed names, letter for letter; the position is that of the event type.
static NAMES: Index<LISTED, 1024> = {
    let mut keys = [[0; 4]; LISTED];
    let mut at = 0;
    while at < LISTED {
        keys[at] = listed_letters(listed_name(at as u8));
        at += 1;
    }
    Index::new(keys)
};

/// The position of a listed name, given letter for letter.
#[inline]
pub(crate) fn listed(name: &str) -> Option<u8> {
    NAMES.find(&letters(name.as_bytes())?).map(|at| at as u8)
}

/// What a folded key stands for.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// The position of the event.
    pub(crate) position: u8,
    /// The letters of the event's own name.
    pub(crate) letters: Key,
    /// Why, when the name is not the event's own, letter for letter.
    pub(crate) rule: Rule,
}

/// The folded keys under construction: names and aliases made of the same words count once.
struct Words {
    keys: [Key; LISTED + ALIASES.len()],
    entries: [Entry; LISTED + ALIASES.len()],
    count: usize,
}

impl Words {
    const fn add(&mut self, name: &'static str, position: u8, rule: Rule) {
        let key = folded(&listed_letters(name));
        let mut at = 0;
        while at < self.count {
            if equal(&self.keys[at], &key) {
                assert!(self.entries[at].position == position, "the same words stand for two events");
                return;
            }
            at += 1;
        }
        self.keys[at] = key;
        self.entries[at] = Entry { position, letters: listed_letters(listed_name(position)), rule };
        self.count += 1;
    }

    const fn collect() -> Self {
        const NOTHING: Entry = Entry { position: 0, letters: [0; 4], rule: Rule::Unrecognized };
        let mut words = Self {
            keys: [[0; 4]; LISTED + ALIASES.len()],
            entries: [NOTHING; LISTED + ALIASES.len()],
            count: 0,
        };
        let mut at = 0;
        while at < CATALOGUE.len() {
            match &CATALOGUE[at].normalizes_to {
                Some(event) => words.add(CATALOGUE[at].name, event.position(), Rule::Merged),
                None => words.add(CATALOGUE[at].name, at as u8, Rule::Spelling),
            }
            at += 1;
        }
        at = 0;
        while at < ALIASES.len() {
            words.add(ALIASES[at].name, ALIASES[at].event.position(), Rule::Alias);
            at += 1;
        }
        at = 0;
        while at < NOTED.len() {
            words.add(NOTED[at].name, (CATALOGUE.len() + at) as u8, Rule::Custom);
            at += 1;
        }
        words
    }
}

const fn equal(one: &Key, two: &Key) -> bool {
    one[0] == two[0] && one[1] == two[1] && one[2] == two[2] && one[3] == two[3]
}

const WORDS: Words = Words::collect();

static ENTRIES: [Entry; WORDS.count] = {
    let mut entries = [WORDS.entries[0]; WORDS.count];
    let mut at = 0;
    while at < WORDS.count {
        entries[at] = WORDS.entries[at];
        at += 1;
    }
    entries
};

static BY_WORDS: Index<{ WORDS.count }, 2048> = {
    let mut keys = [[0; 4]; WORDS.count];
    let mut at = 0;
    while at < WORDS.count {
        keys[at] = WORDS.keys[at];
        at += 1;
    }
    Index::new(keys)
};

/// The entry of a folded key.
#[inline]
pub(crate) fn by_words(key: &Key) -> Option<&'static Entry> {
    BY_WORDS.find(key).map(|at| &ENTRIES[at])
}
