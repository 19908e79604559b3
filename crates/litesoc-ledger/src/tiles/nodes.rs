//! Roots and proofs from tiles.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    marker::PhantomData,
};

use super::{TILE_HEIGHT, TILE_WIDTH, TileId, fold, tile_hashes};
use crate::{
    Hash,
    tree::{Nodes, TreeKind},
};

/// Where tiles are: a directory, a cache, what was fetched before.
///
/// A reader may answer a partial tile with a wider one, because a log may drop partial tiles once the full tile is
/// there; its first hashes are used.
pub trait TileReader {
    /// Why a tile cannot be had.
    type Error;

    /// The bytes of a tile.
    ///
    /// # Errors
    ///
    /// The tile is not there, or reading failed.
    fn tile(&self, tile: TileId) -> Result<Vec<u8>, Self::Error>;
}

impl<R: TileReader + ?Sized> TileReader for &R {
    type Error = R::Error;

    fn tile(&self, tile: TileId) -> Result<Vec<u8>, Self::Error> {
        (**self).tile(tile)
    }
}

/// Why a tile is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TileFault<E> {
    /// The tile could not be read.
    #[error("tile {} could not be read: {error}", super::TilePath::Tile(*tile))]
    Read {
        /// The tile.
        tile: TileId,
        /// What the reader says.
        error: E,
    },
    /// The bytes are not at least as many whole hashes as the tile has.
    #[error("tile {} has {length} bytes, which is not its width", super::TilePath::Tile(*tile))]
    Length {
        /// The tile.
        tile: TileId,
        /// The bytes that were read.
        length: usize,
    },
    /// The node lies beyond the size of the tree.
    #[error("node {index} of level {level} is not in a tree of {size}")]
    NoSuchNode {
        /// The level of the tree.
        level: u8,
        /// The place in the level.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
}

/// The hashes of a tile, exactly as many as it is wide.
pub(super) fn read<R: TileReader>(reader: &R, tile: TileId) -> Result<Vec<Hash>, TileFault<R::Error>> {
    let bytes = reader.tile(tile).map_err(|error| TileFault::Read { tile, error })?;
    let mut hashes = tile_hashes(&bytes)
        .filter(|hashes| hashes.len() >= usize::from(tile.width))
        .ok_or(TileFault::Length { tile, length: bytes.len() })?;
    hashes.truncate(usize::from(tile.width));
    Ok(hashes)
}

/// How many hashes a tile has in a tree of some size; 0 when there is no such tile.
pub(super) fn width_in(size: u64, level: u8, index: u64) -> u16 {
    let shift = u32::from(level) * u32::from(TILE_HEIGHT);
    let hashes = size.checked_shr(shift).unwrap_or(0);
    let before = index.saturating_mul(u64::from(TILE_WIDTH));
    hashes.saturating_sub(before).min(u64::from(TILE_WIDTH)) as u16
}

/// All tiles of a tree of some size, from the lowest level up: full ones and the partial one at each right edge.
pub fn tiles_of(size: u64) -> impl Iterator<Item = TileId> {
    (0..8_u8).flat_map(move |level| {
        let hashes = size >> (level * TILE_HEIGHT);
        (0..hashes.div_ceil(u64::from(TILE_WIDTH))).map(move |index| TileId {
            level,
            index,
            width: width_in(size, level, index),
        })
    })
}

