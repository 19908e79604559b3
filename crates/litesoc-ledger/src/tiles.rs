//! Tiles: a tree as static files, after C2SP tlog-tiles.
//!
//! A tile is a row of up to 256 hashes, 8 levels of a tree at once. Level 0 tiles hold leaf hashes, and each hash of a
//! higher tile is the root of a full tile below. Full tiles never change; a partial tile of a width stays exact too.
//!
//! * [`TilePath`] is the name of a tile or of an entry bundle.
//! * [`TileBuilder`] makes tiles while a tree grows.
//! * [`TileNodes`] reads roots and proofs from tiles, through a [`TileReader`]; [`needed_for`] says beforehand which
//!   tiles a proof will want.
//! * [`entry_bundle`] and [`entries_of`] are the other kind of file: the entries themselves.
//!
//! All of it is generic over the kind of tree, so that a log can keep its P-tree as tiles as well.

mod builder;
mod entries;
mod name;
mod nodes;

pub use self::builder::{FinishedTile, TileBuilder};
pub use self::entries::{InvalidEntryBundle, MAX_ENTRY_LEN, entries_of, entry_bundle};
pub use self::name::{InvalidTilePath, TileId, TilePath};
pub use self::nodes::{TileFault, TileNodes, TileReader, needed_for, tiles_of};
use crate::{Hash, tree::TreeKind};

/// Hashes of a full tile, entries of a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// Levels of the tree in one tile.
pub const TILE_HEIGHT: u8 = 8;

/// The hashes of a tile's bytes; `None` unless they are 1 to 256 whole hashes.
#[must_use]
pub fn tile_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let whole = bytes.len().is_multiple_of(Hash::LEN) && (1..=256).contains(&(bytes.len() / Hash::LEN));
    whole.then(|| bytes.chunks_exact(Hash::LEN).filter_map(Hash::from_slice).collect())
}

/// The bytes of a tile.
#[must_use]
pub fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// The root over a power of two of neighbouring hashes.
fn fold<K: TreeKind>(hashes: &[Hash]) -> Option<Hash> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| K::node(&pair[0], &pair[1])).collect();
    }
    row.pop()
}
