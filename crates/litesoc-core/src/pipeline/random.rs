//! A small generator of random numbers for jitter and ids: SplitMix64 (Steele, Lea, Flood 2014).

/// Not for secrets: jitter needs no more than to differ between clients, ids no more than to be distinct.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: u64,
    /// Odd; two generators with different increments walk different sequences.
    increment: u64,
}

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed, increment: 0x9e37_79b9_7f4a_7c15 }
    }

    /// A generator of one of 2^63 sequences, for when 64 bits of seed are too few to be unique.
    #[cfg(feature = "client")]
    pub(crate) const fn with_sequence(seed: u64, sequence: u64) -> Self {
        Self { state: seed, increment: sequence | 1 }
    }

    pub(crate) const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(self.increment);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) const fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }
}