/// The nodes of a tree of some size, read from its tiles. Each tile is read once.
///
/// The hashes are only as good as the tiles: verify the proof that is made from them against a signed checkpoint.
///
/// ```
/// use std::{collections::HashMap, convert::Infallible};
///
/// use litesoc_ledger::{Hash, merkle, tiles::*, tree::{MemoryTree, Rfc6962}};
///
/// #[derive(Default)]
/// struct Store(HashMap<TileId, Vec<u8>>);
///
/// impl TileReader for Store {
///     type Error = &'static str;
///     fn tile(&self, tile: TileId) -> Result<Vec<u8>, Self::Error> {
///         self.0.get(&tile).cloned().ok_or("not found")
///     }
/// }
///
/// let mut store = Store::default();
/// let (mut builder, mut tree) = (TileBuilder::<Rfc6962>::new(), MemoryTree::<Rfc6962>::new());
/// for n in 0..300_u32 {
///     let leaf = merkle::leaf_hash(&n.to_be_bytes());
///     tree.append(leaf);
///     builder.append(leaf, |tile| drop(store.0.insert(tile.id, tile_bytes(&tile.hashes))));
/// }
/// for (id, hashes) in builder.partial() {
///     store.0.insert(id, tile_bytes(hashes));
/// }
/// let nodes = TileNodes::<Rfc6962, _>::new(&store, 300);
/// let proof = merkle::inclusion(&nodes, 7, 300).expect("all tiles are there");
/// let root = tree.root().expect("300 leaves");
/// assert!(merkle::verify_inclusion(&merkle::leaf_hash(&7_u32.to_be_bytes()), 7, 300, &proof, &root).is_ok());
/// ```
#[derive(Debug)]
pub struct TileNodes<K, R> {
    reader: R,
    size: u64,
    tiles: RefCell<BTreeMap<TileId, Vec<Hash>>>,
    kind: PhantomData<K>,
}

impl<K: TreeKind, R: TileReader> TileNodes<K, R> {
    /// The nodes of the first `size` leaves.
    pub const fn new(reader: R, size: u64) -> Self {
        Self { reader, size, tiles: RefCell::new(BTreeMap::new()), kind: PhantomData }
    }
}

impl<K: TreeKind, R: TileReader> Nodes for TileNodes<K, R> {
    type Error = TileFault<R::Error>;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        let missing = TileFault::NoSuchNode { level, index, size: self.size };
        let (tile, start, end) = place(level, index, self.size).ok_or(missing)?;
        let mut tiles = self.tiles.borrow_mut();
        if let Some(hashes) = tiles.get(&tile) {
            return Ok(fold::<K>(&hashes[start..end]).expect("the place in a tile is not empty"));
        }
        let hashes = read(&self.reader, tile)?;
        let hash = fold::<K>(&hashes[start..end]).expect("the place in a tile is not empty");
        tiles.insert(tile, hashes);
        Ok(hash)
    }
}

/// The tile a node is in, and which of its hashes lie below it.
fn place(level: u8, index: u64, size: u64) -> Option<(TileId, usize, usize)> {
    let inside = size.checked_shr(level.into()).is_some_and(|nodes| index < nodes);
    if !inside {
        return None;
    }
    let (tile_level, above) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
    let first = index << above;
    let tile = first / u64::from(TILE_WIDTH);
    let start = (first % u64::from(TILE_WIDTH)) as usize;
    let id = TileId { level: tile_level, index: tile, width: width_in(size, tile_level, tile) };
    Some((id, start, start + (1 << above)))
}

/// The tiles that a proof or a root in a tree of `size` needs, for those who fetch before they compute.
///
/// Give it the computation: it runs once over nodes that only take notes.
///
/// ```
/// use litesoc_ledger::{merkle, tiles::needed_for};
///
/// let tiles = needed_for(70_000, |nodes| drop(merkle::inclusion(nodes, 5, 70_000)));
/// assert_eq!(tiles.len(), 4);
/// ```
pub fn needed_for(size: u64, compute: impl FnOnce(&dyn Nodes<Error = Infallible>)) -> Vec<TileId> {
    let notes = Notes { size, tiles: RefCell::new(BTreeSet::new()) };
    compute(&notes);
    notes.tiles.into_inner().into_iter().collect()
}

struct Notes {
    size: u64,
    tiles: RefCell<BTreeSet<TileId>>,
}

impl Nodes for Notes {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        if let Some((tile, _, _)) = place(level, index, self.size) {
            self.tiles.borrow_mut().insert(tile);
        }
        Ok(Hash::from_bytes([0; 32]))
    }
}
