//! Calls of the LiteSOC API as values: what to send, and how to read the answer.

mod alerts;
mod events;
mod health;
mod list;
mod query;
mod reply;
mod service;

use bytes::Bytes;
use http::{Method, Response};
use litesoc_model::Timestamp;

pub use alerts::{AlertFilter, GetAlert, ListAlerts, UpdateAlert};
pub use events::{EventFilter, GetEvent, ListEvents};
pub use health::{GetHealth, GetPlan};
pub use list::{Filter, List};
pub use reply::Reply;
pub use service::Service;

use crate::error::Error;

/// One call of the API. [`Service::call`] makes its request; [`read`](Self::read) understands the answer.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use litesoc_core::operation::{ListEvents, Operation, Service};
/// use litesoc_core::model::Timestamp;
/// use litesoc_core::{ApiKey, Endpoint};
///
/// let service = Service::new(Endpoint::hosted(), &ApiKey::new("lsoc_live_0123456789abcdef")?);
/// let operation = ListEvents::new().event_name("auth.login_failed").limit(20);
/// let request = service.call(&operation)?;
/// assert_eq!(request.uri(), "https://api.litesoc.io/events?limit=20&event_name=auth.login_failed");
///
/// // ... send it with whatever you have, then:
/// let answer = http::Response::new(Bytes::from_static(br#"{"success":true,"data":[]}"#));
/// assert!(operation.read(&answer, Timestamp::from_millis(0))?.data.is_empty());
/// # Ok::<(), litesoc_core::Error>(())
/// ```
pub trait Operation {
    /// What a successful answer means.
    type Output;

    /// The method of its request.
    fn method(&self) -> Method {
        Method::GET
    }

    /// Path and query below the base URL.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) when a part of it cannot be sent, such as an empty id.
    fn path(&self) -> Result<String, Error>;

    /// The body of its request; empty for none.
    fn body(&self) -> Bytes {
        Bytes::new()
    }

    /// The body to try once instead when the service answers 400, for services that know an older form.
    fn older_body(&self) -> Option<Bytes> {
        None
    }

    /// Reads the answer. `now` is the time of day, from which a date in `Retry-After` is counted.
    ///
    /// # Errors
    ///
    /// What the service said, by [kind](crate::ErrorKind), or [`ErrorKind::Decode`](crate::ErrorKind::Decode).
    fn read(&self, response: &Response<Bytes>, now: Timestamp) -> Result<Self::Output, Error>;
}
