//! The folder of signed checkpoints: one file a size, each written whole before anybody sees it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use crate::error::OpenError;
use crate::segment::file::write_whole;

/// The signed checkpoints of a log.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
    sizes: Mutex<Vec<u64>>,
}

impl Checkpoints {
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenError> {
        fs::create_dir_all(folder).map_err(OpenError::io("creating", folder))?;
        let mut sizes = Vec::new();
        for entry in fs::read_dir(folder).map_err(OpenError::io("reading", folder))? {
            let entry = entry.map_err(OpenError::io("reading", folder))?;
            // A name that is no number is not ours: a file that was being written, or somebody's copy.
            sizes.extend(entry.file_name().to_str().and_then(|name| name.parse::<u64>().ok()));
        }
        sizes.sort_unstable();
        Ok(Self { folder: folder.to_owned(), sizes: Mutex::new(sizes) })
    }

    pub(crate) fn path(&self, size: u64) -> PathBuf {
        self.folder.join(format!("{size:020}"))
    }

    pub(crate) fn newest(&self) -> Option<u64> {
        self.sizes.lock().last().copied()
    }

    /// The sizes at which there is a checkpoint, from `from` on.
    pub(crate) fn sizes(&self, from: u64) -> Vec<u64> {
        let sizes = self.sizes.lock();
        let first = sizes.partition_point(|size| *size < from);
        sizes[first..].to_vec()
    }

    pub(crate) fn read(&self, size: u64) -> io::Result<Vec<u8>> {
        fs::read(self.path(size))
    }

    /// Writes a checkpoint, durably; one of the same size is replaced, as when cosignatures join.
    pub(crate) fn write(&self, size: u64, bytes: &[u8]) -> io::Result<()> {
        write_whole(&self.path(size), bytes)?;
        let mut sizes = self.sizes.lock();
        if let Err(place) = sizes.binary_search(&size) {
            sizes.insert(place, size);
        }
        Ok(())
    }
}
