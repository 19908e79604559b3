//! Reading every segment from its first byte to its last.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;
use std::sync::Arc;

use litesoc_ledger::Hash;
use litesoc_ledger::time::Moment;

use crate::erase::received_at;
use crate::error::OpenError;
use crate::log::{Recovery, Shared};
use crate::record::RequestId;
use crate::segment::file::{self, HEADER, HeaderFault};
use crate::segment::frame::{self, Content, Fault};
use crate::segment::{Segment, path_of};

/// Records handed over together.
const TOGETHER: usize = 4_096;

/// Records of one segment, hashed.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// The leaf hash of each record, and whether it ends a batch.
    pub(super) leaves: Vec<(Hash, bool)>,
    /// The first record of each request.
    pub(super) requests: Vec<(RequestId, u64)>,
}

/// How the last segment ends.
#[derive(Debug, Default)]
pub(super) struct Tail {
    pub(super) received_at: Option<Moment>,
    /// The segment with an unfinished batch at its end, where that begins, and where the file ends.
    pub(super) torn: Option<(PathBuf, u64, u64)>,
}

/// Why the segments cannot be read.
#[derive(Debug)]
pub(super) enum Problem {
    Open(OpenError),
    /// The other side has a problem of its own.
    Cancelled,
    Panicked,
}

impl Problem {
    pub(super) fn into_error(self, shared: &Shared) -> OpenError {
        match self {
            Self::Open(error) => error,
            Self::Cancelled | Self::Panicked => {
                let source = std::io::Error::other("the reader of the segments stopped");
                OpenError::io("reading", shared.folder.clone())(source)
            }
        }
    }
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

/// Reads all segments in their order and hands over what is in them.
pub(super) fn segments(shared: &Shared, mut hand: impl FnMut(Scanned) -> bool) -> Result<Tail, Problem> {
    let folder = shared.folder.join("rec");
    let firsts = firsts(&folder)?;
    let mut tail = Tail::default();
    let mut next = 0;
    for (place, first) in firsts.iter().copied().enumerate() {
        if first != next {
            return Err(OpenError::Missing { expected: next, found: first }.into());
        }
        let path = path_of(&folder, first);
        let bytes = fs::read(&path).map_err(OpenError::io("reading", &*path))?;
        let is_last = place + 1 == firsts.len();
        check_header(shared, &path, &bytes, first, is_last)?;
        let opened = File::open(&path).map_err(OpenError::io("opening", &*path))?;
        let mut reading = Reading {
            segment: Segment::new(path, first, opened),
            bytes: &bytes,
            at: HEADER.min(bytes.len()),
            complete: HEADER.min(bytes.len()),
            record: first,
            whole: first,
            lengths: Vec::new(),
            scanned: Scanned::default(),
            last_request: None,
            last: None,
        };
        reading.run(is_last, &mut hand)?;
        next = reading.whole;
        let received_at = reading.last.and_then(|content| match content {
            Content::Envelope(envelope) => received_at(envelope),
            Content::Tombstone(stone) => Some(stone.received_at),
        });
        tail.received_at = received_at.or(tail.received_at);
        if reading.complete < bytes.len() || bytes.len() < HEADER {
            let path = reading.segment.path.clone();
            tail.torn = Some((path, reading.complete as u64, bytes.len() as u64));
        }
        shared.segments.push(Arc::new(reading.segment));
    }
    Ok(tail)
}

/// The first record of each segment, by the names of the files.
fn firsts(folder: &std::path::Path) -> Result<Vec<u64>, OpenError> {
    let mut firsts = Vec::new();
    for entry in fs::read_dir(folder).map_err(OpenError::io("reading", folder))? {
        let name = entry.map_err(OpenError::io("reading", folder))?.file_name();
        let first: Option<u64> =
            name.to_str().and_then(|name| name.strip_suffix(".seg")).and_then(|name| name.parse().ok());
        firsts.extend(first);
    }
    firsts.sort_unstable();
    Ok(firsts)
}

fn check_header(
    shared: &Shared,
    path: &std::path::Path,
    bytes: &[u8],
    first: u64,
    is_last: bool,
) -> Result<(), OpenError> {
    let options = &shared.options;
    match file::check_header(bytes, &options.tree_name, first) {
        // Segments get their header before their name, so a short one can only be the rest of a crash of the disk.
        Err(HeaderFault::Short) if is_last && bytes.is_empty() => Ok(()),
        Ok(()) => Ok(()),
        Err(HeaderFault::OtherLog) => {
            Err(OpenError::OtherLog { path: path.to_owned(), origin: options.origin.clone() })
        }
        Err(HeaderFault::Short | HeaderFault::Bad) => Err(OpenError::Damaged {
            path: path.to_owned(),
            offset: 0,
            record: first,
            fault: "its header is not the one that was written",
        }),
    }
}

/// One segment while it is read.
struct Reading<'a> {
    segment: Segment,
    bytes: &'a [u8],
    at: usize,
    /// Where the last whole batch ends.
    complete: usize,
    record: u64,
    /// Records up to the end of the last whole batch.
    whole: u64,
    lengths: Vec<u32>,
    scanned: Scanned,
    last_request: Option<RequestId>,
    /// What the last record of the last whole batch says.
    last: Option<Content<'a>>,
}

