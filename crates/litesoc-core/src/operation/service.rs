//! The service and the key: what every request has in common.

use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

use super::Operation;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::key::ApiKey;

/// How this client names itself.
const AGENT: &str = concat!("litesoc-rust/", env!("CARGO_PKG_VERSION"));

/// Makes requests to one service with one key.
#[derive(Clone)]
pub struct Service {
    endpoint: Endpoint,
    collect: Uri,
    headers: HeaderMap,
}

impl Service {
    /// A service and the key it knows us by.
    ///
    /// # Panics
    ///
    /// Never: the path of a checked [`Endpoint`] takes `/collect` behind it.
    #[must_use]
    pub fn new(endpoint: Endpoint, key: &ApiKey) -> Self {
        let collect = endpoint.url("/collect").expect("a checked base URL takes a path");
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(HeaderName::from_static("x-api-key"), key.header().clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        Self { endpoint, collect, headers }
    }

    /// The same service with another key.
    #[must_use]
    pub fn with_key(&self, key: &ApiKey) -> Self {
        Self::new(self.endpoint.clone(), key)
    }

    /// The `POST /collect` of a body that [`Pipeline::poll_transmit`](crate::pipeline::Pipeline::poll_transmit) made.
    #[must_use]
    pub fn collect(&self, body: Bytes) -> Request<Bytes> {
        self.request(Method::POST, self.collect.clone(), body)
    }

    /// The request of an operation.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) when a part of it cannot be sent, such as an empty id.
    pub fn call(&self, operation: &impl Operation) -> Result<Request<Bytes>, Error> {
        let url = self.endpoint.url(&operation.path()?)?;
        Ok(self.request(operation.method(), url, operation.body()))
    }

    fn request(&self, method: Method, uri: Uri, body: Bytes) -> Request<Bytes> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        request
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("endpoint", &self.endpoint.to_string()).finish_non_exhaustive()
    }
}
