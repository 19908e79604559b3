//! Lists: what those of events and of alerts have in common.

use bytes::Bytes;
use http::Response;
use litesoc_model::{Page, Record, Timestamp};

use super::Operation;
use super::query::Query;
use super::reply::{success, unexpected};
use crate::error::Error;

/// What a list is of, and the filters that only this kind of list has.
pub trait Filter: Clone + Send + 'static {
    /// A row of the list.
    type Row: Record + Send + 'static;

    /// The path of the list below the base URL.
    const PATH: &'static str;
    /// The rows of a page when nothing else is asked for.
    const DEFAULT_LIMIT: u64;

    /// The filters as they go into the query string; unset ones are left out.
    fn query(&self) -> Vec<(&'static str, &str)>;

    /// Whether a row is what was asked for. Services differ in the filters they know, and ignore the others.
    fn admits(&self, row: &Self::Row) -> bool;

    /// The row's id.
    fn id(row: &Self::Row) -> &str;

    /// The actor of the row.
    fn actor_id(row: &Self::Row) -> Option<&str>;
}

/// `GET` of a list: a page of rows, newest first. See [`ListEvents`](super::ListEvents) and
/// [`ListAlerts`](super::ListAlerts).
#[derive(Clone, Debug, Default)]
pub struct List<F> {
    pub(super) filter: F,
    actor_id: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    limit: Option<u64>,
    offset: u64,
}

impl<F: Default> List<F> {
    /// All rows the plan keeps, the newest first.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<F> List<F> {
    /// Only rows about this actor.
    #[must_use]
    pub fn actor_id(mut self, actor: impl Into<String>) -> Self {
        self.actor_id = Some(actor.into());
        self
    }

    /// Only rows from this time on.
    #[must_use]
    pub const fn from(mut self, from: Timestamp) -> Self {
        self.from = Some(from);
        self
    }

    /// Only rows up to this time.
    #[must_use]
    pub const fn to(mut self, to: Timestamp) -> Self {
        self.to = Some(to);
        self
    }

    /// Rows in a page. Default 50 events or 100 alerts. Services give less than asked for when it is more than they
    /// like; every one of them gives 100.
    #[must_use]
    pub const fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Rows to leave out, newest first.
    #[must_use]
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }
}

impl<F: Filter> List<F> {
    /// How many rows the page is asked to have.
    pub(crate) fn page_size(&self) -> u64 {
        self.limit.unwrap_or(F::DEFAULT_LIMIT)
    }

    #[cfg(feature = "client")]
    pub(crate) const fn first_row(&self) -> u64 {
        self.offset
    }
}

impl<F: Filter> Operation for List<F> {
    type Output = Page<F::Row>;

    fn path(&self) -> Result<String, Error> {
        let query = Query::new(F::PATH)
            .add_number("limit", Some(self.page_size()))
            .add_number("offset", Some(self.offset).filter(|&offset| offset > 0));
        let query =
            self.filter.query().into_iter().fold(query, |query, (name, value)| query.add(name, Some(value)));
        let query = query
            .add("actor_id", self.actor_id.as_deref())
            .add("from", self.from.map(|time| time.to_string()).as_deref())
            .add("to", self.to.map(|time| time.to_string()).as_deref());
        Ok(query.finish())
    }

    fn read(&self, response: &Response<Bytes>, now: Timestamp) -> Result<Self::Output, Error> {
        let mut page = Page::decode(success(response, now)?).map_err(|error| unexpected(F::PATH, error))?;
        let about =
            |row: &F::Row| self.actor_id.as_deref().is_none_or(|actor| F::actor_id(row) == Some(actor));
        page.data.retain(|row| about(row) && self.filter.admits(row));
        Ok(page)
    }
}
