//! `litesoc audit witness`: cosigns checkpoints of other logs until it is told to stop (C2SP tlog-witness).

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use clap::Args;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use litesoc_audit::Witness;
use litesoc_ledger::checkpoint::log_keys;
use litesoc_ledger::note::VerifierKey;
use litesoc_ledger::signature::PrivateKey;
use litesoc_ledger::time::Moment;
use litesoc_server::{Clock, Limits, ReloadSignal, Site, StopSignal};

use super::keygen::WITNESS_NAME;
use super::read;
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::serve::log_to_stderr;

/// The longest request: 63 hashes and a checkpoint with its signatures are some kilobytes.
const LONGEST_REQUEST: usize = 64 << 10;

#[derive(Args, Debug)]
pub(crate) struct WitnessArguments {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8788")]
    listen: SocketAddr,
    /// The folder for what it saw last of each log; made if it is not there. Who loses it has to give up the key as well.
    #[arg(long, value_name = "DIR", default_value = "litesoc-witness")]
    data: PathBuf,
    /// The private key, as `litesoc audit keygen --witness` makes it.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The name of the witness in its cosignatures, the one the key was made for.
    #[arg(long, value_name = "NAME", default_value = WITNESS_NAME)]
    name: String,
    /// The logs to cosign: verifier keys, one a line, as a log shows them at `/log/ORIGIN/vkey`. Repeatable. Read again at
    /// SIGHUP.
    #[arg(long = "log", value_name = "FILE", required = true, num_args = 1..)]
    logs: Vec<PathBuf>,
}

pub(super) fn run(arguments: &WitnessArguments, screen: &mut Screen) -> Result<(), Failure> {
    // Nothing of the file may show in the error.
    let key = PrivateKey::from_pem(&read(&arguments.key)?)
        .map_err(|error| Failure::usage(format!("{}: {error}", arguments.key.display())))?;
    let logs = known_logs(&arguments.logs)?;
    log_to_stderr();
    // Before the first line is written: whoever reads it may end the witness right away.
    let stop = StopSignal::listen()?;
    let clock = Clock::system();
    let clock = Arc::new(move || moment(&clock));
    let witness = Witness::open(&arguments.data, &arguments.name, key, logs, clock)
        .map_err(|error| Failure::new(error.to_string()))?;
    let witness = Arc::new(witness);
    know_again(Arc::clone(&witness), arguments.logs.clone())?;
    let mut limits = Limits::default();
    limits.body_bytes = LONGEST_REQUEST;
    let asked = Arc::clone(&witness);
    let site = Site::bind(arguments.listen, limits, Arc::new(move |request| answer(&asked, request)))?;
    let (address, vkey) = (site.local_addr(), witness.verifier_key());
    screen.line(&format!("listening on http://{address}"))?;
    screen.line(&format!("vkey {vkey}"))?;
    screen.line(&format!("policy line: witness {} {vkey} http://{address}", policy_name(vkey.name())))?;
    stop.wait()?;
    site.shutdown();
    Ok(())
}

/// What a policy may call a witness of this name: the last part of it.
pub(super) fn policy_name(name: &str) -> &str {
    name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(name)
}

fn moment(clock: &Clock) -> Moment {
    let micros = clock.now().as_millis().saturating_mul(1_000);
    Moment::from_micros(micros).expect("the clock shows a year below 10000")
}

/// The keys of all logs in these files.
fn known_logs(files: &[PathBuf]) -> Result<Vec<VerifierKey>, Failure> {
    let mut logs = Vec::new();
    for path in files {
        let wrong = |fault: String| Failure::usage(format!("{}: {fault}", path.display()));
        let found = log_keys(&read(path)?).map_err(|error| wrong(error.to_string()))?;
        if found.is_empty() {
            return Err(wrong("no key of a log is in it".to_owned())
                .advise("Take it from /log/ORIGIN/vkey of the log."));
        }
        logs.extend(found);
    }
    Ok(logs)
}

/// Starts a thread that reads the files of logs again at SIGHUP. Files that cannot be used are told in the log, and the logs
/// that are known stay.
fn know_again(witness: Arc<Witness>, files: Vec<PathBuf>) -> Result<(), Failure> {
    let mut asked = ReloadSignal::listen()?;
    let work = move || {
        while let Ok(true) = asked.wait(None) {
            match known_logs(&files) {
                Ok(logs) => {
                    let count = logs.len();
                    witness.know(logs);
                    tracing::info!(count, "the keys of logs were read again");
                }
                Err(failure) => tracing::error!("{failure}; the logs known before stay"),
            }
        }
    };
    thread::Builder::new().name("litesoc-logs".to_owned()).spawn(work)?;
    Ok(())
}

fn answer(witness: &Witness, request: &Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path();
    if path == "/add-checkpoint" {
        if *request.method() != Method::POST {
            return wrong_method("POST");
        }
        let answer = witness.add_checkpoint(request.body());
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // C2SP tlog-witness tells the size of a conflict by this type.
        let media = if status == StatusCode::CONFLICT { "text/x.tlog.size" } else { TEXT };
        return text(status, media, answer.body);
    }
    let shown = match path.strip_prefix("/log/").and_then(|rest| rest.strip_suffix("/checkpoint")) {
        Some(origin) => witness.checkpoint(origin),
        None if path == "/vkey" => Ok(Some(format!("{}\n", witness.verifier_key()))),
        None => Ok(None),
    };
    if *request.method() != Method::GET && *request.method() != Method::HEAD {
        return wrong_method("GET, HEAD");
    }
    match shown {
        Ok(Some(shown)) => text(StatusCode::OK, TEXT, shown),
        Ok(None) => text(StatusCode::NOT_FOUND, TEXT, "there is nothing at this path\n"),
        Err(error) => {
            tracing::error!(%error, "a checkpoint that was cosigned could not be read");
            text(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "what was seen could not be read\n")
        }
    }
}

/// The type of a text for people and programs.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// An answer that is not to be kept, because the next one may be another.
pub(super) fn text(status: StatusCode, media: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

pub(super) fn wrong_method(allowed: &'static str) -> Response<Bytes> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, TEXT, format!("this path takes {allowed}\n"));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
