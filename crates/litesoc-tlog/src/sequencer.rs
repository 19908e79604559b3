//! The one sequencer of a log: gives records their places, flushes them together, and only then answers.

use std::fs::File;
use std::io;
use std::sync::Arc;

use litesoc_ledger::Hash;
use litesoc_ledger::entry::Entry;
use litesoc_ledger::envelope::Prepared;
use litesoc_ledger::time::Moment;
use litesoc_ledger::tree::{Frontier, Pangea, Rfc6962};
use tokio::sync::oneshot;

use crate::epoch::Lost;
use crate::erase;
use crate::error::{AppendError, OpenError};
use crate::log::{Shared, State};
use crate::queue::{Appended, Job, Placed};
use crate::record::RequestId;
use crate::segment::file::{self, Disk};
use crate::segment::{Segment, frame, path_of};
use crate::tiles::Finished;

/// What to do when the disk is to blame.
const DISK: &str = "check the disk and restart";

/// The one sequencer of a log.
pub(crate) struct Sequencer {
    shared: Arc<Shared>,
    pangea: Frontier<Pangea>,
    rfc6962: Frontier<Rfc6962>,
    active: Active,
}

/// The segment that is written to.
struct Active {
    segment: Arc<Segment>,
    disk: Box<dyn Disk>,
}

/// Records with their places, not yet durable.
#[derive(Default)]
struct Stage {
    bytes: Vec<u8>,
    lengths: Vec<u32>,
    placed: Vec<Placed>,
    pangea: Vec<Finished>,
    rfc6962: Vec<Finished>,
    entries: Vec<Entry>,
    calls: Vec<Call>,
    received_at: Option<Moment>,
    pangea_root: Option<Hash>,
}

struct Call {
    request: RequestId,
    records: usize,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
}

/// The disk did not do what was asked.
enum Trouble {
    /// The batch is not in the log, and the log is as it was before.
    Refused(AppendError),
    /// What is on the disk is unknown.
    Fatal(String),
}

impl Sequencer {
    /// A sequencer that goes on where the recovered trees end.
    pub(crate) fn new(
        shared: Arc<Shared>,
        pangea: Frontier<Pangea>,
        rfc6962: Frontier<Rfc6962>,
    ) -> Result<Self, OpenError> {
        let segment = match shared.segments.last() {
            Some(last) => last,
            None => begin(&shared, 0).map_err(OpenError::io("creating a segment in", &*shared.folder))?,
        };
        let disk =
            (shared.options.open_disk)(&segment.path).map_err(OpenError::io("opening", &*segment.path))?;
        Ok(Self { shared, pangea, rfc6962, active: Active { segment, disk } })
    }

    /// Works until the queue is closed and empty, or the disk fails.
    pub(crate) fn run(mut self) {
        let _refuse = RefuseTheRest(Arc::clone(&self.shared));
        loop {
            let jobs = self.shared.queue.take(self.shared.options.batch_bytes);
            if jobs.is_empty() {
                break;
            }
            if let Err(cause) = self.work(jobs) {
                tracing::error!(origin = %self.shared.options.origin, cause, "the log takes no more records");
                refuse(self.shared.queue.stop(&cause), &cause);
                break;
            }
        }
        // Files of whoever took the log over are left alone.
        if self.shared.epoch.check().is_ok()
            && let Err(error) = self.shared.roots.flush()
        {
            tracing::warn!(%error, "the index of roots could not be written; the next start makes it again");
        }
    }

    fn work(&mut self, jobs: Vec<Job>) -> Result<(), String> {
        let mut stage = Stage { received_at: self.shared.state.read().received_at, ..Stage::default() };
        let (before, root_before) = (self.pangea.clone(), self.rfc6962.clone());
        let mut erasures = Vec::new();
        for job in jobs {
            match job {
                Job::Append { request, drafts, reply } => {
                    let records = drafts.len();
                    for draft in &drafts {
                        self.stage(&mut stage, request, draft);
                    }
                    stage.calls.push(Call { request, records, reply });
                }
                Job::Erase { indexes, reply } => erasures.push((indexes, reply)),
            }
        }
        if !stage.lengths.is_empty() {
            match self.make_durable(&mut stage) {
                Ok(()) => self.publish(stage)?,
                Err(trouble) => {
                    (self.pangea, self.rfc6962) = (before, root_before);
                    let error = match &trouble {
                        Trouble::Refused(error) => error.clone(),
                        Trouble::Fatal(cause) => AppendError::Stopped { cause: cause.clone() },
                    };
                    stage.calls.into_iter().for_each(|call| drop(call.reply.send(Err(error.clone()))));
                    if let Trouble::Fatal(cause) = trouble {
                        return Err(cause);
                    }
                }
            }
        } else {
            self.publish(stage)?;
        }
        for (indexes, reply) in erasures {
            let erased = self.erase(&indexes);
            let _gone = reply.send(erased);
        }
        Ok(())
    }

