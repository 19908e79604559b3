//! `litesoc audit export`: records as one file.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http::header::AUTHORIZATION;
use litesoc::hyper::HyperTransport;
use litesoc::transport::{TransportError, TransportErrorKind};
use litesoc_audit::Unpacked;
use litesoc_ledger::bundle::Trust;
use serde::Serialize;
use tempfile::NamedTempFile;

use super::{LONGEST, Service, check};
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::shown;

#[derive(Args, Debug)]
pub(crate) struct ExportArguments {
    /// The file to write; one that is there is replaced once the new one is whole.
    #[arg(long, value_name = "BUNDLE")]
    out: PathBuf,
    /// The first record. Record 0 is the one the log begins with.
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    from: u64,
    /// The record behind the last one. Default: the newest published.
    #[arg(long, value_name = "INDEX")]
    to: Option<u64>,
    #[command(flatten)]
    service: Service,
}

#[derive(Serialize)]
struct Exported {
    from: u64,
    to: u64,
    origin: String,
    bytes: u64,
    out: String,
}

/// An error answer is read up to here.
const LONGEST_ERROR: usize = 64 << 10;
/// A bundle may take so long.
const LONGEST_TIME: Duration = Duration::from_secs(3_600);

pub(super) fn run(arguments: &ExportArguments, screen: &mut Screen) -> Result<(), Failure> {
    let out = &arguments.out;
    let folder =
        out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let unwritable = |error: std::io::Error| Failure::new(format!("{}: {error}", out.display()));
    let mut file = NamedTempFile::new_in(folder).map_err(unwritable)?;
    let bytes = fetch(arguments, file.as_file_mut(), screen)?;
    let reading = BufReader::new(File::open(file.path()).map_err(unwritable)?);
    // A file that does not even hold by its own keys is no use to anybody, and better known now than at the audit.
    let files = Unpacked::read(reading, LONGEST)
        .map_err(|error| Failure::new(format!("what the service sent is no bundle: {error}")))?;
    let verified = check(&files, Trust::Embedded)
        .map_err(|fault| Failure::new(format!("what the service sent does not verify: {fault}")))?;
    file.as_file().sync_all().map_err(unwritable)?;
    file.persist(out).map_err(|error| unwritable(error.error))?;
    let (from, to) = (verified.range.start, verified.range.end);
    let origin = verified.accepted.checkpoint.origin;
    if screen.is_json() {
        return screen.document(&Exported { from, to, origin, bytes, out: out.display().to_string() });
    }
    screen.line(&format!("records {from} to {} of {} in {}", to - 1, shown(&origin), out.display()))
}

fn fetch(arguments: &ExportArguments, file: &mut File, screen: &mut Screen) -> Result<u64, Failure> {
    let service = &arguments.service;
    // Checks the address and the key as every other call does.
    service.client(|builder| builder)?;
    let mut url = format!("{}/v1/bundle?from={}", service.url.trim_end_matches('/'), arguments.from);
    if let Some(to) = arguments.to {
        url += &format!("&to={to}");
    }
    if let Some(id) = &service.config_id {
        url += &format!("&config_id={id}");
    }
    let request = http::Request::get(url)
        .header(AUTHORIZATION, format!("Bearer {}", service.key()?.trim()))
        .body(Bytes::new())
        .map_err(|error| Failure::usage(format!("--url: {error}")))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let transport = HyperTransport::with_webpki_roots();
    let mut out = BufWriter::new(file);
    let (mut bytes, mut refusal) = (0_u64, Vec::new());
    let answer = transport.stream(request, |head, piece| {
        if head.status != http::StatusCode::OK {
            refusal.extend_from_slice(&piece[..piece.len().min(LONGEST_ERROR - refusal.len())]);
            return Ok(());
        }
        bytes += piece.len() as u64;
        screen.progress(&format!("{bytes} bytes"));
        out.write_all(piece).map_err(|error| TransportError::new(TransportErrorKind::Other, error))
    });
    let answer = runtime.block_on(async { tokio::time::timeout(LONGEST_TIME, answer).await });
    let late = |_| Failure::new("the service took longer than an hour; export the log in ranges");
    let answer = answer.map_err(late)?.map_err(|error| Failure::from(litesoc::Error::from(error)))?;
    out.flush()?;
    match answer.status().as_u16() {
        200 => Ok(bytes),
        status => Err(refused(status, &refusal)),
    }
}

fn refused(status: u16, body: &[u8]) -> Failure {
    let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let words = |value: &serde_json::Value| value.as_str().map(shown);
    let summary = words(&answer["summary"]).unwrap_or_else(|| format!("status {status}"));
    let detail = words(&answer["result"]["errors"][0]["detail"]);
    let text = detail.map_or_else(|| summary.clone(), |detail| format!("{summary}: {detail}"));
    match status {
        401 | 403 => Failure::refused(text).advise("Check the key in LITESOC_API_KEY or --key."),
        404 => Failure::missing(text),
        400 => Failure::usage(text),
        _ => Failure::new(text),
    }
}
