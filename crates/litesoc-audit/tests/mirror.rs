//! The mirror of another log: what it takes over, what it refuses, and that a refusal or a crash leaves it as it was.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use litesoc_audit::{Mirror, MirrorError};
use litesoc_ledger::checkpoint::Checkpoint;
use litesoc_ledger::cosignature::Cosigner;
use litesoc_ledger::mirror::LogFault;
use litesoc_ledger::note::NoteSigner;
use litesoc_ledger::policy::{Policy, PolicyFault};
use litesoc_ledger::signature::PrivateKey;
use litesoc_ledger::tiles::{TileId, TilePath, entry_bundle, tile_bytes};
use litesoc_ledger::tree::{MemoryTree, Nodes, Rfc6962};
use litesoc_ledger::{Hash, merkle};

const ORIGIN: &str = "log.example/a";

fn signer() -> NoteSigner {
    NoteSigner::new(ORIGIN, PrivateKey::from_seed([1; 32])).unwrap()
}

/// A log that shows whatever it is told to.
struct Shown {
    entries: Vec<Vec<u8>>,
    tree: MemoryTree<Rfc6962>,
    size: u64,
    /// Parts are gone once the whole is there.
    drops_parts: bool,
    witness: Option<Cosigner>,
}

impl Shown {
    /// The same entries up to `same`, others from there on.
    fn new(size: u64, same: u64) -> Self {
        let word = |n: u64| if n < same { format!("entry {n}") } else { format!("another {n}") };
        let entries: Vec<Vec<u8>> = (0..size).map(|n| word(n).into_bytes()).collect();
        let mut tree = MemoryTree::new();
        entries.iter().for_each(|entry| tree.append(merkle::leaf_hash(entry)));
        Self { entries, tree, size, drops_parts: false, witness: None }
    }

    fn honest(size: u64) -> Self {
        Self::new(size, size)
    }

    fn root(&self) -> Hash {
        merkle::root(&self.tree, self.size).unwrap()
    }

    fn checkpoint(&self) -> String {
        let mut note = Checkpoint::new(ORIGIN, self.size, self.root()).unwrap().sign(&signer()).unwrap();
        if let Some(witness) = &self.witness {
            note.add(witness.cosign(note.text(), 1_735_689_600).unwrap());
        }
        note.to_string()
    }

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        if path == "checkpoint" {
            return Some(self.checkpoint().into_bytes());
        }
        let path: TilePath = path.parse().unwrap();
        let widest = path.in_log_of(self.size)?;
        if self.drops_parts && widest.width() == 256 && path.width() < 256 {
            return None;
        }
        let bytes = match path {
            TilePath::Tile(TileId { level, index, width }) => {
                let place = |n: u16| index * 256 + u64::from(n);
                let hashes: Vec<_> =
                    (0..width).map(|n| self.tree.node(level * 8, place(n)).unwrap()).collect();
                tile_bytes(&hashes)
            }
            TilePath::Entries { index, width } => {
                let first = index as usize * 256;
                entry_bundle(&self.entries[first..first + usize::from(width)]).unwrap()
            }
            _ => return None,
        };
        Some(bytes)
    }

    fn step(&self, mirror: &Mirror) -> Result<u64, MirrorError> {
        mirror.step(&|path, _| Ok(self.file(path))).map(|newest| newest.size)
    }
}

fn open(folder: &Path) -> Mirror {
    Mirror::open(folder, signer().verifier_key().clone(), None).unwrap()
}

/// Every file of the folder that a web server would show.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn collect(top: &Path, folder: &Path, all: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(top, &path, all);
            } else if !path.file_name().unwrap().to_str().unwrap().starts_with('.') {
                let name = path.strip_prefix(top).unwrap().to_str().unwrap().to_owned();
                all.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut all = BTreeMap::new();
    collect(folder, folder, &mut all);
    all
}

/// The mirror has exactly what the log shows, at every width that the log has.
fn assert_same(mirror: &Mirror, log: &Shown) {
    let newest = mirror.newest().unwrap();
    assert_eq!((newest.size, newest.root), (log.size, log.root()));
    assert_eq!(newest.checkpoint.to_string(), log.checkpoint());
    for first in (0..log.size).step_by(256) {
        let index = first / 256;
        let widest = (log.size - first).min(256) as u16;
        for width in [1, widest.min(32), widest.div_ceil(2), widest] {
            let tile = TilePath::Tile(TileId { level: 0, index, width });
            for path in [TilePath::Entries { index, width }, tile] {
                assert_eq!(mirror.file(path).unwrap(), log.file(&path.to_string()), "{path}");
            }
        }
    }
    let above = TilePath::Tile(TileId { level: 1, index: 0, width: 1 });
    assert_eq!(mirror.file(above).unwrap(), log.file(&above.to_string()));
    let beyond = TilePath::Entries { index: log.size / 256, width: (log.size % 256 + 1) as u16 };
    assert_eq!(mirror.file(beyond).unwrap(), None);
}

#[test]
fn a_log_that_grows_is_copied_file_by_file() {
    let folder = tempfile::tempdir().unwrap();
    for size in [0, 3, 200, 256, 300, 300, 1_000] {
        let (mirror, mut log) = (open(folder.path()), Shown::honest(size));
        log.drops_parts = size == 1_000;
        assert_eq!(log.step(&mirror).unwrap(), size);
        log.drops_parts = false;
        assert_same(&mirror, &log);
    }
    let kept = files(folder.path());
    assert!(!kept.contains_key("tile/0/000.p/3"), "parts of what is full are gone");
    assert!(kept.contains_key("tile/entries/003.p/232"), "what the checkpoint needs is a file");
    assert_eq!(kept["vkey"], format!("{}\n", signer().verifier_key()).into_bytes());
}

