//! [`Places`]: which own network an address is in, the most exact one of several.

use std::net::IpAddr;

use crate::address::Span;

/// From each start to the next one, the place in the list of own networks.
#[derive(Debug, Default)]
pub(crate) struct Places {
    v4: Vec<(u32, Option<u32>)>,
    v6: Vec<(u128, Option<u32>)>,
}

impl Places {
    /// Flattens networks that may lie in each other; of two that hold an address the smaller one counts, and of equal ones
    /// the later.
    pub(crate) fn flatten(spans: &[(Span, u32)]) -> Self {
        let v4 = spans.iter().filter_map(|(span, owner)| match span {
            Span::V4(first, last) => Some((*first, *last, *owner)),
            Span::V6(..) => None,
        });
        let v6 = spans.iter().filter_map(|(span, owner)| match span {
            Span::V6(first, last) => Some((*first, *last, *owner)),
            Span::V4(..) => None,
        });
        Self {
            v4: paint(v4.collect(), |last| last.checked_add(1), |first, last| last - first),
            v6: paint(v6.collect(), |last| last.checked_add(1), |first, last| last - first),
        }
    }

    pub(crate) fn get(&self, ip: IpAddr) -> Option<usize> {
        let owner = match ip {
            IpAddr::V4(v4) => find(&self.v4, v4.into()),
            IpAddr::V6(v6) => find(&self.v6, v6.into()),
        };
        owner.map(|owner| owner as usize)
    }
}

fn find<T: Ord + Copy>(starts: &[(T, Option<u32>)], at: T) -> Option<u32> {
    let after = starts.partition_point(|(start, _)| *start <= at);
    starts.get(after.checked_sub(1)?)?.1
}

/// Cuts ranges at all ends of all ranges and finds the owner of each piece. Operators write tens of them, not thousands;
/// the largest files that are taken keep this below a second.
fn paint<T: Ord + Copy>(
    mut spans: Vec<(T, T, u32)>,
    after: impl Fn(T) -> Option<T>,
    width: impl Fn(T, T) -> T,
) -> Vec<(T, Option<u32>)> {
    // The widest first, so that of those that are open the last one is the most exact.
    spans.sort_by_key(|(first, last, _)| std::cmp::Reverse(width(*first, *last)));
    let mut edges: Vec<(T, bool, usize)> = Vec::with_capacity(spans.len() * 2);
    for (rank, (first, last, _)) in spans.iter().enumerate() {
        edges.push((*first, true, rank));
        edges.extend(after(*last).map(|end| (end, false, rank)));
    }
    edges.sort_unstable();
    let mut open = std::collections::BTreeSet::new();
    let mut pieces: Vec<(T, Option<u32>)> = Vec::new();
    for same in edges.chunk_by(|one, other| one.0 == other.0) {
        for (_, opens, rank) in same {
            if *opens {
                open.insert(*rank)
            } else {
                open.remove(rank)
            };
        }
        let owner = open.last().map(|rank| spans[*rank].2);
        if pieces.last().is_none_or(|(_, before)| *before != owner) {
            pieces.push((same[0].0, owner));
        }
    }
    pieces
}
