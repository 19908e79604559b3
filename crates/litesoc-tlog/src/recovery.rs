//! Opening a log: every record is read and hashed again, and the result compared with what was signed.
//!
//! One thread reads and hashes records, the other grows the trees.
//! The P-root after each record costs more than all else together, so those below the newest checkpoint are taken from the
//! derived entries: they are bound into the R-tree, so a wrong one shows at the checkpoint, and then all is worked out
//! again without them.

mod scan;

use std::sync::mpsc::sync_channel;

use litesoc_ledger::time::Moment;
use litesoc_ledger::tree::{Frontier, Pangea, Rfc6962};
use litesoc_ledger::{Hash, merkle};

use self::scan::{Problem, Scanned, Tail};
use crate::entries::{Entries, claimed_roots};
use crate::error::OpenError;
use crate::log::{Recovery, Shared, State};
use crate::record::RequestId;
use crate::roots::Roots;
use crate::sequencer::{Grown, grow};
use crate::tiles::Tiles;

/// What the sequencer goes on from.
pub(crate) struct Recovered {
    pub(crate) pangea: Frontier<Pangea>,
    pub(crate) rfc6962: Frontier<Rfc6962>,
    pub(crate) recovery: Recovery,
}

/// The newest checkpoint.
#[derive(Clone, Copy, Debug)]
struct Signed {
    size: u64,
    root: Hash,
}

/// The trees while they grow again.
struct Regrowth<'a> {
    shared: &'a Shared,
    pangea: Frontier<Pangea>,
    rfc6962: Frontier<Rfc6962>,
    signed: Option<Signed>,
    /// Whether P-roots are taken from the derived entries as far as a checkpoint covers them.
    believe: bool,
    bundle: (u64, Vec<Hash>),
    root_at_checkpoint: Option<(Hash, bool)>,
    pangea_root: Option<Hash>,
    requests: Vec<Vec<(RequestId, u64)>>,
}

/// Recovers a log, or says why it cannot be believed.
pub(crate) fn recover(shared: Shared) -> Result<(Shared, Recovered), OpenError> {
    let signed = newest_checkpoint(&shared)?;
    let (mut shared, mut outcome) = attempt(shared, signed, true)?;
    if outcome.is_none() {
        tracing::info!(origin = %shared.options.origin, "derived files disagree with the checkpoint; making them again");
        shared = emptied(shared)?;
        (shared, outcome) = attempt(shared, signed, false)?;
    }
    let Some((recovered, tail)) = outcome else {
        return Err(altered(&shared, signed));
    };
    let size = recovered.pangea.size();
    if let Some(signed) = signed.filter(|signed| size < signed.size) {
        let checkpoint = shared.checkpoints.path(signed.size);
        return Err(OpenError::RolledBack { size, signed: signed.size, checkpoint });
    }
    trim(&shared)?;
    let recovery = scan::cut(&shared, &tail)?;
    Ok((shared, Recovered { recovery, ..recovered }))
}

fn newest_checkpoint(shared: &Shared) -> Result<Option<Signed>, OpenError> {
    let Some(size) = shared.checkpoints.newest() else { return Ok(None) };
    let path = shared.checkpoints.path(size);
    let bytes = shared.checkpoints.read(size).map_err(OpenError::io("reading", &*path))?;
    match (shared.options.read_checkpoint)(&bytes) {
        Ok((signed, root)) if signed == size => Ok(Some(Signed { size, root })),
        Ok((signed, _)) => Err(OpenError::Checkpoint {
            path,
            fault: format!("its name says size {size}, its text {signed}"),
        }),
        Err(fault) => Err(OpenError::Checkpoint { path, fault }),
    }
}

/// Grows the trees once; nothing when the root at the checkpoint is not the signed one.
fn attempt(
    shared: Shared,
    signed: Option<Signed>,
    believe: bool,
) -> Result<(Shared, Option<(Recovered, Tail)>), OpenError> {
    let mut regrowth = Regrowth {
        shared: &shared,
        pangea: Frontier::new(),
        rfc6962: Frontier::new(),
        signed,
        believe,
        bundle: (u64::MAX, Vec::new()),
        root_at_checkpoint: None,
        pangea_root: None,
        requests: Vec::new(),
    };
    let tail = std::thread::scope(|scope| {
        let (send, receive) = sync_channel(4);
        let shared = &shared;
        let reader = scope.spawn(move || scan::segments(shared, |scanned| send.send(scanned).is_ok()));
        // The reader ends when this side goes away, and this loop when the reader does.
        let grown = receive.iter().try_for_each(|scanned| regrowth.add(&scanned));
        drop(receive);
        let read = reader.join().unwrap_or(Err(Problem::Panicked));
        grown.map(|()| read)
    });
    let tail = tail?.map_err(|problem| problem.into_error(&shared))?;
    if !regrowth.agrees() {
        return Ok((shared, None));
    }
    regrowth.remember(tail.received_at);
    let Regrowth { pangea, rfc6962, .. } = regrowth;
    Ok((shared, Some((Recovered { pangea, rfc6962, recovery: Recovery::default() }, tail))))
}

