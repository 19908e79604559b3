//! The API key, which nothing prints.

use std::fmt;

use http::HeaderValue;

use crate::error::{Error, ErrorKind};

/// An API key. Neither `Debug` nor any error shows it.
///
/// The service's keys look like `lsoc_live_` and 32 hexadecimal digits, but any visible ASCII is accepted.
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

impl ApiKey {
    /// Takes a key; surrounding white space, which environment variables and files tend to have, is removed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when it is empty or cannot be sent in a header.
    pub fn new(key: impl AsRef<str>) -> Result<Self, Error> {
        let key = key.as_ref().trim();
        if key.is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "the API key is empty"));
        }
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        let mut value = HeaderValue::from_str(key).ok().filter(|_| visible).ok_or_else(|| {
            Error::new(ErrorKind::Configuration, "the API key has characters that cannot be sent")
        })?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    pub(crate) const fn header(&self) -> &HeaderValue {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}
