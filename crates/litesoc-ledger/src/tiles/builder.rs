//! Tiles of a growing tree.

use std::marker::PhantomData;

use super::{TILE_HEIGHT, TILE_WIDTH, TileFault, TileId, TileReader, fold, nodes::width_in};
use crate::{
    Hash,
    tree::{Frontier, TreeKind},
};

/// A tile that has become full.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FinishedTile {
    /// Its name; the width is 256.
    pub id: TileId,
    /// Its 256 hashes.
    pub hashes: Vec<Hash>,
}

/// The unfinished tiles of a growing tree, at most 255 hashes for each level.
///
/// ```
/// use litesoc_ledger::{Hash, tiles::TileBuilder, tree::Rfc6962};
///
/// let mut builder = TileBuilder::<Rfc6962>::new();
/// let mut full = Vec::new();
/// for n in 0..600_u32 {
///     builder.append(Hash::of(&n.to_be_bytes()), |tile| full.push(tile.id));
/// }
/// assert_eq!(full.len(), 2);
/// assert_eq!(builder.partial().map(|(id, _)| (id.level, id.width)).collect::<Vec<_>>(), [(0, 88), (1, 2)]);
/// ```
#[derive(Debug, Clone)]
pub struct TileBuilder<K> {
    size: u64,
    levels: Vec<Vec<Hash>>,
    kind: PhantomData<K>,
}

impl<K: TreeKind> Default for TileBuilder<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: TreeKind> TileBuilder<K> {
    /// The tiles of the empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self { size: 0, levels: Vec::new(), kind: PhantomData }
    }

    /// Goes on at `size` with the partial tiles that were written for it.
    ///
    /// # Errors
    ///
    /// A tile cannot be read or has another width than the size says.
    pub fn resume<R: TileReader>(size: u64, reader: &R) -> Result<Self, TileFault<R::Error>> {
        let mut levels = Vec::new();
        for level in 0..8_u8 {
            let hashes = size >> (level * TILE_HEIGHT);
            if hashes == 0 {
                break;
            }
            let (index, width) = (hashes / u64::from(TILE_WIDTH), (hashes % u64::from(TILE_WIDTH)) as u16);
            let tile = TileId { level, index, width };
            levels.push(if width == 0 { Vec::new() } else { super::nodes::read(reader, tile)? });
        }
        Ok(Self { size, levels, kind: PhantomData })
    }

    /// Leaves in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash and hands over each tile that this fills, from the lowest level up.
    pub fn append(&mut self, leaf: Hash, mut full: impl FnMut(FinishedTile)) {
        let mut hash = leaf;
        let mut count = self.size;
        for level in 0..8_u8 {
            if self.levels.len() == usize::from(level) {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[usize::from(level)];
            row.push(hash);
            if row.len() < usize::from(TILE_WIDTH) {
                break;
            }
            hash = fold::<K>(row).unwrap_or(hash);
            let hashes = std::mem::take(row);
            let index = count / u64::from(TILE_WIDTH);
            full(FinishedTile { id: TileId { level, index, width: TILE_WIDTH }, hashes });
            count = index;
        }
        self.size += 1;
    }

    /// The unfinished tiles, from the lowest level up: what has to be served beside the full ones for a checkpoint of
    /// this size.
    pub fn partial(&self) -> impl Iterator<Item = (TileId, &[Hash])> {
        (0..8_u8).zip(&self.levels).filter(|(_, row)| !row.is_empty()).map(|(level, row)| {
            let index = self.size >> (level * TILE_HEIGHT) >> 8;
            (TileId { level, index, width: width_in(self.size, level, index) }, row.as_slice())
        })
    }

    /// The right edge of the tree.
    #[must_use]
    pub fn frontier(&self) -> Frontier<K> {
        let mut frontier = Frontier::new();
        for (level, row) in (0..8_u8).zip(&self.levels).rev() {
            for hash in row {
                frontier.append_subtree(level * TILE_HEIGHT, *hash);
            }
        }
        frontier
    }

    /// The root; `None` for the empty tree.
    #[must_use]
    pub fn root(&self) -> Option<Hash> {
        self.frontier().root()
    }
}
