//! `litesoc audit mirror`: a verified copy of another log as static files, which it can show as well.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use litesoc_audit::{Mirror, MirrorError};
use litesoc_ledger::checkpoint::log_keys;
use litesoc_ledger::note::VerifierKey;
use litesoc_ledger::tiles::TilePath;
use litesoc_server::{Limits, ReloadSignal, Site, StopSignal};
use serde::Serialize;
use ureq::Agent;

use super::read;
use super::witness::{TEXT, text, wrong_method};
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::serve::log_to_stderr;
use crate::table::shown;
use crate::witnesses::policy;

/// How long one file may take.
const DEADLINE: Duration = Duration::from_secs(60);

#[derive(Args, Debug)]
pub(crate) struct MirrorArguments {
    /// The address of the log, under which its checkpoint and tiles lie.
    #[arg(long, value_name = "URL", required_unless_present = "url")]
    from: Option<String>,
    /// In its place: the address of the service; the log lies there at /log/ORIGIN.
    #[arg(long, value_name = "URL", conflicts_with = "from")]
    url: Option<String>,
    /// Which log, where the file of --log-key has keys of several.
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// The key of the log: verifier keys, one a line, as a log shows them at `/log/ORIGIN/vkey`. Take it once, over a way you
    /// trust.
    #[arg(long, value_name = "FILE")]
    log_key: PathBuf,
    /// The witnesses that must have cosigned a checkpoint before it is taken over (C2SP tlog-policy). Without it the signature
    /// of the log is enough.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The folder for the copy; made if it is not there. Any web server can show it.
    #[arg(long, value_name = "DIR", default_value = "litesoc-mirror")]
    data: PathBuf,
    /// Seconds between two looks at the log.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
    /// Look once and end: 0 the copy is the newest checkpoint, 1 the log or the folder is not as it should be, 3 the log could
    /// not be reached.
    #[arg(long, conflicts_with_all = ["every", "listen"])]
    once: bool,
    /// Show the copy at this address as well, at /log/ORIGIN like the log itself; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

#[derive(Serialize)]
struct Copied<'a> {
    origin: &'a str,
    size: u64,
    root: String,
    data: String,
}

pub(super) fn run(arguments: &MirrorArguments, screen: &mut Screen) -> Result<(), Failure> {
    let log = log_key(arguments)?;
    let from = address(arguments, log.name());
    let policy = arguments.policy.as_deref().map(policy).transpose()?;
    if !arguments.once {
        log_to_stderr();
    }
    // Before the first line is written: whoever reads it may end the mirror right away.
    let stop = StopSignal::listen()?;
    let mirror = Arc::new(Mirror::open(&arguments.data, log, policy).map_err(failure)?);
    if arguments.once {
        let newest = mirror.step(&|path, limit| fetch(&agent(), &from, path, limit)).map_err(failure)?;
        let (origin, size, data) = (mirror.log().name(), newest.size, arguments.data.display().to_string());
        if screen.is_json() {
            return screen.document(&Copied { origin, size, root: newest.root.to_string(), data });
        }
        return screen.line(&format!("{size} records of {} in {data}", shown(origin)));
    }
    let site = match arguments.listen {
        Some(listen) => {
            let (mut limits, shown) = (Limits::default(), Arc::clone(&mirror));
            limits.body_bytes = 0;
            Some(Site::bind(listen, limits, Arc::new(move |request| answer(&shown, request)))?)
        }
        None => None,
    };
    follow(Arc::clone(&mirror), from, Duration::from_secs(arguments.every))?;
    if let Some(site) = &site {
        screen.line(&format!("listening on http://{}", site.local_addr()))?;
    }
    screen.line(&format!("mirror of {}", shown(mirror.log().name())))?;
    stop.wait()?;
    // A round that has begun is not waited for: what it leaves behind the next start clears away.
    drop(site);
    Ok(())
}

/// The one key of the log that is meant.
fn log_key(arguments: &MirrorArguments) -> Result<VerifierKey, Failure> {
    let wrong = |fault: String| Failure::usage(format!("{}: {fault}", arguments.log_key.display()));
    let mut keys = log_keys(&read(&arguments.log_key)?).map_err(|error| wrong(error.to_string()))?;
    if let Some(origin) = &arguments.origin {
        keys.retain(|key| key.name() == origin);
    }
    match keys.pop() {
        Some(key) if keys.is_empty() => Ok(key),
        Some(_) => {
            Err(wrong("keys of several logs are in it".to_owned()).advise("Say which one with --origin."))
        }
        None => Err(wrong("no key of the log is in it".to_owned())
            .advise("Take it from /log/ORIGIN/vkey of the log.")),
    }
}

