//! [`Server`] and [`Running`]: starting and stopping everything in the right order.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use litesoc_store::{Store, StoreError};
use tokio::runtime::{self, Runtime};
use tokio::sync::watch;

use crate::access::KeyRing;
use crate::audit::{Audit, Remote};
use crate::config::Config;
use crate::detection::{Links, Mailbox, Worker};
use crate::front::Front;
use crate::ids::Ids;
use crate::ingest::{IngestQueue, Writer};
use crate::metrics::Metrics;
use crate::notify::Notifier;
use crate::signal::StopSignal;
use crate::state::State;
use crate::trail::{Scope, Sink, Trail, TrailBell};
use crate::{listener, retention};

/// Threads that may wait for the store to read.
const READING_THREADS: usize = 8;
/// What the system may hold of work that was cut at the stop.
pub(crate) const LAST_MOMENT: Duration = Duration::from_secs(1);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is taken, not ours, or may not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system gave no threads.
    #[error("cannot start a thread: {0}")]
    Threads(io::Error),
    /// The thresholds of the detector cannot work.
    #[error(transparent)]
    Detection(#[from] litesoc_detect::InvalidSettings),
    /// The folder of the detector cannot be used.
    #[error("cannot keep the detector in {}: {source}; check the folder and its permissions", directory.display())]
    DetectorFiles {
        /// The folder.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An audit log cannot be believed, is in use, or cannot be read.
    #[error(transparent)]
    Audit(#[from] litesoc_audit::OpenError),
    /// The node that keeps the audit logs cannot be one.
    #[error("the node of the audit logs: {0}")]
    AuditNode(String),
    /// The store could not be read.
    #[error("cannot read the store: {0}")]
    Store(#[from] StoreError),
}

/// Starts servers.
///
/// ```
/// use std::sync::Arc;
///
/// use litesoc_model::Plan;
/// use litesoc_server::{Accounts, ApiKey, Config, Server};
/// use litesoc_store::SqliteStore;
///
/// let store = Arc::new(SqliteStore::open_temporary()?);
/// Accounts::of(&*store).bootstrap(&ApiKey::new("test-key")?, &Plan::Pro)?;
///
/// let mut config = Config::default();
/// config.listen = "127.0.0.1:0".parse()?;
/// let server = Server::bind(config, store)?;
/// assert_ne!(server.local_addr().port(), 0);
/// server.shutdown();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Server;

impl Server {
    /// Listens, recalls what the detector knew, and serves on threads of its own until [`Running::shutdown`].
    ///
    /// Blocks while the detector reads the last hours of events; connections are taken up afterwards.
    /// It may be called from anywhere, inside an asynchronous runtime too.
    ///
    /// # Errors
    ///
    /// [`StartError`] when the address cannot be listened on, the store cannot be read, a threshold makes no sense, or
    /// there are no threads to be had.
    pub fn bind(config: Config, store: Arc<dyn Store>) -> Result<Running, StartError> {
        let address = config.listen;
        let unheard = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(unheard)?;
        listener.set_nonblocking(true).map_err(unheard)?;
        let address = listener.local_addr().map_err(unheard)?;

        let audit = open_audit(&config, &store)?;
        let last = store.last_seq()?;
        let mailbox = Arc::new(Mailbox::new(last));
        let metrics = Arc::new(Metrics::new());
        let queue = Arc::new(IngestQueue::new(config.queue.clone()));
        let (notifier, bell) = Notifier::start(Arc::clone(&store), Arc::clone(&metrics))?;
        let links = Links {
            store: Arc::clone(&store),
            mailbox: Arc::clone(&mailbox),
            metrics: Arc::clone(&metrics),
            bell,
            clock: config.clock.clone(),
        };
        let worker = Worker::start(links, &config)?;
        let writer = Writer::new(
            Arc::clone(&store),
            Arc::clone(&queue),
            Arc::clone(&mailbox),
            Arc::clone(&metrics),
            last,
        );
        let remote = remote(&config, &metrics)?;
        let trail = trail(&config, &store, &metrics, audit.as_ref(), remote.as_ref())?;
        let bell = trail.as_ref().map(Trail::bell).unwrap_or_default();
        let mut state = state(config, store, Arc::clone(&queue), Arc::clone(&mailbox), metrics, audit);
        (state.trail, state.remote) = (bell.clone(), remote);
        let state = Arc::new(state);
        let runtime = serving_threads(&state.config)?;
        let (stop, stopped) = watch::channel(false);

        let mut running = Running { address, stop, queue, mailbox, bell, threads: Threads::default() };
        running.threads.detector = Some(thread("litesoc-detect", move || worker.run())?);
        running.threads.notifier = Some(thread("litesoc-notify", move || notifier.run())?);
        running.threads.writer = Some(thread("litesoc-writer", move || writer.run())?);
        if let Some(trail) = trail {
            running.threads.trail = Some(thread("litesoc-trail", move || trail.run())?);
        }
        let serve = move || serve(runtime, listener, state, stopped);
        running.threads.listener = Some(thread("litesoc-listen", serve)?);
        tracing::info!(%address, "serving");
        Ok(running)
    }
}

fn state(
    config: Config,
    store: Arc<dyn Store>,
    queue: Arc<IngestQueue>,
    mailbox: Arc<Mailbox>,
    metrics: Arc<Metrics>,
    audit: Option<Audit>,
) -> State {
    let (plans, clock, believed_for) = (config.plans.clone(), config.clock.clone(), config.key_refresh);
    let keys = Arc::new(KeyRing::new(Arc::clone(&store), plans, clock, believed_for));
    let (ids, trail) = (Ids::new(), TrailBell::default());
    State { config, store, keys, queue, mailbox, metrics, ids, audit, remote: None, trail }
}

/// Opens the audit logs, on a thread of its own: whoever starts the server may be in an asynchronous runtime, where nobody
/// may wait for the first record of a log.
fn open_audit(config: &Config, store: &Arc<dyn Store>) -> Result<Option<Audit>, StartError> {
    let Some(audit) = config.audit.clone() else { return Ok(None) };
    let (clock, store) = (config.clock.clone(), Arc::clone(store));
    let opened = thread("litesoc-audit", move || Audit::open(&audit, &clock, store))?.join();
    match opened {
        Ok(audit) => Ok(Some(audit?)),
        Err(_) => Err(StartError::Threads(io::Error::other("the thread that opens the audit logs panicked"))),
    }
}

/// The node that keeps the audit logs, if another one does.
fn remote(config: &Config, metrics: &Arc<Metrics>) -> Result<Option<Arc<Remote>>, StartError> {
    let Some(node) = &config.audit_node else { return Ok(None) };
    if config.audit.is_some() {
        let fault = "this server keeps audit logs itself, so it hands nothing on";
        return Err(StartError::AuditNode(fault.to_owned()));
    }
    let remote = Remote::new(node, Arc::clone(metrics)).map_err(StartError::AuditNode)?;
    let made = std::fs::create_dir_all(&node.directory);
    made.map_err(|error| StartError::AuditNode(format!("{}: {error}", node.directory.display())))?;
    Ok(Some(Arc::new(remote)))
}

/// What follows the store and writes to an audit log what was done, here or on the node that keeps the logs.
fn trail(
    config: &Config,
    store: &Arc<dyn Store>,
    metrics: &Arc<Metrics>,
    audit: Option<&Audit>,
    remote: Option<&Arc<Remote>>,
) -> Result<Option<Trail>, StartError> {
    let (sink, scope) = match (audit.zip(config.audit.as_ref()), remote.zip(config.audit_node.as_ref())) {
        (Some((audit, settings)), _) => {
            let (folder, events) = (settings.directory.clone(), settings.events.clone());
            (Sink::Own(audit.service()), Scope { folder, events, retention: settings.retention })
        }
        (None, Some((remote, node))) => {
            let (folder, events) = (node.directory.clone(), node.events.clone());
            let sink = Sink::node(Arc::clone(remote)).map_err(StartError::Threads)?;
            (sink, Scope { folder, events, retention: None })
        }
        (None, None) => return Ok(None),
    };
    let links = (config.clock.clone(), config.rules.clone(), Arc::clone(metrics));
    Ok(Some(Trail::new(Arc::clone(store), sink, scope, links)))
}

fn serving_threads(config: &Config) -> Result<Runtime, StartError> {
    let mut builder = runtime::Builder::new_multi_thread();
    if let Some(threads) = config.worker_threads {
        builder.worker_threads(threads.max(1));
    }
    builder.max_blocking_threads(READING_THREADS).thread_name("litesoc-serve").enable_all();
    builder.build().map_err(StartError::Threads)
}

pub(crate) fn thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, StartError> {
    Builder::new().name(name.to_owned()).spawn(work).map_err(StartError::Threads)
}

/// Serves until it is told to stop; returns how many connections were cut.
fn serve(runtime: Runtime, listener: TcpListener, state: Arc<State>, stop: watch::Receiver<bool>) -> usize {
    let cut = runtime.block_on(async {
        let (store, plans, clock) =
            (Arc::clone(&state.store), state.config.plans.clone(), state.config.clock.clone());
        tokio::spawn(retention::run(store, plans, clock, stop.clone()));
        let front = Arc::new(Front::new(Arc::clone(&state)));
        match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => {
                let bounds = (&state.config.limits, &state.config.timeouts);
                listener::serve(listener, front, bounds, stop).await
            }
            Err(error) => {
                tracing::error!(%error, "cannot listen");
                0
            }
        }
    });
    runtime.shutdown_timeout(LAST_MOMENT);
    cut
}

/// A server that runs. Dropping it stops it as [`shutdown`](Self::shutdown) does.
#[derive(Debug)]
#[must_use = "dropping it stops the server"]
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    queue: Arc<IngestQueue>,
    mailbox: Arc<Mailbox>,
    bell: TrailBell,
    threads: Threads,
}

#[derive(Debug, Default)]
struct Threads {
    listener: Option<JoinHandle<usize>>,
    writer: Option<JoinHandle<()>>,
    detector: Option<JoinHandle<()>>,
    notifier: Option<JoinHandle<()>>,
    trail: Option<JoinHandle<()>>,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped {
    /// Connections that were cut because their requests did not finish in [`Timeouts::shutdown`](crate::Timeouts::shutdown).
    pub connections_cut: usize,
    /// Events that were stored and not examined, because the store failed; the next start examines them.
    pub events_unexamined: u64,
}

impl Running {
    /// The address it listens on, with the port it got.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops: takes no more connections, finishes the requests that have begun, writes what is queued, runs detection to
    /// the end, then returns. Blocks meanwhile.
    pub fn shutdown(mut self) -> Stopped {
        self.stop()
    }

    /// Serves until the process is told to end (SIGTERM or SIGINT), then shuts down. Blocks meanwhile.
    ///
    /// A signal that comes before this call ends the process at once; [`StopSignal`] listens earlier.
    ///
    /// # Errors
    ///
    /// When the signals cannot be waited for; the server is shut down then too.
    pub fn until_signal(self) -> io::Result<Stopped> {
        StopSignal::listen()?.wait()?;
        Ok(self.shutdown())
    }

    fn stop(&mut self) -> Stopped {
        // The order matters: nothing may wait for a thread that has ended before it.
        self.stop.send_replace(true);
        let connections_cut =
            self.threads.listener.take().map_or(0, |thread| thread.join().unwrap_or_default());
        self.queue.close();
        let _written = self.threads.writer.take().map(JoinHandle::join);
        self.bell.stop();
        let _followed = self.threads.trail.take().map(JoinHandle::join);
        self.mailbox.stop();
        let _examined = self.threads.detector.take().map(JoinHandle::join);
        // Its bell went with the detector.
        let _told = self.threads.notifier.take().map(JoinHandle::join);
        Stopped { connections_cut, events_unexamined: self.mailbox.unexamined() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}
