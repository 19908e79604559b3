//! [`Epoch`]: whoever opened a log last may append, and nobody before.
//!
//! The lock of the folder keeps two processes apart where it reaches; on a disk that two machines can mount it may not.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::OpenError;
use crate::segment::file::write_whole;

/// The number under which a process appends.
#[derive(Debug)]
pub(crate) struct Epoch {
    path: PathBuf,
    own: u64,
}

/// Why a process may append no more.
#[derive(Debug)]
pub(crate) enum Lost {
    /// Another one took the log over.
    Taken(String),
    /// Nobody can tell.
    Unknown(String),
}

impl Lost {
    pub(crate) fn into_cause(self) -> String {
        match self {
            Self::Taken(cause) | Self::Unknown(cause) => cause,
        }
    }
}

impl Epoch {
    /// Takes the log over, durably: from now on every earlier process stops.
    ///
    /// Before records are read: whatever an earlier process answers for after that it has not written.
    pub(crate) fn take(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join("epoch");
        let last = match read(&path) {
            Ok(Some(epoch)) => epoch,
            Ok(None) => return Err(OpenError::Epoch { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(OpenError::io("reading", path)(error)),
        };
        let own = last.checked_add(1).ok_or_else(|| OpenError::Epoch { path: path.clone() })?;
        write_whole(&path, format!("{own}\n").as_bytes()).map_err(OpenError::io("writing", &*path))?;
        Ok(Self { path, own })
    }

    /// Whether this process still is the last one. Opened anew each time: that is when a shared disk looks for changes.
    pub(crate) fn check(&self) -> Result<(), Lost> {
        let Self { path, own } = self;
        match read(path) {
            Ok(Some(found)) if found == *own => Ok(()),
            Ok(Some(found)) => Err(Lost::Taken(format!(
                "epoch {found} took the log over from epoch {own}, which is this process; stop it and use the other"
            ))),
            Ok(None) => Err(Lost::Taken(format!("{} is not what this process wrote", path.display()))),
            Err(error) => Err(Lost::Unknown(format!("{} could not be read: {error}", path.display()))),
        }
    }
}

/// The number in the file; `None` when it holds none.
fn read(path: &Path) -> io::Result<Option<u64>> {
    let bytes = fs::read(path)?;
    let text = str::from_utf8(&bytes).ok().and_then(|text| text.strip_suffix('\n'));
    Ok(text.and_then(|text| text.parse().ok()))
}
