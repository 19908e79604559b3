//! When each published checkpoint was published: 16 bytes each, appended.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use litesoc_ledger::time::Moment;
use parking_lot::Mutex;

use crate::error::OpenError;

/// Bytes of one: the size, the microseconds since 1970.
const LINE: usize = 16;

/// The times of publication, by size.
#[derive(Debug)]
pub(super) struct Times {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    /// Ascending in both.
    known: Vec<(u64, Moment)>,
}

impl Times {
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let mut options = OpenOptions::new();
        let opened = options.read(true).append(true).create(true).open(path);
        let mut file = opened.map_err(OpenError::io("opening", path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(OpenError::io("reading", path))?;
        let whole = bytes.len() / LINE * LINE;
        // A line that a crash cut short was told to nobody.
        file.set_len(whole as u64).map_err(OpenError::io("writing", path))?;
        let known = bytes.chunks_exact(LINE).filter_map(read).collect();
        Ok(Self { inner: Mutex::new(Inner { file, known }) })
    }

    /// Remembers a time, durably.
    pub(super) fn note(&self, size: u64, at: Moment) -> io::Result<()> {
        let mut inner = self.inner.lock();
        if inner.known.last().is_some_and(|(last, _)| *last >= size) {
            return Ok(());
        }
        let mut line = [0; LINE];
        line[..8].copy_from_slice(&size.to_le_bytes());
        line[8..].copy_from_slice(&at.as_micros().to_le_bytes());
        inner.file.write_all(&line)?;
        inner.file.sync_data()?;
        inner.known.push((size, at));
        Ok(())
    }

    /// When the checkpoint of this very size was published.
    pub(super) fn of(&self, size: u64) -> Option<Moment> {
        let inner = self.inner.lock();
        let place = inner.known.binary_search_by_key(&size, |(size, _)| *size).ok()?;
        Some(inner.known[place].1)
    }

    /// When the first checkpoint that covers so many records was published.
    pub(super) fn covering(&self, size: u64) -> Option<Moment> {
        let inner = self.inner.lock();
        let place = inner.known.partition_point(|(known, _)| *known < size);
        inner.known.get(place).map(|(_, at)| *at)
    }
}

fn read(line: &[u8]) -> Option<(u64, Moment)> {
    let (size, at) = line.split_at(8);
    let size = u64::from_le_bytes(size.try_into().ok()?);
    Some((size, Moment::from_micros(i64::from_le_bytes(at.try_into().ok()?))?))
}
