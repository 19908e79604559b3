//! Lists that page by themselves.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use litesoc_model::{Alert, EventRecord, Page};

use super::pending::Pending;
use super::prepared::Prepared;
use crate::error::Error;
use crate::operation::{ListAlerts, ListEvents, Operation, Reply};

type PendingPage<T> = Pending<Result<Reply<Page<T>>, Error>>;

/// A list operation: where its next page begins, and what tells its rows apart.
pub trait Paged<T>: Operation<Output = Page<T>> + Clone + Send + 'static {
    /// The row the list begins at.
    fn start(&self) -> u64;

    /// The rows a page was asked to have.
    fn page_size(&self) -> u64;

    /// The same list from this row on.
    #[must_use]
    fn at(&self, offset: u64) -> Self;

    /// The row's id.
    fn id(row: &T) -> &str;
}

impl Paged<EventRecord> for ListEvents {
    fn start(&self) -> u64 {
        self.first_row()
    }

    fn page_size(&self) -> u64 {
        self.rows()
    }

    fn at(&self, offset: u64) -> Self {
        self.clone().offset(offset)
    }

    fn id(row: &EventRecord) -> &str {
        &row.id
    }
}

impl Paged<Alert> for ListAlerts {
    fn start(&self) -> u64 {
        self.first_row()
    }

    fn page_size(&self) -> u64 {
        self.rows()
    }

    fn at(&self, offset: u64) -> Self {
        self.clone().offset(offset)
    }

    fn id(row: &Alert) -> &str {
        &row.id
    }
}

/// Where a walk through a list is.
///
/// The service pages by offset over a list that grows at its head while it is read. Rows that were pushed into the
/// next page by newer ones come twice then, so those of the page before are left out.
struct Walk<O, T> {
    request: Prepared<O>,
    offset: u64,
    rows: VecDeque<T>,
    seen: HashSet<String>,
    done: bool,
}

impl<T: Send + 'static, O: Paged<T>> Walk<O, T> {
    fn new(request: Prepared<O>) -> Self {
        let offset = request.operation().start();
        Self { request, offset, rows: VecDeque::new(), seen: HashSet::new(), done: false }
    }

    fn next_page(&self) -> PendingPage<T> {
        self.request.clone().with(|list| list.at(self.offset)).send()
    }

    fn take(&mut self, page: Result<Reply<Page<T>>, Error>) -> Result<(), Error> {
        let page = page.inspect_err(|_| self.done = true)?.into_inner();
        // By what came and not by what was asked for: services clamp the size of a page as they like.
        let received = page.received as u64;
        self.done = !page.has_more_after(self.offset, Some(self.request.operation().page_size()));
        self.offset += received;
        let before = std::mem::take(&mut self.seen);
        self.seen = page.data.iter().map(|row| O::id(row).to_owned()).collect();
        self.rows.extend(page.data.into_iter().filter(|row| !before.contains(O::id(row))));
        Ok(())
    }
}

impl<O, T> fmt::Debug for Walk<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk").field("offset", &self.offset).field("done", &self.done).finish_non_exhaustive()
    }
}

/// All rows of a list, for plain threads. After an error it ends.
#[derive(Debug)]
pub struct Iter<O, T>(Walk<O, T>);

impl<T: Send + 'static, O: Paged<T>> Iter<O, T> {
    pub(super) fn new(request: Prepared<O>) -> Self {
        Self(Walk::new(request))
    }
}

impl<T: Send + 'static, O: Paged<T>> Iterator for Iter<O, T> {
    type Item = Result<T, Error>;

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
pub struct Stream<O, T> {
    walk: Walk<O, T>,
    pending: Option<PendingPage<T>>,
}

impl<T: Send + 'static, O: Paged<T>> Stream<O, T> {
    pub(super) fn new(request: Prepared<O>) -> Self {
        Self { walk: Walk::new(request), pending: None }
    }
}

// No field is ever pinned.
impl<O, T> Unpin for Stream<O, T> {}

impl<T: Send + 'static, O: Paged<T>> futures_core::Stream for Stream<O, T> {
    type Item = Result<T, Error>;

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
