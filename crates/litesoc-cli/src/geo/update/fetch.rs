//! Fetching a file: bounded in length and time, hashed as it comes.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{LOCATION, USER_AGENT};
use http::response::Parts;
use litesoc::hyper::{HyperTransport, Proxy, Roots};
use litesoc::transport::{TransportError, TransportErrorKind};
use sha2::{Digest, Sha256};
use tokio::runtime::{self, Runtime};

use super::address::Address;
use super::plan::Plan;

/// How often an address may send on to another one: publishers keep files elsewhere than their pages.
const MAX_REDIRECTS: usize = 5;
/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(30);
/// Longest file that holds a checksum.
const MAX_CHECKSUM_BYTES: u64 = 64 << 10;

/// Fetches files, one at a time.
pub(super) struct Fetcher {
    runtime: Runtime,
    transport: HyperTransport,
    limit: u64,
    time: Duration,
}

/// What was fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fetched {
    pub(super) bytes: u64,
    pub(super) sha256: [u8; 32],
}

impl Fetcher {
    pub(super) fn new(plan: &Plan) -> Result<Self, String> {
        let mut builder = HyperTransport::builder().roots(Roots::webpki());
        if let Some(address) = &plan.proxy {
            builder = builder.proxy(Proxy::new(address).map_err(|error| error.to_string())?);
        }
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        Ok(Self { runtime, transport: builder.build(), limit: plan.limit, time: plan.time })
    }

    /// Fetches into a file.
    pub(super) fn to_file(
        &self,
        address: &Address,
        file: &mut File,
        progress: impl FnMut(u64),
    ) -> Result<Fetched, String> {
        self.follow(
            address,
            self.limit,
            |piece| file.write_all(piece).map_err(|error| error.to_string()),
            progress,
        )
    }

    /// Fetches a short text.
    pub(super) fn text(&self, address: &Address) -> Result<String, String> {
        let mut text = Vec::new();
        let keep = |piece: &[u8]| {
            text.extend_from_slice(piece);
            Ok(())
        };
        self.follow(address, MAX_CHECKSUM_BYTES, keep, |_| {})?;
        String::from_utf8(text).map_err(|_| format!("{address} is not text"))
    }

    /// Asks an address, and the ones it sends on to.
    fn follow(
        &self,
        address: &Address,
        limit: u64,
        mut keep: impl FnMut(&[u8]) -> Result<(), String>,
        mut progress: impl FnMut(u64),
    ) -> Result<Fetched, String> {
        let mut address = address.clone();
        for _ in 0..=MAX_REDIRECTS {
            let mut intake = Intake {
                limit,
                bytes: 0,
                hasher: Sha256::new(),
                keep: &mut keep,
                progress: &mut progress,
                refused: None,
            };
            let head = self.ask(&address, &mut intake)?;
            if let Some(refused) = intake.refused {
                return Err(format!("{address} {refused}"));
            }
            match head.status.as_u16() {
                200 => return Ok(Fetched { bytes: intake.bytes, sha256: intake.hasher.finalize().into() }),
                301 | 302 | 303 | 307 | 308 => {
                    let location = head.headers.get(LOCATION).and_then(|value| value.to_str().ok());
                    address = address.redirected(location.unwrap_or_default())?;
                }
                _ => return Err(format!("{address} answers {}", head.status)),
            }
        }
        Err(format!("{address} is the sixth address in a row that sends on to another one"))
    }

    fn ask(&self, address: &Address, intake: &mut Intake<'_>) -> Result<Parts, String> {
        let request = http::Request::get(address.uri().clone())
            .header(USER_AGENT, concat!("litesoc/", env!("CARGO_PKG_VERSION")))
            .body(Bytes::new())
            .map_err(|error| format!("{address}: {error}"))?;
        let come = AtomicU64::new(0);
        let answer = self.transport.stream(request, |head, piece| {
            come.fetch_add(1, Ordering::Relaxed);
            intake.take(head, piece)
        });
        let outcome = self.runtime.block_on(async {
            tokio::select! {
                answer = tokio::time::timeout(self.time, answer) => {
                    answer.unwrap_or_else(|_| Err(late("took too long")))
                }
                () = silence(&come) => Err(late("sent nothing for half a minute")),
            }
        });
        match outcome {
            Ok(answer) => Ok(answer.into_parts().0),
            // The exchange was ended by ourselves, and why is told.
            Err(_) if intake.refused.is_some() => Ok(http::Response::new(()).into_parts().0),
            Err(error) => Err(format!("{address}: {error}")),
        }
    }
}

/// Ends when nothing has come for a while.
async fn silence(come: &AtomicU64) {
    let mut before = u64::MAX;
    loop {
        let now = come.load(Ordering::Relaxed);
        if now == before {
            return;
        }
        before = now;
        tokio::time::sleep(SILENCE).await;
    }
}

fn late(why: &'static str) -> TransportError {
    TransportError::new(TransportErrorKind::Closed, why)
}

/// What comes of one answer.
struct Intake<'a> {
    limit: u64,
    bytes: u64,
    hasher: Sha256,
    keep: &'a mut dyn FnMut(&[u8]) -> Result<(), String>,
    progress: &'a mut dyn FnMut(u64),
    /// Why the rest is not taken.
    refused: Option<String>,
}

impl Intake<'_> {
    fn take(&mut self, head: &Parts, piece: &[u8]) -> Result<(), TransportError> {
        // The page that comes with a redirect or an error is nobody's file.
        if head.status != http::StatusCode::OK {
            return Ok(());
        }
        self.bytes += piece.len() as u64;
        if self.bytes > self.limit {
            return self.refuse(format!("is longer than {} bytes, which is the limit", self.limit));
        }
        self.hasher.update(piece);
        (self.progress)(self.bytes);
        match (self.keep)(piece) {
            Ok(()) => Ok(()),
            Err(error) => self.refuse(format!("cannot be stored: {error}")),
        }
    }

    fn refuse(&mut self, why: String) -> Result<(), TransportError> {
        self.refused = Some(why);
        Err(late("refused"))
    }
}
