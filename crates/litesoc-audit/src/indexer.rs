//! The thread that extends the search indexes behind the logs.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::{Builder, JoinHandle};

use crate::log::AuditLog;

/// Tells the thread that a log has grown by a block.
pub(crate) type Wake = Sender<Weak<AuditLog>>;

/// The thread that extends the search indexes.
#[derive(Debug)]
pub(crate) struct Indexer {
    stop: Arc<AtomicBool>,
    wake: Wake,
    thread: JoinHandle<()>,
}

impl Indexer {
    pub(crate) fn start() -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (wake, woken) = channel();
        let stopped = Arc::clone(&stop);
        let thread = Builder::new().name("litesoc-index".to_owned()).spawn(move || run(&woken, &stopped))?;
        Ok(Self { stop, wake, thread })
    }

    pub(crate) fn wake(&self) -> Wake {
        self.wake.clone()
    }

    /// Ends after the block it is at. What is missing is made up for at the next start.
    pub(crate) fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ended_already = self.wake.send(Weak::new());
        drop(self.wake);
        // What a thread that panicked has not indexed is scanned.
        let _ended = self.thread.join();
    }
}

fn run(woken: &Receiver<Weak<AuditLog>>, stop: &AtomicBool) {
    while let Ok(log) = woken.recv() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let Some(log) = log.upgrade() else { continue };
        log.index_woken();
        if let Err(error) = log.index().extend(log.records(), || stop.load(Ordering::Relaxed)) {
            tracing::warn!(%error, "the search index could not be extended; searches read the records instead");
        }
    }
}
