//! Torn, altered, missing and rolled-back records.

use litesoc_tlog::{Log, OpenError};

use crate::scene::{Scene, append, checkpoint};

/// A log of a few segments with a checkpoint at its end.
fn signed(scene: &Scene) -> Log {
    let log = scene.open();
    for call in 0..60 {
        append(&log, call, 2);
    }
    checkpoint(&log);
    log
}

/// Opening must fail, and leave records and checkpoints as they are.
fn refused(scene: &Scene) -> OpenError {
    let before = (scene.hashes_of("rec"), scene.hashes_of("cp"));
    let error = scene.try_open().unwrap_err();
    assert_eq!(before, (scene.hashes_of("rec"), scene.hashes_of("cp")), "{error}");
    error
}

#[test]
fn a_torn_tail_is_cut_at_whichever_byte() {
    let scene = Scene::new();
    let log = scene.open();
    append(&log, 1, 3);
    let state = log.state();
    drop(log);
    let segment = scene.segments().pop().unwrap();
    let whole = std::fs::read(&segment).unwrap();
    let log = scene.open();
    append(&log, 2, 3);
    drop(log);
    let longer = std::fs::read(&segment).unwrap();
    for end in whole.len()..longer.len() {
        std::fs::write(&segment, &longer[..end]).unwrap();
        let log = scene.open();
        assert_eq!(log.state(), state, "cut at {end}");
        assert_eq!(log.recovery().cut_bytes, (end - whole.len()) as u64);
        drop(log);
        assert_eq!(std::fs::read(&segment).unwrap(), whole);
    }
}

#[test]
fn after_a_cut_the_log_goes_on() {
    let scene = Scene::new();
    let log = scene.open();
    append(&log, 1, 3);
    append(&log, 2, 3);
    drop(log);
    let segment = scene.segments().pop().unwrap();
    let bytes = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &bytes[..bytes.len() - 5]).unwrap();
    let log = scene.open();
    assert_eq!(append(&log, 3, 1).first, 3);
    drop(log);
    assert_eq!(scene.open().state().size, 4);
}

#[test]
fn every_flipped_byte_is_found_and_named() {
    let scene = Scene::new();
    drop(signed(&scene));
    for segment in scene.segments() {
        let bytes = std::fs::read(&segment).unwrap();
        for place in (0..bytes.len()).step_by(61) {
            let mut wrong = bytes.clone();
            wrong[place] ^= 0x10;
            std::fs::write(&segment, &wrong).unwrap();
            let error = refused(&scene).to_string();
            assert!(error.contains(".seg") || error.contains("rolled back"), "{place}: {error}");
        }
        std::fs::write(&segment, &bytes).unwrap();
    }
    scene.open();
}

#[test]
fn a_missing_segment_is_named() {
    let scene = Scene::new();
    drop(signed(&scene));
    let segments = scene.segments();
    assert!(segments.len() > 3);
    for missing in [0, 1, segments.len() - 1] {
        let bytes = std::fs::read(&segments[missing]).unwrap();
        std::fs::remove_file(&segments[missing]).unwrap();
        let error = refused(&scene);
        let last = missing == segments.len() - 1;
        assert_eq!(matches!(error, OpenError::RolledBack { .. }), last, "{error}");
        assert_eq!(matches!(error, OpenError::Missing { .. }), !last, "{error}");
        std::fs::write(&segments[missing], bytes).unwrap();
    }
    scene.open();
}

#[test]
fn a_rolled_back_log_is_refused_with_both_sizes() {
    let scene = Scene::new();
    let log = signed(&scene);
    let (old, last) = (scene.bytes_of("rec"), scene.segments().pop().unwrap());
    for call in 100..110 {
        append(&log, call, 1);
    }
    let size = checkpoint(&log);
    drop(log);
    for path in scene.segments() {
        std::fs::remove_file(path).unwrap();
    }
    for (path, bytes) in old {
        std::fs::write(path, bytes).unwrap();
    }
    let error = refused(&scene);
    assert!(matches!(error, OpenError::RolledBack { size: 120, signed, .. } if signed == size), "{error}");
    assert!(error.to_string().contains("120") && error.to_string().contains(&size.to_string()));
    assert!(last.exists());
}

#[test]
fn a_record_rewritten_with_its_checksum_is_refused() {
    let scene = Scene::new();
    drop(signed(&scene));
    // A forger who knows the format writes the whole log again with one word changed.
    let forged = Scene::new();
    let log = forged.open();
    for call in 0..60 {
        append(&log, if call == 20 { 777 } else { call }, 2);
    }
    drop(log);
    for path in scene.segments() {
        std::fs::remove_file(path).unwrap();
    }
    for (path, bytes) in forged.bytes_of("rec") {
        std::fs::write(scene.path().join("rec").join(path.file_name().unwrap()), bytes).unwrap();
    }
    let error = refused(&scene);
    assert!(matches!(error, OpenError::Altered { size: 120, .. }), "{error}");
}

#[test]
fn segments_of_another_log_are_refused() {
    let scene = Scene::new();
    drop(signed(&scene));
    let mut options = scene.options();
    options.tree_name = litesoc_ledger::Hash::of(b"another tree");
    let error = Log::open(scene.path(), options).unwrap_err();
    assert!(matches!(error, OpenError::OtherLog { .. }), "{error}");
}

#[test]
fn a_checkpoint_that_cannot_be_read_is_named() {
    let scene = Scene::new();
    drop(signed(&scene));
    let (path, bytes) = scene.bytes_of("cp").pop().unwrap();
    std::fs::write(&path, b"nonsense").unwrap();
    let error = refused(&scene);
    assert!(matches!(error, OpenError::Checkpoint { .. }), "{error}");
    std::fs::write(&path, bytes).unwrap();
    scene.open();
}
