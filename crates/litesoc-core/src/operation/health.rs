//! Whether the service is there, knows the key, and under which plan.

use bytes::Bytes;
use http::Response;
use litesoc_model::{Health, PlanInfo, Timestamp};

use super::Operation;
use super::reply::{success, unexpected};
use crate::error::Error;

/// `GET /health`: liveness and a check of the key.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct GetHealth;

impl GetHealth {
    /// Asks once.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Operation for GetHealth {
    type Output = Health;

    fn path(&self) -> Result<String, Error> {
        Ok("/health".to_owned())
    }

    fn read(&self, response: &Response<Bytes>, now: Timestamp) -> Result<Self::Output, Error> {
        Health::decode(success(response, now)?).map_err(|error| unexpected("health", error))
    }
}

/// The plan, quota and retention of the key, from the headers of `GET /events?limit=1`, which every plan may call.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct GetPlan;

impl GetPlan {
    /// Asks once.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Operation for GetPlan {
    type Output = PlanInfo;

    fn path(&self) -> Result<String, Error> {
        Ok("/events?limit=1".to_owned())
    }

    fn read(&self, response: &Response<Bytes>, now: Timestamp) -> Result<Self::Output, Error> {
        success(response, now)?;
        Ok(PlanInfo::from_headers(response.headers()))
    }
}
