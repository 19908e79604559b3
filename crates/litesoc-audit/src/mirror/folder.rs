//! The folder of a mirror: the static files of C2SP tlog-tiles, each put in its place whole and for good.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use litesoc_ledger::tiles::{TILE_WIDTH, TileId, TilePath, TileReader};

/// Where files lie until the checkpoint over them is verified. A web server does not show hidden files.
const STAGE: &str = ".new";

/// The folder of a mirror.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(super) fn path_of(&self, path: TilePath) -> PathBuf {
        self.0.join(path.to_string())
    }

    pub(super) fn checkpoint_path(&self) -> PathBuf {
        self.0.join("checkpoint")
    }

    /// The newest checkpoint; `None` before the first.
    pub(super) fn checkpoint(&self) -> io::Result<Option<Vec<u8>>> {
        found(fs::read(self.checkpoint_path()))
    }

    /// The first hashes or entries of a file that is as wide as `widest`. Parts of other widths are not read: one may be left
    /// from a round that a crash ended.
    pub(super) fn read(&self, path: TilePath, widest: TilePath) -> io::Result<Option<Vec<u8>>> {
        Ok(found(fs::read(self.path_of(widest)))?.and_then(|bytes| cut(path, bytes)))
    }

    /// Forgets what a run before left unfinished.
    pub(super) fn clear_stage(&self) -> io::Result<()> {
        found(fs::remove_dir_all(self.0.join(STAGE))).map(drop)
    }

    /// Writes a file beside its place.
    pub(super) fn stage(&self, path: TilePath, bytes: &[u8]) -> io::Result<()> {
        let path = self.staged(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)
    }

    /// A file that lies beside its place.
    pub(super) fn read_staged(&self, path: TilePath) -> io::Result<Vec<u8>> {
        fs::read(self.staged(path))
    }

    /// Puts files that were staged in their places, durably.
    pub(super) fn settle(&self, files: &[TilePath]) -> io::Result<()> {
        for path in files {
            File::open(self.staged(*path))?.sync_all()?;
        }
        let mut touched = BTreeSet::new();
        for path in files {
            let place = self.path_of(*path);
            // Its folder and those above, so that new ones last too.
            for folder in place.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.0)) {
                touched.insert(folder.to_owned());
            }
            if let Some(parent) = place.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::rename(self.staged(*path), place)?;
        }
        touched.iter().rev().try_for_each(|folder| sync_folder(folder))?;
        self.clear_stage()
    }

    /// Puts a file of the top of the folder in the place of the one before, durably and in one step.
    pub(super) fn replace(&self, name: &str, text: &str) -> io::Result<()> {
        let beside = self.0.join(format!(".{name}"));
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(beside, self.0.join(name))?;
        sync_folder(&self.0)
    }

    /// Deletes the parts of files that have become full: up to 255 of each would pile up otherwise.
    pub(super) fn drop_parts_of(&self, files: &[TilePath]) -> io::Result<()> {
        for path in files.iter().filter(|path| path.width() == TILE_WIDTH) {
            let mut parts = self.path_of(*path).into_os_string();
            parts.push(".p");
            found(fs::remove_dir_all(parts))?;
        }
        Ok(())
    }

    fn staged(&self, path: TilePath) -> PathBuf {
        self.0.join(STAGE).join(path.to_string())
    }
}

impl TileReader for Folder {
    type Error = io::Error;

    fn tile(&self, tile: TileId) -> io::Result<Vec<u8>> {
        fs::read(self.path_of(TilePath::Tile(tile)))
    }
}

/// The first hashes or entries of a file.
fn cut(path: TilePath, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let length = match path {
        TilePath::Entries { width, .. } => {
            let mut length = 0_usize;
            for _ in 0..width {
                let entry = bytes.get(length..length + 2)?;
                length += 2 + usize::from(u16::from_be_bytes([entry[0], entry[1]]));
            }
            length
        }
        TilePath::Tile(_) | _ => usize::from(path.width()) * litesoc_ledger::Hash::LEN,
    };
    (length <= bytes.len()).then(|| {
        bytes.truncate(length);
        bytes
    })
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _unneeded = folder;
    Ok(())
}
