//! Segments: the files that hold the records, and where in them each record is.

pub(crate) mod file;
pub(crate) mod frame;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;

use self::frame::{Fault, Frame};
use crate::error::ReadError;

/// Between two of these, a reader steps from frame to frame: one place in memory for so many records.
const EVERY: u64 = 64;
/// Read at a time; most records fit.
const READ: usize = 16 << 10;

/// One segment and its sparse index.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    pub(crate) first: u64,
    file: File,
    places: RwLock<Places>,
}

/// Where records begin.
#[derive(Debug, Default)]
struct Places {
    /// The byte at which each [`EVERY`]th record begins.
    sparse: Vec<u64>,
    records: u64,
    /// Where the next record will begin.
    end: u64,
}

impl Segment {
    /// A segment whose records are still to be [noted](Self::note).
    pub(crate) fn new(path: PathBuf, first: u64, file: File) -> Self {
        let places = Places { end: file::HEADER as u64, ..Places::default() };
        Self { path, first, file, places: RwLock::new(places) }
    }

    /// Notes the next records by the lengths of their frames.
    pub(crate) fn note(&self, lengths: impl IntoIterator<Item = u32>) {
        let mut places = self.places.write();
        for length in lengths {
            if places.records.is_multiple_of(EVERY) {
                let end = places.end;
                places.sparse.push(end);
            }
            places.records += 1;
            places.end += u64::from(length);
        }
    }

    pub(crate) fn records(&self) -> u64 {
        self.places.read().records
    }

    pub(crate) fn end(&self) -> u64 {
        self.places.read().end
    }

    /// Shows the frames of `count` records from `index` on.
    pub(crate) fn read(
        &self,
        index: u64,
        count: u64,
        mut show: impl FnMut(u64, &Frame<'_>),
    ) -> Result<(), ReadError> {
        let within = index - self.first;
        let (mut at, end) = {
            let places = self.places.read();
            let sparse = usize::try_from(within / EVERY).ok().and_then(|place| places.sparse.get(place));
            (sparse.copied().unwrap_or(places.end), places.end)
        };
        let mut window = Window { segment: self, at, end, bytes: Vec::new() };
        for record in (self.first + within / EVERY * EVERY)..index + count {
            let frame = window.frame(at, record)?;
            let length = frame.length;
            if record >= index {
                show(record, &frame);
            }
            at += length as u64;
        }
        Ok(())
    }

    fn damaged(&self, index: u64, fault: &'static str) -> ReadError {
        ReadError::Damaged { index, path: self.path.clone(), fault }
    }
}

/// The bytes around the place that is read.
struct Window<'a> {
    segment: &'a Segment,
    at: u64,
    end: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    fn frame(&mut self, at: u64, record: u64) -> Result<Frame<'_>, ReadError> {
        let mut wanted = READ;
        loop {
            let skip = usize::try_from(at - self.at).unwrap_or(usize::MAX);
            let present = self.bytes.get(skip..).unwrap_or(&[]);
            match frame::read(present) {
                // The borrow checker cannot see that this arm ends the loop.
                Ok(_) => break,
                Err(Fault::Short) if self.at + (self.bytes.len() as u64) < self.end => {
                    self.fill(at, wanted)?
                }
                Err(fault) => return Err(self.segment.damaged(record, fault.words())),
            }
            wanted = (wanted * 8).min(frame::LONGEST_BODY + READ);
        }
        let skip = usize::try_from(at - self.at).unwrap_or(usize::MAX);
        frame::read(&self.bytes[skip..]).map_err(|fault| self.segment.damaged(record, fault.words()))
    }

    fn fill(&mut self, at: u64, wanted: usize) -> Result<(), ReadError> {
        let left = usize::try_from(self.end - at).unwrap_or(usize::MAX);
        self.at = at;
        self.bytes.resize(wanted.min(left), 0);
        file::read_at(&self.segment.file, at, &mut self.bytes)
            .map_err(|source| ReadError::Io { path: self.segment.path.clone(), source })
    }
}

/// All segments, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    all: RwLock<Vec<Arc<Segment>>>,
}

impl Segments {
    pub(crate) fn push(&self, segment: Arc<Segment>) {
        self.all.write().push(segment);
    }

    /// Puts a rewritten segment in the place of the one with the same first record.
    pub(crate) fn replace(&self, segment: Arc<Segment>) {
        let mut all = self.all.write();
        if let Some(place) = all.iter().position(|known| known.first == segment.first) {
            all[place] = segment;
        }
    }

    pub(crate) fn last(&self) -> Option<Arc<Segment>> {
        self.all.read().last().cloned()
    }

    /// The segment that holds a record.
    pub(crate) fn holding(&self, index: u64) -> Option<Arc<Segment>> {
        let all = self.all.read();
        let after = all.partition_point(|segment| segment.first <= index);
        all.get(after.checked_sub(1)?).cloned()
    }

    /// Shows the frames of the records `from..to`, which must be there.
    pub(crate) fn read(
        &self,
        from: u64,
        to: u64,
        mut show: impl FnMut(u64, &Frame<'_>),
    ) -> Result<(), ReadError> {
        let mut at = from;
        while at < to {
            let segment = self.holding(at).ok_or(ReadError::NoSuchRecord { index: at, size: to })?;
            let until = to.min(segment.first + segment.records());
            if until <= at {
                return Err(ReadError::NoSuchRecord { index: at, size: until });
            }
            segment.read(at, until - at, &mut show)?;
            at = until;
        }
        Ok(())
    }
}

/// The name of the segment that begins with a record.
pub(crate) fn path_of(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}.seg"))
}
