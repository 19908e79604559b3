//! One look of a mirror at its log.

use std::io;

use litesoc_ledger::checkpoint::Checkpoint;
use litesoc_ledger::merkle;
use litesoc_ledger::mirror::{Growth, LogFault, Step, compare};
use litesoc_ledger::note::{MAX_NOTE_LEN, Note, VerifierKey};
use litesoc_ledger::policy::{Policy, PolicyFault};
use litesoc_ledger::tiles::{
    MAX_ENTRY_LEN, TILE_WIDTH, TileBuilder, TileId, TileNodes, TilePath, TileReader, entries_of, tile_hashes,
};
use litesoc_ledger::tree::Rfc6962;

use super::folder::Folder;
use super::{Fetch, MirrorError, Mirrored};

/// Bytes of the longest file: a bundle of 256 of the longest entries.
const LONGEST: usize = TILE_WIDTH as usize * (MAX_ENTRY_LEN + 2);

/// One look at the log.
pub(super) struct Round<'a> {
    pub(super) folder: &'a Folder,
    pub(super) policy: &'a Policy,
    pub(super) log: &'a VerifierKey,
    pub(super) fetch: Fetch<'a>,
}

impl Round<'_> {
    /// Brings the folder to the newest checkpoint of the log.
    pub(super) fn run(&self, have: Option<&Mirrored>) -> Result<Mirrored, MirrorError> {
        let (note, seen) = self.checkpoint()?;
        let from = match compare(have.map(|have| (have.size, have.root)), &seen)? {
            Step::Grew { from } => from,
            Step::Same | _ => {
                let kept = have.filter(|have| have.checkpoint.signatures().len() >= note.signatures().len());
                return match kept {
                    Some(kept) => Ok(kept.clone()),
                    None => self.keep(note, &seen),
                };
            }
        };
        let mut growth = self.begin(from, seen.clone())?;
        let mut files = Vec::new();
        while let Some(wanted) = growth.wanted() {
            let bytes = self.entries(wanted)?;
            let mut kept = Ok(());
            let added = growth.add(&bytes, |path, bytes| self.stage(&mut files, &mut kept, path, &bytes));
            added.map_err(|fault| self.explained(fault, have, &seen, &files))?;
            kept.map_err(MirrorError::io(&self.folder.path_of(wanted)))?;
        }
        let mut kept = Ok(());
        let finished = growth.finish(|path, bytes| self.stage(&mut files, &mut kept, path, &bytes));
        kept.map_err(MirrorError::io(&self.folder.checkpoint_path()))?;
        finished.map_err(|fault| self.explained(fault, have, &seen, &files))?;
        // The checkpoint comes last: what it is over is on the disk when it is.
        self.folder.settle(&files).map_err(MirrorError::io(&self.folder.checkpoint_path()))?;
        let mirrored = self.keep(note, &seen)?;
        if let Err(error) = self.folder.drop_parts_of(&files) {
            tracing::warn!(%error, "parts of tiles that have become full could not be deleted");
        }
        Ok(mirrored)
    }

    /// The checkpoint that the log shows, if the policy believes it.
    fn checkpoint(&self) -> Result<(Note, Checkpoint), MirrorError> {
        let unreadable = |fault: String| MirrorError::Checkpoint(fault);
        let bytes = self.get("checkpoint", MAX_NOTE_LEN)?;
        let bytes = bytes.ok_or_else(|| unreadable("there is none at this address".to_owned()))?;
        let note = Note::from_bytes(&bytes).map_err(|error| unreadable(error.to_string()))?;
        let accepted = self.policy.accept(&note)?;
        // A policy may name other logs too.
        if accepted.checkpoint.origin != self.log.name() {
            return Err(PolicyFault::UnknownLog { origin: accepted.checkpoint.origin }.into());
        }
        Ok((note, accepted.checkpoint))
    }

    fn begin(&self, from: u64, to: Checkpoint) -> Result<Growth, MirrorError> {
        self.folder.clear_stage().map_err(MirrorError::io(&self.folder.checkpoint_path()))?;
        let damaged = |fault: String| MirrorError::Damaged { path: self.folder.checkpoint_path(), fault };
        let tree = TileBuilder::resume(from, self.folder).map_err(|error| damaged(error.to_string()))?;
        let part = TilePath::Entries { index: from / u64::from(TILE_WIDTH), width: 1 }.in_log_of(from);
        let held = match part {
            Some(path) => {
                self.folder.read(path, path).map_err(MirrorError::io(&self.folder.path_of(path)))?
            }
            None => None,
        };
        Growth::new(tree, &held.unwrap_or_default(), to)
            .map_err(|fault| damaged(format!("what is kept beside it is damaged: {fault}")))
    }

    fn stage(&self, files: &mut Vec<TilePath>, kept: &mut io::Result<()>, path: TilePath, bytes: &[u8]) {
        if kept.is_ok() {
            *kept = self.folder.stage(path, bytes);
            files.push(path);
        }
    }

    fn keep(&self, checkpoint: Note, seen: &Checkpoint) -> Result<Mirrored, MirrorError> {
        let path = self.folder.checkpoint_path();
        self.folder.replace("checkpoint", &checkpoint.to_string()).map_err(MirrorError::io(&path))?;
        Ok(Mirrored { size: seen.size, root: seen.root, checkpoint })
    }

    /// A bundle, or the full one in the place of a part: a log may drop parts once the whole is there.
    fn entries(&self, wanted: TilePath) -> Result<Vec<u8>, MirrorError> {
        if let Some(bytes) = self.get(&wanted.to_string(), LONGEST)? {
            return Ok(bytes);
        }
        let missing = || MirrorError::Missing { path: wanted.to_string() };
        let TilePath::Entries { index, width } = wanted else { return Err(missing()) };
        let full = TilePath::Entries { index, width: TILE_WIDTH };
        if width == TILE_WIDTH { None } else { self.get(&full.to_string(), LONGEST)? }.ok_or_else(missing)
    }

    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, MirrorError> {
        (self.fetch)(path, limit).map_err(|fault| MirrorError::Fetch { path: path.to_owned(), fault })
    }

    /// A closer word than that the roots differ, with the help of the log's own tiles: whether the log has another history,
    /// or which entry is not the one it signed. They are not believed, only compared.
    fn explained(
        &self,
        fault: LogFault,
        have: Option<&Mirrored>,
        seen: &Checkpoint,
        files: &[TilePath],
    ) -> LogFault {
        if let Some(have) = have.filter(|have| have.size > 0) {
            let nodes = TileNodes::<Rfc6962, _>::new(self, seen.size);
            let is_theirs = merkle::root(&nodes, seen.size).is_ok_and(|root| root == seen.root);
            match merkle::root(&nodes, have.size) {
                Ok(root) if is_theirs && root != have.root => {
                    return LogFault::Forked { size: have.size, had: have.root, seen: root };
                }
                Ok(_) | Err(_) => {}
            }
        }
        let bundles = files.iter().filter_map(|path| match *path {
            TilePath::Entries { index, width } => Some((index, width)),
            TilePath::Tile(_) | _ => None,
        });
        for (index, width) in bundles {
            let tile = self.tile(TileId { level: 0, index, width }).ok();
            let Some(hashes) = tile.and_then(|bytes| tile_hashes(&bytes)) else { return fault };
            let Ok(bundle) = self.folder.read_staged(TilePath::Entries { index, width }) else {
                return fault;
            };
            let Ok(entries) = entries_of(&bundle) else { return fault };
            let differs = |(entry, hash): (&&[u8], &_)| merkle::leaf_hash(entry) != *hash;
            if let Some(place) = entries.iter().zip(&hashes).position(differs) {
                return LogFault::Entry { index: index * u64::from(TILE_WIDTH) + place as u64 };
            }
        }
        fault
    }
}

impl TileReader for Round<'_> {
    type Error = String;

    fn tile(&self, tile: TileId) -> Result<Vec<u8>, String> {
        let limit = usize::from(TILE_WIDTH) * litesoc_ledger::Hash::LEN;
        for tile in [tile, tile.full()] {
            if let Some(bytes) = (self.fetch)(&TilePath::Tile(tile).to_string(), limit)? {
                return Ok(bytes);
            }
        }
        Err("the log does not have it".to_owned())
    }
}
