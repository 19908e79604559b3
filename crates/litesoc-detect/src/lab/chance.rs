//! [`Chance`]: numbers that look like chance and follow from a seed.

/// SplitMix64 (Steele, Lea and Flood, 2014): one addition and a mix, good enough for traffic that need not be secret.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for one part of the world, so that a change in one part leaves the others as they were.
    pub(crate) fn part(seed: u64, name: &str) -> Self {
        // FNV-1a: any mix of the bytes will do.
        let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut chance = Self(seed.wrapping_mul(0xd134_2543_de82_ef95) ^ mixed);
        // Near seeds begin alike without this.
        let first = chance.next();
        Self(first)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        (wide >> 64) as usize
    }

    /// A whole number of the range, both ends included.
    pub(crate) fn whole(&mut self, from: i64, to: i64) -> i64 {
        let span = usize::try_from(to - from).unwrap_or(0) + 1;
        from + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// At least 0 and below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of the range.
    pub(crate) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + self.unit() * (to - from)
    }

    /// A number of the range whose logarithm is spread evenly: as many between 10 and 100 as between 100 and 1,000.
    pub(crate) fn scale(&mut self, from: f64, to: f64) -> f64 {
        (self.between(from.ln(), to.ln())).exp()
    }

    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Milliseconds until the next of independent things that happen so often.
    pub(crate) fn wait(&mut self, mean_ms: f64) -> i64 {
        (-(1.0 - self.unit()).ln() * mean_ms) as i64
    }

    /// Around 0, mostly between -2 and 2: the sum of twelve numbers, less six.
    pub(crate) fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// One of them.
    ///
    /// # Panics
    ///
    /// When there is none: the tables of the lab are never empty.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// A copy of one of them.
    pub(crate) fn choose<T: Copy>(&mut self, choices: &[T]) -> T {
        *self.pick(choices)
    }

    /// The place of one of them, the likelier the greater its weight.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let total: f64 = weights.clone().sum();
        let mut ticket = self.unit() * total;
        let mut last = 0;
        for (place, weight) in weights.enumerate() {
            last = place;
            ticket -= weight;
            if ticket < 0.0 {
                break;
            }
        }
        last
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}
