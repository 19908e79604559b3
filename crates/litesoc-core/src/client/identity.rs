//! Event ids: UUIDv7 (RFC 9562, section 5.7), made on the caller's thread.

use std::cell::RefCell;

use uuid::{Builder, Uuid};

use crate::pipeline::Random;

/// A thread's source of the random part of ids.
struct Source {
    /// The process that seeded it. A forked child inherits the state and would repeat its parent's ids.
    process: u32,
    random: Random,
}

thread_local! {
    static SOURCE: RefCell<Option<Source>> = const { RefCell::new(None) };
}

/// A new id whose time is `ms` since the Unix epoch.
///
/// The 74 random bits come from a generator of the thread that the operating system seeded with 128 bits: ids must be
/// distinct, not secret, and a system call for each would cost more than the rest of `track`.
pub(super) fn next_id(ms: u64, process: u32) -> Uuid {
    SOURCE.with_borrow_mut(|source| {
        if source.as_ref().is_none_or(|source| source.process != process) {
            *source = Some(Source { process, random: seeded() });
        }
        let mut bytes = [0; 10];
        if let Some(source) = source {
            bytes[..8].copy_from_slice(&source.random.next_u64().to_le_bytes());
            bytes[8..].copy_from_slice(&source.random.next_u64().to_le_bytes()[..2]);
        }
        Builder::from_unix_timestamp_millis(ms, &bytes).into_uuid()
    })
}

/// A generator that differs from all others, also of other machines.
pub(super) fn seeded() -> Random {
    let mut seed = [0; 16];
    if getrandom::fill(&mut seed).is_err() {
        // A system without randomness at this moment (early boot): two fresh hash states of the standard library
        // differ between processes too.
        use std::hash::{BuildHasher, RandomState};
        seed[..8].copy_from_slice(&RandomState::new().hash_one(0_u8).to_le_bytes());
        seed[8..].copy_from_slice(&RandomState::new().hash_one(1_u8).to_le_bytes());
    }
    let (low, high) = (u128::from_le_bytes(seed) as u64, (u128::from_le_bytes(seed) >> 64) as u64);
    Random::with_sequence(low, high)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_carry_their_time_and_differ() {
        let ids: HashSet<Uuid> = (0..10_000).map(|_| next_id(1_700_000_000_123, 1)).collect();
        assert_eq!(ids.len(), 10_000);
        for id in ids {
            assert_eq!(id.get_version_num(), 7);
            let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
            assert_eq!(seconds * 1000 + u64::from(nanos / 1_000_000), 1_700_000_000_123);
        }
    }

    #[test]
    fn another_process_starts_another_sequence() {
        let parent = SOURCE.with_borrow_mut(|source| {
            *source = Some(Source { process: 1, random: Random::with_sequence(5, 9) });
            source.as_mut().unwrap().random.clone()
        });
        let first_of_child = next_id(1, 2);
        SOURCE.with_borrow_mut(|source| *source = Some(Source { process: 1, random: parent }));
        assert_ne!(first_of_child, next_id(1, 1));
    }
}
