//! Appending, reading, proving and opening again.

use litesoc_ledger::Hash;
use litesoc_ledger::tree::{self, MemoryTree, Pangea, Rfc6962};
use litesoc_tlog::{Body, OpenError, ReadError, State};

use crate::scene::{Scene, append, checkpoint, prepared, request};

/// The trees as their definitions have them.
fn naive(leaves: &[Hash]) -> (MemoryTree<Pangea>, MemoryTree<Rfc6962>) {
    let (mut pangea, mut rfc6962) = (MemoryTree::<Pangea>::new(), MemoryTree::<Rfc6962>::new());
    for leaf in leaves {
        pangea.append(*leaf);
        let mut entry = vec![0, 1];
        entry.extend_from_slice(leaf.as_bytes());
        entry.extend_from_slice(pangea.root().unwrap().as_bytes());
        rfc6962.append(Hash::of(&entry));
    }
    (pangea, rfc6962)
}

#[test]
fn what_is_appended_is_read_and_proven() {
    let scene = Scene::new();
    let log = scene.open();
    let mut leaves = Vec::new();
    for call in 0..300 {
        let appended = append(&log, call, call % 7 + 1);
        assert_eq!(appended.first, leaves.len() as u64);
        leaves.extend(appended.records.iter().map(|placed| placed.leaf_hash));
        assert_eq!(appended.state, log.state());
    }
    let (pangea, rfc6962) = naive(&leaves);
    let state = log.state();
    assert_eq!((state.size, Some(state.pangea_root)), (leaves.len() as u64, pangea.root()));
    assert_eq!(Some(state.root), rfc6962.root());
    let mut times = Vec::new();
    log.records(0, state.size, |record| {
        let Body::Envelope(bytes) = &record.body else { panic!("nothing was erased") };
        assert_eq!(Hash::of(bytes), leaves[usize::try_from(record.index).unwrap()]);
        times.push(String::from_utf8(bytes.clone()).unwrap());
    })
    .unwrap();
    assert_eq!(times.len(), leaves.len());
    for index in [0, 1, 255, 256, 511, 700, state.size - 1] {
        let ours = tree::path::<Rfc6962, _>(&log.rfc6962(), index, index + 1, state.size).unwrap();
        assert_eq!(ours, tree::path::<Rfc6962, _>(&rfc6962, index, index + 1, state.size).unwrap());
        let ours = tree::path::<Pangea, _>(&log.pangea(), index, index + 1, state.size).unwrap();
        assert_eq!(ours, tree::path::<Pangea, _>(&pangea, index, index + 1, state.size).unwrap());
        let root = log.pangea_root(index + 1).unwrap();
        assert_eq!(root, tree::root::<Pangea, _>(&pangea, index + 1).unwrap());
    }
    assert!(matches!(log.record(state.size), Err(ReadError::NoSuchRecord { .. })));
    assert!(matches!(log.pangea_root(0), Err(ReadError::NoSuchRecord { .. })));
}

#[test]
fn times_grow_when_the_clock_goes_back() {
    let scene = Scene::new();
    let log = scene.open();
    let first = append(&log, 1, 3);
    scene.clock.store(0, std::sync::atomic::Ordering::Relaxed);
    let second = append(&log, 2, 3);
    let times: Vec<_> =
        first.records.iter().chain(&second.records).map(|placed| placed.received_at).collect();
    assert!(times.is_sorted_by(|earlier, later| earlier < later), "{times:?}");
    drop(log);
    let third = append(&scene.open(), 3, 1);
    assert!(third.records[0].received_at > times[5]);
}

#[test]
fn a_log_opens_as_it_was_closed() {
    let scene = Scene::new();
    let log = scene.open();
    for call in 0..200 {
        append(&log, call, 3);
    }
    checkpoint(&log);
    append(&log, 999, 2);
    let state = log.state();
    let known = log.size_of(&log.pangea_root(300).unwrap()).unwrap();
    drop(log);
    let log = scene.open();
    assert_eq!(log.state(), state);
    assert_eq!(known, Some(300));
    assert_eq!(log.size_of(&log.pangea_root(300).unwrap()).unwrap(), known);
    assert_eq!(log.size_of(&log.pangea_root(301).unwrap()).unwrap(), None, "no batch ended there");
    assert_eq!(log.committed(request(100)), Some(300));
    assert_eq!(log.committed(request(5_000)), None);
    assert_eq!(log.recovery().cut_bytes, 0);
}