    /// Gives a record its time and its place.
    fn stage(&mut self, stage: &mut Stage, request: RequestId, draft: &Prepared) {
        let received_at = Moment::next(stage.received_at, (self.shared.options.clock)());
        stage.received_at = Some(received_at);
        let sealed = draft.seal(received_at);
        let leaf_hash = sealed.leaf_hash;
        let start = frame::begin(request, &mut stage.bytes);
        stage.bytes.extend_from_slice(&sealed.bytes);
        frame::finish(start, false, &mut stage.bytes);
        stage.lengths.push(u32::try_from(stage.bytes.len() - start).unwrap_or(u32::MAX));
        stage.placed.push(Placed { leaf_hash, received_at });
        let root = grow(&mut self.pangea, &mut self.rfc6962, leaf_hash, None, stage_nodes(stage));
        stage.pangea_root = Some(root);
    }

    /// Writes a batch and flushes it.
    ///
    /// That the log is still ours is asked before, so that nothing is written into what another process goes on with, and
    /// after: whoever takes the log over in between may have read it without this batch, so nobody is told of it.
    fn make_durable(&mut self, stage: &mut Stage) -> Result<(), Trouble> {
        self.shared.epoch.check().map_err(|lost| match lost {
            Lost::Taken(cause) => Trouble::Fatal(cause),
            Lost::Unknown(cause) => Trouble::Refused(AppendError::Stopped { cause }),
        })?;
        self.rotate_if_full().map_err(|source| Trouble::Refused(full_or_stopped(&source)))?;
        if let Some(last) = stage.lengths.last() {
            let start = stage.bytes.len() - *last as usize;
            frame::finish(start, true, &mut stage.bytes);
        }
        let disk = &mut self.active.disk;
        if let Err(source) = disk.append(&stage.bytes) {
            // Part of it may be written; cut off, it never happened.
            return Err(match disk.cut(self.active.segment.end()).and_then(|()| disk.sync()) {
                Ok(()) => Trouble::Refused(full_or_stopped(&source)),
                Err(again) => Trouble::Fatal(format!(
                    "a write failed ({source}) and could not be undone ({again}); {DISK}"
                )),
            });
        }
        // After a failed flush the system may have dropped the pages, and a second flush would report success without them.
        disk.sync().map_err(|source| {
            let path = self.active.segment.path.display();
            Trouble::Fatal(format!("flushing {path} failed: {source}; {DISK}"))
        })?;
        // Cutting the batch off again would cut what the other process may have written behind it.
        self.shared.epoch.check().map_err(|lost| Trouble::Fatal(lost.into_cause()))
    }

    /// Lets everybody see a durable batch, then answers.
    fn publish(&self, stage: Stage) -> Result<(), String> {
        let shared = &self.shared;
        let mut state = *shared.state.read();
        let first = state.size;
        let mut derived = Ok(());
        if let Some(pangea_root) = stage.pangea_root {
            self.active.segment.note(stage.lengths.iter().copied());
            // All of them, whatever fails: what is in memory is right, and that is what is read.
            let added = [
                shared.pangea.add(&stage.pangea),
                shared.rfc6962.add(&stage.rfc6962),
                shared.entries.add(&stage.entries),
                shared.roots.note(self.pangea.size(), &pangea_root),
            ];
            derived = added.into_iter().collect();
            state = State {
                size: self.pangea.size(),
                pangea_root,
                root: self.rfc6962.root().unwrap_or(state.root),
                received_at: stage.received_at,
            };
            *shared.state.write() = state;
        }
        self.answer(stage.calls, &stage.placed, first, state);
        derived.map_err(|source| format!("a derived file could not be written: {source}; {DISK}"))
    }

