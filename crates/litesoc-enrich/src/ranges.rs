//! [`Ranges`]: which of several lists an address is on, as sorted disjoint ranges with their flags OR-ed together.

use crate::address::Span;
use crate::source::ListKind;

/// The lists an address is on, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    pub(crate) const fn of(kind: ListKind) -> Self {
        Self(1 << kind as u8)
    }

    pub(crate) const fn has(self, kind: ListKind) -> bool {
        self.0 & Self::of(kind).0 != 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without what the operator says, only what the network is.
    pub(crate) const fn without_own(self) -> Self {
        Self(self.0 & !Self::of(ListKind::Allow).0 & !Self::of(ListKind::Deny).0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A whole number that counts addresses.
pub(crate) trait Number: Copy + Ord {
    /// The next one, unless this is the last.
    fn after(self) -> Option<Self>;
}

impl Number for u32 {
    fn after(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl Number for u128 {
    fn after(self) -> Option<Self> {
        self.checked_add(1)
    }
}

/// From each start to the next one the flags are the same.
///
/// Starts and flags lie apart, so that the search touches nothing but starts.
#[derive(Debug)]
pub(crate) struct Ranges<T> {
    starts: Box<[T]>,
    flags: Box<[Flags]>,
}

impl<T> Default for Ranges<T> {
    fn default() -> Self {
        Self { starts: Box::default(), flags: Box::default() }
    }
}

impl<T: Number> Ranges<T> {
    /// Flattens ranges that may touch, overlap and repeat, both ends included: one pass over their sorted ends.
    pub(crate) fn flatten(ranges: &[(T, T, Flags)]) -> Self {
        let opened = ranges.iter().map(|(first, _, flags)| (*first, *flags, true));
        let closed = ranges.iter().filter_map(|(_, last, flags)| Some((last.after()?, *flags, false)));
        let mut ends: Vec<(T, Flags, bool)> = opened.chain(closed).collect();
        ends.sort_unstable_by_key(|(at, _, _)| *at);

        let (mut starts, mut all) = (Vec::new(), Vec::new());
        let mut depth = [0_u32; 8];
        let mut before = Flags::default();
        for same in ends.chunk_by(|one, other| one.0 == other.0) {
            for (_, flags, opens) in same {
                for (bit, depth) in depth.iter_mut().enumerate().filter(|(bit, _)| flags.0 >> bit & 1 == 1) {
                    debug_assert!(bit < 8);
                    // An end never comes before its start: sums over one place are taken together.
                    *depth = if *opens { depth.wrapping_add(1) } else { depth.wrapping_sub(1) };
                }
            }
            let now = depth.iter().enumerate().filter(|(_, depth)| **depth > 0);
            let now = Flags(now.fold(0, |bits, (bit, _)| bits | 1 << bit));
            if now != before {
                starts.push(same[0].0);
                all.push(now);
                before = now;
            }
        }
        Self { starts: starts.into(), flags: all.into() }
    }

    /// The flags of one address.
    pub(crate) fn get(&self, at: T) -> Flags {
        let after = self.starts.partition_point(|start| *start <= at);
        after.checked_sub(1).and_then(|place| self.flags.get(place)).copied().unwrap_or_default()
    }
}

/// Ranges of both families.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

impl Lists {
    pub(crate) fn flatten(spans: &[(Span, Flags)]) -> Self {
        let v4: Vec<_> = spans
            .iter()
            .filter_map(|(span, flags)| match span {
                Span::V4(first, last) => Some((*first, *last, *flags)),
                Span::V6(..) => None,
            })
            .collect();
        let v6: Vec<_> = spans
            .iter()
            .filter_map(|(span, flags)| match span {
                Span::V6(first, last) => Some((*first, *last, *flags)),
                Span::V4(..) => None,
            })
            .collect();
        Self { v4: Ranges::flatten(&v4), v6: Ranges::flatten(&v6) }
    }

    pub(crate) fn get(&self, ip: std::net::IpAddr) -> Flags {
        match ip {
            std::net::IpAddr::V4(v4) => self.v4.get(v4.into()),
            std::net::IpAddr::V6(v6) => self.v6.get(v6.into()),
        }
    }
}
