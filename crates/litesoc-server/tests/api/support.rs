//! A server on a free port over an empty store, and a small client that sends exactly what it is told to.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use litesoc_model::{Plan, Timestamp};
use litesoc_server::{Accounts, ApiKey, AuditConfig, Clock, Config, DetectorFiles, Running, Server};
use litesoc_store::{OrganizationId, SqliteStore, Store};
use serde_json::Value;

/// How long a test waits for anything before it fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// The moment at which every test's clock stands.
pub(crate) const NOW: &str = "2026-03-10T12:00:00.000Z";

/// A server, its store and its clock.
///
/// Keys: `good` (pro), `free`, `big` (enterprise) and `other` (another organization on pro).
pub(crate) struct World {
    pub(crate) server: Running,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) clock: Clock,
    config: Config,
    /// Where the store is, when it is not one of its own making.
    directory: Option<tempfile::TempDir>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// A world whose configuration is changed first.
    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::behind(change, |store| store)
    }

    /// A world whose server sees the store through something else.
    pub(crate) fn behind(
        change: impl FnOnce(&mut Config),
        wrap: impl FnOnce(Arc<SqliteStore>) -> Arc<dyn Store>,
    ) -> Self {
        let store = Arc::new(SqliteStore::open_temporary().unwrap());
        let mut config = Config::default();
        config.listen = "127.0.0.1:0".parse().unwrap();
        config.clock = Clock::manual(NOW.parse().unwrap());
        config.worker_threads = Some(2);
        change(&mut config);
        let accounts = Accounts::with_clock(&*store, config.clock.clone());
        for (key, plan) in
            [("good", Plan::Pro), ("free", Plan::Free), ("big", Plan::Enterprise), ("other", Plan::Pro)]
        {
            accounts.bootstrap(&ApiKey::new(key).unwrap(), &plan).unwrap();
        }
        let server = Server::bind(config.clone(), wrap(Arc::clone(&store))).unwrap();
        Self { server, store, clock: config.clock.clone(), config, directory: None }
    }

    /// The same store and clock behind a new server.
    pub(crate) fn restart(self) -> Self {
        let Self { server, store, clock, config, directory } = self;
        server.shutdown();
        let server = Server::bind(config.clone(), Arc::<SqliteStore>::clone(&store)).unwrap();
        Self { server, store, clock, config, directory }
    }

    /// What a new process finds after this one was killed while it had nothing to do: the files as they are on the disk.
    ///
    /// The detector's own ones are changed first, if need be.
    pub(crate) fn killed(self, damage: impl FnOnce(&Path)) -> Self {
        self.settle();
        let Self { server, store, clock, mut config, directory: before } = self;
        let directory = tempfile::tempdir().unwrap();
        copy(store.directory(), directory.path());
        if let Some(files) = &mut config.detector_files {
            let to = directory.path().join("detector");
            copy(&files.directory, &to);
            damage(&to);
            files.directory = to;
        }
        server.shutdown();
        drop((store, before));
        let store = Arc::new(SqliteStore::open(directory.path()).unwrap());
        let server = Server::bind(config.clone(), Arc::<SqliteStore>::clone(&store)).unwrap();
        Self { server, store, clock, config, directory: Some(directory) }
    }

    /// A world whose detector keeps snapshots in a folder, at least every so many events.
    pub(crate) fn keeping(events: u64) -> Self {
        Self::keeping_with(events, |_| {})
    }

    /// The same with a configuration that is changed first.
    pub(crate) fn keeping_with(events: u64, change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut world = Self::with(|config| {
            change(config);
            let mut files = DetectorFiles::new(directory.path());
            files.events = events;
            config.detector_files = Some(files);
        });
        world.directory = Some(directory);
        world
    }

    /// A world with audit logs, which are published every few milliseconds.
    pub(crate) fn auditing() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut world = Self::with(|config| {
            let mut audit = AuditConfig::new(directory.path().join("audit"));
            audit.publish_every = Duration::from_millis(5);
            config.audit = Some(audit);
        });
        world.directory = Some(directory);
        world
    }

    /// The folder of the audit logs.
    pub(crate) fn audit_files(&self) -> &Path {
        &self.config.audit.as_ref().unwrap().directory
    }

    /// The same configuration tried again, for a server that should not start.
    pub(crate) fn start_again(self, damage: impl FnOnce(&Path)) -> Result<(), String> {
        let Self { server, store, config, directory, .. } = self;
        server.shutdown();
        damage(directory.as_ref().unwrap().path());
        Server::bind(config, store).map(|_| ()).map_err(|error| error.to_string())
    }

    /// Calls the Pangea Audit API with the enterprise key.
    pub(crate) fn audit(&self, path: &str, body: &Value) -> Answer {
        self.post(path, body.clone()).header("Authorization", "Bearer big").send()
    }

    /// The result of a call of the Pangea Audit API that succeeds.
    pub(crate) fn audited(&self, path: &str, body: &Value) -> Value {
        let answer = self.audit(path, body).json();
        assert_eq!(answer["status"], "Success", "{path}: {answer}");
        answer["result"].clone()
    }

    /// Waits until so many records are published.
    pub(crate) fn published(&self, size: u64) {
        let started = Clock::system();
        while self.audit("/v1/root", &serde_json::json!({})).json()["result"]["data"]["size"].as_u64()
            < Some(size)
        {
            assert!(started.elapsed() < PATIENCE, "{size} records are never published");
        }
    }

    /// The folder of the detector.
    pub(crate) fn detector_files(&self) -> &Path {
        &self.config.detector_files.as_ref().unwrap().directory
    }

    /// The organization of a key.
    pub(crate) fn organization(&self, key: &str) -> OrganizationId {
        let id =
            self.get("/health").key(key).send().json()["organization"]["id"].as_str().unwrap().to_owned();
        OrganizationId::new(&id).unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Call {
        Call {
            to: self.server.local_addr(),
            head: format!("{method} {path} HTTP/1.1\r\nHost: test\r\n"),
            body: Vec::new(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Call {
        self.request("GET", path)
    }

    pub(crate) fn post(&self, path: &str, body: impl Into<Body>) -> Call {
        self.request("POST", path).body(body)
    }

    pub(crate) fn patch(&self, path: &str, body: impl Into<Body>) -> Call {
        self.request("PATCH", path).body(body)
    }

    /// Sends events with the key `good` and expects them to be taken.
    pub(crate) fn collect(&self, body: impl Into<Body>) -> Value {
        let answer = self.post("/collect", body).key("good").send();
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.json()
    }

    /// The newest event of `good`.
    pub(crate) fn latest(&self) -> Value {
        self.get("/events?limit=1").key("good").send().json()["data"][0].clone()
    }

    /// How many events are stored, of all organizations.
    pub(crate) fn stored(&self) -> usize {
        self.store.read_from(litesoc_store::Seq::START, 100_000).unwrap().len()
    }

    /// Waits until every stored event was examined and its alerts are recorded.
    pub(crate) fn settle(&self) {
        let started = Clock::system();
        while self.get("/health").key("big").send().json()["detection"]["lag_events"] != 0 {
            assert!(started.elapsed() < PATIENCE, "detection does not come to an end");
        }
    }

    /// Five failed sign-ins from one address, and the one alert they raise.
    pub(crate) fn brute_force(&self, key: &str, actor: &str, address: &str) -> Value {
        let event =
            format!(r#"{{"event":"auth.login_failed","actor":{{"id":"{actor}"}},"user_ip":"{address}"}}"#);
        let body = format!(r#"{{"events":[{}]}}"#, [event.as_str(); 5].join(","));
        assert_eq!(self.post("/collect", body).key(key).send().status, 202);
        self.settle();
        let alerts = self.get(&format!("/alerts?actor_id={actor}")).key(key).send().json();
        assert_eq!(alerts["data"].as_array().unwrap().len(), 1, "{alerts}");
        alerts["data"][0].clone()
    }
}

/// Copies the files of a folder. The lock is no content.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap().map(|file| file.unwrap().path()) {
        if file.is_file() && file.extension().is_none_or(|extension| extension != "lock") {
            fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
    }
}

/// The body of a request: text, bytes or JSON.
pub(crate) struct Body(Vec<u8>);

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<Value> for Body {
    fn from(json: Value) -> Self {
        Self(json.to_string().into_bytes())
    }
}

/// A request being put together.
pub(crate) struct Call {
    to: SocketAddr,
    head: String,
    body: Vec<u8>,
}

impl Call {
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("X-API-Key", key)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        write!(self.head, "{name}: {value}\r\n").unwrap();
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into().0;
        self
    }

    /// Sends it on a connection of its own and reads the answer.
    pub(crate) fn send(self) -> Answer {
        let mut stream = connect(self.to);
        let length = self.body.len();
        let head = format!("{}Content-Length: {length}\r\nConnection: close\r\n\r\n", self.head);
        // One write, so that a refusal that does not wait for the body cannot reset the connection in between.
        stream.write_all(&[head.as_bytes(), &self.body].concat()).unwrap();
        read_answer(&mut stream)
    }
}

impl Call {
    /// Sends it and reads until the connection ends, for answers that come piece by piece.
    pub(crate) fn whole(self) -> Answer {
        let mut stream = connect(self.to);
        stream.write_all(format!("{}Connection: close\r\n\r\n", self.head).as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let mut answer = read_answer_from(&bytes);
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = unchunked(&answer.body);
        }
        answer
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n").unwrap();
        let length = usize::from_str_radix(str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 4 + length..];
    }
}

/// A connection whose reads do not wait for ever.
pub(crate) fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Reads one answer, by its Content-Length.
pub(crate) fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 << 10];
    let (head_end, length) = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break (end + 4, content_length(&bytes[..end]));
        }
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0, "the connection closed before an answer: {:?}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&chunk[..read]);
    };
    while bytes.len() < head_end + length {
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0, "the connection closed within an answer");
        bytes.extend_from_slice(&chunk[..read]);
    }
    let mut answer = read_answer_from(&bytes);
    answer.body.truncate(length);
    answer
}

/// An answer that is there as a whole.
fn read_answer_from(bytes: &[u8]) -> Answer {
    let head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    Answer { status, headers: lines.filter_map(pair).collect(), body: bytes[head_end..].to_vec() }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    length.parse().unwrap()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Status, headers without the date, and body, for a fixture.
    pub(crate) fn fixture(&self) -> String {
        let mut text = format!("{}\n", self.status);
        let mut headers = self.headers.clone();
        headers.retain(|(name, _)| !["date", "content-length", "connection"].contains(&name.as_str()));
        headers.sort();
        for (name, value) in headers {
            writeln!(text, "{name}: {value}").unwrap();
        }
        if !self.body.is_empty() {
            write!(text, "\n{:#}", self.json()).unwrap();
        }
        text
    }
}
