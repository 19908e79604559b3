//! Segment files: their header, and the disk they are written to.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use litesoc_ledger::Hash;

/// Bytes before the first record.
pub(crate) const HEADER: usize = 64;
const MAGIC: &[u8; 12] = b"lsoc-seg\x01\0\0\0";

/// What stands before the records: the log it belongs to and the first record.
pub(crate) fn header(tree_name: &Hash, first: u64) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[..12].copy_from_slice(MAGIC);
    bytes[12..44].copy_from_slice(tree_name.as_bytes());
    bytes[44..52].copy_from_slice(&first.to_le_bytes());
    let sum = crc32c::crc32c(&bytes[..60]);
    bytes[60..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    Short,
    Bad,
    OtherLog,
}

/// Checks that a segment is one of this log that begins with this record.
pub(crate) fn check_header(bytes: &[u8], tree_name: &Hash, first: u64) -> Result<(), HeaderFault> {
    let found = bytes.get(..HEADER).ok_or(HeaderFault::Short)?;
    let expected = header(tree_name, first);
    if found == expected {
        return Ok(());
    }
    let sound = found[..12] == MAGIC[..] && crc32c::crc32c(&found[..60]).to_le_bytes() == found[60..];
    Err(if sound && found[12..44] != expected[12..44] { HeaderFault::OtherLog } else { HeaderFault::Bad })
}

/// Where records are written to: a file, or in a test a file that fails on demand.
pub trait Disk: fmt::Debug + Send {
    /// Appends bytes.
    ///
    /// # Errors
    ///
    /// What the system says; some of the bytes may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when everything appended is on the disk.
    ///
    /// # Errors
    ///
    /// What the system says; what is on the disk is unknown then.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file back to a length, after an append that failed.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// An ordinary file.
#[derive(Debug)]
pub(crate) struct FileDisk(File);

impl FileDisk {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(OpenOptions::new().append(true).open(path)?))
    }
}

impl Disk for FileDisk {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }
}

/// Fills `out` from a place in a file, without moving any position others use.
pub(crate) fn read_at(file: &File, at: u64, out: &mut [u8]) -> io::Result<()> {
    #[cfg(unix)]
    {
        std::os::unix::fs::FileExt::read_exact_at(file, out, at)
    }
    #[cfg(windows)]
    {
        let mut done = 0;
        while done < out.len() {
            match std::os::windows::fs::FileExt::seek_read(file, &mut out[done..], at + done as u64)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => done += read,
            }
        }
        Ok(())
    }
}

/// Writes a file so that it is there whole or not at all, also after a power failure.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&beside, path)?;
    sync_folder(path.parent().unwrap_or(path))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Windows has no such thing for folders, and needs none.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _none = folder;
    Ok(())
}
