//! How many events a second the server stores, with the load generator on the same machine.
//!
//! Every event is acknowledged after its transaction is synced. Everything is on: what is known of addresses (from made-up
//! networks), all built-in rules, the example rules in Sigma, snapshots of the detector.
//! `cargo bench -p litesoc-server --bench ingest -- [SECONDS] [DIRECTORY] [PART OF A NAME] [bare]`; the directory should be on
//! a real disk; `bare` leaves out addresses, rules in Sigma and snapshots.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use litesoc_detect::sigma::RuleSet;
use litesoc_detect::taxonomy;
use litesoc_enrich::{Enricher, Source, SourceKind};
use litesoc_model::Plan;
use litesoc_server::{Accounts, ApiKey, Clock, Config, DetectorFiles, HotEnricher, Server};
use litesoc_store::{SqliteStore, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const KEY: &str = "bench-key";
/// What is sent, and by how many connections.
#[derive(Clone, Copy)]
struct Load {
    name: &'static str,
    connections: usize,
    /// Events of a request.
    size: usize,
    event: &'static str,
}

const fn logins(name: &'static str, connections: usize, size: usize) -> Load {
    Load { name, connections, size, event: "auth.login_success" }
}

const LOADS: [Load; 5] = [
    logins("single events, 8 connections", 8, 1),
    logins("single events, 64 connections", 64, 1),
    logins("single events, 256 connections", 256, 1),
    logins("batches of 100, 16 connections", 16, 100),
    Load { event: "auth.login_failed", ..logins("the same, attacks on 5,000 accounts", 16, 100) },
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let seconds = words.next().map_or(Ok(5), |word| word.parse())?;
    let parent = words.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let wanted = words.next().unwrap_or_default();
    let bare = words.next().is_some_and(|word| word == "bare");
    for load in LOADS.into_iter().filter(|load| load.name.contains(&wanted)) {
        let directory = tempfile::tempdir_in(&parent)?;
        let mut config = if bare { Config::default() } else { everything(directory.path())? };
        config.listen = "127.0.0.1:0".parse()?;
        run(load, Duration::from_secs(seconds), Arc::new(SqliteStore::open(directory.path())?), config)?;
    }
    Ok(())
}

/// A server with all that can be switched on.
fn everything(directory: &Path) -> Result<Config, Box<dyn Error>> {
    let mut config = Config::default();
    config.detector_files = Some(DetectorFiles::new(directory.join("detector")));
    config.enrichment = HotEnricher::new(networks()?);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    let mut rules = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        rules.push((path.display().to_string(), std::fs::read_to_string(path)?));
    }
    let rules = rules.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    config.rules = litesoc_server::HotRules::new(Some(RuleSet::parse_as(&taxonomy(), rules)?));
    Ok(config)
}

/// A place and an operator for each of the networks that the events come from, and some of them on lists.
fn networks() -> Result<Enricher, Box<dyn Error>> {
    const CITIES: [(&str, &str, f64, f64); 4] = [
        ("DE", "Munich", 48.14, 11.58),
        ("NL", "Amsterdam", 52.37, 4.9),
        ("FR", "Lyon", 45.76, 4.84),
        ("ES", "Madrid", 40.42, -3.7),
    ];
    let (mut overrides, mut lists) = (String::new(), String::new());
    for third in 0..250_usize {
        let (country, city, latitude, longitude) = CITIES[third % CITIES.len()];
        write!(
            overrides,
            "[[network]]\nname = \"network {third}\"\nnetworks = [\"203.0.{third}.0/24\"]\ncountry = \"{country}\"\n\
             city = \"{city}\"\nlatitude = {latitude}\nlongitude = {longitude}\nradius_km = 20\nasn = {}\n\
             organization = \"Example {third}\"\n",
            64_496 + third % 16,
        )?;
        writeln!(lists, "198.51.{third}.0/24")?;
    }
    let list = |kind: &str| Ok::<_, Box<dyn Error>>(Source::new(kind, kind.parse::<SourceKind>()?, &*lists));
    let sources =
        [Source::new("overrides.toml", SourceKind::Overrides, overrides), list("vpn")?, list("tor")?];
    Ok(Enricher::open(sources)?)
}

/// Waits until detection has examined everything; the bounds below which the lag of half and of 99 in 100 events lies, in
/// milliseconds.
fn lag(server: SocketAddr) -> Result<(f64, f64), Box<dyn Error>> {
    loop {
        let mut stream = std::net::TcpStream::connect(server)?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        if text.lines().any(|line| line == "litesoc_detection_lag_events 0") {
            return Ok((quantile(&text, 0.5)?, quantile(&text, 0.99)?));
        }
    }
}