#[test]
fn a_dishonest_log_is_named_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mirror, honest) = (open(folder.path()), Shown::honest(700));
    honest.step(&mirror).unwrap();
    let before = files(folder.path());
    let fault = |log: &Shown| match log.step(&mirror) {
        Err(MirrorError::Log(fault)) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(&Shown::honest(699)), LogFault::Shrank { had: 700, seen: 699 });
    for (size, same) in [(700, 650), (900, 650), (900, 3), (900, 600), (900, 520)] {
        let forked = Shown::new(size, same);
        let seen = merkle::root(&forked.tree, 700).unwrap();
        assert_eq!(fault(&forked), LogFault::Forked { size: 700, had: honest.root(), seen }, "{size} {same}");
    }
    for changed in [701, 767, 768, 899] {
        let mut log = Shown::honest(900);
        log.entries[changed][3] ^= 1;
        assert_eq!(fault(&log), LogFault::Entry { index: changed as u64 });
    }
    let mut log = Shown::honest(900);
    log.entries[690][0] ^= 1;
    assert_eq!(fault(&log), LogFault::Entry { index: 690 }, "an entry that is mirrored already");
    let withheld = mirror.step(&|path, _| Ok(Shown::honest(900).file(path).filter(|_| path == "checkpoint")));
    assert!(
        matches!(withheld, Err(MirrorError::Missing { path }) if path == "tile/entries/002.p/256" || path == "tile/entries/002")
    );
    assert_eq!(files(folder.path()), before);
    assert_same(&mirror, &honest);
    assert_eq!(Shown::honest(900).step(&mirror).unwrap(), 900, "the honest log goes on");
}

#[test]
fn a_crash_before_the_checkpoint_leaves_the_old_copy_whole() {
    let folder = tempfile::tempdir().unwrap();
    let old = Shown::honest(300);
    old.step(&open(folder.path())).unwrap();
    let checkpoint = fs::read(folder.path().join("checkpoint")).unwrap();
    Shown::honest(800).step(&open(folder.path())).unwrap();
    // Every file of the later round is there, and the checkpoint is not: the last moment before it is put in its place. The
    // parts that a later round deletes are there still.
    fs::write(folder.path().join("checkpoint"), checkpoint).unwrap();
    for path in ["tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1"] {
        fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
        fs::write(folder.path().join(path), old.file(path).unwrap()).unwrap();
    }
    fs::create_dir_all(folder.path().join(".new/tile/0")).unwrap();
    fs::write(folder.path().join(".new/tile/0/003"), b"half of a ti").unwrap();

    let mirror = open(folder.path());
    assert_same(&mirror, &old);
    assert_eq!(mirror.file("tile/0/002".parse().unwrap()).unwrap(), None, "not before its checkpoint");
    assert!(!folder.path().join(".new").exists());
    // Nobody was shown the later files, so it is the log that says what comes.
    let other = Shown::new(900, 300);
    other.step(&mirror).unwrap();
    assert_same(&mirror, &other);
}

#[test]
fn who_signed_and_who_cosigned_decides() {
    let folder = tempfile::tempdir().unwrap();
    let witness = Cosigner::new("witness.example/w", PrivateKey::from_seed([2; 32])).unwrap();
    let policy = format!("witness w {}\nquorum w\n", witness.verifier_key());
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    let key = signer().verifier_key().clone();
    let mirror = Mirror::open(folder.path(), key, Some(policy)).unwrap();
    let mut log = Shown::honest(5);
    assert!(matches!(log.step(&mirror), Err(MirrorError::Policy(PolicyFault::Quorum { .. }))));
    assert!(mirror.newest().is_none());
    log.witness = Some(witness);
    assert_eq!(log.step(&mirror).unwrap(), 5);
    drop(mirror);

    let stranger = NoteSigner::new(ORIGIN, PrivateKey::from_seed([9; 32])).unwrap().verifier_key().clone();
    let other = tempfile::tempdir().unwrap();
    let mirror = Mirror::open(other.path(), stranger.clone(), None).unwrap();
    assert!(matches!(log.step(&mirror), Err(MirrorError::Policy(_))));
    let damaged = Mirror::open(folder.path(), stranger, None);
    assert!(matches!(damaged, Err(MirrorError::Damaged { .. })), "a folder of another log");
}

#[test]
fn a_damaged_or_busy_folder_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = open(folder.path());
    Shown::honest(300).step(&mirror).unwrap();
    let key = || signer().verifier_key().clone();
    assert!(matches!(Mirror::open(folder.path(), key(), None), Err(MirrorError::InUse(_))));
    drop(mirror);
    for path in ["checkpoint", "tile/0/001.p/44", "tile/1/000.p/1"] {
        let path = folder.path().join(path);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        bad[20] ^= 1;
        fs::write(&path, bad).unwrap();
        assert!(
            matches!(Mirror::open(folder.path(), key(), None), Err(MirrorError::Damaged { .. })),
            "{path:?}"
        );
        fs::write(&path, good).unwrap();
    }
    // The entries are looked at when they are gone on with.
    let path = folder.path().join("tile/entries/001.p/44");
    let mut bad = fs::read(&path).unwrap();
    bad[20] ^= 1;
    fs::write(&path, bad).unwrap();
    let result = Shown::honest(400).step(&open(folder.path()));
    assert!(matches!(result, Err(MirrorError::Damaged { .. })), "{result:?}");
}
