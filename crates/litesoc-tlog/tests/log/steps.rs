//! A crash at every step of writing: before, within and after each write and each flush, in a new segment, while a
//! checkpoint or an erased segment is written. What is on the disk then is a log with everything that was answered for.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use litesoc_tlog::{Disk, Log};
use parking_lot::Mutex;

use crate::scene::{Scene, append, checkpoint, request};

/// The folder as it was at one step.
struct Picture {
    step: &'static str,
    /// Calls that had been answered for.
    answered: u64,
    files: Vec<(PathBuf, Vec<u8>)>,
}

/// Takes a picture of a log's folder at every step.
#[derive(Clone)]
struct Camera {
    folder: PathBuf,
    answered: Arc<AtomicU64>,
    pictures: Arc<Mutex<Vec<Picture>>>,
}

impl Camera {
    fn of(scene: &Scene) -> Self {
        Self { folder: scene.path().to_owned(), answered: Arc::default(), pictures: Arc::default() }
    }

    fn shoot(&self, step: &'static str) {
        let mut files = Vec::new();
        collect(&self.folder, &self.folder, &mut files);
        let answered = self.answered.load(Ordering::SeqCst);
        self.pictures.lock().push(Picture { step, answered, files });
    }
}

impl std::fmt::Debug for Camera {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Camera")
    }
}

fn collect(root: &Path, path: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.push((path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap()));
        }
    }
}

#[derive(Debug)]
struct Watched {
    file: fs::File,
    camera: Camera,
}

impl Disk for Watched {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (half, rest) = bytes.split_at(bytes.len() / 2);
        self.camera.shoot("before a write");
        self.file.write_all(half)?;
        self.camera.shoot("within a write");
        self.file.write_all(rest)?;
        self.camera.shoot("after a write");
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.camera.shoot("after a flush");
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }
}

fn watched(scene: &Scene, camera: &Camera) -> Log {
    let mut options = scene.options();
    let camera = camera.clone();
    options.open_disk = Arc::new(move |path: &Path| {
        camera.shoot("after a segment was begun");
        let file = fs::OpenOptions::new().append(true).open(path)?;
        Ok(Box::new(Watched { file, camera: camera.clone() }) as Box<dyn Disk>)
    });
    Log::open(scene.path(), options).unwrap()
}

/// Pictures of every step in the life of a log.
fn filmed() -> Vec<Picture> {
    let scene = Scene::new();
    let camera = Camera::of(&scene);
    let log = watched(&scene, &camera);
    life(&log, &camera);
    drop(log);
    std::mem::take(&mut *camera.pictures.lock())
}

/// Calls of one to four records each, as many as fill a few segments, with a checkpoint and an erasure in between.
fn life(log: &Log, camera: &Camera) {
    for call in 0..CALLS {
        append(log, call, records_of(call));
        camera.answered.store(call + 1, Ordering::SeqCst);
        if call % 5 == 4 {
            checkpoint(log);
            camera.shoot("after a checkpoint");
        }
        if call == ERASING {
            assert_eq!(log.erase(vec![1]).unwrap(), 1);
            camera.shoot("after an erasure");
        }
    }
}

const CALLS: u64 = 24;
const ERASING: u64 = 16;

const fn records_of(call: u64) -> u64 {
    call % 4 + 1
}

fn first_of(call: u64) -> u64 {
    (0..call).map(records_of).sum()
}

/// Opens the log in a picture; everything that had been answered for is in its place, and it goes on.
fn check(picture: &Picture, extra: Option<(&Path, &[u8])>) {
    let scene = Scene::new();
    scene.clock.fetch_add(1_000_000_000, Ordering::SeqCst);
    let files = picture.files.iter().map(|(path, bytes)| (path.as_path(), bytes.as_slice()));
    for (path, bytes) in files.chain(extra) {
        let path = scene.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let said = |what: &str| format!("{}, {} calls answered: {what}", picture.step, picture.answered);
    let log = scene.try_open().unwrap_or_else(|error| panic!("{}", said(&error.to_string())));
    let size = log.state().size;
    let answered = first_of(picture.answered);
    let next = answered + records_of(picture.answered);
    // The call that was under way is there whole or not at all.
    assert!(size == answered || size == next, "{}", said(&format!("{size} records")));
    for call in 0..picture.answered {
        assert_eq!(log.committed(request(call)), Some(first_of(call)), "{}", said("a call is elsewhere"));
    }
    let state = log.state();
    let after = append(&log, 900, 2);
    assert_eq!(after.first, state.size, "{}", said("the log goes on"));
    let state = log.state();
    drop(log);
    assert_eq!(scene.open().state(), state, "{}", said("and opens again"));
}

#[test]
fn a_crash_at_any_step_leaves_a_log_with_all_that_was_answered_for() {
    let pictures = filmed();
    for step in [
        "before a write",
        "within a write",
        "after a write",
        "after a flush",
        "after a segment was begun",
        "after a checkpoint",
        "after an erasure",
    ] {
        let seen = pictures.iter().filter(|picture| picture.step == step).count();
        let least = if step == "after an erasure" { 1 } else { 2 };
        assert!(seen >= least, "{step}: {seen} pictures");
    }
    for picture in &pictures {
        check(picture, None);
    }
}

/// A checkpoint, a segment's beginning and an erased segment are written beside their place first: whatever is left there
/// by a crash is no part of the log.
#[test]
fn half_a_file_beside_its_place_is_no_part_of_the_log() {
    let pictures = filmed();
    let picture = pictures.last().unwrap();
    let whole = picture.files.iter().filter(|(path, _)| path.starts_with("rec") || path.starts_with("cp"));
    let whole: Vec<_> = whole.collect();
    assert!(whole.iter().any(|(path, _)| path.starts_with("cp")) && whole.len() > 4, "{}", whole.len());
    for (path, bytes) in whole {
        check(picture, Some((&path.with_extension("new"), &bytes[..bytes.len() / 2])));
    }
}
