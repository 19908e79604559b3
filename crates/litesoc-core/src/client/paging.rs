//! Lists that page by themselves.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use litesoc_model::Page;

use super::pending::Pending;
use super::prepared::Prepared;
use crate::error::Error;
use crate::operation::{Filter, List, Reply};

type PendingPage<T> = Pending<Result<Reply<Page<T>>, Error>>;

/// Where a walk through a list is.
///
/// The service pages by offset over a list that grows at its head while it is read. Rows that were pushed into the
/// next page by newer ones come twice then, so those of the page before are left out.
struct Walk<F: Filter> {
    request: Prepared<List<F>>,
    offset: u64,
    rows: VecDeque<F::Row>,
    seen: HashSet<String>,
    done: bool,
}

impl<F: Filter> Walk<F> {
    fn new(request: Prepared<List<F>>) -> Self {
        let offset = request.operation().first_row();
        Self { request, offset, rows: VecDeque::new(), seen: HashSet::new(), done: false }
    }

    fn next_page(&self) -> PendingPage<F::Row> {
        self.request.clone().offset(self.offset).send()
    }

    fn take(&mut self, page: Result<Reply<Page<F::Row>>, Error>) -> Result<(), Error> {
        let page = page.inspect_err(|_| self.done = true)?.into_inner();
        // By what came and not by what was asked for: services clamp the size of a page as they like.
        let received = page.received as u64;
        self.done = !page.has_more_after(self.offset, Some(self.request.operation().page_size()));
        self.offset += received;
        let before = std::mem::take(&mut self.seen);
        self.seen = page.data.iter().map(|row| F::id(row).to_owned()).collect();
        self.rows.extend(page.data.into_iter().filter(|row| !before.contains(F::id(row))));
        Ok(())
    }
}

impl<F: Filter> fmt::Debug for Walk<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk").field("offset", &self.offset).field("done", &self.done).finish_non_exhaustive()
    }
}

/// All rows of a list, for plain threads. After an error it ends.
#[derive(Debug)]
pub struct Iter<F: Filter>(Walk<F>);

impl<F: Filter> Iter<F> {
    pub(super) fn new(request: Prepared<List<F>>) -> Self {
        Self(Walk::new(request))
    }
}

impl<F: Filter> Iterator for Iter<F> {
    type Item = Result<F::Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.0.rows.pop_front() {
                return Some(Ok(row));
            }
            if self.0.done {
                return None;
            }
            let page = self.0.next_page().wait();
            if let Err(error) = self.0.take(page) {
                return Some(Err(error));
            }
        }
    }
}

/// All rows of a list, for async code. After an error it ends.
#[derive(Debug)]
pub struct Stream<F: Filter> {
    walk: Walk<F>,
    pending: Option<PendingPage<F::Row>>,
}

impl<F: Filter> Stream<F> {
    pub(super) fn new(request: Prepared<List<F>>) -> Self {
        Self { walk: Walk::new(request), pending: None }
    }
}

// No field is ever pinned.
impl<F: Filter> Unpin for Stream<F> {}

impl<F: Filter> futures_core::Stream for Stream<F> {
    type Item = Result<F::Row, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(row) = this.walk.rows.pop_front() {
                return Poll::Ready(Some(Ok(row)));
            }
            if this.walk.done {
                return Poll::Ready(None);
            }
            let pending = this.pending.get_or_insert_with(|| this.walk.next_page());
            let Poll::Ready(page) = Pin::new(pending).poll(context) else { return Poll::Pending };
            this.pending = None;
            if let Err(error) = this.walk.take(page) {
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}
