//! A loopback HTTP/1.1 server that misbehaves on demand.

mod answer;
mod connection;
mod wire;

use std::collections::VecDeque;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

pub use answer::Answer;
pub use wire::Received;

/// A server on a free loopback port that answers each request as its [`Script`] says and remembers what it saw.
///
/// It speaks plain HTTP/1.1 with keep-alive, on threads of the standard library, so that a fault of a client's
/// HTTP stack cannot hide behind the same fault of the server's. Its threads end when it is dropped.
///
/// # Examples
///
/// ```
/// use litesoc_core::testing::server::{Answer, HostileServer};
///
/// let server = HostileServer::start([Answer::hang_up(), Answer::status(503).header("retry-after", "1")]);
/// let address = server.url("/collect");
/// assert!(address.starts_with("http://127.0.0.1:"));
/// assert_eq!(server.requests().len(), 0);
/// ```
pub struct HostileServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// What a [`HostileServer`] has seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Connections accepted.
    pub connections: usize,
    /// Requests read to their end.
    pub requests: usize,
    /// Connections ended by the peer, seen while reading a request or writing an answer.
    pub hang_ups: usize,
}

type Choice = Box<dyn FnMut(&Received) -> Answer + Send>;

/// Which answer each request gets.
///
/// A list is used up in the order in which requests arrive, whatever their connection; after its end every request
/// gets `200` with the body `{}`.
pub struct Script {
    choose: Choice,
    before_body: bool,
}

impl Script {
    /// Asks `choose` for the answer of each request. One request at a time: the function may keep state.
    #[must_use]
    pub fn computed(choose: impl FnMut(&Received) -> Answer + Send + 'static) -> Self {
        Self { choose: Box::new(choose), before_body: false }
    }

    /// Answers as soon as the head of a request has arrived, and reads the body afterwards: what a server does that
    /// refuses a body by its length.
    #[must_use]
    pub fn before_body(self) -> Self {
        Self { before_body: true, ..self }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("before_body", &self.before_body).finish_non_exhaustive()
    }
}

impl From<Vec<Answer>> for Script {
    fn from(answers: Vec<Answer>) -> Self {
        let mut answers = VecDeque::from(answers);
        Self::computed(move |_| answers.pop_front().unwrap_or_default())
    }
}

impl<const N: usize> From<[Answer; N]> for Script {
    fn from(answers: [Answer; N]) -> Self {
        Self::from(Vec::from(answers))
    }
}

/// The same answer for every request.
impl From<Answer> for Script {
    fn from(answer: Answer) -> Self {
        Self::computed(move |_| answer.clone())
    }
}

impl HostileServer {
    /// Starts a server on a free port of `127.0.0.1`.
    ///
    /// # Panics
    ///
    /// When the port cannot be opened or no thread can be started.
    #[must_use]
    pub fn start(script: impl Into<Script>) -> Self {
        Self::start_on(IpAddr::V4(Ipv4Addr::LOCALHOST), script)
    }

    /// Starts a server on a free port of `host`, such as `::1`.
    ///
    /// # Panics
    ///
    /// When the port cannot be opened or no thread can be started.
    #[must_use]
    pub fn start_on(host: IpAddr, script: impl Into<Script>) -> Self {
        let listener = TcpListener::bind((host, 0)).expect("a free loopback port");
        let address = listener.local_addr().expect("the address of a bound socket");
        let shared = Arc::new(Shared::new(script.into()));
        let acceptor = std::thread::Builder::new()
            .name("hostile-server".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || accept(&listener, &shared)
            })
            .expect("a thread for the server");
        Self { address, shared, acceptor: Some(acceptor) }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The absolute address of `path`, which begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Everything read to its end so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.shared.lock().requests.clone()
    }

    /// What has been seen so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        *self.shared.counts.borrow()
    }

    /// Waits until `enough` says so. It has no limit of its own: put it into `tokio::time::timeout`.
    pub async fn until(&self, mut enough: impl FnMut(&Counts) -> bool) {
        let mut counts = self.shared.counts.subscribe();
        // The sender lives as long as `self`, so the only way out is a count that is enough.
        let _ = counts.wait_for(|counts| enough(counts)).await;
    }
}

impl fmt::Debug for HostileServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostileServer")
            .field("address", &self.address)
            .field("counts", &self.counts())
            .finish()
    }
}

impl Drop for HostileServer {
    fn drop(&mut self) {
        self.shared.stop();
        // A blocked `accept` notices nothing by itself: one last connection wakes it.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

/// What the threads of one server share.
struct Shared {
    state: Mutex<State>,
    script: Mutex<Choice>,
    before_body: bool,
    stopping: Condvar,
    counts: watch::Sender<Counts>,
}

#[derive(Default)]
struct State {
    stopped: bool,
    requests: Vec<Received>,
    open: Vec<(usize, TcpStream)>,
}

impl Shared {
    fn new(script: Script) -> Self {
        Self {
            state: Mutex::default(),
            script: Mutex::new(script.choose),
            before_body: script.before_body,
            stopping: Condvar::new(),
            counts: watch::Sender::new(Counts::default()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        for (_, stream) in &state.open {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
        self.stopping.notify_all();
    }

    /// Pauses the calling thread. Answers whether the server goes on.
    fn pause(&self, time: Duration) -> bool {
        let state = self.lock();
        let waited = self.stopping.wait_timeout_while(state, time, |state| !state.stopped);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stopped
    }

    fn choose(&self, received: &Received) -> Answer {
        let mut choose = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        choose(received)
    }

    fn record(&self, received: Received) {
        self.lock().requests.push(received);
        self.counts.send_modify(|counts| counts.requests += 1);
    }

    fn record_hang_up(&self) {
        if !self.lock().stopped {
            self.counts.send_modify(|counts| counts.hang_ups += 1);
        }
    }

    /// Keeps a handle of the connection so that [`Shared::stop`] can end it.
    fn admit(&self, number: usize, stream: &TcpStream) -> bool {
        let Ok(handle) = stream.try_clone() else { return false };
        let mut state = self.lock();
        if state.stopped {
            return false;
        }
        state.open.push((number, handle));
        drop(state);
        self.counts.send_modify(|counts| counts.connections += 1);
        true
    }

    /// Lets go of the handle, without which the connection would stay open after its thread has ended.
    fn release(&self, number: usize) {
        self.lock().open.retain(|(open, _)| *open != number);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut connections = Vec::new();
    while let Ok((stream, _)) = listener.accept() {
        let number = connections.len();
        if !shared.admit(number, &stream) {
            break;
        }
        let shared = Arc::clone(shared);
        connections.push(std::thread::spawn(move || connection::serve(stream, number, &shared)));
    }
    for connection in connections {
        let _ = connection.join();
    }
}
