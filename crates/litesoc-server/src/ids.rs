//! [`Ids`]: ids for what comes without one.

use std::sync::atomic::{AtomicU64, Ordering};

use litesoc_model::Timestamp;
use uuid::{Builder, Uuid};

/// Makes ids in the form of UUIDv7 (RFC 9562, section 5.7), so that they sort by time.
///
/// They name things and guard nothing: after a random start they are counted, which is free of system calls and never repeats.
#[derive(Debug)]
pub(crate) struct Ids {
    process: [u8; 2],
    count: AtomicU64,
}

impl Ids {
    pub(crate) fn new() -> Self {
        let mut random = [0; 10];
        getrandom::fill(&mut random).expect("the system gives randomness");
        let [a, b, count @ ..] = random;
        Self { process: [a, b], count: AtomicU64::new(u64::from_be_bytes(count)) }
    }

    pub(crate) fn next(&self, now: Timestamp) -> Uuid {
        /// 2^64 divided by the golden ratio, odd: the steps visit every number once, far apart.
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let count = self.count.fetch_add(STEP, Ordering::Relaxed).to_be_bytes();
        let mut tail = [0; 10];
        // Version and variant take the top bits of both parts; what is left of the count still goes through every number.
        tail[..2].copy_from_slice(&self.process);
        tail[2..].copy_from_slice(&count);
        let millis = u64::try_from(now.as_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use litesoc_model::Timestamp;

    use super::Ids;

    #[test]
    fn ids_are_version_seven_and_differ() {
        let ids = Ids::new();
        let now = Timestamp::from_millis(1_772_368_200_123);
        let made: HashSet<_> = (0..100_000).map(|_| ids.next(now)).collect();
        assert_eq!(made.len(), 100_000);
        assert!(made.iter().all(|id| id.get_version_num() == 7 && id.as_u128() >> 80 == 1_772_368_200_123));
    }
}
