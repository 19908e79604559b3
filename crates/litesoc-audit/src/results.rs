//! [`Results`]: what searches found, kept for two days so that later records change no page.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use litesoc_ledger::time::Moment;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::error::OpenError;
use crate::identity::is_id;
use crate::request::Restriction;
use crate::search::Found;

/// How long results are kept: two days, in microseconds.
pub(crate) const KEPT_FOR: i64 = 2 * 86_400 * 1_000_000;
/// Results of one log at most; then the oldest go.
const MOST: usize = 20_000;
/// Bytes of them at most.
const MOST_BYTES: u64 = 512 << 20;

/// What one search found, and the trees its proofs are against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Microseconds since 1970 began.
    pub(crate) expires: i64,
    pub(crate) restriction: Restriction,
    pub(crate) verbose: bool,
    /// The size of the log at the search.
    pub(crate) size: u64,
    /// The published size at the search.
    pub(crate) published: Option<u64>,
    pub(crate) found: Found,
}

/// Results in a folder, one file each.
#[derive(Debug)]
pub(crate) struct Results {
    folder: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// By expiry and name; the bytes of each.
    files: BTreeMap<(i64, String), u64>,
    bytes: u64,
}

impl Results {
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenError> {
        fs::create_dir_all(folder).map_err(OpenError::io("creating", folder))?;
        let mut known = Known::default();
        for entry in fs::read_dir(folder).map_err(OpenError::io("reading", folder))? {
            let path = entry.map_err(OpenError::io("reading", folder))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            match read(&path) {
                Ok(kept) => known.add(kept.expires, name, path.metadata().map_or(0, |file| file.len())),
                // What was being written when the power went, told to nobody.
                Err(_) => drop(fs::remove_file(&path)),
            }
        }
        Ok(Self { folder: folder.to_owned(), known: Mutex::new(known) })
    }

    /// Keeps what a search found under an id of our own making.
    pub(crate) fn keep(&self, id: &str, kept: &Kept, now: Moment) -> io::Result<()> {
        let bytes = serde_json::to_vec(kept).map_err(io::Error::other)?;
        let path = self.folder.join(id);
        let beside = path.with_extension("new");
        fs::write(&beside, &bytes)?;
        fs::rename(&beside, &path)?;
        let gone = {
            let mut known = self.known.lock();
            known.add(kept.expires, id.to_owned(), bytes.len() as u64);
            known.overdue(now)
        };
        for name in gone {
            let _gone_already = fs::remove_file(self.folder.join(name));
        }
        Ok(())
    }

    /// What a search found, unless it has expired.
    pub(crate) fn get(&self, id: &str, now: Moment) -> Option<Kept> {
        if !is_id(id, "pas_") && !is_id(id, "prq_") {
            return None;
        }
        read(&self.folder.join(id)).ok().filter(|kept| now.as_micros() < kept.expires)
    }
}

impl Known {
    fn add(&mut self, expires: i64, name: String, bytes: u64) {
        self.bytes += bytes;
        self.files.insert((expires, name), bytes);
    }

    /// The names of those that have expired or are too many, which are forgotten.
    fn overdue(&mut self, now: Moment) -> Vec<String> {
        let mut gone = Vec::new();
        while let Some(((expires, _), _)) = self.files.first_key_value() {
            if *expires > now.as_micros() && self.files.len() <= MOST && self.bytes <= MOST_BYTES {
                break;
            }
            if let Some(((_, name), bytes)) = self.files.pop_first() {
                self.bytes -= bytes;
                gone.push(name);
            }
        }
        gone
    }
}

fn read(path: &Path) -> io::Result<Kept> {
    serde_json::from_slice(&fs::read(path)?).map_err(io::Error::other)
}
