//! Reading alerts and closing them.

use bytes::Bytes;
use http::{Method, Response};
use litesoc_model::{
    Alert, AlertSeverity, AlertStatus, AlertType, AlertUpdate, AlertUpdated, Single, Timestamp,
};

use super::Operation;
use super::list::{Filter, List};
use super::query::item_path;
use super::reply::{success, unexpected};
use crate::error::Error;

/// `GET /alerts`: a page of alerts, newest first. Needs the plan Pro or Enterprise.
pub type ListAlerts = List<AlertFilter>;

/// The filters that lists of alerts have.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    status: Option<AlertStatus>,
    severity: Option<AlertSeverity>,
    alert_type: Option<AlertType>,
}

impl ListAlerts {
    /// Only alerts of this status.
    #[must_use]
    pub fn status(mut self, status: AlertStatus) -> Self {
        self.filter.status = Some(status);
        self
    }

    /// Only alerts of this severity.
    #[must_use]
    pub fn severity(mut self, severity: AlertSeverity) -> Self {
        self.filter.severity = Some(severity);
        self
    }

    /// Only alerts of this type.
    #[must_use]
    pub fn alert_type(mut self, alert_type: AlertType) -> Self {
        self.filter.alert_type = Some(alert_type);
        self
    }
}

impl Filter for AlertFilter {
    type Row = Alert;

    const PATH: &'static str = "/alerts";
    const DEFAULT_LIMIT: u64 = 100;

    fn query(&self) -> Vec<(&'static str, &str)> {
        let status = self.status.as_ref().map(|status| ("status", status.as_str()));
        let severity = self.severity.as_ref().map(|severity| ("severity", severity.as_str()));
        let alert_type = self.alert_type.as_ref().map(|alert_type| ("alert_type", alert_type.as_str()));
        [status, severity, alert_type].into_iter().flatten().collect()
    }

    fn admits(&self, alert: &Alert) -> bool {
        self.status.as_ref().is_none_or(|status| alert.status == *status)
            && self.severity.as_ref().is_none_or(|severity| alert.severity == *severity)
            && self.alert_type.as_ref().is_none_or(|alert_type| alert.alert_type == *alert_type)
    }

    fn id(alert: &Alert) -> &str {
        &alert.id
    }

    fn actor_id(alert: &Alert) -> Option<&str> {
        alert.actor_id.as_deref()
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
