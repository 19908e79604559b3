//! Where the service is: the base URL, checked once.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::error::{Error, ErrorKind};

/// The hosted service.
pub const HOSTED: &str = "https://api.litesoc.io";

/// The base URL of a LiteSOC service, hosted or our own.
///
/// Trailing slashes are ignored, and so is a final `/collect`, which older clients were configured with. Plain
/// `http` is accepted for loopback addresses only: on a network it would show the key to everyone on the way.
///
/// # Examples
///
/// ```
/// use litesoc_core::Endpoint;
///
/// let endpoint: Endpoint = "https://soc.example.com/api/v1/collect".parse()?;
/// assert_eq!(endpoint.to_string(), "https://soc.example.com/api/v1");
/// assert!("http://soc.example.com".parse::<Endpoint>().is_err());
/// assert!("http://127.0.0.1:8787".parse::<Endpoint>().is_ok());
/// # Ok::<(), litesoc_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    authority: Authority,
    /// Starts with a slash and does not end with one; empty for the root.
    path: String,
}

impl Endpoint {
    /// The hosted service.
    ///
    /// # Panics
    ///
    /// Never: the address is a constant and tested.
    #[must_use]
    pub fn hosted() -> Self {
        HOSTED.parse().expect("the address of the hosted service is valid")
    }

    /// The URL of a path below the base; `path` starts with a slash and may have a query.
    pub(crate) fn url(&self, path: &str) -> Result<Uri, Error> {
        let joined = format!("{}{path}", self.path);
        let path = PathAndQuery::from_maybe_shared(joined).map_err(|error| {
            Error::new(ErrorKind::Configuration, format!("path `{path}` cannot be sent: {error}"))
        })?;
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
            .map_err(|error| Error::new(ErrorKind::Configuration, format!("URL cannot be made: {error}")))
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        let invalid = |why: &str| {
            // The URL is not repeated: somebody may have written credentials into it.
            Err(Error::new(ErrorKind::Configuration, format!("base URL: {why}")))
        };
        let Ok(uri) = Uri::from_str(url.trim()) else {
            return invalid("not a URL; expected one such as https://api.litesoc.io");
        };
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return invalid("scheme and host are needed, as in https://api.litesoc.io");
        };
        if authority.as_str().contains('@') {
            return invalid("user name and password do not belong here; the API key is a setting of its own");
        }
        if uri.query().is_some() {
            return invalid("a query does not belong here");
        }
        match scheme.as_str() {
            "https" => {}
            "http" if is_loopback(authority.host()) => {}
            "http" => {
                return invalid("http is allowed for loopback only, as it would show the API key; use https");
            }
            _ => return invalid("the scheme must be https"),
        }
        let path = uri.path().trim_end_matches('/');
        let path = path.strip_suffix("/collect").unwrap_or(path).trim_end_matches('/');
        Ok(Self { scheme: scheme.clone(), authority: authority.clone(), path: path.to_owned() })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_every_documented_form() {
        for (given, base, collect) in [
            ("https://api.litesoc.io", "https://api.litesoc.io", "https://api.litesoc.io/collect"),
            ("https://api.litesoc.io/", "https://api.litesoc.io", "https://api.litesoc.io/collect"),
            (
                "https://a.example/api/v1/collect/",
                "https://a.example/api/v1",
                "https://a.example/api/v1/collect",
            ),
            ("http://localhost:3000//", "http://localhost:3000", "http://localhost:3000/collect"),
            ("http://[::1]:80", "http://[::1]:80", "http://[::1]:80/collect"),
        ] {
            let endpoint: Endpoint = given.parse().unwrap();
            assert_eq!(endpoint.to_string(), base);
            assert_eq!(endpoint.url("/collect").unwrap().to_string(), collect);
        }
        assert_eq!(Endpoint::hosted().to_string(), HOSTED);
    }

    #[test]
    fn refuses_what_would_leak_or_fail() {
        for given in [
            "",
            "api.litesoc.io",
            "http://api.litesoc.io",
            "http://10.0.0.1",
            "ftp://a",
            "https://u:p@a",
            "https://a/?k=1",
            "http://localhost.evil.example",
        ] {
            let error = given.parse::<Endpoint>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{given}");
            assert!(!error.to_string().contains("u:p"));
        }
    }
}
