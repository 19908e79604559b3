//! [`Address`]: where a file is fetched from; https, and what is secret in it stays out of messages.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use http::uri::Scheme;

/// Where a file is fetched from: https, or http on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address(Uri);

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: Uri = text.parse().map_err(|_| "is not an address such as https://example.com/file.mmdb")?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err("is not an address such as https://example.com/file.mmdb");
        };
        if authority.as_str().contains('@') {
            return Err("must not hold a user name or password");
        }
        let local = is_loopback(authority.host());
        if *scheme != Scheme::HTTPS && !(*scheme == Scheme::HTTP && local) {
            return Err("must begin with https://");
        }
        Ok(Self(uri))
    }

    pub(super) const fn uri(&self) -> &Uri {
        &self.0
    }

    /// Whether what lies there is packed with gzip, by its name.
    pub(super) fn is_packed(&self) -> bool {
        self.0.path().to_ascii_lowercase().ends_with(".gz")
    }

    /// Where a redirect leads; what was https stays https.
    pub(super) fn redirected(&self, location: &str) -> Result<Self, String> {
        let base = format!("{}://{}", self.0.scheme_str().unwrap_or("https"), self.host());
        let whole = match location {
            _ if location.starts_with("//") => {
                format!("{}:{location}", self.0.scheme_str().unwrap_or("https"))
            }
            _ if location.starts_with('/') => format!("{base}{location}"),
            _ => location.to_owned(),
        };
        let next = Self::parse(&whole).map_err(|why| format!("{self} sends on to an address that {why}"))?;
        if self.0.scheme() == Some(&Scheme::HTTPS) && next.0.scheme() != Some(&Scheme::HTTPS) {
            return Err(format!("{self} sends on to an address that is not https"));
        }
        Ok(next)
    }

    fn host(&self) -> &str {
        self.0.authority().map_or("", |authority| authority.as_str())
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Without the query, which may hold a token.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.0.scheme_str().unwrap_or_default(), self.host(), self.0.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_the_query_is_not_shown() {
        let address = Address::parse("https://files.example/a.mmdb.gz?token=secret").unwrap();
        assert_eq!(address.to_string(), "https://files.example/a.mmdb.gz");
        assert!(address.is_packed());
    }

    #[test]
    fn redirects_stay_on_https() {
        let address = Address::parse("https://files.example/a").unwrap();
        assert_eq!(address.redirected("/b").unwrap().to_string(), "https://files.example/b");
        assert_eq!(address.redirected("//cdn.example/c").unwrap().to_string(), "https://cdn.example/c");
        for bad in ["http://files.example/b", "http://127.0.0.1/b", "b", "ftp://x/", ""] {
            assert!(address.redirected(bad).is_err(), "{bad}");
        }
    }
}
