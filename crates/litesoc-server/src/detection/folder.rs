//! Snapshots of the detector on the disk: a header that says where it stood, then all that it remembered.
//!
//! ```text
//! magic (8 bytes)  version (4)  length of the header (4)  header (JSON)  SHA-256 of all that (32)  snapshot of the detector
//! ```
//!
//! The numbers are little-endian. The snapshot of the detector has a format and a checksum of its own.

use std::fs::{DirBuilder, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const MAGIC: &[u8; 8] = b"LSOCSNAP";
const VERSION: u32 = 1;
/// The longest header that is believed.
const LONGEST_HEADER: u32 = 64 << 10;
const SNAPSHOT: &str = "snapshot";
const TEMPORARY: &str = "snapshot.new";
const SPILL: &str = "spill.db";

/// Where in the history a detector stood at a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// The place of the last event it had seen; everything up to there was recorded before the snapshot was taken.
    pub(super) cursor: u64,
    /// The id of the event at that place, by which another history is told from this one.
    pub(super) event: Option<Uuid>,
    /// The number of the last verdict it had obeyed.
    pub(super) verdict: u64,
    /// The generation of the spill file that belongs to it; `None` when there was no spill file to rely on.
    pub(super) spill: Option<u64>,
    /// A hash of the settings.
    pub(super) settings: String,
}

/// Why there is no header to be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("there is none")]
    Missing,
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("it is none of this program")]
    Foreign,
    #[error("it has version {0}, and this program reads version {VERSION}")]
    Version(u32),
    #[error("it is damaged")]
    Damaged,
}

/// The folder that holds the latest snapshot and the spill file.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder at this path, made if it is not there: for its owner alone, because it will hold names and addresses.
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder.create(path)?;
        Ok(Self(path.to_path_buf()))
    }

    pub(super) fn spill(&self) -> PathBuf {
        self.0.join(SPILL)
    }

    /// The header of the latest snapshot, and the rest of it to read on.
    pub(super) fn open(&self) -> Result<(Header, impl Read + use<>), Unreadable> {
        let file = match File::open(self.0.join(SNAPSHOT)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unreadable::Missing),
            file => file?,
        };
        let mut input = BufReader::with_capacity(1 << 20, file);
        let header = read_header(&mut input)?;
        Ok((header, input))
    }

    /// Deletes the latest snapshot, so that nobody takes it up later.
    pub(super) fn discard(&self) -> io::Result<()> {
        match std::fs::remove_file(self.0.join(SNAPSHOT)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Writes a snapshot beside the latest one. It may still be on its way to the disk.
    pub(super) fn write(
        &self,
        header: &Header,
        rest: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Draft> {
        let path = self.0.join(TEMPORARY);
        let mut out = BufWriter::with_capacity(1 << 20, private_file(&path)?);
        out.write_all(&header_bytes(header)?)?;
        rest(&mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let bytes = file.metadata()?.len();
        Ok(Draft { file, bytes, folder: self.clone() })
    }
}

/// A snapshot that is written and not the latest yet.
#[derive(Debug)]
pub(super) struct Draft {
    file: File,
    pub(super) bytes: u64,
    folder: Folder,
}

impl Draft {
    /// Puts it in the place of the latest one, once it is on the disk.
    pub(super) fn publish(self) -> io::Result<()> {
        self.file.sync_all()?;
        let directory = &self.folder.0;
        std::fs::rename(directory.join(TEMPORARY), directory.join(SNAPSHOT))?;
        // The rename is on the disk when the folder is.
        #[cfg(unix)]
        File::open(directory)?.sync_all()?;
        Ok(())
    }
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

fn header_bytes(header: &Header) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(header)?;
    let length = u32::try_from(json.len()).map_err(io::Error::other)?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&json);
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    Ok(bytes)
}

fn read_header(input: &mut impl Read) -> Result<Header, Unreadable> {
    let mut bytes = vec![0; MAGIC.len() + 8];
    exact(input, &mut bytes)?;
    let number = |at: usize| -> u32 {
        bytes[at..].iter().take(4).rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
    };
    let (version, length) = (number(MAGIC.len()), number(MAGIC.len() + 4));
    if !bytes.starts_with(MAGIC) {
        return Err(Unreadable::Foreign);
    }
    if version != VERSION {
        return Err(Unreadable::Version(version));
    }
    if length > LONGEST_HEADER {
        return Err(Unreadable::Damaged);
    }
    let start = bytes.len();
    bytes.resize(start + length as usize, 0);
    exact(input, &mut bytes[start..])?;
    let mut sum = [0; 32];
    exact(input, &mut sum)?;
    if *Sha256::digest(&bytes) != sum {
        return Err(Unreadable::Damaged);
    }
    serde_json::from_slice(&bytes[start..]).map_err(|_| Unreadable::Damaged)
}

fn exact(input: &mut impl Read, bytes: &mut [u8]) -> Result<(), Unreadable> {
    input.read_exact(bytes).map_err(|error| {
        let cut_off = error.kind() == io::ErrorKind::UnexpectedEof;
        if cut_off { Unreadable::Damaged } else { Unreadable::Io(error) }
    })
}
