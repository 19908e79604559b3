//! One connection, driven by the request that uses it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use http::response::Parts;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{Connection, SendRequest};
use litesoc_core::transport::{MAX_RESPONSE_BYTES, TransportError, TransportErrorKind};

use crate::connect::Stream;
use crate::error;

/// A connection on which one request at a time is answered.
pub(crate) struct Line {
    sender: SendRequest<Full<Bytes>>,
    driver: Connection<Stream, Full<Bytes>>,
    ended: bool,
}

impl Line {
    pub(crate) async fn new(stream: Stream) -> Result<Self, TransportError> {
        let (sender, driver) =
            hyper::client::conn::http1::handshake(stream).await.map_err(error::of_exchange)?;
        Ok(Self { sender, driver, ended: false })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn exchange(
        &mut self,
        request: http::Request<Full<Bytes>>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let Self { sender, driver, ended } = self;
        driven(driver, ended, receive(sender.send_request(request))).await
    }

    /// Sends a request and reads the head of the answer; who reads the body has to [`drive`](Self::drive).
    pub(crate) async fn open(
        &mut self,
        request: http::Request<Full<Bytes>>,
    ) -> Result<http::Response<Incoming>, TransportError> {
        let Self { sender, driver, ended } = self;
        driven(driver, ended, sender.send_request(request)).await.map_err(error::of_exchange)
    }

    /// Turns the driver once.
    pub(crate) fn drive(&mut self, context: &mut Context<'_>) {
        self.ended = self.ended || Pin::new(&mut self.driver).poll(context).is_ready();
    }

    /// Sends a request and passes the answer on as it comes.
    pub(crate) async fn stream(
        &mut self,
        request: http::Request<Full<Bytes>>,
        take: impl FnMut(&Parts, &[u8]) -> Result<(), TransportError>,
    ) -> Result<http::Response<()>, TransportError> {
        let Self { sender, driver, ended } = self;
        driven(driver, ended, pass_on(sender.send_request(request), take)).await
    }

    /// Lets the driver notice what has happened while nobody used the connection, such as its end.
    pub(crate) async fn turn(&mut self) {
        poll_fn(|cx| {
            self.drive(cx);
            Poll::Ready(())
        })
        .await;
    }

    /// Whether another request can go over this connection.
    pub(crate) fn is_reusable(&self) -> bool {
        !self.ended && self.sender.is_ready()
    }
}

/// Turns the driver of a connection as long as an answer is awaited on it.
async fn driven<T>(
    driver: &mut Connection<Stream, Full<Bytes>>,
    ended: &mut bool,
    answer: impl Future<Output = T>,
) -> T {
    let mut drive = |cx: &mut Context<'_>| *ended = *ended || Pin::new(&mut *driver).poll(cx).is_ready();
    let mut answer = pin!(answer);
    poll_fn(|cx| {
        // The driver first: what it reads is then taken in the same turn. Its own errors reach the answer, too.
        drive(cx);
        let polled = answer.as_mut().poll(cx);
        if polled.is_ready() {
            // Once more, so that it sees the end of the answer and is ready for the next request.
            drive(cx);
        }
        polled
    })
    .await
}

async fn pass_on(
    answer: impl Future<Output = hyper::Result<http::Response<Incoming>>>,
    mut take: impl FnMut(&Parts, &[u8]) -> Result<(), TransportError>,
) -> Result<http::Response<()>, TransportError> {
    let (parts, mut body) = answer.await.map_err(error::of_exchange)?.into_parts();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(error::of_exchange)?.into_data() {
            take(&parts, &data)?;
        }
    }
    Ok(http::Response::from_parts(parts, ()))
}

async fn receive(
    answer: impl Future<Output = hyper::Result<http::Response<Incoming>>>,
) -> Result<http::Response<Bytes>, TransportError> {
    let (parts, mut body) = answer.await.map_err(error::of_exchange)?.into_parts();
    if body.size_hint().lower() > MAX_RESPONSE_BYTES as u64 {
        return Err(too_long());
    }
    // Most answers come in one piece, which is passed on as it is. Further pieces are copied together: each keeps the
    // buffer alive that it was read into, so a dripping server would make the client hold a buffer for each byte.
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(error::of_exchange)?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > MAX_RESPONSE_BYTES {
            return Err(too_long());
        }
        if first.is_empty() && rest.is_empty() {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.extend_from_slice(&std::mem::take(&mut first));
        }
        rest.extend_from_slice(data.chunk());
    }
    let whole = if rest.is_empty() { first } else { rest.freeze() };
    Ok(http::Response::from_parts(parts, whole))
}

fn too_long() -> TransportError {
    TransportError::new(
        TransportErrorKind::Protocol,
        format!("the body is longer than {MAX_RESPONSE_BYTES} bytes"),
    )
}
