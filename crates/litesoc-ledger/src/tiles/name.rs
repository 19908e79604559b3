//! Names of tiles: `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`.

use std::{fmt, str::FromStr};

use super::TILE_WIDTH;
use super::nodes::width_in;
use crate::encoding;

/// A tile of hashes: its level, its index in the level, and how many hashes it has.
///
/// A tile of level 0 holds leaf hashes; level `l` stands 8 * `l` levels of the tree above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_structs, reason = "the three numbers that C2SP tlog-tiles names a tile by")]
pub struct TileId {
    /// 0 to 63.
    pub level: u8,
    /// The place in the level.
    pub index: u64,
    /// Hashes in it, 1 to 256; 256 is a full tile.
    pub width: u16,
}

impl TileId {
    /// Whether the tile has all its 256 hashes.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The tile as it is when it is full.
    #[must_use]
    pub const fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }
}

/// The path of a static file of a log, below the log's prefix.
///
/// ```
/// use litesoc_ledger::tiles::{TileId, TilePath};
///
/// let path: TilePath = "tile/0/x001/x234/067.p/12".parse()?;
/// assert_eq!(path, TilePath::Tile(TileId { level: 0, index: 1_234_067, width: 12 }));
/// assert_eq!(path.to_string(), "tile/0/x001/x234/067.p/12");
/// assert!("tile/0/1".parse::<TilePath>().is_err());
/// # Ok::<(), litesoc_ledger::tiles::InvalidTilePath>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TilePath {
    /// A tile of hashes.
    Tile(TileId),
    /// A bundle of entries.
    Entries {
        /// The place of the bundle.
        index: u64,
        /// Entries in it, 1 to 256.
        width: u16,
    },
}

impl TilePath {
    /// The widest file of this place in a log of some size; `None` when such a log is not as wide there.
    ///
    /// ```
    /// use litesoc_ledger::tiles::TilePath;
    ///
    /// let path: TilePath = "tile/entries/001.p/3".parse()?;
    /// assert_eq!(path.in_log_of(300).map(|path| path.to_string()).as_deref(), Some("tile/entries/001.p/44"));
    /// assert_eq!(path.in_log_of(258), None);
    /// # Ok::<(), litesoc_ledger::tiles::InvalidTilePath>(())
    /// ```
    #[must_use]
    pub fn in_log_of(self, size: u64) -> Option<Self> {
        let (widest, width) = match self {
            Self::Tile(TileId { level, index, width }) => {
                let widest = width_in(size, level, index);
                (Self::Tile(TileId { level, index, width: widest }), width)
            }
            Self::Entries { index, width } => {
                let widest = width_in(size, 0, index);
                (Self::Entries { index, width: widest }, width)
            }
        };
        (widest.width() >= width).then_some(widest)
    }

    /// Hashes or entries in it, 1 to 256.
    #[must_use]
    pub const fn width(self) -> u16 {
        match self {
            Self::Tile(TileId { width, .. }) | Self::Entries { width, .. } => width,
        }
    }
}

/// A path that names no tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a tile path: tile/<level>/<index>[.p/<width>] or tile/entries/<index>[.p/<width>]")]
#[non_exhaustive]
pub struct InvalidTilePath;

impl fmt::Display for TilePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, width) = match self {
            Self::Tile(tile) => {
                write!(out, "tile/{}/", tile.level)?;
                (tile.index, tile.width)
            }
            Self::Entries { index, width } => {
                out.write_str("tile/entries/")?;
                (*index, *width)
            }
        };
        let digits = index.to_string();
        let groups = digits.len().div_ceil(3);
        let padded = format!("{digits:0>width$}", width = groups * 3);
        for group in 0..groups {
            let prefix = if group + 1 < groups { "x" } else { "" };
            let end = if group + 1 < groups { "/" } else { "" };
            write!(out, "{prefix}{}{end}", &padded[group * 3..group * 3 + 3])?;
        }
        if width < TILE_WIDTH { write!(out, ".p/{width}") } else { Ok(()) }
    }
}

impl FromStr for TilePath {
    type Err = InvalidTilePath;

    fn from_str(text: &str) -> Result<Self, InvalidTilePath> {
        read(text).ok_or(InvalidTilePath)
    }
}

fn read(text: &str) -> Option<TilePath> {
    let rest = text.strip_prefix("tile/")?;
    let (kind, rest) = rest.split_once('/')?;
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (index, encoding::decimal(width).filter(|width| (1..256).contains(width))?),
        None => (rest, u64::from(TILE_WIDTH)),
    };
    let index = index_of(index)?;
    let width = u16::try_from(width).ok()?;
    if kind == "entries" {
        return Some(TilePath::Entries { index, width });
    }
    let level = encoding::decimal(kind).filter(|level| *level < 64)?;
    Some(TilePath::Tile(TileId { level: u8::try_from(level).ok()?, index, width }))
}

/// Groups of three digits, all but the last with an `x` before them; the one way to write each number.
fn index_of(text: &str) -> Option<u64> {
    let mut groups = text.split('/').peekable();
    let mut index = 0_u64;
    let mut first = true;
    while let Some(group) = groups.next() {
        let last = groups.peek().is_none();
        let digits = if last { group } else { group.strip_prefix('x')? };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: u64 = digits.parse().ok()?;
        if first && number == 0 && !last {
            return None;
        }
        index = index.checked_mul(1_000)?.checked_add(number)?;
        first = false;
    }
    Some(index)
}
