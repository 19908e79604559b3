//! The chapter of the audit log: records are written, taken away as a file, and tampered with in every way.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use litesoc::Timestamp;
use litesoc::audit::Event;
use litesoc_audit::{
    AuditLog, AuditService, Call, Incoming, NewConfiguration, Settings, Unpacked, new_request_id,
};
use litesoc_ledger::bundle::Trust;
use litesoc_ledger::policy::Policy;
use litesoc_ledger::time::Moment;
use serde::Serialize;

use super::stage;
use crate::audit::{LONGEST, check};
use crate::outcome::Failure;

/// Records of the chapter, the first of the log included.
const RECORDS: u64 = 12;

/// Something that was done to the log, and who noticed.
#[derive(Debug, Serialize)]
pub(super) struct Attempt {
    pub(super) what: &'static str,
    /// What was said; `None` when nobody noticed.
    pub(super) caught: Option<String>,
}

/// What came of the chapter.
#[derive(Debug, Serialize)]
pub(super) struct Ledger {
    pub(super) records: u64,
    /// Bytes of the bundle.
    pub(super) bytes: usize,
    pub(super) attempts: Vec<Attempt>,
}

/// Plays it in a folder of its own.
pub(super) fn play() -> Result<Ledger, Failure> {
    let folder = tempfile::tempdir()?;
    let (live, copy) = (folder.path().join("live"), folder.path().join("copy"));
    let service = open(&live)?;
    let log = service.create("demo", NewConfiguration::named("demo")).map_err(failed)?;
    write(&log, 1..RECORDS / 2)?;
    log.publish().map_err(failed)?;
    // The copy that is put back later. Only what was signed afterwards tells it from the truth.
    copy_folder(&live, &copy)?;
    write(&log, RECORDS / 2..RECORDS)?;
    let mut file = Vec::new();
    log.bundle(0, None, &mut file).map_err(failed)?;
    let files = Unpacked::read(&*file, LONGEST).map_err(failed)?;
    let policy = Policy::of_log(log.verifier_keys()[0].clone());
    let verified = check(&files, Trust::Policy(&policy)).map_err(failed)?;
    let caught = |files: &Unpacked| check(files, Trust::Policy(&policy)).err().map(|fault| fault.to_string());
    let mut attempts = vec![
        Attempt { what: "one byte of a record flipped", caught: caught(&flipped(&files)) },
        Attempt { what: "a record taken out", caught: caught(&shortened(&files)) },
    ];
    drop(log);
    drop(service);
    roll_back(&live, &copy)?;
    let refused = open(&live).err().map(|failure| failure.to_string());
    attempts.push(Attempt { what: "the log rolled back to an older copy", caught: refused });
    Ok(Ledger { records: verified.range.end, bytes: file.len(), attempts })
}

fn failed(error: impl ToString) -> Failure {
    Failure::new(error.to_string())
}

fn open(folder: &Path) -> Result<AuditService, Failure> {
    let now = || Moment::from_micros(now().as_millis() * 1_000).expect("the clock shows a year below 10000");
    let mut settings = Settings::new(Arc::new(now));
    settings.publish_every = None;
    AuditService::open(folder, settings).map_err(failed)
}

fn now() -> Timestamp {
    stage::now()
}

fn write(log: &AuditLog, numbers: std::ops::Range<u64>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    for number in numbers {
        let event = Event::new()
            .with("actor", "alice")
            .with("action", "export")
            .with("message", format!("exported customer {number:04}"));
        let call = Call::new(&new_request_id(), "");
        runtime.block_on(log.log(&Incoming::unsigned(event), false, &call)).map_err(failed)?;
    }
    Ok(())
}

fn flipped(files: &Unpacked) -> Unpacked {
    let mut files = files.clone();
    let middle = files.envelopes.len() / 2;
    files.envelopes[middle] ^= 1;
    files
}

fn shortened(files: &Unpacked) -> Unpacked {
    let mut files = files.clone();
    let lines = files.envelopes.split_inclusive(|byte| *byte == b'\n').enumerate();
    files.envelopes = lines.filter(|(place, _)| *place != 4).flat_map(|(_, line)| line.to_vec()).collect();
    files
}

/// Puts the records of the copy in place of those that are there; checkpoints stay.
fn roll_back(live: &Path, copy: &Path) -> Result<(), Failure> {
    for log in fs::read_dir(copy)? {
        let log = log?;
        let (old, new) = (log.path().join("rec"), live.join(log.file_name()).join("rec"));
        if old.is_dir() {
            fs::remove_dir_all(&new)?;
            copy_folder(&old, &new)?;
        }
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
