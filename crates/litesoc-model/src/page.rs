//! [`Page`] and [`Single`]: what a list and a look-up answer, in every envelope the service has used.

use serde::Serialize;

use crate::decode::{DecodeError, Record};
use crate::error_body::ErrorBody;
use crate::json::{Members, elements, flag, raw_object, timestamp, whole};
use crate::time::Timestamp;
use crate::vocabulary::Plan;

/// Where a page stands in its list. Older services leave out some or all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pagination {
    /// Rows in the whole list.
    pub total: Option<u64>,
    /// The most rows a page has.
    pub limit: Option<u64>,
    /// Rows before this page.
    pub offset: Option<u64>,
    /// Whether rows follow.
    pub has_more: Option<bool>,
    /// What to ask for next, from services that page by cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl Pagination {
    /// Where a page of `rows` rows stands.
    #[must_use]
    pub fn new(total: u64, limit: u64, offset: u64, rows: u64) -> Self {
        let has_more = Some(offset.saturating_add(rows) < total && rows > 0);
        Self { total: Some(total), limit: Some(limit), offset: Some(offset), has_more, next_cursor: None }
    }

    /// From `pagination`, or spread over the top level.
    fn of(members: &Members<'_>) -> Self {
        let inner = members.inner("pagination").unwrap_or_default();
        let get = |key| inner.get(key).or_else(|| members.get(key));
        Self {
            total: get("total").and_then(whole),
            limit: get("limit").and_then(whole),
            offset: get("offset").and_then(whole),
            has_more: get("has_more").and_then(flag),
            next_cursor: inner.string(&["next_cursor"]).or_else(|| members.string(&["next_cursor"])),
        }
    }
}

/// What an answer tells of the plan in its body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Meta {
    /// The plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// How many days back events are visible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// The oldest visible moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cutoff_date: Option<Timestamp>,
    /// Whether the plan hides some fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redacted: Option<bool>,
    /// The most rows a page may have on this plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_limit: Option<u64>,
}

impl Meta {
    fn of(members: &Members<'_>) -> Self {
        let meta = members.inner("meta").unwrap_or_default();
        Self {
            plan: meta.string(&["plan"]).map(Plan::from),
            retention_days: meta
                .get("retention_days")
                .and_then(whole)
                .and_then(|days| u32::try_from(days).ok()),
            cutoff_date: meta.get("cutoff_date").and_then(timestamp),
            redacted: meta.get("redacted").and_then(flag),
            max_limit: meta.get("max_limit").and_then(whole),
        }
    }
}

/// A row that could not be read. Its neighbours are not touched by it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectedRow {
    /// Its place on the page, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub error: DecodeError,
}

/// One page of a list.
///
/// ```
/// use litesoc_model::{Alert, Page};
///
/// let page = Page::<Alert>::decode(br#"{"alerts": [{"id": "a1", "severity": "high"}, {"id": null}], "total": 12}"#)?;
/// assert_eq!(page.data.len(), 1);
/// assert_eq!(page.rejected[0].index, 1);
/// assert!(page.has_more());
/// # Ok::<(), litesoc_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows, in the service's order.
    pub data: Vec<T>,
    /// Where the page stands.
    pub pagination: Pagination,
    /// What the answer tells of the plan.
    pub meta: Meta,
    /// Rows that could not be read.
    pub rejected: Vec<RejectedRow>,
    /// Rows the service sent, readable or not: what the next offset counts. Taking rows out of `data` does not change it.
    pub received: usize,
}

impl<T: Record> Page<T> {
    /// Reads the body of a list: rows under `data`, `events` or `alerts`, or a bare array; with `pagination`, totals at
    /// the top level, or neither.
    ///
    /// # Errors
    ///
    /// When the body is not JSON, holds no list, or reports an error.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let json = json_text(body)?;
        if json.starts_with('[') {
            return Ok(Self::of_rows(json, Pagination::default(), Meta::default()));
        }
        let members = Members::of(json);
        // `data` may itself be an object that holds the list.
        let data = members.inner("data");
        let keys = ["data", T::LIST_KEY, "items", "results"];
        let is_array = |raw: &'_ str| raw.starts_with('[').then(|| raw.to_owned());
        let rows = members.first(&keys, is_array).or_else(|| data.as_ref()?.first(&keys[1..], is_array));
        match rows {
            Some(rows) => Ok(Self::of_rows(&rows, Pagination::of(&members), Meta::of(&members))),
            None => Err(ErrorBody::find(&members)
                .map_or(DecodeError::Shape { expected: "a list" }, |error| {
                    DecodeError::Refused(Box::new(error))
                })),
        }
    }

    fn of_rows(array: &str, pagination: Pagination, meta: Meta) -> Self {
        let mut page = Self { data: Vec::new(), pagination, meta, rejected: Vec::new(), received: 0 };
        for (index, row) in elements(array).enumerate() {
            page.received += 1;
            match T::from_json(row) {
                Ok(record) => page.data.push(record),
                Err(error) => page.rejected.push(RejectedRow { index, error }),
            }
        }
        page
    }
}

impl<T> Page<T> {
    /// Whether rows follow: what the service says; else what its total says; else whether the page is as full as its
    /// limit; else no.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.has_more_after(self.pagination.offset.unwrap_or(0), self.pagination.limit)
    }

    /// The same for a page that was asked for with this offset and limit, where the answer does not repeat them.
    #[must_use]
    pub fn has_more_after(&self, offset: u64, limit: Option<u64>) -> bool {
        let rows = self.received as u64;
        if rows == 0 {
            return false;
        }
        let told = self.pagination.has_more;
        let by_total = || self.pagination.total.map(|total| offset.saturating_add(rows) < total);
        let by_limit = || limit.is_some_and(|limit| rows >= limit);
        told.or_else(by_total).unwrap_or_else(by_limit)
    }
}

/// One object and what came with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Single<T> {
    /// The object.
    pub data: T,
    /// What the answer tells of the plan.
    pub meta: Meta,
}

impl<T: Record> Single<T> {
    /// Reads the body of a look-up: the object under `data`, under its own name, or bare.
    ///
    /// # Errors
    ///
    /// When the body is not JSON, holds no such object, or reports an error.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let json = json_text(body)?;
        let members = Members::of(json);
        let inside = |members: &Members<'_>, key| members.get(key).and_then(raw_object).map(str::to_owned);
        let object = match inside(&members, "data").or_else(|| inside(&members, T::SINGLE_KEY)) {
            Some(data) => inside(&Members::of(&data), T::SINGLE_KEY).unwrap_or(data),
            None => match ErrorBody::find(&members) {
                Some(error) => return Err(DecodeError::Refused(Box::new(error))),
                None => json.to_owned(),
            },
        };
        Ok(Self { data: T::from_json(&object)?, meta: Meta::of(&members) })
    }
}

/// The body as the text of one valid JSON value.
pub(crate) fn json_text(body: &[u8]) -> Result<&str, DecodeError> {
    let text =
        str::from_utf8(body).map_err(|error| DecodeError::NotJson { message: error.to_string().into() })?;
    let text = text.trim_start_matches('\u{feff}');
    let raw: &serde_json::value::RawValue =
        serde_json::from_str(text).map_err(|error| DecodeError::not_json(&error))?;
    Ok(raw.get())
}
