//! An answer with the plan it came under, and refusals by kind.

use std::ops::Deref;

use bytes::Bytes;
use http::{Response, StatusCode};
use litesoc_model::{PlanInfo, Timestamp};

use crate::error::{Error, ErrorKind};
use crate::pipeline::refusal;

/// A value the service answered with, and what its headers said about plan, quota and rate limit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply<T> {
    /// What was asked for. `Reply` also dereferences to it.
    pub value: T,
    /// The plan, quota and rate limit the answer came with.
    pub plan: PlanInfo,
}

impl<T> Reply<T> {
    #[cfg(feature = "client")]
    pub(crate) const fn new(value: T, plan: PlanInfo) -> Self {
        Self { value, plan }
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Reply<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// The body of a success, or the refusal as an error.
pub(super) fn success(response: &Response<Bytes>, now: Timestamp) -> Result<&Bytes, Error> {
    if response.status().is_success() && response.status() != StatusCode::NO_CONTENT {
        return Ok(response.body());
    }
    Err(refusal(response, now))
}

/// An answer that does not say what was asked.
pub(super) fn unexpected(what: &str, error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Decode, format!("{what}: {error}"))
}
