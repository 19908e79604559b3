//! What a mirror checks: that a log only grew, and that the entries it shows are those its checkpoint is over.
//!
//! A mirror asks for bundles of entries, works the tiles and the root out itself, and believes nothing but the root that
//! was signed. [`compare`] says whether there is something to fetch, and [`Growth`] checks what was fetched.

use crate::{
    Hash,
    checkpoint::Checkpoint,
    merkle::{self, EMPTY_ROOT},
    tiles::{InvalidEntryBundle, TILE_WIDTH, TileBuilder, TilePath, entries_of, entry_bundle, tile_bytes},
    tree::Rfc6962,
};

/// What a mirror has to do about a checkpoint of its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Nothing: it has these records.
    Same,
    /// Fetch the entries from `from` on.
    Grew {
        /// How many it has.
        from: u64,
    },
}

/// Compares a checkpoint with what a mirror has: size and root of the last one it kept.
///
/// ```
/// use litesoc_ledger::{Hash, checkpoint::Checkpoint, mirror::{LogFault, Step, compare}};
///
/// let (root, other) = (Hash::of(b"a"), Hash::of(b"b"));
/// let seen = |size, root| Checkpoint::new("log.example", size, root).expect("an origin");
/// assert_eq!(compare(Some((5, root)), &seen(8, other)), Ok(Step::Grew { from: 5 }));
/// assert_eq!(compare(Some((5, root)), &seen(5, root)), Ok(Step::Same));
/// assert_eq!(compare(Some((5, root)), &seen(4, root)), Err(LogFault::Shrank { had: 5, seen: 4 }));
/// assert_eq!(compare(Some((5, root)), &seen(5, other)), Err(LogFault::Forked { size: 5, had: root, seen: other }));
/// ```
///
/// # Errors
///
/// The log shrank, or has another root at the same size.
pub fn compare(have: Option<(u64, Hash)>, seen: &Checkpoint) -> Result<Step, LogFault> {
    let Some((size, root)) = have else { return Ok(Step::Grew { from: 0 }) };
    if seen.size < size {
        return Err(LogFault::Shrank { had: size, seen: seen.size });
    }
    if seen.size > size {
        return Ok(Step::Grew { from: size });
    }
    if seen.root == root {
        Ok(Step::Same)
    } else {
        Err(LogFault::Forked { size, had: root, seen: seen.root })
    }
}

/// Entries on their way from one size to the next checkpoint.
///
/// ```
/// use litesoc_ledger::{checkpoint::Checkpoint, merkle, mirror::Growth, tiles::{TileBuilder, TilePath, entry_bundle}};
///
/// let root = merkle::leaf_hash(b"the only entry");
/// let mut growth = Growth::new(TileBuilder::new(), &[], Checkpoint::new("log.example", 1, root)?)?;
/// assert_eq!(growth.wanted(), Some(TilePath::Entries { index: 0, width: 1 }));
/// let mut files = Vec::new();
/// growth.add(&entry_bundle(["the only entry"])?, |path, _| files.push(path.to_string()))?;
/// growth.finish(|path, _| files.push(path.to_string()))?;
/// assert_eq!(files, ["tile/entries/000.p/1", "tile/0/000.p/1"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Growth {
    tree: TileBuilder<Rfc6962>,
    /// The entries of the bundle that was not full at the size before.
    held: Vec<Vec<u8>>,
    to: Checkpoint,
}

impl Growth {
    /// Goes on from a tree to a checkpoint; `held` is the bundle that the tree ends in, if that is not full.
    ///
    /// # Errors
    ///
    /// The bundle is not the one of that tree.
    pub fn new(tree: TileBuilder<Rfc6962>, held: &[u8], to: Checkpoint) -> Result<Self, LogFault> {
        let (index, width) = (tree.size() / u64::from(TILE_WIDTH), tree.size() % u64::from(TILE_WIDTH));
        let held: Vec<Vec<u8>> = match width {
            0 => Vec::new(),
            _ => bundle(held, index, width as u16)?.into_iter().map(<[u8]>::to_vec).collect(),
        };
        let leaves = held.iter().map(|entry| merkle::leaf_hash(entry));
        let row = tree.partial().find(|(tile, _)| tile.level == 0).map_or(&[][..], |(_, hashes)| hashes);
        if let Some(place) = leaves.zip(row).position(|(leaf, hash)| leaf != *hash) {
            return Err(LogFault::Entry { index: index * u64::from(TILE_WIDTH) + place as u64 });
        }
        Ok(Self { tree, held, to })
    }

