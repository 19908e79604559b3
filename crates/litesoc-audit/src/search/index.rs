//! [`SearchIndex`]: which blocks of records may hold a text. Derived: it can be deleted at any time.
//!
//! A block is 1,024 records and a Bloom filter of 65,536 bits over all runs of three bytes in their events.
//! A filter never misses a text that is there; what it lets through is read and looked at.
//! Records behind the last whole block are always looked at.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use litesoc_ledger::Hash;
use litesoc_ledger::envelope::EnvelopeView;
use litesoc_tlog::{Body, Log, ReadError};
use parking_lot::Mutex;

use crate::error::OpenError;

/// Records of a block.
pub(crate) const BLOCK: u64 = 1_024;
const FILTER: usize = 8 << 10;
/// The P-root after the block, its checksum, the filter.
const ENTRY: usize = 32 + 4 + FILTER;
const HEADER: &[u8; 32] = b"litesoc search index 1\n\0\0\0\0\0\0\0\0\0";

/// Which blocks of records may hold a text.
#[derive(Debug)]
pub(crate) struct SearchIndex {
    path: PathBuf,
    file: File,
    blocks: AtomicU64,
    /// One writer at a time.
    turn: Mutex<()>,
}

impl SearchIndex {
    /// Takes up the index of a log; one that belongs to another or is damaged is begun anew.
    pub(crate) fn open(path: &Path, log: &Log) -> Result<Self, OpenError> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path);
        let file = file.map_err(OpenError::io("opening", path))?;
        let index = Self { path: path.to_owned(), file, blocks: AtomicU64::new(0), turn: Mutex::new(()) };
        let blocks = index.believable(log).map_err(OpenError::io("reading", path))?;
        index
            .file
            .set_len(HEADER.len() as u64 + blocks * ENTRY as u64)
            .map_err(OpenError::io("writing", path))?;
        index.blocks.store(blocks, Ordering::Release);
        Ok(index)
    }

    /// Whole blocks that belong to this log; 0 unless the last of them ends in its root.
    fn believable(&self, log: &Log) -> io::Result<u64> {
        let mut header = [0; HEADER.len()];
        let length = self.file.metadata()?.len();
        if length < HEADER.len() as u64 || read_at(&self.file, 0, &mut header).is_err() || header != *HEADER {
            write_at(&self.file, 0, HEADER)?;
            return Ok(0);
        }
        let present = (length - HEADER.len() as u64) / ENTRY as u64;
        let blocks = present.min(log.state().size / BLOCK);
        if blocks == 0 {
            return Ok(0);
        }
        let ours = self.entry(blocks - 1).zip(log.pangea_root(blocks * BLOCK).ok());
        Ok(if ours.is_some_and(|(entry, root)| entry.root == root) { blocks } else { 0 })
    }

    fn entry(&self, block: u64) -> Option<Entry> {
        let mut bytes = vec![0; ENTRY];
        read_at(&self.file, HEADER.len() as u64 + block * ENTRY as u64, &mut bytes).ok()?;
        let (root, rest) = bytes.split_at(32);
        let (sum, filter) = rest.split_at(4);
        if crc32c::crc32c_append(crc32c::crc32c(root), filter).to_le_bytes() != *sum {
            return None;
        }
        Some(Entry { root: Hash::from_slice(root)?, filter: filter.to_vec() })
    }

    /// How many records, from the first on, the index knows.
    pub(crate) fn indexed_up_to(&self) -> u64 {
        self.blocks.load(Ordering::Acquire) * BLOCK
    }

    /// The filter of the block that begins with a record, when there is one that can be believed.
    pub(crate) fn filter(&self, first: u64) -> Option<Filter> {
        let block = first / BLOCK;
        if !first.is_multiple_of(BLOCK) || block >= self.blocks.load(Ordering::Acquire) {
            return None;
        }
        Some(Filter(self.entry(block)?.filter))
    }

    /// Forgets all blocks: records they know were erased. They are added again from what is left.
    pub(crate) fn forget(&self) -> io::Result<()> {
        let _turn = self.turn.lock();
        self.blocks.store(0, Ordering::Release);
        self.file.set_len(HEADER.len() as u64)
    }

    /// Adds the blocks that became whole; stops between two blocks when it should. Returns whether none is missing.
    pub(crate) fn extend(&self, log: &Log, should_stop: impl Fn() -> bool) -> Result<bool, ReadError> {
        let _turn = self.turn.lock();
        loop {
            let block = self.blocks.load(Ordering::Acquire);
            if (block + 1) * BLOCK > log.state().size {
                return Ok(true);
            }
            if should_stop() {
                return Ok(false);
            }
            let mut filter = vec![0; FILTER];
            log.records(block * BLOCK, (block + 1) * BLOCK, |record| {
                if let Body::Envelope(bytes) = &record.body
                    && let Ok(view) = EnvelopeView::read(bytes)
                {
                    add(view.event.as_bytes(), &mut filter);
                }
            })?;
            let root = log.pangea_root((block + 1) * BLOCK)?;
            let sum = crc32c::crc32c_append(crc32c::crc32c(root.as_bytes()), &filter);
            let entry = [root.as_bytes().as_slice(), &sum.to_le_bytes(), &filter].concat();
            let at = HEADER.len() as u64 + block * ENTRY as u64;
            write_at(&self.file, at, &entry)
                .map_err(|source| ReadError::Io { path: self.path.clone(), source })?;
            self.blocks.store(block + 1, Ordering::Release);
        }
    }
}

struct Entry {
    root: Hash,
    filter: Vec<u8>,
}

/// The filter of one block.
pub(crate) struct Filter(Vec<u8>);

impl Filter {
    /// Whether an event of the block may hold these bytes. Fewer than three may always be there.
    pub(crate) fn may_hold(&self, text: &[u8]) -> bool {
        text.windows(3).all(|run| bits(run).into_iter().all(|bit| self.0[bit / 8] & 1 << (bit % 8) != 0))
    }
}

fn add(text: &[u8], filter: &mut [u8]) {
    for run in text.windows(3) {
        for bit in bits(run) {
            filter[bit / 8] |= 1 << (bit % 8);
        }
    }
}

/// The two bits of a run of three bytes: two parts of one multiplicative hash.
fn bits(run: &[u8]) -> [usize; 2] {
    let run = run.iter().fold(0_u64, |run, byte| run << 8 | u64::from(*byte));
    let hash = (run + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    [(hash >> 48) as usize, (hash >> 32 & 0xffff) as usize]
}

fn read_at(file: &File, at: u64, bytes: &mut [u8]) -> io::Result<()> {
    #[cfg(unix)]
    {
        std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
    }
    #[cfg(windows)]
    {
        let mut done = 0;
        while done < bytes.len() {
            match std::os::windows::fs::FileExt::seek_read(file, &mut bytes[done..], at + done as u64)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => done += read,
            }
        }
        Ok(())
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
