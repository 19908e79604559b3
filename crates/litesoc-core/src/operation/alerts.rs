//! Reading alerts and closing them.

use bytes::Bytes;
use http::{Method, Response};
use litesoc_model::{
    Alert, AlertSeverity, AlertStatus, AlertType, AlertUpdate, AlertUpdated, Page, Single, Timestamp,
};

use super::Operation;
use super::query::{Query, item_path};
use super::reply::{success, unexpected};
use crate::error::Error;

/// The rows of a page when nothing else is asked for.
const DEFAULT_LIMIT: u64 = 100;

/// `GET /alerts`: a page of alerts, newest first. Needs the plan Pro or Enterprise.
#[derive(Clone, Debug, Default)]
pub struct ListAlerts {
    status: Option<AlertStatus>,
    severity: Option<AlertSeverity>,
    alert_type: Option<AlertType>,
    actor_id: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    limit: Option<u64>,
    offset: Option<u64>,
}

impl ListAlerts {
    /// All alerts the plan keeps, the newest 100 first.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only alerts of this status.
    #[must_use]
    pub fn status(mut self, status: AlertStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// Only alerts of this severity.
    #[must_use]
    pub fn severity(mut self, severity: AlertSeverity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Only alerts of this type.
    #[must_use]
    pub fn alert_type(mut self, alert_type: AlertType) -> Self {
        self.alert_type = Some(alert_type);
        self
    }

    /// Only alerts about this actor.
    #[must_use]
    pub fn actor_id(mut self, actor: impl Into<String>) -> Self {
        self.actor_id = Some(actor.into());
        self
    }

    /// Only alerts from this time on.
    #[must_use]
    pub const fn from(mut self, from: Timestamp) -> Self {
        self.from = Some(from);
        self
    }

    /// Only alerts up to this time.
    #[must_use]
    pub const fn to(mut self, to: Timestamp) -> Self {
        self.to = Some(to);
        self
    }

    /// Rows in a page. Default 100; services give 200 to 500 at most, and the page says how many came.
    #[must_use]
    pub const fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Rows to leave out, newest first.
    #[must_use]
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// How many rows the page is asked to have.
    pub(crate) fn rows(&self) -> u64 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    #[cfg(feature = "client")]
    pub(crate) fn first_row(&self) -> u64 {
        self.offset.unwrap_or(0)
    }

    /// Whether a row is what was asked for. Services differ in the filters they know and ignore the others.
    fn admits(&self, alert: &Alert) -> bool {
        self.status.as_ref().is_none_or(|status| alert.status == *status)
            && self.severity.as_ref().is_none_or(|severity| alert.severity == *severity)
            && self.alert_type.as_ref().is_none_or(|alert_type| alert.alert_type == *alert_type)
            && self.actor_id.as_deref().is_none_or(|actor| alert.actor_id.as_deref() == Some(actor))
    }
}

impl Operation for ListAlerts {
    type Output = Page<Alert>;

    fn path(&self) -> Result<String, Error> {
        let query = Query::new("/alerts")
            .add_number("limit", Some(self.rows()))
            .add_number("offset", self.offset.filter(|&offset| offset > 0))
            .add("status", self.status.as_ref().map(AlertStatus::as_str))
            .add("severity", self.severity.as_ref().map(AlertSeverity::as_str))
            .add("alert_type", self.alert_type.as_ref().map(AlertType::as_str))
            .add("actor_id", self.actor_id.as_deref())
            .add("from", self.from.map(|time| time.to_string()).as_deref())
            .add("to", self.to.map(|time| time.to_string()).as_deref());
        Ok(query.finish())
    }

    fn read(&self, response: &Response<Bytes>, now: Timestamp) -> Result<Self::Output, Error> {
        let mut page =
            Page::decode(success(response, now)?).map_err(|error| unexpected("list of alerts", error))?;
        page.data.retain(|alert| self.admits(alert));
        Ok(page)
    }
}

/// `GET /alerts/:id`: one alert. Needs the plan Pro or Enterprise.
#[derive(Clone, Debug)]
pub struct GetAlert {
    id: String,
}

impl GetAlert {
    /// The alert with this id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }

    /// A change of the same alert.
    #[must_use]
    pub fn update(self, update: AlertUpdate) -> UpdateAlert {
        UpdateAlert { id: self.id, update }
    }
}

impl Operation for GetAlert {
    type Output = Alert;

    fn path(&self) -> Result<String, Error> {
        item_path("/alerts", &self.id)
    }

    fn read(&self, response: &Response<Bytes>, now: Timestamp) -> Result<Self::Output, Error> {
        Single::decode(success(response, now)?)
            .map(|single| single.data)
            .map_err(|error| unexpected("alert", error))
    }
}

/// `PATCH /alerts/:id`: resolves an alert or marks it safe. Needs the plan Pro or Enterprise.
#[derive(Clone, Debug)]
pub struct UpdateAlert {
    id: String,
    update: AlertUpdate,
}

impl UpdateAlert {
    /// Changes the alert with this id.
    #[must_use]
    pub fn new(id: impl Into<String>, update: AlertUpdate) -> Self {
        Self { id: id.into(), update }
    }

    /// What was found or done, at most 2,000 characters.
    #[must_use]
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.update = self.update.notes(notes);
        self
    }

    /// Who or what decided it.
    #[must_use]
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.update = self.update.by(who);
        self
    }
}

impl Operation for UpdateAlert {
    type Output = AlertUpdated;

    fn method(&self) -> Method {
        Method::PATCH
    }

    fn path(&self) -> Result<String, Error> {
        item_path("/alerts", &self.id)
    }

    fn body(&self) -> Bytes {
        Bytes::from(self.update.to_json())
    }

    fn older_body(&self) -> Option<Bytes> {
        Some(Bytes::from(self.update.to_status_json()))
    }

    fn read(&self, response: &Response<Bytes>, now: Timestamp) -> Result<Self::Output, Error> {
        AlertUpdated::decode(success(response, now)?).map_err(|error| unexpected("alert", error))
    }
}