impl Reading<'_> {
    fn run(&mut self, is_last: bool, hand: &mut impl FnMut(Scanned) -> bool) -> Result<(), Problem> {
        let mut batch = Scanned::default();
        let mut lengths = Vec::new();
        while self.at < self.bytes.len() {
            let frame = match frame::read(&self.bytes[self.at..]) {
                Ok(frame) => frame,
                Err(fault) => {
                    self.judge(fault, is_last)?;
                    break;
                }
            };
            let request = RequestId::of_bytes(frame.request);
            if self.last_request.replace(request) != Some(request) {
                batch.requests.push((request, self.record));
            }
            batch.leaves.push((frame.leaf_hash(), frame.last_of_batch));
            lengths.push(u32::try_from(frame.length).unwrap_or(u32::MAX));
            self.at += frame.length;
            self.record += 1;
            if frame.last_of_batch {
                self.scanned.leaves.append(&mut batch.leaves);
                self.scanned.requests.append(&mut batch.requests);
                self.lengths.append(&mut lengths);
                (self.complete, self.whole) = (self.at, self.record);
                self.last = Some(frame.content);

                if self.scanned.leaves.len() >= TOGETHER {
                    self.hand_over(hand)?;
                }
            }
        }
        if self.complete < self.bytes.len() && !is_last {
            return Err(self.damaged("its last batch is not whole").into());
        }
        self.hand_over(hand)
    }

    fn hand_over(&mut self, hand: &mut impl FnMut(Scanned) -> bool) -> Result<(), Problem> {
        self.segment.note(self.lengths.drain(..));
        if hand(std::mem::take(&mut self.scanned)) { Ok(()) } else { Err(Problem::Cancelled) }
    }

    /// Bytes that are no record: the rest of a write that was cut off, or damage.
    ///
    /// A torn write has nothing after it. Whatever has a whole record behind it was on the disk once and is refused.
    fn judge(&self, fault: Fault, is_last: bool) -> Result<(), OpenError> {
        let rest = &self.bytes[self.at..];
        let followed = (1..rest.len()).any(|skip| looks_like_a_record(&rest[skip..]));
        if is_last && !followed { Ok(()) } else { Err(self.damaged(fault.words())) }
    }

    fn damaged(&self, fault: &'static str) -> OpenError {
        OpenError::Damaged {
            path: self.segment.path.clone(),
            offset: self.at as u64,
            record: self.record,
            fault,
        }
    }
}

/// Whether a whole record begins here; the checksum is asked only when all else fits.
fn looks_like_a_record(bytes: &[u8]) -> bool {
    let Some([a, b, c, d, _, _, _, _, kind, ..]) = bytes.first_chunk::<9>() else { return false };
    let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
    let fits = (2..=bytes.len() - frame::HEAD).contains(&length) && matches!(kind & 0x7f, 1 | 2);
    fits && frame::read(bytes).is_ok()
}

/// Cuts the unfinished batch off, durably. Nobody was told that it was there.
pub(super) fn cut(shared: &Shared, tail: &Tail) -> Result<Recovery, OpenError> {
    let Some((path, complete, end)) = &tail.torn else { return Ok(Recovery::default()) };
    let first = shared.segments.last().map_or(0, |segment| segment.first);
    let mended = if *complete < HEADER as u64 {
        file::write_whole(path, &file::header(&shared.options.tree_name, first))
    } else {
        OpenOptions::new().write(true).open(path).and_then(|file| {
            file.set_len(*complete)?;
            file.sync_all()
        })
    };
    mended.map_err(OpenError::io("cutting the unfinished write off", &**path))?;
    let cut_bytes = end - complete;
    tracing::warn!(
        segment = %path.display(), cut_bytes, "an unfinished write was cut off; nobody was told that it was durable"
    );
    let mut recovery = Recovery::default();
    (recovery.cut_bytes, recovery.cut_from) = (cut_bytes, Some(path.clone()));
    Ok(recovery)
}
