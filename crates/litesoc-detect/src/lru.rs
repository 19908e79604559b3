//! [`Lru`]: a map of bounded size that forgets whatever was touched longest ago.

use std::collections::HashMap;
use std::hash::Hash;

const NONE: usize = usize::MAX;

/// A map of bounded size that forgets whatever was touched longest ago.
///
/// Entries lie in one vector and are chained by index, the most recently touched first.
/// The hash map is only ever probed, never walked, so its random seed shows nowhere.
#[derive(Debug)]
pub(crate) struct Lru<K, V> {
    places: HashMap<K, usize>,
    entries: Vec<Entry<K, V>>,
    free: Vec<usize>,
    newest: usize,
    oldest: usize,
    capacity: usize,
}

#[derive(Debug)]
struct Entry<K, V> {
    key: K,
    value: Option<V>,
    newer: usize,
    older: usize,
}

impl<K: Copy + Eq + Hash, V> Lru<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            places: HashMap::new(),
            entries: Vec::new(),
            free: Vec::new(),
            newest: NONE,
            oldest: NONE,
            capacity,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The value, without touching it.
    pub(crate) fn peek(&self, key: &K) -> Option<&V> {
        self.places.get(key).and_then(|place| self.entries[*place].value.as_ref())
    }

    /// The value to change, without touching it.
    pub(crate) fn peek_mut(&mut self, key: &K) -> Option<&mut V> {
        let place = *self.places.get(key)?;
        self.entries[place].value.as_mut()
    }

    /// The value, now the most recently touched.
    pub(crate) fn touch(&mut self, key: &K) -> Option<&mut V> {
        let place = *self.places.get(key)?;
        if self.newest != place {
            self.unlink(place);
            self.link_newest(place);
        }
        self.entries[place].value.as_mut()
    }

    /// Puts a value in as the most recently touched; what had to go for it comes back.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some(present) = self.touch(&key) {
            return Some(std::mem::replace(present, value));
        }
        let evicted = if self.places.len() >= self.capacity {
            let oldest = self.entries[self.oldest].key;
            self.remove(&oldest)
        } else {
            None
        };
        let entry = Entry { key, value: Some(value), newer: NONE, older: NONE };
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
        self.link_newest(place);
        evicted
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.places.remove(key)?;
        self.unlink(place);
        self.free.push(place);
        self.entries[place].value.take()
    }

    /// All values, in no order that means anything but the same one for the same history.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().filter_map(|entry| entry.value.as_mut())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_touched_goes_first() {
        let mut map = Lru::new(2);
        assert_eq!(map.insert(1, 'a'), None);
        assert_eq!(map.insert(2, 'b'), None);
        assert_eq!(map.touch(&1), Some(&mut 'a'));
        assert_eq!(map.insert(3, 'c'), Some('b'));
        assert_eq!(map.remove(&1), Some('a'));
        assert_eq!(map.insert(4, 'd'), None);
        assert_eq!((map.len(), map.peek(&2), map.peek(&3), map.peek(&4)), (2, None, Some(&'c'), Some(&'d')));
    }
}
