//! Two processes on one folder where the lock does not reach: the earlier one stops, and nothing it answered for is missing.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use litesoc_tlog::{AppendError, Disk, EraseError, Log, OpenError};

use crate::scene::{Scene, append, prepared, request};

fn try_append(log: &Log, call: u64) -> Result<u64, AppendError> {
    log.append(request(call), vec![prepared(call)])?.wait().map(|appended| appended.first)
}

/// Opens the log a second time, as a machine would that does not see the lock of the first.
fn open_beside(scene: &Scene) -> Log {
    fs::remove_file(scene.path().join("lock")).unwrap();
    scene.open()
}

#[test]
fn the_earlier_process_stops_and_says_who_took_over() {
    let scene = Scene::new();
    let first = scene.open();
    append(&first, 1, 3);
    let second = open_beside(&scene);
    assert_eq!(second.state(), first.state());
    append(&second, 2, 2);

    let before = scene.bytes_of("rec");
    let refused = try_append(&first, 3).unwrap_err();
    assert!(refused.to_string().contains("epoch 2 took the log over from epoch 1"), "{refused}");
    assert_eq!(scene.bytes_of("rec"), before, "nothing was written");
    assert!(matches!(first.erase(vec![1]), Err(EraseError::Stopped { .. })));
    assert_eq!(first.state().size, 3, "reading goes on");
    assert_eq!(first.record(2).unwrap().request, request(1));

    append(&second, 4, 1);
    let state = second.state();
    drop((first, second));
    assert_eq!(scene.open().state(), state);
}

#[derive(Debug)]
struct TakenAtFlush {
    file: fs::File,
    epoch: PathBuf,
    taken: Arc<AtomicBool>,
}

impl Disk for TakenAtFlush {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        if self.taken.load(Ordering::Relaxed) { fs::write(&self.epoch, "7\n") } else { Ok(()) }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }
}

#[test]
fn a_batch_is_not_answered_when_the_log_was_taken_over_while_it_was_written() {
    let scene = Scene::new();
    let (epoch, taken) = (scene.path().join("epoch"), Arc::new(AtomicBool::new(false)));
    let mut options = scene.options();
    let now = Arc::clone(&taken);
    options.open_disk = Arc::new(move |path: &Path| {
        let file = fs::OpenOptions::new().append(true).open(path)?;
        Ok(Box::new(TakenAtFlush { file, epoch: epoch.clone(), taken: Arc::clone(&now) }) as Box<dyn Disk>)
    });
    let log = Log::open(scene.path(), options).unwrap();
    append(&log, 1, 3);
    let state = log.state();
    taken.store(true, Ordering::Relaxed);
    let refused = try_append(&log, 2).unwrap_err();
    assert!(refused.to_string().contains("epoch 7"), "{refused}");
    assert_eq!((log.state(), log.committed(request(2))), (state, None));
    taken.store(false, Ordering::Relaxed);
    assert!(matches!(try_append(&log, 3), Err(AppendError::Stopped { .. })), "for good");
    drop(log);
    // The batch is whole, so whoever opens the log next may well have it; nobody was told that it is not there.
    assert_eq!(scene.open().state().size, 4);
    assert_eq!(fs::read_to_string(scene.path().join("epoch")).unwrap(), "8\n");
}

#[test]
fn a_file_that_holds_no_number_is_not_passed_over() {
    let scene = Scene::new();
    let log = scene.open();
    append(&log, 1, 3);
    let path = scene.path().join("epoch");
    fs::write(&path, "nonsense").unwrap();
    assert!(matches!(try_append(&log, 2), Err(AppendError::Stopped { .. })));
    drop(log);
    assert!(matches!(scene.try_open(), Err(OpenError::Epoch { .. })));
    // Without a file it is a log from before there were epochs.
    fs::remove_file(&path).unwrap();
    assert_eq!(append(&scene.open(), 3, 1).first, 3);
    assert_eq!(fs::read_to_string(&path).unwrap(), "1\n");
}
