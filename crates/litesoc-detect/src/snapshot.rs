//! Snapshots: all that a detector remembers as one stream of bytes, and back.
//!
//! ```text
//! magic (8 bytes)  format (1 byte)  frames..  empty frame  SHA-256 of everything before it (32 bytes)
//! frame = length (4 bytes, little-endian)  bytes
//! ```
//!
//! Each part of the detector begins with a frame that says which it is and how many frames follow.

use std::fmt;
use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

use crate::InvalidSettings;
use crate::record::{FORMAT, Field};

const MAGIC: &[u8; 8] = b"LSDETECT";
/// Bytes gathered before they are written.
const BATCH: usize = 64 * 1024;
/// Longest frame: an alert with everything it tells is a hundred kilobytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// Why a snapshot cannot be restored; nothing of it is used.
#[derive(Debug)]
#[non_exhaustive]
pub enum RestoreError {
    /// The bytes could not be read.
    Io(io::Error),
    /// These bytes are no snapshot of a detector.
    NotASnapshot,
    /// The snapshot was made by another version of this crate.
    OtherFormat {
        /// The format of the snapshot.
        found: u8,
        /// The format that this version reads.
        wanted: u8,
    },
    /// The snapshot ends too early or its bytes were changed.
    Corrupt {
        /// The part in which it showed.
        part: &'static str,
    },
    /// The settings to restore it with cannot work.
    Settings(InvalidSettings),
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the snapshot of the detector cannot be read: {error}"),
            Self::NotASnapshot => f.write_str("this is no snapshot of a detector"),
            Self::OtherFormat { found, wanted } => write!(
                f,
                "the snapshot of the detector has format {found}, and this version reads format {wanted}: \
                 show the detector the stored events instead"
            ),
            Self::Corrupt { part } => write!(
                f,
                "the snapshot of the detector is damaged ({part}): show the detector the stored events instead"
            ),
            Self::Settings(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RestoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Settings(error) => Some(error),
            Self::NotASnapshot | Self::OtherFormat { .. } | Self::Corrupt { .. } => None,
        }
    }
}

impl From<InvalidSettings> for RestoreError {
    fn from(error: InvalidSettings) -> Self {
        Self::Settings(error)
    }
}

/// Writes a snapshot.
pub(crate) struct Writer<'a> {
    out: &'a mut dyn Write,
    hash: Sha256,
    batch: Vec<u8>,
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl<'a> Writer<'a> {
    pub(crate) fn begin(out: &'a mut dyn Write) -> Self {
        let mut batch = Vec::with_capacity(2 * BATCH);
        batch.extend_from_slice(MAGIC);
        batch.push(FORMAT);
        Self { out, hash: Sha256::new(), batch }
    }

    /// Announces a part and how many frames it has.
    pub(crate) fn part(&mut self, part: &'static str, frames: usize) -> io::Result<()> {
        self.frame(|out| {
            out.extend_from_slice(part.as_bytes());
            frames.put(out);
        })
    }

    pub(crate) fn frame(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let start = self.batch.len();
        self.batch.extend_from_slice(&[0; 4]);
        fill(&mut self.batch);
        let length = self.batch.len() - start - 4;
        let length = u32::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        self.batch[start..start + 4].copy_from_slice(&length.to_le_bytes());
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hash.update(&self.batch);
        self.out.write_all(&self.batch)?;
        self.batch.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.frame(|_| {})?;
        self.flush()?;
        self.out.write_all(&self.hash.finalize())?;
        self.out.flush()
    }
}

/// Reads a snapshot.
pub(crate) struct Reader<'a> {
    input: &'a mut dyn Read,
    hash: Sha256,
    frame: Vec<u8>,
    part: &'static str,
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("part", &self.part).finish_non_exhaustive()
    }
}

impl<'a> Reader<'a> {
    /// Reads the header; `input` should be buffered.
    pub(crate) fn begin(input: &'a mut dyn Read) -> Result<Self, RestoreError> {
        let mut reader = Self { input, hash: Sha256::new(), frame: Vec::new(), part: "header" };
        let mut header = [0; MAGIC.len() + 1];
        match reader.exact(&mut header) {
            Err(RestoreError::Corrupt { .. }) => return Err(RestoreError::NotASnapshot),
            result => result?,
        }
        let (magic, format) = header.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(RestoreError::NotASnapshot);
        }
        if format != [FORMAT] {
            return Err(RestoreError::OtherFormat { found: format[0], wanted: FORMAT });
        }
        reader.hash.update(header);
        Ok(reader)
    }

    /// Reads the announcement of a part and gives the number of its frames.
    pub(crate) fn part(&mut self, part: &'static str) -> Result<usize, RestoreError> {
        self.part = part;
        self.read_frame()?;
        let count = self.frame.strip_prefix(part.as_bytes()).and_then(|mut rest| {
            let count = usize::take(&mut rest)?;
            rest.is_empty().then_some(count)
        });
        count.ok_or_else(|| self.corrupt())
    }

    /// Reads one frame, all of it, as something.
    pub(crate) fn frame<T>(&mut self, read: impl FnOnce(&mut &[u8]) -> Option<T>) -> Result<T, RestoreError> {
        self.read_frame()?;
        let mut rest = &*self.frame;
        let value = read(&mut rest).filter(|_| rest.is_empty());
        value.ok_or_else(|| self.corrupt())
    }

    /// Reads the end and checks that every byte was as it was written.
    pub(crate) fn finish(mut self) -> Result<(), RestoreError> {
        self.part = "end";
        self.read_frame()?;
        if !self.frame.is_empty() {
            return Err(self.corrupt());
        }
        let mut written = [0; 32];
        self.exact(&mut written)?;
        let sum: [u8; 32] = self.hash.clone().finalize().into();
        if written == sum { Ok(()) } else { Err(RestoreError::Corrupt { part: "checksum" }) }
    }

    /// The snapshot is not what was written.
    pub(crate) const fn corrupt(&self) -> RestoreError {
        RestoreError::Corrupt { part: self.part }
    }

    fn read_frame(&mut self) -> Result<(), RestoreError> {
        let mut length = [0; 4];
        self.exact(&mut length)?;
        self.hash.update(length);
        let length = u32::from_le_bytes(length) as usize;
        if length > LONGEST {
            return Err(self.corrupt());
        }
        self.frame.clear();
        while self.frame.len() < length {
            // Piece by piece: an announced length takes no memory before its bytes are there.
            let start = self.frame.len();
            let mut frame = std::mem::take(&mut self.frame);
            frame.resize(length.min(start + BATCH), 0);
            let read = self.exact(&mut frame[start..]);
            self.frame = frame;
            read?;
        }
        self.hash.update(&self.frame);
        Ok(())
    }

    fn exact(&mut self, bytes: &mut [u8]) -> Result<(), RestoreError> {
        self.input.read_exact(bytes).map_err(|error| {
            let cut_off = error.kind() == io::ErrorKind::UnexpectedEof;
            if cut_off { self.corrupt() } else { RestoreError::Io(error) }
        })
    }
}
