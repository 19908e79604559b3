//! How many records a second the audit log takes, with the load generator on the same machine.
//!
//! Every record is acknowledged after its batch is synced; every single one comes with a signed receipt.
//! `cargo bench -p litesoc-server --bench audit -- [SECONDS] [DIRECTORY] [PART OF A NAME] [RECORDS]`; the directory should be on
//! a real disk; with RECORDS the log is filled to so many first, in bulks of 1,000, to see whether it grows slower.

use std::error::Error;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use litesoc_model::Plan;
use litesoc_server::{Accounts, ApiKey, AuditConfig, Clock, Config, Running, Server};
use litesoc_store::SqliteStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const KEY: &str = "bench-key";

/// What is sent, and by how many connections.
#[derive(Clone, Copy)]
struct Load {
    name: &'static str,
    connections: usize,
    path: &'static str,
    /// Records of a request.
    size: usize,
    verbose: bool,
}

const fn log(name: &'static str, connections: usize) -> Load {
    Load { name, connections, path: "/v1/log", size: 1, verbose: false }
}

const LOADS: [Load; 7] = [
    log("single records, 1 connection", 1),
    log("single records, 64 connections", 64),
    log("single records, 256 connections", 256),
    Load { verbose: true, ..log("with proofs, 64 connections", 64) },
    Load { path: "/v2/log", size: 1_000, ..log("bulk of 1,000, 8 connections", 8) },
    Load { path: "/v1/root", size: 0, ..log("root, 8 connections", 8) },
    Load { path: "/v1/search", size: 0, ..log("search for a rare word, 2 connections", 2) },
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let seconds = words.next().map_or(Ok(5), |word| word.parse())?;
    let parent = words.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let wanted = words.next().unwrap_or_default();
    let records = words.next().map_or(Ok(0), |word| word.parse())?;
    for load in LOADS.into_iter().filter(|load| load.name.contains(&wanted)) {
        let directory = tempfile::tempdir_in(&parent)?;
        run(load, Duration::from_secs(seconds), directory.path(), records)?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark tells its result")]
fn run(load: Load, time: Duration, directory: &Path, records: usize) -> Result<(), Box<dyn Error>> {
    let server = server(directory)?;
    let fill = Load { path: "/v2/log", size: 1_000, ..log("fill", 1) };
    // At least one request, so that there is something to ask for.
    let filling = Clock::system();
    send(server.local_addr(), fill, Until::Requests(records.div_ceil(1_000).max(1)))?;
    if records > 0 {
        println!("filled with {records} records in {:.1} s", filling.elapsed().as_secs_f64());
    }
    wait_for_root(server.local_addr())?;
    let clock = Clock::system();
    let mut waits = send(server.local_addr(), load, Until::Elapsed(time))?;
    let loaded = clock.elapsed().as_secs_f64();
    server.shutdown();
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{:40} {:>8.0} {}/s   p50 {:>6.2} ms   p99 {:>6.2} ms",
        load.name,
        (waits.len() * load.size.max(1)) as f64 / loaded,
        if load.size > 0 { "records" } else { "answers" },
        at(0.5),
        at(0.99),
    );
    if records > 0 {
        let clock = Clock::system();
        let again = self::server(directory)?;
        println!("opened again in {:.2} s", clock.elapsed().as_secs_f64());
        again.shutdown();
    }
    Ok(())
}

fn server(directory: &Path) -> Result<Running, Box<dyn Error>> {
    let store = Arc::new(SqliteStore::open(directory)?);
    Accounts::of(&*store).bootstrap(&ApiKey::new(KEY)?, &Plan::Enterprise)?;
    let mut config = Config::default();
    config.listen = "127.0.0.1:0".parse()?;
    config.audit = Some(AuditConfig::new(directory.join("audit")));
    Ok(Server::bind(config, store)?)
}

/// When sending ends.
#[derive(Clone, Copy)]
enum Until {
    Elapsed(Duration),
    Requests(usize),
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn wait_for_root(to: SocketAddr) -> Result<(), Box<dyn Error>> {
    runtime()?.block_on(async {
        let mut connection = Connection::open(to).await?;
        while connection.call("/v1/root", "{}").await? != 200 {}
        Ok(())
    })
}

/// Sends; returns how long each request took.
fn send(to: SocketAddr, load: Load, until: Until) -> Result<Vec<Duration>, Box<dyn Error>> {
    let clock = Clock::system();
    runtime()?.block_on(async {
        let all = tokio::task::LocalSet::new();
        let open = |_| tokio::task::spawn_local(requests(to, load, until, clock.clone()));
        let tasks: Vec<_> = all.run_until(async { (0..load.connections).map(open).collect() }).await;
        let mut waits = Vec::new();
        all.run_until(async {
            for task in tasks {
                waits.extend(task.await??);
            }
            Ok::<_, Box<dyn Error>>(())
        })
        .await?;
        Ok(waits)
    })
}

async fn requests(to: SocketAddr, load: Load, until: Until, clock: Clock) -> std::io::Result<Vec<Duration>> {
    let mut connection = Connection::open(to).await?;
    let mut waits = Vec::new();
    let mut body = String::new();
    let goes_on = |sent: usize| match until {
        Until::Elapsed(time) => clock.elapsed() < time,
        Until::Requests(most) => sent < most,
    };
    while goes_on(waits.len()) {
        write_body(&mut body, load, waits.len());
        let sent = clock.elapsed();
        let status = connection.call(load.path, &body).await?;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&connection.answer));
        waits.push(clock.elapsed() - sent);
    }
    Ok(waits)
}

struct Connection {
    stream: TcpStream,
    request: String,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(to: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request: String::new(), answer: Vec::new() })
    }

    /// The status of the answer.
    async fn call(&mut self, path: &str, body: &str) -> std::io::Result<u16> {
        let length = body.len();
        self.request.clear();
        let _infallible = write!(
            self.request,
            "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {KEY}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        self.stream.write_all(self.request.as_bytes()).await?;
        self.answer.clear();
        while !is_whole(&self.answer) {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let status = self.answer.get(9..12).and_then(|status| str::from_utf8(status).ok()?.parse().ok());
        status.ok_or_else(|| std::io::ErrorKind::InvalidData.into())
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let head = &answer[..answer.len().min(2_048)];
    let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&answer[..end]);
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    length.parse().is_ok_and(|length: usize| answer.len() >= end + 4 + length)
}

/// Events of about 300 bytes.
fn write_body(body: &mut String, load: Load, number: usize) {
    body.clear();
    match (load.path, load.size) {
        ("/v1/root", _) => body.push_str("{}"),
        ("/v1/search", _) => body.push_str(r#"{"query":"\"document 77 7 \"","limit":20}"#),
        (_, 1) => {
            write_event(body, number, 0);
            body.pop();
            let _infallible = write!(body, r#","verbose":{}}}"#, load.verbose);
        }
        (_, size) => {
            body.push_str(r#"{"events":["#);
            for place in 0..size {
                body.push_str(if place > 0 { "," } else { "" });
                write_event(body, number, place);
            }
            body.push_str("]}");
        }
    }
}

fn write_event(body: &mut String, number: usize, place: usize) {
    let user = (number * 7 + place) % 5_000;
    let _infallible = write!(
        body,
        r#"{{"event":{{"message":"user_{user:06} opened document {number} {place} from the browser at the office in Munich","actor":"user_{user:06}","action":"document.open","source":"203.0.{}.{}","status":"success","target":"document-{number}-{place}","tenant_id":"tenant-{}"}}}}"#,
        user / 250,
        user % 250,
        user % 40,
    );
}