    /// The bundle to add next; `None` once all are there.
    #[must_use]
    pub fn wanted(&self) -> Option<TilePath> {
        let (have, width) = (self.tree.size(), u64::from(TILE_WIDTH));
        let index = have / width;
        let width = (self.to.size.saturating_sub(index * width)).min(width) as u16;
        (have < self.to.size).then_some(TilePath::Entries { index, width })
    }

    /// Adds the bundle that was wanted, or a wider one of the same place, and hands over the files that it completes.
    ///
    /// They must not be shown to anybody before [`finish`](Self::finish) says that they are the log's.
    ///
    /// # Errors
    ///
    /// It is no such bundle, or begins with other entries than before.
    pub fn add(&mut self, bytes: &[u8], mut file: impl FnMut(TilePath, Vec<u8>)) -> Result<(), LogFault> {
        let Some(path @ TilePath::Entries { index, width }) = self.wanted() else { return Ok(()) };
        let entries = bundle(bytes, index, width)?;
        let held = std::mem::take(&mut self.held);
        if let Some(place) = held.iter().zip(&entries).position(|(held, entry)| held != entry) {
            return Err(LogFault::Entry { index: index * u64::from(TILE_WIDTH) + place as u64 });
        }
        for entry in &entries[held.len()..] {
            self.tree.append(merkle::leaf_hash(entry), |tile| {
                file(TilePath::Tile(tile.id), tile_bytes(&tile.hashes));
            });
        }
        file(path, entry_bundle(&entries).map_err(|fault| LogFault::Bundle { index, fault })?);
        Ok(())
    }

    /// Checks that the entries lead to the root of the checkpoint, and hands over the tiles that are not full.
    ///
    /// # Errors
    ///
    /// They lead elsewhere, or are not all there.
    pub fn finish(self, mut file: impl FnMut(TilePath, Vec<u8>)) -> Result<Checkpoint, LogFault> {
        let (size, found) = (self.to.size, self.tree.root().unwrap_or(EMPTY_ROOT));
        if self.tree.size() != size || found != self.to.root {
            return Err(LogFault::Root { size, found, signed: self.to.root });
        }
        for (id, hashes) in self.tree.partial() {
            file(TilePath::Tile(id), tile_bytes(hashes));
        }
        Ok(self.to)
    }
}

/// The entries of a bundle, as many as are wanted.
fn bundle(bytes: &[u8], index: u64, width: u16) -> Result<Vec<&[u8]>, LogFault> {
    let mut entries = entries_of(bytes).map_err(|fault| LogFault::Bundle { index, fault })?;
    if entries.len() < usize::from(width) {
        return Err(LogFault::Short { index, wanted: width, found: entries.len() });
    }
    entries.truncate(usize::from(width));
    Ok(entries)
}

/// What a log did that no honest log does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogFault {
    /// It shows fewer records than before.
    #[error("the log shrank: it had {had} records, and now shows a checkpoint of {seen}")]
    Shrank {
        /// Records before.
        had: u64,
        /// Records now.
        seen: u64,
    },
    /// It has another history than before.
    #[error(
        "the log shows another history: the root of its first {size} records was {had}, and now is {seen}"
    )]
    Forked {
        /// The size at which it differs.
        size: u64,
        /// The root that was signed before.
        had: Hash,
        /// The root now.
        seen: Hash,
    },
    /// Its entries are not those that it signed.
    #[error("the entries of the log lead to the root {found} at size {size}, but {signed} was signed")]
    Root {
        /// The size of the checkpoint.
        size: u64,
        /// The root of the entries.
        found: Hash,
        /// The root in the checkpoint.
        signed: Hash,
    },
    /// One entry is not the one in the tree.
    #[error("entry {index} is not the one that the log has signed")]
    Entry {
        /// Its place.
        index: u64,
    },
    /// A bundle has fewer entries than the checkpoint says.
    #[error("bundle {index} has {found} entries, where the checkpoint needs {wanted}")]
    Short {
        /// The place of the bundle.
        index: u64,
        /// Entries that it must have.
        wanted: u16,
        /// Entries that it has.
        found: usize,
    },
    /// A bundle is none.
    #[error("bundle {index} cannot be read: {fault}")]
    Bundle {
        /// The place of the bundle.
        index: u64,
        /// What is wrong.
        fault: InvalidEntryBundle,
    },
}
