//! [`Tally`]: how often each of many things was seen, in bounded memory.

use hashbrown::HashMap;

use crate::record::Field;

/// Things looked at when one has to go.
const SAMPLE: usize = 8;

/// How often one thing was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    key: u32,
    /// Successful sign-ins with it.
    pub(crate) logins: u32,
    /// Accounts that have learned it.
    pub(crate) actors: u32,
    /// The account that learned it last: whoever forgets and learns it again must not count twice.
    latest: u32,
}

/// How often each of many things was seen, in bounded memory.
///
/// When it is full, a new thing takes the place of the rarest of eight, which move on round the list every time.
/// What is frequent stays: it would have to lie among eight that are all more frequent.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    counts: Vec<Count>,
    /// Where each key lies. Only ever probed, never walked, so its random seed shows nowhere.
    index: HashMap<u32, u32>,
    capacity: usize,
    hand: usize,
    /// All sign-ins, those of forgotten things too.
    total: u64,
}

impl Tally {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { counts: Vec::new(), index: HashMap::new(), capacity, hand: 0, total: 0 }
    }

    pub(crate) fn get(&self, key: u32) -> Count {
        let place = self.index.get(&key);
        place.and_then(|place| self.counts.get(*place as usize)).copied().unwrap_or_default()
    }

    /// The share of sign-ins with it, 0 to 1; of one never seen, as if it came next.
    pub(crate) fn share(&self, key: u32) -> f64 {
        f64::from(self.get(key).logins.max(1)) / (self.total + 1) as f64
    }

    /// The share of sign-ins with anything that fits.
    pub(crate) fn share_where(&self, fits: impl Fn(u32) -> bool) -> f64 {
        let fitting = self.counts.iter().filter(|count| fits(count.key)).map(|count| u64::from(count.logins));
        fitting.sum::<u64>().max(1) as f64 / (self.total + 1) as f64
    }

    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// Counts a sign-in.
    pub(crate) fn login(&mut self, key: u32) {
        self.total += 1;
        let count = self.entry(key);
        count.logins = count.logins.saturating_add(1);
    }

    /// Counts an account.
    pub(crate) fn actor(&mut self, key: u32, actor: u32) {
        let count = self.entry(key);
        if count.actors == 0 || count.latest != actor {
            (count.actors, count.latest) = (count.actors.saturating_add(1), actor);
        }
    }

    fn entry(&mut self, key: u32) -> &mut Count {
        let place = match self.index.get(&key) {
            Some(place) => *place as usize,
            None => self.admit(key),
        };
        &mut self.counts[place]
    }

    fn admit(&mut self, key: u32) -> usize {
        let place = if self.counts.len() < self.capacity {
            self.counts.push(Count::default());
            self.counts.len() - 1
        } else {
            let place = self.rarest();
            self.index.remove(&self.counts[place].key);
            place
        };
        self.counts[place] = Count { key, ..Count::default() };
        self.index.insert(key, place as u32);
        place
    }

    fn rarest(&mut self) -> usize {
        let start = self.hand;
        self.hand = (start + SAMPLE) % self.counts.len();
        let places = (start..start + SAMPLE).map(|place| place % self.counts.len());
        let worth = |place: &usize| (self.counts[*place].actors, self.counts[*place].logins);
        places.min_by_key(worth).unwrap_or(start)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.total.put(out);
        (self.hand as u32).put(out);
        (self.counts.len() as u32).put(out);
        for count in &self.counts {
            count.key.put(out);
            count.logins.put(out);
            count.actors.put(out);
            count.latest.put(out);
        }
    }

    pub(crate) fn read(capacity: usize, input: &mut &[u8]) -> Option<Self> {
        let mut tally = Self::new(capacity);
        tally.total = u64::take(input)?;
        tally.hand = u32::take(input)? as usize;
        let length = u32::take(input)? as usize;
        if length > capacity || tally.hand >= length.max(1) {
            return None;
        }
        for place in 0..length {
            let key = u32::take(input)?;
            let (logins, actors, latest) = (u32::take(input)?, u32::take(input)?, u32::take(input)?);
            tally.counts.push(Count { key, logins, actors, latest });
            if tally.index.insert(key, place as u32).is_some() {
                return None;
            }
        }
        Some(tally)
    }
}
