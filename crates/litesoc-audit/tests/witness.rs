//! The witness for other logs: what it cosigns, what it refuses, and what it remembers.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::path::Path;
use std::sync::Arc;

use litesoc_audit::{Witness, WitnessError};
use litesoc_ledger::checkpoint::Checkpoint;
use litesoc_ledger::note::NoteSigner;
use litesoc_ledger::signature::PrivateKey;
use litesoc_ledger::time::Moment;
use litesoc_ledger::tree::MemoryTree;
use litesoc_ledger::witness::{AddCheckpoint, add_cosignatures, conflict_size};
use litesoc_ledger::{Hash, merkle, tree::Rfc6962};

const ORIGIN: &str = "log.example/a";

fn signer() -> NoteSigner {
    NoteSigner::new(ORIGIN, PrivateKey::from_seed([1; 32])).unwrap()
}

fn open(folder: &Path) -> Result<Witness, WitnessError> {
    let clock = Arc::new(|| Moment::from_micros(1_735_689_600_000_000).unwrap());
    let logs = vec![signer().verifier_key().clone()];
    Witness::open(folder, "witness.example/w", PrivateKey::from_seed([2; 32]), logs, clock)
}

fn tree(size: u64, salt: &str) -> MemoryTree<Rfc6962> {
    let mut tree = MemoryTree::new();
    (0..size).for_each(|n| tree.append(merkle::leaf_hash(format!("{salt}{n}").as_bytes())));
    tree
}

/// A request to cosign the tree at a size, by somebody who believes that the witness has seen `old`.
fn request(tree: &MemoryTree<Rfc6962>, old: u64, size: u64, signer: &NoteSigner) -> AddCheckpoint {
    let root: Hash = merkle::root(tree, size).unwrap();
    let note = Checkpoint::new(ORIGIN, size, root).unwrap().sign(signer).unwrap();
    let proof =
        if old == 0 || old >= size { Vec::new() } else { merkle::consistency(tree, old, size).unwrap() };
    AddCheckpoint::new(old, proof, note)
}

#[test]
fn it_cosigns_growth_and_nothing_else_and_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let (log, other) = (tree(20, "a"), tree(20, "b"));
    {
        let witness = open(folder.path()).unwrap();
        let ask = |request: &AddCheckpoint| witness.add_checkpoint(request.to_string().as_bytes());
        let first = request(&log, 0, 5, &signer());
        let answer = ask(&first);
        assert_eq!(answer.status, 200);
        let mut note = first.checkpoint;
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(add_cosignatures(&mut note, &text, &[witness.verifier_key().clone()]).unwrap(), 1);

        assert_eq!(ask(&request(&log, 5, 12, &signer())).status, 200);
        let conflict = ask(&request(&log, 5, 13, &signer()));
        assert_eq!(
            (conflict.status, conflict_size(std::str::from_utf8(&conflict.body).unwrap())),
            (409, Some(12))
        );
        assert_eq!(ask(&request(&other, 12, 15, &signer())).status, 422, "another history");
        assert_eq!(ask(&request(&log, 12, 9, &signer())).status, 400, "smaller than what it says");
        let stranger = NoteSigner::new(ORIGIN, PrivateKey::from_seed([9; 32])).unwrap();
        assert_eq!(ask(&request(&log, 12, 15, &stranger)).status, 403);
        for broken in ["", "old 1", "old x\n\n", "old 12\n\nnot a note"] {
            assert_eq!(witness.add_checkpoint(broken.as_bytes()).status, 400, "{broken:?}");
        }
        assert!(matches!(open(folder.path()), Err(WitnessError::InUse(_))), "there is one of it");
    }
    let witness = open(folder.path()).unwrap();
    assert_eq!(witness.seen(ORIGIN).map(|(size, _)| size), Some(12), "also after a restart");
    let rolled_back = request(&log, 0, 5, &signer());
    assert_eq!(witness.add_checkpoint(rolled_back.to_string().as_bytes()).status, 409);
    assert_eq!(witness.add_checkpoint(request(&log, 12, 20, &signer()).to_string().as_bytes()).status, 200);
}

#[test]
fn a_log_it_does_not_know_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let witness = open(folder.path()).unwrap();
    let signer = NoteSigner::new("log.example/b", PrivateKey::from_seed([1; 32])).unwrap();
    let root = merkle::root(&tree(3, "a"), 3).unwrap();
    let note = Checkpoint::new("log.example/b", 3, root).unwrap().sign(&signer).unwrap();
    let answer = witness.add_checkpoint(AddCheckpoint::new(0, Vec::new(), note).to_string().as_bytes());
    assert_eq!(answer.status, 404);
}

#[test]
fn a_witness_whose_memory_is_damaged_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let log = tree(5, "a");
    let _answer =
        open(folder.path()).unwrap().add_checkpoint(request(&log, 0, 5, &signer()).to_string().as_bytes());
    let kept = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let kept = kept.filter(|path| path.extension().is_some_and(|extension| extension == "checkpoint"));
    let path = kept.collect::<Vec<_>>().pop().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\n5\n", "\n4\n", 1)).unwrap();
    assert!(matches!(open(folder.path()), Err(WitnessError::Damaged { .. })));
}
