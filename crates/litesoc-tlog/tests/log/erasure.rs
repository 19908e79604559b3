//! Erased records: gone, and every proof still valid.

use litesoc_ledger::tree::{self, Pangea};
use litesoc_tlog::{Body, EraseError};

use crate::scene::{Scene, append, checkpoint};

#[test]
fn an_erased_record_is_gone_and_all_proofs_stay() {
    let scene = Scene::new();
    let log = scene.open();
    for call in 0..100 {
        append(&log, call, 2);
    }
    checkpoint(&log);
    let state = log.state();
    let before = log.record(5).unwrap();
    let path = tree::path::<Pangea, _>(&log.pangea(), 5, 6, state.size).unwrap();
    assert_eq!(log.erase(vec![5, 5, 77, 199]).unwrap(), 3);
    assert_eq!(log.erase(vec![5]).unwrap(), 0, "it is erased already");
    for erased in [5, 77, 199] {
        let Body::Erased(stone) = log.record(erased).unwrap().body else { panic!("{erased} is there") };
        assert_eq!(
            Some(stone.leaf_hash),
            tree::root::<Pangea, _>(&log.pangea(), 1).ok().map(|_| stone.leaf_hash)
        );
    }
    let after = log.record(5).unwrap();
    assert_eq!((after.body.leaf_hash(), after.request), (before.body.leaf_hash(), before.request));
    assert_eq!(tree::path::<Pangea, _>(&log.pangea(), 5, 6, state.size).unwrap(), path);
    assert_eq!(append(&log, 500, 1).first, 200);
    drop(log);
    for (path, bytes) in scene.bytes_of("rec") {
        for gone in ["\"event 2001\"", "\"event 38001\"", "\"event 99001\""] {
            let found = bytes.windows(gone.len()).any(|window| window == gone.as_bytes());
            assert!(!found, "{gone} is still in {}", path.display());
        }
    }
    let log = scene.open();
    assert_eq!(log.state().size, 201);
    assert!(matches!(log.record(77).unwrap().body, Body::Erased(_)));
    assert!(matches!(log.record(78).unwrap().body, Body::Envelope(_)));
}

#[test]
fn what_is_not_there_cannot_be_erased() {
    let scene = Scene::new();
    let log = scene.open();
    append(&log, 1, 2);
    let error = log.erase(vec![2]).unwrap_err();
    assert!(matches!(error, EraseError::Read(_)), "{error}");
    log.close();
    assert!(matches!(log.erase(vec![0]), Err(EraseError::Stopped { .. })));
}
