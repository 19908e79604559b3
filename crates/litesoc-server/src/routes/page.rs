//! [`Page`]: the part of a list that is asked for, and the answer that holds it.

use axum::response::Response;
use http::StatusCode;
use litesoc_model::{ListBody, Pagination, Timestamp};
use litesoc_store::{PageCursor, Rows};
use serde::Serialize;

use super::Admitted;
use super::query::Parameters;
use crate::answer::{Refusal, json};

/// Which rows of a list are asked for, whatever the list is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) from_ms: Option<i64>,
    pub(super) to_ms: Option<i64>,
    pub(super) limit: usize,
    pub(super) offset: u64,
    pub(super) cursor: Option<PageCursor>,
    /// The most rows a page of this list may have.
    most: usize,
}

impl Page {
    /// What the parameters ask for: `usual` rows when they do not say, `most` when they say more.
    pub(super) fn asked(parameters: &Parameters, usual: usize, most: usize) -> Self {
        Self {
            from_ms: parameters.moment(&["from", "start_date"]),
            to_ms: parameters.moment(&["to", "end_date"]),
            limit: parameters.limit(usual, most),
            offset: parameters.offset(),
            cursor: parameters.text(&["cursor"]).and_then(|cursor| cursor.parse().ok()),
            most,
        }
    }

    /// The answer: the rows as clients see them, where they stand in the list, and what the plan allows.
    ///
    /// `named` repeats the rows under the name of the list, for the clients that look for them there.
    pub(super) fn answer<R, T: Serialize>(
        self,
        (admitted, now): (&Admitted, Timestamp),
        rows: Rows<R>,
        show: impl FnMut(R) -> T,
        named: fn(ListBody<'_, T>) -> ListBody<'_, T>,
    ) -> Result<Response, Refusal> {
        let pagination = self.pagination(&rows);
        let shown: Vec<_> = rows.rows.into_iter().map(show).collect();
        let mut meta = admitted.caller.meta(now);
        meta.max_limit = Some(self.most as u64);
        let body = ListBody::new(&shown, pagination, meta);
        json(StatusCode::OK, &if admitted.wants_named_list { named(body) } else { body })
    }

    /// Where the page stands. Clients page by `total` or by `has_more`, so the two never disagree, even where counting
    /// stopped.
    fn pagination<R>(self, rows: &Rows<R>) -> Pagination {
        let found = rows.rows.len() as u64;
        let has_more = rows.next.is_some();
        // An offset behind the last row says nothing of how many there are.
        let known = if found == 0 { 0 } else { self.offset.saturating_add(found) + u64::from(has_more) };
        let total = rows.total.at_least().max(known);
        let mut pagination = Pagination::new(total, self.limit as u64, self.offset, found);
        pagination.has_more = Some(has_more);
        pagination.next_cursor = rows.next.map(|cursor| cursor.to_string());
        pagination
    }
}
