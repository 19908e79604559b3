//! What a service answers to look-ups, member by member as clients expect it.

use serde::Serialize;

use crate::alert::Alert;
use crate::alert_update::AlertAction;
use crate::page::{Meta, Pagination};
use crate::vocabulary::Resolution;

/// A list, with its numbers where both new and old clients look for them.
#[derive(Clone, Debug, Serialize)]
pub struct ListBody<'a, T> {
    success: bool,
    data: &'a [T],
    pagination: Pagination,
    meta: Meta,
    total: Option<u64>,
    limit: Option<u64>,
    offset: Option<u64>,
    has_more: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<&'a [T]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alerts: Option<&'a [T]>,
}

impl<'a, T> ListBody<'a, T> {
    /// The body of a list.
    #[must_use]
    pub fn new(rows: &'a [T], pagination: Pagination, meta: Meta) -> Self {
        Self {
            success: true,
            data: rows,
            total: pagination.total,
            limit: pagination.limit,
            offset: pagination.offset,
            has_more: pagination.has_more,
            pagination,
            meta,
            events: None,
            alerts: None,
        }
    }

    /// Repeats the rows under `events`, where the oldest clients look.
    #[must_use]
    pub fn and_events(mut self) -> Self {
        self.events = Some(self.data);
        self
    }

    /// Repeats the rows under `alerts`, where the oldest clients look.
    #[must_use]
    pub fn and_alerts(mut self) -> Self {
        self.alerts = Some(self.data);
        self
    }
}

/// One object.
#[derive(Clone, Debug, Serialize)]
pub struct SingleBody<'a, T> {
    success: bool,
    data: &'a T,
    meta: Meta,
}

impl<'a, T> SingleBody<'a, T> {
    /// The body of a look-up.
    #[must_use]
    pub fn new(data: &'a T, meta: Meta) -> Self {
        Self { success: true, data, meta }
    }
}

/// The answer to an update of an alert: the whole alert, and what was done.
#[derive(Clone, Debug, Serialize)]
pub struct AlertUpdatedBody<'a> {
    success: bool,
    data: UpdatedAlert<'a>,
}

#[derive(Clone, Debug, Serialize)]
struct UpdatedAlert<'a> {
    #[serde(flatten)]
    alert: &'a Alert,
    action: &'static str,
    resolution_type: Option<&'a Resolution>,
}

impl<'a> AlertUpdatedBody<'a> {
    /// The body for an alert as it is after the action.
    #[must_use]
    pub fn new(alert: &'a Alert, action: AlertAction, resolution: Option<&'a Resolution>) -> Self {
        let data = UpdatedAlert { alert, action: action.as_str(), resolution_type: resolution };
        Self { success: true, data }
    }
}