/// The address under which the files of the log lie, without a slash at the end.
fn address(arguments: &MirrorArguments, origin: &str) -> String {
    let address = match (&arguments.from, &arguments.url) {
        (Some(from), _) => from.clone(),
        (None, url) => format!("{}/log/{origin}", url.as_deref().unwrap_or_default().trim_end_matches('/')),
    };
    address.trim_end_matches('/').to_owned()
}

fn agent() -> Agent {
    let config =
        Agent::config_builder().timeout_global(Some(DEADLINE)).http_status_as_error(false).max_redirects(0);
    Agent::new_with_config(config.build())
}

/// A file of the log; `None` when it does not have it.
fn fetch(agent: &Agent, from: &str, path: &str, limit: usize) -> Result<Option<Vec<u8>>, String> {
    let mut answer = agent.get(format!("{from}/{path}")).call().map_err(|error| error.to_string())?;
    match answer.status().as_u16() {
        200 => {
            let read = answer.body_mut().with_config().limit(limit as u64).read_to_vec();
            read.map(Some).map_err(|error| error.to_string())
        }
        404 | 410 => Ok(None),
        status => Err(format!("the log answered {status}")),
    }
}

/// Starts a thread that looks at the log again and again, and at once at SIGHUP.
fn follow(mirror: Arc<Mirror>, from: String, every: Duration) -> Result<(), Failure> {
    let (agent, mut asked) = (agent(), ReloadSignal::listen()?);
    let work = move || {
        loop {
            let before = mirror.newest();
            match mirror.step(&|path, limit| fetch(&agent, &from, path, limit)) {
                Ok(newest) if before.is_none_or(|before| before.size < newest.size) => {
                    tracing::info!(origin = mirror.log().name(), size = newest.size, "the log was copied");
                }
                Ok(_) => {}
                // What was copied before stays, and is shown.
                Err(error @ MirrorError::Fetch { .. }) => {
                    tracing::warn!(%error, "the log could not be looked at")
                }
                Err(error) => tracing::error!(%error, "the log was not copied; what was copied before stays"),
            }
            if let Err(error) = asked.wait(Some(every)) {
                tracing::error!(%error, "the log is no longer copied");
                return;
            }
        }
    };
    thread::Builder::new().name("litesoc-mirror".to_owned()).spawn(work)?;
    Ok(())
}

fn failure(error: MirrorError) -> Failure {
    match error {
        MirrorError::Fetch { .. } => {
            Failure::unreachable(error.to_string()).advise("Check --from or --url, and try again.")
        }
        MirrorError::Log(_) | MirrorError::Policy(_) => Failure::new(error.to_string())
            .advise("Nothing was taken over. Keep the folder, and ask whoever runs the log."),
        MirrorError::InUse(_) | MirrorError::Damaged { .. } | MirrorError::Io { .. } | _ => {
            Failure::new(error.to_string())
        }
    }
}

fn answer(mirror: &Mirror, request: &Request<Bytes>) -> Response<Bytes> {
    if *request.method() != Method::GET && *request.method() != Method::HEAD {
        return wrong_method("GET, HEAD");
    }
    let missing = || text(StatusCode::NOT_FOUND, TEXT, "there is nothing at this path, or not yet\n");
    let path = request.uri().path().strip_prefix("/log/");
    let path = path.and_then(|path| path.strip_prefix(mirror.log().name())?.strip_prefix('/'));
    match path {
        Some("checkpoint") => match mirror.newest() {
            Some(newest) => text(StatusCode::OK, TEXT, newest.checkpoint.to_string()),
            None => missing(),
        },
        Some("vkey") => text(StatusCode::OK, TEXT, format!("{}\n", mirror.log())),
        Some(path) => match path.parse::<TilePath>().map(|path| mirror.file(path)) {
            Ok(Ok(Some(bytes))) => tile(bytes),
            Ok(Err(error)) => {
                tracing::error!(%error, path, "a file of the mirror could not be read");
                text(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "the file could not be read\n")
            }
            Ok(Ok(None)) | Err(_) => missing(),
        },
        None => missing(),
    }
}

/// A tile or a bundle, which is the same for ever.
fn tile(bytes: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(bytes.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}