    fn answer(&self, calls: Vec<Call>, mut placed: &[Placed], mut first: u64, state: State) {
        {
            let mut requests = self.shared.requests.lock();
            let mut index = first;
            for call in calls.iter().filter(|call| call.records > 0) {
                requests.put(call.request, index);
                index += call.records as u64;
            }
        }
        for call in calls {
            let (own, rest) = placed.split_at(call.records);
            let answer = Appended { first, records: own.to_vec(), state };
            // The caller may have gone; its records are in the log all the same.
            let _gone = call.reply.send(Ok(answer));
            first += call.records as u64;
            placed = rest;
        }
    }

    fn rotate_if_full(&mut self) -> io::Result<()> {
        if self.active.segment.end() >= self.shared.options.segment_bytes && self.active.segment.records() > 0
        {
            self.rotate()?;
        }
        Ok(())
    }

    /// Begins a new segment.
    fn rotate(&mut self) -> io::Result<()> {
        let segment = begin(&self.shared, self.shared.state.read().size)?;
        let disk = (self.shared.options.open_disk)(&segment.path)?;
        self.active = Active { segment, disk };
        Ok(())
    }

    fn erase(&mut self, indexes: &[u64]) -> Result<u64, crate::queue::EraseError> {
        let stopped = |lost: Lost| crate::queue::EraseError::Stopped { cause: lost.into_cause() };
        self.shared.epoch.check().map_err(stopped)?;
        let first = self.active.segment.first;
        if indexes.iter().any(|index| *index >= first) && self.active.segment.records() > 0 {
            // A segment that is being written to is not rewritten.
            let path = self.active.segment.path.clone();
            self.rotate().map_err(|source| crate::queue::EraseError::Write { path, source })?;
        }
        erase::erase(&self.shared, indexes, (self.shared.options.clock)())
    }
}

/// Where the nodes and the entry of a staged record go.
pub(crate) struct Grown<'a> {
    pub(crate) pangea: &'a mut Vec<Finished>,
    pub(crate) rfc6962: &'a mut Vec<Finished>,
    pub(crate) entries: &'a mut Vec<Entry>,
}

fn stage_nodes(stage: &mut Stage) -> Grown<'_> {
    Grown { pangea: &mut stage.pangea, rfc6962: &mut stage.rfc6962, entries: &mut stage.entries }
}

/// Adds a record to both trees; the P-root after it is worked out unless it is known. Returns it.
pub(crate) fn grow(
    pangea: &mut Frontier<Pangea>,
    rfc6962: &mut Frontier<Rfc6962>,
    leaf_hash: Hash,
    known: Option<Hash>,
    grown: Grown<'_>,
) -> Hash {
    pangea.append_with(leaf_hash, |level, _, hash| {
        grown.pangea.push(Finished { level, hash: *hash });
    });
    let root = known.or_else(|| pangea.root()).unwrap_or(leaf_hash);
    let bound = Entry::new(leaf_hash, root);
    rfc6962.append_with(bound.merkle_leaf(), |level, _, hash| {
        grown.rfc6962.push(Finished { level, hash: *hash });
    });
    grown.entries.push(bound);
    root
}

/// A new, empty segment, durable with its name.
pub(crate) fn begin(shared: &Shared, first: u64) -> io::Result<Arc<Segment>> {
    let folder = shared.folder.join("rec");
    let path = path_of(&folder, first);
    file::write_whole(&path, &file::header(&shared.options.tree_name, first))?;
    let segment = Arc::new(Segment::new(path.clone(), first, File::open(&path)?));
    shared.segments.push(Arc::clone(&segment));
    Ok(segment)
}

fn full_or_stopped(source: &io::Error) -> AppendError {
    if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        AppendError::Full
    } else {
        AppendError::Stopped { cause: format!("a write failed: {source}; {DISK}") }
    }
}

fn refuse(jobs: Vec<Job>, cause: &str) {
    for job in jobs {
        match job {
            Job::Append { reply, .. } => {
                drop(reply.send(Err(AppendError::Stopped { cause: cause.to_owned() })))
            }
            Job::Erase { reply, .. } => {
                drop(reply.send(Err(crate::queue::EraseError::Stopped { cause: cause.to_owned() })));
            }
        }
    }
}

/// Should the sequencer ever panic, callers must learn of it at once instead of waiting for ever.
struct RefuseTheRest(Arc<Shared>);

impl Drop for RefuseTheRest {
    fn drop(&mut self) {
        let cause = self.0.queue.cause();
        refuse(self.0.queue.stop(&cause), &cause);
    }
}
