//! Management calls, bound to the client that makes them.

use std::sync::Arc;
use std::time::Duration;

use litesoc_events::Severity;
use litesoc_model::{AlertSeverity, AlertStatus, AlertType, AlertUpdate, Resolution, Timestamp};

use super::call::Call;
use super::paging::{Iter, Stream};
use super::pending::Pending;
use super::shared::Shared;
use crate::error::Error;
use crate::operation::{Filter, GetAlert, List, ListAlerts, ListEvents, Operation, Reply, UpdateAlert};

/// A call that is ready to be made: set its filters and its time, then [`send`](Self::send) it.
///
/// Each call is one attempt, except that a change of an alert is tried once more in the form older services know.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until `send` is called"]
pub struct Prepared<O> {
    shared: Arc<Shared>,
    operation: O,
    limit: Duration,
}

impl<O> Prepared<O> {
    pub(super) fn new(shared: &Arc<Shared>, operation: O) -> Self {
        let limit = shared.settings.request_timeout;
        Self { shared: Arc::clone(shared), operation, limit }
    }

    /// The time this call may take, from connecting to the last byte. Default: that of the client.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    pub(super) const fn operation(&self) -> &O {
        &self.operation
    }

    pub(super) fn map(mut self, change: impl FnOnce(O) -> O) -> Self {
        self.operation = change(self.operation);
        self
    }
}

impl<O> Prepared<O>
where
    O: Operation + Send + 'static,
    O::Output: Send + 'static,
{
    /// Makes the call.
    pub fn send(self) -> Pending<Result<Reply<O::Output>, Error>> {
        Call::send(&self.shared, self.operation, self.limit)
    }
}

/// A list: narrow it, then read one page with `send` or all of it with `iter` or `stream`.
impl<F: Filter> Prepared<List<F>> {
    /// Only rows about this actor.
    pub fn actor_id(self, actor: impl Into<String>) -> Self {
        self.map(|list| list.actor_id(actor))
    }

    /// Only rows from this time on.
    pub fn from(self, from: Timestamp) -> Self {
        self.map(|list| list.from(from))
    }

    /// Only rows up to this time.
    pub fn to(self, to: Timestamp) -> Self {
        self.map(|list| list.to(to))
    }

    /// Rows in a page. Default 50 events or 100 alerts.
    pub fn limit(self, limit: u64) -> Self {
        self.map(|list| list.limit(limit))
    }

    /// Rows to leave out, newest first.
    pub fn offset(self, offset: u64) -> Self {
        self.map(|list| list.offset(offset))
    }

    /// All rows, page after page, blocking this thread for each page.
    #[must_use]
    pub fn iter(self) -> Iter<F> {
        Iter::new(self)
    }

    /// All rows, page after page, as a stream.
    #[must_use]
    pub fn stream(self) -> Stream<F> {
        Stream::new(self)
    }
}

impl Prepared<ListEvents> {
    /// Only events of this name, as it was sent or as the service normalised it.
    pub fn event_name(self, name: impl Into<String>) -> Self {
        self.map(|list| list.event_name(name))
    }

    /// Only events of this severity.
    pub fn severity(self, severity: Severity) -> Self {
        self.map(|list| list.severity(severity))
    }
}

impl Prepared<ListAlerts> {
    /// Only alerts of this status.
    pub fn status(self, status: AlertStatus) -> Self {
        self.map(|list| list.status(status))
    }

    /// Only alerts of this severity.
    pub fn severity(self, severity: AlertSeverity) -> Self {
        self.map(|list| list.severity(severity))
    }

    /// Only alerts of this type.
    pub fn alert_type(self, alert_type: AlertType) -> Self {
        self.map(|list| list.alert_type(alert_type))
    }
}

/// One alert: read it with `send`, or say how it ended.
impl Prepared<GetAlert> {
    /// Closes the alert as dealt with.
    pub fn resolve(self, resolution: Resolution) -> Prepared<UpdateAlert> {
        self.update(AlertUpdate::resolve(resolution))
    }

    /// Closes the alert as a false alarm.
    pub fn mark_safe(self) -> Prepared<UpdateAlert> {
        self.update(AlertUpdate::mark_safe())
    }

    fn update(self, update: AlertUpdate) -> Prepared<UpdateAlert> {
        let operation = self.operation.update(update);
        Prepared { shared: self.shared, operation, limit: self.limit }
    }
}

impl Prepared<UpdateAlert> {
    /// What was found or done, for those who read the alert later. At most 2,000 characters.
    pub fn notes(self, notes: impl Into<String>) -> Self {
        self.map(|update| update.notes(notes))
    }

    /// Who or what decided it. Default: what the service makes of the key.
    pub fn by(self, who: impl Into<String>) -> Self {
        self.map(|update| update.by(who))
    }
}
