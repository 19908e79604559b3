//! The spill file against a model: what lies aside now, and what did when a snapshot was taken.

use std::collections::BTreeMap;
use std::fs;

use litesoc_store::{SpillFile, SpillKey, StoreError};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Put(u8, u16),
    Take(u8),
    /// Seals; the snapshot reaches the disk or does not.
    Snapshot {
        published: bool,
    },
    Settle(usize),
    /// The process dies and comes back with the latest snapshot on the disk.
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..20_u8, any::<u16>()).prop_map(|(key, state)| Step::Put(key, state)),
        6 => (0..20_u8).prop_map(Step::Take),
        2 => any::<bool>().prop_map(|published| Step::Snapshot { published }),
        2 => (1..9_usize).prop_map(Step::Settle),
        1 => Just(Step::Crash),
    ]
}

/// A hash, as keys are.
fn key(number: u8) -> SpillKey {
    (u128::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834).to_be_bytes()
}

fn state(number: u16) -> Vec<u8> {
    vec![number.to_be_bytes()[1]; usize::from(number % 700)]
}

type Model = BTreeMap<u8, u16>;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn after_a_crash_it_holds_what_it_held_at_the_snapshot(steps in vec(step(), 1..120)) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("spill.db");
        let mut spill = SpillFile::open(&path, None).unwrap();
        let mut now = Model::new();
        let mut snapshot: Option<(u64, Model)> = None;
        for step in steps {
            match step {
                Step::Put(number, what) => {
                    spill.put(key(number), state(what)).unwrap();
                    now.insert(number, what);
                }
                Step::Take(number) => {
                    prop_assert_eq!(spill.take(key(number)).unwrap(), now.remove(&number).map(state));
                }
                Step::Snapshot { published } => {
                    let generation = spill.seal().unwrap();
                    if published {
                        snapshot = Some((generation, now.clone()));
                    }
                }
                Step::Settle(max) => {
                    if let Some((generation, _)) = &snapshot {
                        spill.settle(*generation, max).unwrap();
                    }
                }
                Step::Crash => {
                    drop(spill);
                    spill = SpillFile::open(&path, snapshot.as_ref().map(|(generation, _)| *generation)).unwrap();
                    now = snapshot.as_ref().map(|(_, held)| held.clone()).unwrap_or_default();
                }
            }
        }
        for number in 0..20 {
            prop_assert_eq!(spill.take(key(number)).unwrap(), now.remove(&number).map(state), "at the end, {}", number);
        }
    }
}

#[test]
fn settling_leaves_one_row_for_a_key_and_none_for_what_was_taken() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spill.db");
    let mut spill = SpillFile::open(&path, None).unwrap();
    let mut sizes = Vec::new();
    for round in 0..30_u16 {
        for number in 0..200 {
            spill.put(key(number), vec![7; 500]).unwrap();
        }
        for number in 0..100 {
            assert!(spill.take(key(number)).unwrap().is_some(), "round {round}");
        }
        let generation = spill.seal().unwrap();
        while !spill.settle(generation, 64).unwrap() {}
        sizes.push(fs::metadata(&path).unwrap().len());
    }
    assert!(sizes[29] <= 2 * sizes[10].max(100_000), "it grows without end: {sizes:?}");
}

#[test]
fn a_snapshot_that_it_does_not_know_finds_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spill.db");
    let mut spill = SpillFile::open(&path, None).unwrap();
    spill.put(key(1), state(1)).unwrap();
    let first = spill.seal().unwrap();
    spill.put(key(1), state(2)).unwrap();
    let second = spill.seal().unwrap();
    assert!(spill.settle(second, 100).unwrap());
    drop(spill);
    // What the first one needs is cleared; one of the future was never sealed.
    for unknown in [first, second + 5] {
        let mut spill = SpillFile::open(&path, Some(unknown)).unwrap();
        assert_eq!(spill.take(key(1)).unwrap(), None);
        assert_eq!(spill.seal().unwrap(), unknown + 1, "numbers go on from the snapshot's");
    }
}

#[test]
fn a_damaged_file_is_told_and_can_be_removed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spill.db");
    fs::write(&path, "no database at all, ".repeat(600)).unwrap();
    let refused = SpillFile::open(&path, Some(3)).unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused:?}");
    SpillFile::remove(&path).unwrap();
    SpillFile::remove(&path).unwrap();
    assert_eq!(SpillFile::open(&path, Some(3)).unwrap().take(key(1)).unwrap(), None);
}