/// The upper end of the bucket in which this share of the events lies.
fn quantile(metrics: &str, share: f64) -> Result<f64, Box<dyn Error>> {
    let mut buckets = Vec::new();
    for line in metrics.lines() {
        let Some(rest) = line.strip_prefix("litesoc_detection_lag_seconds_bucket{le=\"") else { continue };
        let (bound, count) = rest.split_once("\"} ").ok_or("a bucket")?;
        buckets.push((bound.parse::<f64>().unwrap_or(f64::INFINITY), count.parse::<f64>()?));
    }
    let all = buckets.last().map_or(0.0, |(_, count)| *count);
    let found = buckets.iter().find(|(_, count)| *count >= all * share);
    Ok(found.map_or(0.0, |(bound, _)| bound * 1e3))
}

#[expect(clippy::print_stdout, reason = "a benchmark tells its result")]
fn run(load: Load, time: Duration, store: Arc<SqliteStore>, config: Config) -> Result<(), Box<dyn Error>> {
    Accounts::of(&*store).bootstrap(&ApiKey::new(KEY)?, &Plan::Enterprise)?;
    let server = Server::bind(config, Arc::<SqliteStore>::clone(&store))?;
    let clock = Clock::system();
    let mut waits = send(server.local_addr(), load, time)?;
    let loaded = clock.elapsed().as_secs_f64();
    let (half, most) = lag(server.local_addr())?;
    let caught_up = clock.elapsed().as_secs_f64() - loaded;
    let stopped = server.shutdown();
    waits.sort_unstable();
    let events = waits.len() * load.size;
    assert_eq!(store.last_seq()?.get(), events as u64, "every acknowledged event is stored, once");
    assert_eq!(stopped.events_unexamined, 0);
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{:36} {:>8.0} events/s   p50 {:>6.2} ms   p99 {:>6.2} ms   detection behind by p50 <= {half:.0} ms, p99 <= {most:.0} ms, done {caught_up:.2} s after the load",
        load.name,
        events as f64 / loaded,
        at(0.5),
        at(0.99),
    );
    Ok(())
}

/// Sends for so long; returns how long each request took.
fn send(to: SocketAddr, load: Load, time: Duration) -> Result<Vec<Duration>, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let events = Arc::new(AtomicU64::new(0));
    let clock = Clock::system();
    runtime.block_on(async {
        let open =
            || tokio::task::spawn_local(connection(to, load, time, Arc::clone(&events), clock.clone()));
        let all = tokio::task::LocalSet::new();
        let tasks: Vec<_> = all.run_until(async { (0..load.connections).map(|_| open()).collect() }).await;
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

async fn connection(
    to: SocketAddr,
    load: Load,
    time: Duration,
    events: Arc<AtomicU64>,
    clock: Clock,
) -> std::io::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let mut waits = Vec::new();
    let (mut request, mut body, mut answer) = (String::new(), String::new(), vec![0; 64 << 10]);
    while clock.elapsed() < time {
        write_body(&mut body, load, &events, &clock);
        request.clear();
        let length = body.len();
        let _infallible = write!(
            request,
            "POST /collect HTTP/1.1\r\nHost: bench\r\nX-API-Key: {KEY}\r\nContent-Type: application/json\r\n\
             User-Agent: litesoc-rust/0.1.0\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let sent = clock.elapsed();
        stream.write_all(request.as_bytes()).await?;
        let mut read = 0;
        while !is_whole(&answer[..read]) {
            match stream.read(&mut answer[read..]).await? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                more => read += more,
            }
        }
        assert!(answer.starts_with(b"HTTP/1.1 202"), "{}", String::from_utf8_lossy(&answer[..read]));
        waits.push(clock.elapsed() - sent);
    }
    Ok(waits)
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&answer[..head]);
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    length.parse().is_ok_and(|length: usize| answer.len() >= head + 4 + length)
}

/// Events of about 230 bytes before the marks of the client, each with an id of its own.
fn write_body(body: &mut String, load: Load, events: &AtomicU64, clock: &Clock) {
    let Load { size, event, .. } = load;
    body.clear();
    body.push_str(if size > 1 { r#"{"events":["# } else { "" });
    for place in 0..size {
        let n = events.fetch_add(1, Ordering::Relaxed);
        let user = n % 5_000;
        let millis = clock.now().as_millis();
        let separator = if place > 0 { "," } else { "" };
        let _infallible = write!(
            body,
            r#"{separator}{{"event":"{event}","actor":{{"id":"user_{:06}","email":"user{:06}@example.com"}},"user_ip":"203.0.{}.{}","metadata":{{"session":"s-{n:016x}","browser":"Firefox 131","os":"Linux","attempt":{},"remembered":true,"_sdk":"litesoc-rust","_sdk_version":"0.1.0","_event_id":"{:08x}-{:04x}-7000-8000-{n:012x}"}}}}"#,
            user,
            user,
            // Each account has an address of its own.
            user / 250,
            user % 250,
            n % 7,
            millis >> 16,
            millis & 0xffff,
        );
    }
    body.push_str(if size > 1 { "]}" } else { "" });
}
