//! [`Answering`]: the body of an answer that is read while it comes.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use litesoc_core::transport::{PerProcess, TransportError};
use tokio::runtime::Id;

use crate::error;
use crate::line::Line;
use crate::pool::{Origin, Pool};

/// The body of an answer that is read while it comes, however long it is.
///
/// It drives its connection while it is polled, so a reader that is slow slows the server down. Read to the end it leaves the
/// connection to the next request; dropped before, it closes it.
pub struct Answering {
    body: Incoming,
    /// Nothing once the body has ended.
    line: Option<Box<Line>>,
    home: Home,
}

/// Where a connection goes when it is free.
pub(crate) struct Home {
    pub(crate) pool: Arc<PerProcess<Pool>>,
    pub(crate) origin: Origin,
    pub(crate) runtime: Id,
}

impl Answering {
    pub(crate) fn new(body: Incoming, line: Box<Line>, home: Home) -> Self {
        let mut answering = Self { body, line: Some(line), home };
        if answering.body.is_end_stream() {
            answering.rest();
        }
        answering
    }

    /// Gives the connection back: the body has ended.
    fn rest(&mut self) {
        if let Some(line) = self.line.take()
            && line.is_reusable()
        {
            let Home { pool, origin, runtime } = &self.home;
            pool.get().put(origin.clone(), *runtime, line);
        }
    }
}

impl Body for Answering {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let this = &mut *self;
        let Some(line) = &mut this.line else { return Poll::Ready(None) };
        // The driver first: what it reads is then taken in the same turn.
        line.drive(context);
        let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
        // Once more, so that it sees the end of the answer and is ready for the next request.
        line.drive(context);
        match frame {
            Some(Ok(frame)) => {
                // A reader that knows the length asks for no more.
                if this.body.is_end_stream() {
                    this.rest();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(fault)) => {
                this.line = None;
                Poll::Ready(Some(Err(error::of_exchange(fault))))
            }
            None => {
                this.rest();
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.line.is_none() || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl fmt::Debug for Answering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answering").field("ended", &self.line.is_none()).finish_non_exhaustive()
    }
}
