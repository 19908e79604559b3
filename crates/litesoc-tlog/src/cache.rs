//! A small cache that forgets what was not used between two rounds.

use std::collections::HashMap;
use std::hash::Hash;

/// Two generations: what is used is in the young one; when that is full it becomes the old one, and the old one goes.
///
/// Whatever is used at least once in `capacity` insertions stays. Bounded to twice the capacity.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    capacity: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Copy + Eq + Hash, V> Cache<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, young: HashMap::new(), old: HashMap::new() }
    }

    pub(crate) fn get(&mut self, key: &K) -> Option<&V> {
        if let Some(value) = self.old.remove(key) {
            self.put(*key, value);
        }
        self.young.get(key)
    }

    pub(crate) fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.capacity {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let mut cache = Cache::new(2);
        for number in 0..10 {
            cache.put(number, number);
            assert_eq!(cache.get(&0), Some(&0), "after {number}");
        }
        assert_eq!(cache.get(&1), None);
        assert_eq!(cache.get(&9), Some(&9));
    }
}