/// The same log with its trees still to grow.
fn emptied(shared: Shared) -> Result<Shared, OpenError> {
    let folder = shared.folder.clone();
    Ok(Shared {
        segments: crate::segment::Segments::default(),
        pangea: Tiles::new(&folder.join("ptile"))?,
        rfc6962: Tiles::new(&folder.join("tile"))?,
        entries: Entries::new(&folder.join("tile"))?,
        roots: Roots::new(&folder.join("roots.idx"))?,
        ..shared
    })
}

/// Cuts off what derived files hold beyond the log.
fn trim(shared: &Shared) -> Result<(), OpenError> {
    let trimmed = shared.pangea.trim().and_then(|()| shared.rfc6962.trim());
    let trimmed = trimmed.and_then(|()| shared.entries.trim()).and_then(|()| shared.roots.flush());
    trimmed.map_err(OpenError::io("writing derived files in", &*shared.folder))
}

fn altered(shared: &Shared, signed: Option<Signed>) -> OpenError {
    let (size, root) = signed.map_or_else(|| (0, crate::log::zeroes()), |signed| (signed.size, signed.root));
    let found = litesoc_ledger::tree::root::<Rfc6962, _>(&shared.rfc6962, size);
    OpenError::Altered {
        size,
        found: found.unwrap_or_else(|_| crate::log::zeroes()),
        signed: root,
        checkpoint: shared.checkpoints.path(size),
    }
}

impl Regrowth<'_> {
    /// Adds some hundred records.
    fn add(&mut self, scanned: &Scanned) -> Result<(), OpenError> {
        let (mut pangea, mut rfc6962, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        let written = |shared: &Shared| OpenError::io("writing derived files in", shared.folder.clone());
        for (leaf_hash, last_of_batch) in &scanned.leaves {
            let known = self.known_root();
            let grown = Grown { pangea: &mut pangea, rfc6962: &mut rfc6962, entries: &mut entries };
            let root = grow(&mut self.pangea, &mut self.rfc6962, *leaf_hash, known, grown);
            self.pangea_root = Some(root);
            let size = self.pangea.size();
            if self.signed.is_some_and(|signed| signed.size == size) {
                let bound = self.pangea.root() == Some(root);
                self.root_at_checkpoint = self.rfc6962.root().map(|root| (root, bound));
            }
            if *last_of_batch {
                self.shared.roots.note(size, &root).map_err(written(self.shared))?;
            }
        }
        let shared = self.shared;
        let added = shared.pangea.add(&pangea).and_then(|()| shared.rfc6962.add(&rfc6962));
        added.and_then(|()| shared.entries.add(&entries)).map_err(written(shared))?;
        self.requests.push(scanned.requests.clone());
        Ok(())
    }

    /// The P-root after the next record, if the derived entries say so and a checkpoint will tell whether they are right.
    fn known_root(&mut self) -> Option<Hash> {
        let index = self.pangea.size();
        // The checkpoint's own P-root is worked out, so that it is compared too.
        if !self.believe || self.signed.is_none_or(|signed| index + 1 >= signed.size) {
            return None;
        }
        let (number, within) = (index / 256, usize::try_from(index % 256).ok()?);
        if self.bundle.0 != number {
            let stored = self.shared.entries.stored(number).map(|bundle| claimed_roots(&bundle));
            self.bundle = (number, stored.unwrap_or_default());
        }
        self.bundle.1.get(within).copied()
    }

    /// Whether the trees are the signed ones, as far as they reach the checkpoint.
    fn agrees(&self) -> bool {
        match (self.signed, self.root_at_checkpoint) {
            (Some(signed), Some((root, bound))) => root == signed.root && bound,
            // Short of the checkpoint is a rollback, which is said as such; the empty log has a root of its own.
            (Some(signed), None) => self.pangea.size() < signed.size || signed.root == merkle::EMPTY_ROOT,
            (None, _) => true,
        }
    }

    /// Lets everybody see what was found.
    fn remember(&mut self, received_at: Option<Moment>) {
        if let (Some(pangea_root), Some(root)) = (self.pangea.root(), self.rfc6962.root()) {
            *self.shared.state.write() = State { size: self.pangea.size(), pangea_root, root, received_at };
        }
        let mut requests = self.shared.requests.lock();
        for (request, first) in self.requests.drain(..).flatten() {
            requests.put(request, first);
        }
    }
}
