//! A disk that is full, that writes half, or whose flush fails.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use litesoc_tlog::{AppendError, Disk, Log};

use crate::scene::{Scene, append, prepared, request};

const FINE: u8 = 0;
const FULL: u8 = 1;
const FLUSH_FAILS: u8 = 2;
const NOTHING_WORKS: u8 = 3;

#[derive(Debug)]
struct Faulty {
    file: std::fs::File,
    fault: Arc<AtomicU8>,
}

impl Disk for Faulty {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        use std::io::Write;
        match self.fault.load(Ordering::Relaxed) {
            FULL | NOTHING_WORKS => {
                self.file.write_all(&bytes[..bytes.len() / 2])?;
                Err(io::ErrorKind::StorageFull.into())
            }
            _ => self.file.write_all(bytes),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.fault.load(Ordering::Relaxed) {
            FLUSH_FAILS => Err(io::Error::other("the medium failed")),
            _ => self.file.sync_data(),
        }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        match self.fault.load(Ordering::Relaxed) {
            NOTHING_WORKS => Err(io::Error::other("the medium failed")),
            _ => self.file.set_len(length),
        }
    }
}

fn faulty(scene: &Scene) -> (Log, Arc<AtomicU8>) {
    let fault = Arc::new(AtomicU8::new(FINE));
    let shared = Arc::clone(&fault);
    let mut options = scene.options();
    options.open_disk = Arc::new(move |path: &Path| {
        let file = std::fs::OpenOptions::new().append(true).open(path)?;
        Ok(Box::new(Faulty { file, fault: Arc::clone(&shared) }) as Box<dyn Disk>)
    });
    (Log::open(scene.path(), options).unwrap(), fault)
}

fn try_append(log: &Log, call: u64) -> Result<u64, AppendError> {
    log.append(request(call), vec![prepared(call)])?.wait().map(|appended| appended.first)
}

#[test]
fn a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let scene = Scene::new();
    let (log, fault) = faulty(&scene);
    append(&log, 1, 3);
    let state = log.state();
    fault.store(FULL, Ordering::Relaxed);
    assert_eq!(try_append(&log, 2), Err(AppendError::Full));
    assert_eq!(log.state(), state);
    fault.store(FINE, Ordering::Relaxed);
    assert_eq!(try_append(&log, 3), Ok(3));
    let state = log.state();
    drop(log);
    let log = scene.open();
    assert_eq!((log.state(), log.recovery().cut_bytes), (state, 0));
}

#[test]
fn a_failed_flush_stops_the_log_for_good() {
    let scene = Scene::new();
    let (log, fault) = faulty(&scene);
    append(&log, 1, 3);
    fault.store(FLUSH_FAILS, Ordering::Relaxed);
    let first = try_append(&log, 2).unwrap_err();
    assert!(first.to_string().contains("the medium failed"), "{first}");
    fault.store(FINE, Ordering::Relaxed);
    assert!(matches!(try_append(&log, 3), Err(AppendError::Stopped { .. })));
    assert_eq!(log.state().size, 3, "reading goes on");
    assert_eq!(log.record(2).unwrap().request, request(1));
}

#[test]
fn a_write_that_cannot_be_undone_stops_the_log() {
    let scene = Scene::new();
    let (log, fault) = faulty(&scene);
    append(&log, 1, 3);
    let state = log.state();
    fault.store(NOTHING_WORKS, Ordering::Relaxed);
    assert!(matches!(try_append(&log, 2), Err(AppendError::Stopped { .. })));
    fault.store(FINE, Ordering::Relaxed);
    assert!(matches!(try_append(&log, 3), Err(AppendError::Stopped { .. })));
    drop(log);
    let log = scene.open();
    assert_eq!(log.state(), state);
    assert!(log.recovery().cut_bytes > 0);
}
