//! One tree's nodes: full tiles in files, the right edge in memory.
//!
//! A tile of level L holds 256 nodes of tree level 8L, and with them every node up to tree level 8L + 7.
//! Files are derived from the records: a tile that does not hash to what the edge says is not believed.

use std::path::Path;
use std::sync::Arc;

use litesoc_ledger::Hash;
use litesoc_ledger::tree::{Nodes, TreeKind};
use parking_lot::{Mutex, RwLock};

use crate::cache::Cache;
use crate::chunks::Chunks;
use crate::error::{OpenError, ReadError};

/// Leaves of a tile.
pub(crate) const WIDTH: u64 = 256;
/// Levels of the tree within a tile.
const HEIGHT: u8 = 8;
/// Tiles kept in memory: 16 KiB each.
const CACHED: usize = 1_024;

/// A tile with all nodes inside of it: level by level, `nodes[k]` has up to `256 >> k` of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tile {
    nodes: [Vec<Hash>; HEIGHT as usize],
}

impl Tile {
    /// The tile over these leaves, as many as there are.
    fn over<K: TreeKind>(leaves: Vec<Hash>) -> Self {
        let mut tile = Self::default();
        tile.nodes[0] = leaves;
        for level in 1..HEIGHT as usize {
            let pairs = tile.nodes[level - 1].chunks_exact(2);
            let above: Vec<Hash> = pairs.map(|pair| K::node(&pair[0], &pair[1])).collect();
            tile.nodes[level] = above;
        }
        tile
    }

    fn node(&self, level: u8, place: u64) -> Option<Hash> {
        self.nodes.get(usize::from(level))?.get(usize::try_from(place).ok()?).copied()
    }

    /// The node above the tile, once it is full.
    fn root<K: TreeKind>(&self) -> Option<Hash> {
        let [left, right] = self.nodes[7].as_slice() else { return None };
        Some(K::node(left, right))
    }
}

/// One node that a new leaf finished.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finished {
    pub(crate) level: u8,
    pub(crate) hash: Hash,
}

/// One tree's nodes.
#[derive(Debug)]
pub(crate) struct Tiles<K> {
    /// The tile that is not full yet, of each level.
    edge: RwLock<Vec<Edge>>,
    files: Mutex<Vec<Arc<Chunks>>>,
    cache: Mutex<Cache<(u8, u64), Arc<Tile>>>,
    folder: std::path::PathBuf,
    kind: std::marker::PhantomData<K>,
}

#[derive(Clone, Debug, Default)]
struct Edge {
    number: u64,
    tile: Tile,
}

impl<K: TreeKind> Tiles<K> {
    /// The tree without leaves, whose tiles will lie in this folder.
    pub(crate) fn new(folder: &Path) -> Result<Self, OpenError> {
        std::fs::create_dir_all(folder).map_err(OpenError::io("creating", folder))?;
        Ok(Self {
            edge: RwLock::default(),
            files: Mutex::default(),
            cache: Mutex::new(Cache::new(CACHED)),
            folder: folder.to_owned(),
            kind: std::marker::PhantomData,
        })
    }

    /// Adds finished nodes, in the order in which they were finished; a tile that becomes full goes to its file.
    pub(crate) fn add(&self, finished: &[Finished]) -> std::io::Result<()> {
        let mut edge = self.edge.write();
        let mut outcome = Ok(());
        for node in finished {
            let (tile_level, level) = (node.level / HEIGHT, node.level % HEIGHT);
            let place = usize::from(tile_level);
            if edge.len() == place {
                edge.push(Edge::default());
            }
            let current = &mut edge[place];
            current.tile.nodes[usize::from(level)].push(node.hash);
            if current.tile.nodes[7].len() == 2 {
                let number = current.number;
                let full = std::mem::replace(current, Edge { number: number + 1, tile: Tile::default() });
                let full = Arc::new(full.tile);
                self.cache.lock().put((tile_level, number), Arc::clone(&full));
                let written = self.file(tile_level).and_then(|file| file.put(number, &bytes(&full.nodes[0])));
                outcome = outcome.and(written);
            }
        }
        outcome
    }

    /// The hashes of the first `width` leaves of a tile: what C2SP tlog-tiles serves.
    pub(crate) fn hashes(&self, level: u8, number: u64, width: usize) -> Result<Vec<Hash>, ReadError> {
        let missing = || ReadError::NoSuchNode { level: level.saturating_mul(HEIGHT), index: number };
        {
            let edge = self.edge.read();
            let current = edge.get(usize::from(level)).ok_or_else(missing)?;
            if number == current.number {
                return current.tile.nodes[0].get(..width).map(<[Hash]>::to_vec).ok_or_else(missing);
            }
            if number > current.number {
                return Err(missing());
            }
        }
        let tile = self.full(level, number)?;
        tile.nodes[0].get(..width).map(<[Hash]>::to_vec).ok_or_else(missing)
    }

    /// Cuts off what earlier files hold beyond the tree.
    pub(crate) fn trim(&self) -> std::io::Result<()> {
        let full: Vec<u64> =
            self.edge.read().iter().map(|edge| edge.number).take_while(|full| *full > 0).collect();
        for (level, number) in (0..).zip(&full) {
            self.file(level)?.cut(*number)?;
        }
        // A level without a full tile has no file.
        for level in full.len()..8 {
            let path = self.folder.join(level.to_string());
            if path.exists() {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn file(&self, level: u8) -> std::io::Result<Arc<Chunks>> {
        let mut files = self.files.lock();
        while files.len() <= usize::from(level) {
            let path = self.folder.join(files.len().to_string());
            let next = Chunks::open(&path, WIDTH as usize * Hash::LEN)?;
            files.push(Arc::new(next));
        }
        Ok(Arc::clone(&files[usize::from(level)]))
    }

    fn full(&self, level: u8, number: u64) -> Result<Arc<Tile>, ReadError> {
        if let Some(tile) = self.cache.lock().get(&(level, number)) {
            return Ok(Arc::clone(tile));
        }
        let failed = |source| ReadError::Io { path: self.folder.join(level.to_string()), source };
        let stored = self.file(level).and_then(|file| file.get(number)).map_err(failed)?;
        let leaves = stored.chunks_exact(Hash::LEN).filter_map(Hash::from_slice).collect();
        let tile = Arc::new(Tile::over::<K>(leaves));
        let above = self.node(level.saturating_mul(HEIGHT).saturating_add(HEIGHT), number)?;
        if tile.root::<K>() != Some(above) {
            return Err(ReadError::Damaged {
                index: number << (u32::from(level) * u32::from(HEIGHT)).min(63),
                path: self.folder.join(level.to_string()),
                fault: "the tile does not belong to this tree; delete the file and restart to have it made again",
            });
        }
        self.cache.lock().put((level, number), Arc::clone(&tile));
        Ok(tile)
    }
}

/// The bytes of a tile.
fn bytes(leaves: &[Hash]) -> Vec<u8> {
    leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect()
}

impl<K: TreeKind> Nodes for Tiles<K> {
    type Error = ReadError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        let (tile_level, within) = (level / HEIGHT, level % HEIGHT);
        let (number, place) = (index >> (HEIGHT - within), index & ((WIDTH >> within) - 1));
        let missing = ReadError::NoSuchNode { level, index };
        {
            let edge = self.edge.read();
            let Some(current) = edge.get(usize::from(tile_level)) else { return Err(missing) };
            if number == current.number {
                return current.tile.node(within, place).ok_or(missing);
            }
            if number > current.number {
                return Err(missing);
            }
        }
        self.full(tile_level, number)?.node(within, place).ok_or(missing)
    }
}
