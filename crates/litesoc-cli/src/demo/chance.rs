//! [`Chance`]: numbers that look like chance and follow from a seed.

/// SplitMix64 (Steele, Lea and Flood, 2014): one addition and a mix, good enough for traffic that need not be secret.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is at least 1.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        (wide >> 64) as usize
    }

    /// A number of milliseconds in the range.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = usize::try_from(to - from).unwrap_or(0).max(1);
        from + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// One of them, the likelier the greater its weight.
    pub(super) fn weighted<'a, T>(&mut self, choices: &'a [(T, u32)]) -> Option<&'a T> {
        let total: u32 = choices.iter().map(|(_, weight)| weight).sum();
        let mut ticket = u32::try_from(self.below(total.max(1) as usize)).unwrap_or(0);
        choices.iter().find_map(|(choice, weight)| match ticket.checked_sub(*weight) {
            Some(rest) => {
                ticket = rest;
                None
            }
            None => Some(choice),
        })
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}
