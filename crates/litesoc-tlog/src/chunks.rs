//! Derived files: chunks of one size, one after the other, written once and made again when lost.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::segment::file::read_at;

/// Chunk N lies at N times the size of a chunk.
///
/// One file and not one a chunk: a log of a thousand million records would need four million files.
#[derive(Debug)]
pub(crate) struct Chunks {
    file: File,
    pub(crate) path: PathBuf,
    size: usize,
}

impl Chunks {
    pub(crate) fn open(path: &Path, size: usize) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        Ok(Self { file, path: path.to_owned(), size })
    }

    /// Writes a chunk unless the file holds these very bytes.
    ///
    /// Not synchronised: what a power failure takes is made again from the records.
    pub(crate) fn put(&self, number: u64, bytes: &[u8]) -> io::Result<()> {
        if self.get(number).is_ok_and(|present| present == bytes) {
            return Ok(());
        }
        write_at(&self.file, number * self.size as u64, bytes)
    }

    pub(crate) fn get(&self, number: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.size];
        read_at(&self.file, number * self.size as u64, &mut bytes)?;
        Ok(bytes)
    }

    /// Cuts off whatever lies behind so many chunks: a longer log than the records tell of.
    pub(crate) fn cut(&self, chunks: u64) -> io::Result<()> {
        let length = chunks * self.size as u64;
        if self.file.metadata()?.len() > length { self.file.set_len(length) } else { Ok(()) }
    }
}

fn write_at(file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    #[cfg(unix)]
    {
        std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
    }
    #[cfg(windows)]
    {
        let mut done = 0;
        while done < bytes.len() {
            done += std::os::windows::fs::FileExt::seek_write(file, &bytes[done..], at + done as u64)?;
        }
        Ok(())
    }
}
