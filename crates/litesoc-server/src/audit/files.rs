//! Downloads: a file is written on a thread of its own while its reader takes it.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{
    ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap,
    HeaderValue,
};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Frame;
use litesoc_audit::Download;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::envelope::Outcome;

/// Files that are written at the same time.
const MOST: usize = 16;
/// Bytes handed over at a time.
const PIECE: usize = 64 << 10;
/// Pieces that wait for their reader.
const WAITING: usize = 4;

/// Downloads that run.
#[derive(Debug)]
pub(super) struct Files(Arc<Semaphore>);

impl Default for Files {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

impl Files {
    /// The right to write one more file; `None` while too many are written.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }

    /// The answer that holds what is in a file.
    pub(super) fn copy(mut file: File, place: OwnedSemaphorePermit) -> io::Result<Response> {
        let length = file.metadata()?.len();
        let mut response = stream(place, move |mut out| {
            io::copy(&mut file, &mut out)?;
            out.flush()
        })?;
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        Ok(response)
    }

    /// The answer that holds a file.
    pub(super) fn send(
        &self,
        file: Download,
        base: String,
        headers: &HeaderMap,
    ) -> Result<Response, Outcome> {
        let busy = || {
            let summary = "Too many files are being fetched: try again";
            Outcome::error(StatusCode::SERVICE_UNAVAILABLE, "ServiceNotAvailable", summary)
        };
        let place = self.place().ok_or_else(busy)?;
        let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let gzip = accepted.split(',').any(|coding| coding.trim().to_ascii_lowercase().starts_with("gzip"));
        let (media, name) = (file.media_type(), file.name());
        let mut response = stream(place, move |out| file.write(&base, gzip, out)).map_err(|_| busy())?;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
        if gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Ok(named) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
            headers.insert(CONTENT_DISPOSITION, named);
        }
        Ok(response)
    }
}

/// An answer whose body is written on a thread of its own.
fn stream(
    place: OwnedSemaphorePermit,
    write: impl FnOnce(BufWriter<Out>) -> io::Result<()> + Send + 'static,
) -> io::Result<Response> {
    let (pieces, taken) = mpsc::channel(WAITING);
    let work = move || {
        if let Err(error) = write(BufWriter::with_capacity(PIECE, Out(pieces.clone()))) {
            if error.kind() != io::ErrorKind::BrokenPipe {
                tracing::error!(%error, "a file of results could not be written");
            }
            // The connection is cut, so that nobody takes the part for the whole.
            let _gone = pieces.blocking_send(Err(error));
        }
        drop(place);
    };
    thread::Builder::new().name("litesoc-file".to_owned()).spawn(work)?;
    Ok(Response::new(Body::new(UnsyncBoxBody::new(Pieces(taken)))))
}

/// Where a file is written to.
struct Out(mpsc::Sender<io::Result<Bytes>>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The pieces of a file as a body.
struct Pieces(mpsc::Receiver<io::Result<Bytes>>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
