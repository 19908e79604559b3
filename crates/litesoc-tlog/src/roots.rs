//! The P-root at the end of each batch: which size a root that a client saw belongs to.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use litesoc_ledger::Hash;
use parking_lot::Mutex;

use crate::cache::Cache;
use crate::error::{OpenError, ReadError};
use crate::segment::file::read_at;

/// Bytes of a line: the size, the root.
const LINE: usize = 8 + Hash::LEN;
/// Roots found without reading the file.
const CACHED: usize = 500_000;
/// Bytes gathered before they are written.
const GATHERED: usize = 64 << 10;

/// The roots that were ever returned, by size.
#[derive(Debug)]
pub(crate) struct Roots {
    path: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    /// What is not in the file yet.
    gathered: Vec<u8>,
    /// How much of the file is known to be right.
    written: u64,
    recent: Cache<Hash, u64>,
}

impl Roots {
    /// The roots of an empty log. What an earlier run left in the file is compared with what is noted, and mended.
    pub(crate) fn new(path: &Path) -> Result<Self, OpenError> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path);
        let file = file.map_err(OpenError::io("opening", path))?;
        let inner = Inner { file, gathered: Vec::new(), written: 0, recent: Cache::new(CACHED) };
        Ok(Self { path: path.to_owned(), inner: Mutex::new(inner) })
    }

    pub(crate) fn note(&self, size: u64, root: &Hash) -> io::Result<()> {
        let mut inner = self.inner.lock();
        inner.gathered.extend_from_slice(&size.to_le_bytes());
        inner.gathered.extend_from_slice(root.as_bytes());
        inner.recent.put(*root, size);
        if inner.gathered.len() >= GATHERED { inner.flush() } else { Ok(()) }
    }

    /// Writes what was gathered and cuts off what lies behind it.
    pub(crate) fn flush(&self) -> io::Result<()> {
        let mut inner = self.inner.lock();
        inner.flush()?;
        if inner.file.metadata()?.len() > inner.written { inner.file.set_len(inner.written) } else { Ok(()) }
    }

    /// The size at which this was the root, when it was among the latest ever returned.
    pub(crate) fn recent_size_of(&self, root: &Hash) -> Option<u64> {
        self.inner.lock().recent.get(root).copied()
    }

    /// The size at which this was the root, when it was ever returned.
    pub(crate) fn size_of(&self, root: &Hash) -> Result<Option<u64>, ReadError> {
        let failed = |source| ReadError::Io { path: self.path.clone(), source };
        let written = {
            let mut inner = self.inner.lock();
            if let Some(size) = inner.recent.get(root) {
                return Ok(Some(*size));
            }
            inner.flush().map_err(failed)?;
            inner.written
        };
        // Not under the lock: the sequencer waits for nobody who asks for something very old.
        File::open(&self.path).and_then(|file| search(&file, written, root)).map_err(failed)
    }
}

impl Inner {
    fn flush(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        self.file.seek(SeekFrom::Start(self.written))?;
        let mut present = vec![0; self.gathered.len()];
        let same = self.file.read_exact(&mut present).is_ok() && present == self.gathered;
        if !same {
            self.file.seek(SeekFrom::Start(self.written))?;
            self.file.write_all(&self.gathered)?;
        }
        self.written += self.gathered.len() as u64;
        self.gathered.clear();
        Ok(())
    }
}

/// Reads the file from its end: a client seldom asks for something very old.
fn search(file: &File, written: u64, root: &Hash) -> io::Result<Option<u64>> {
    let mut end = written;
    let mut bytes = Vec::new();
    while end > 0 {
        let start = end.saturating_sub((LINE * 25_000) as u64);
        bytes.resize(usize::try_from(end - start).unwrap_or(0), 0);
        read_at(file, start, &mut bytes)?;
        if let Some(line) = bytes.chunks_exact(LINE).find(|line| line[8..] == root.as_bytes()[..]) {
            return Ok(line.first_chunk().map(|size| u64::from_le_bytes(*size)));
        }
        end = start;
    }
    Ok(None)
}