#[test]
fn derived_files_are_made_again_byte_for_byte() {
    let scene = Scene::new();
    let log = scene.open();
    for call in 0..400 {
        append(&log, call, 2);
    }
    checkpoint(&log);
    drop(log);
    let derived = ["tile", "ptile", "roots.idx"];
    assert!(derived.iter().all(|name| scene.bytes_of(name).iter().any(|(_, bytes)| !bytes.is_empty())));
    let before: Vec<_> = derived.iter().map(|name| scene.hashes_of(name)).collect();
    for name in ["tile", "ptile"] {
        std::fs::remove_dir_all(scene.path().join(name)).unwrap();
    }
    std::fs::remove_file(scene.path().join("roots.idx")).unwrap();
    drop(scene.open());
    let after: Vec<_> = derived.iter().map(|name| scene.hashes_of(name)).collect();
    assert_eq!(before, after);
}

#[test]
fn wrong_derived_files_are_found_out() {
    let scene = Scene::new();
    let log = scene.open();
    for call in 0..400 {
        append(&log, call, 2);
    }
    checkpoint(&log);
    let state = log.state();
    drop(log);
    for (path, bytes) in ["tile", "ptile", "roots.idx"].iter().flat_map(|name| scene.bytes_of(name)) {
        let mut wrong = bytes.clone();
        wrong.iter_mut().skip(40).step_by(97).for_each(|byte| *byte ^= 1);
        std::fs::write(&path, &wrong).unwrap();
        let log = scene.open();
        assert_eq!(log.state(), state, "{}", path.display());
        drop(log);
        assert!(std::fs::read(&path).unwrap() == bytes, "{} is mended", path.display());
    }
}

#[test]
fn the_second_process_is_refused() {
    let scene = Scene::new();
    let log = scene.open();
    let error = scene.try_open().unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    drop(log);
    scene.open();
}

#[test]
fn an_empty_log_is_a_log() {
    let scene = Scene::new();
    let log = scene.open();
    let State { size, received_at, root, .. } = log.state();
    assert_eq!((size, received_at, root), (0, None, Hash::of(b"")));
    drop(log);
    let log = scene.open();
    assert_eq!(append(&log, 1, 1).first, 0);
    let nothing = log.append(request(2), Vec::new()).unwrap().wait().unwrap();
    assert_eq!((nothing.first, nothing.records.len()), (1, 0));
}

#[test]
fn many_callers_at_once_each_get_their_own_places() {
    let scene = Scene::new();
    let log = scene.open();
    let mut firsts: Vec<u64> = std::thread::scope(|scope| {
        let log = &log;
        let callers: Vec<_> = (0..8)
            .map(|caller| {
                scope.spawn(move || {
                    (0..50).map(|call| append(log, caller * 100 + call, 3).first).collect::<Vec<_>>()
                })
            })
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    firsts.sort_unstable();
    assert_eq!(firsts, (0..400).map(|call| call * 3).collect::<Vec<_>>());
    let first = log.committed(request(707)).unwrap();
    assert_eq!(log.record(first).unwrap().request, request(707));
    let Body::Envelope(bytes) = log.record(first).unwrap().body else { panic!("nothing was erased") };
    assert!(String::from_utf8(bytes).unwrap().contains("event 707000"));
}

#[test]
fn a_full_queue_says_so_and_a_long_record_too() {
    let scene = Scene::new();
    let mut options = scene.options();
    options.queue_bytes = 1;
    let log = litesoc_tlog::Log::open(scene.path(), options).unwrap();
    let waiting: Vec<_> = (0..2_000).map(|call| log.append(request(call), vec![prepared(call)])).collect();
    let taken: Vec<_> = waiting.into_iter().flatten().map(|waiting| waiting.wait().unwrap()).collect();
    assert_eq!(log.state().size, taken.len() as u64);
    let long = litesoc_ledger::event::Event::new().with("message", "x".repeat(5 << 20).as_str());
    let long = litesoc_ledger::envelope::Draft::new(long).prepare().unwrap();
    let refused = log.append(request(1), vec![long]).unwrap_err();
    assert!(refused.to_string().contains("longer than"), "{refused}");
}
