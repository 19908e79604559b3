//! The entries of the R-tree, which bind both trees: bundles of 256 in a file, the last ones in memory.

use std::path::Path;

use litesoc_ledger::Hash;
use litesoc_ledger::entry::Entry;
use parking_lot::RwLock;

use crate::chunks::Chunks;
use crate::error::{OpenError, ReadError};

/// Bytes of an entry in a bundle, with its length in front (C2SP tlog-tiles).
const BUNDLED: usize = Entry::LEN + 2;
/// Entries of a bundle.
const WIDTH: u64 = 256;

/// All entries.
#[derive(Debug)]
pub(crate) struct Entries {
    file: Chunks,
    edge: RwLock<Edge>,
}

#[derive(Debug, Default)]
struct Edge {
    bundles: u64,
    /// The bundle that is not full yet.
    bytes: Vec<u8>,
}

impl Entries {
    pub(crate) fn new(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join("entries");
        let file = Chunks::open(&path, WIDTH as usize * BUNDLED).map_err(OpenError::io("opening", &*path))?;
        Ok(Self { file, edge: RwLock::default() })
    }

    pub(crate) fn add<'a>(&self, entries: impl IntoIterator<Item = &'a Entry>) -> std::io::Result<()> {
        let mut edge = self.edge.write();
        for entry in entries {
            edge.bytes.extend_from_slice(&[0, 65]);
            edge.bytes.extend_from_slice(&entry.to_bytes());
            if edge.bytes.len() == WIDTH as usize * BUNDLED {
                self.file.put(edge.bundles, &edge.bytes)?;
                edge.bundles += 1;
                edge.bytes.clear();
            }
        }
        Ok(())
    }

    pub(crate) fn trim(&self) -> std::io::Result<()> {
        self.file.cut(self.edge.read().bundles)
    }

    /// The first `width` entries of a bundle, as C2SP tlog-tiles serves them.
    pub(crate) fn bundle(&self, number: u64, width: usize) -> Result<Vec<u8>, ReadError> {
        let missing = || ReadError::NoSuchNode { level: 0, index: number.saturating_mul(WIDTH) };
        let mut bytes = {
            let edge = self.edge.read();
            if number > edge.bundles {
                return Err(missing());
            }
            if number == edge.bundles { Some(edge.bytes.clone()) } else { None }
        }
        .map_or_else(|| self.stored(number), Ok)?;
        if bytes.len() < width * BUNDLED {
            return Err(missing());
        }
        bytes.truncate(width * BUNDLED);
        Ok(bytes)
    }

    /// One entry; whoever asks compares it with the R-tree, since files are not believed.
    pub(crate) fn get(&self, index: u64) -> Result<Entry, ReadError> {
        let within = usize::try_from(index % WIDTH).unwrap_or(0);
        let bundle = self.bundle(index / WIDTH, within + 1)?;
        let start = within * BUNDLED + 2;
        Entry::from_bytes(&bundle[start..]).ok_or(ReadError::NoSuchNode { level: 0, index })
    }

    /// A full bundle from the file as earlier runs left it.
    pub(crate) fn stored(&self, number: u64) -> Result<Vec<u8>, ReadError> {
        self.file.get(number).map_err(|source| ReadError::Io { path: self.file.path.clone(), source })
    }
}

/// The P-roots that a bundle from the file claims.
pub(crate) fn claimed_roots(bundle: &[u8]) -> Vec<Hash> {
    bundle.chunks_exact(BUNDLED).filter_map(|entry| Hash::from_slice(&entry[35..])).collect()
}
