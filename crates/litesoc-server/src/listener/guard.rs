//! [`GuardedStream`]: a socket that gives up on a client that is too slow.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Where a connection stands between two requests, shared by its socket and the service behind it.
#[derive(Debug, Default)]
pub(crate) struct Phase(AtomicU8);

const WAITING: u8 = 0;
const HEAD: u8 = 1;
const BUSY: u8 = 2;

impl Phase {
    /// A head has arrived; until the answer is ready the service keeps the time.
    pub(crate) fn begin_request(&self) {
        self.0.store(BUSY, Ordering::Relaxed);
    }

    /// The answer is ready; the next byte read belongs to another request.
    pub(crate) fn end_request(&self) {
        self.0.store(WAITING, Ordering::Relaxed);
    }

    fn begin_head(&self) {
        // Fails, as it should, while a request is being served: then the bytes are its body.
        let _unless_busy = self.0.compare_exchange(WAITING, HEAD, Ordering::Relaxed, Ordering::Relaxed);
    }

    fn is_head(&self) -> bool {
        self.0.load(Ordering::Relaxed) == HEAD
    }
}

/// A socket with two limits of time: one for a whole request head, one for any standstill while writing.
///
/// hyper's own limit for heads runs from the end of the previous request, so it serves for idle connections and must be long;
/// this one runs from the first byte of a head, so that a client cannot hold a connection by sending a byte now and then.
#[derive(Debug)]
pub(crate) struct GuardedStream<S> {
    stream: S,
    phase: Arc<Phase>,
    head: Limit,
    write: Limit,
}

impl<S> GuardedStream<S> {
    pub(crate) fn new(stream: S, phase: Arc<Phase>, head: Duration, write: Duration) -> Self {
        Self { stream, phase, head: Limit::new(head), write: Limit::new(write) }
    }
}

/// A time that runs while something is awaited.
#[derive(Debug)]
struct Limit {
    length: Duration,
    running: Option<Pin<Box<Sleep>>>,
}

impl Limit {
    fn new(length: Duration) -> Self {
        Self { length, running: None }
    }

    fn stop(&mut self) {
        self.running = None;
    }

    /// Starts the time if it does not run; ready once it is over.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let length = self.length;
        let sleep = self.running.get_or_insert_with(|| Box::pin(tokio::time::sleep(length)));
        sleep.as_mut().poll(context).map(|()| io::ErrorKind::TimedOut.into())
    }

    fn unless_over<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_pending() {
            return self.poll(context).map(Err);
        }
        self.stop();
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for GuardedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let result = Pin::new(&mut this.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            this.phase.begin_head();
        }
        if !this.phase.is_head() {
            this.head.stop();
            return result;
        }
        // A head that comes in one piece starts no timer; one that does not keeps it running over all its reads.
        if result.is_pending() { this.head.poll(context).map(Err) } else { result }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let result = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.write.unless_over(context, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let result = Pin::new(&mut this.stream).poll_flush(context);
        this.write.unless_over(context, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let result = Pin::new(&mut this.stream).poll_shutdown(context);
        this.write.unless_over(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let result = Pin::new(&mut this.stream).poll_write_vectored(context, parts);
        this.write.unless_over(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
