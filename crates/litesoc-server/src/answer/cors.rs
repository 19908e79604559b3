//! Calls from web pages: which origins may make them, and what their browsers need to hear.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use http::{StatusCode, Uri};

/// The origins that may call besides those of the configuration: where developers try things out.
const ALWAYS: [&str; 2] = ["http://localhost:3000", "https://127.0.0.1:3000"];

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, OPTIONS");
const HEADERS: HeaderValue = HeaderValue::from_static("Content-Type, X-API-Key, Authorization");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "X-LiteSOC-Plan, X-LiteSOC-Retention, X-LiteSOC-Cutoff, X-LiteSOC-Quota-Limit, X-LiteSOC-Quota-Remaining, \
     X-LiteSOC-Quota-Used, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After",
);

/// The origins whose pages may call.
#[derive(Clone, Debug)]
pub(crate) struct Origins(Vec<Allowed>);

#[derive(Clone, Debug)]
enum Allowed {
    /// Scheme, host and port.
    Exact(Box<str>),
    /// Every sub-domain of a domain, which is kept with its leading dot.
    Below { scheme: Box<str>, domain: Box<str>, port: Option<u16> },
}

impl Origins {
    pub(crate) fn new(configured: &[String]) -> Self {
        let configured = configured.iter().map(String::as_str);
        Self(configured.chain(ALWAYS).map(Allowed::read).collect())
    }

    fn allow(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        self.0.iter().any(|allowed| allowed.matches(&origin))
    }

    /// Whether a request with these headers may be served: one without an origin is no page's.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> bool {
        headers.get(ORIGIN).is_none_or(|origin| origin.to_str().is_ok_and(|origin| self.allow(origin)))
    }
}

impl Allowed {
    fn read(origin: &str) -> Self {
        let origin = origin.trim().trim_end_matches('/').to_ascii_lowercase();
        if let Some((scheme, rest)) = origin.split_once("://*") {
            let (domain, port) = rest.split_once(':').unwrap_or((rest, ""));
            return Self::Below { scheme: scheme.into(), domain: domain.into(), port: port.parse().ok() };
        }
        Self::Exact(origin.into())
    }

    fn matches(&self, origin: &str) -> bool {
        match self {
            Self::Exact(exact) => **exact == *origin,
            Self::Below { scheme, domain, port } => origin.parse::<Uri>().is_ok_and(|origin| {
                // The domain begins with a dot, so it is neither matched bare nor in the middle of a label.
                let below = |host: &str| host.strip_suffix(&**domain).is_some_and(|label| !label.is_empty());
                origin.scheme_str() == Some(scheme)
                    && domain.starts_with('.')
                    && origin.host().is_some_and(below)
                    && port.is_none_or(|port| origin.port_u16() == Some(port))
            }),
        }
    }
}

/// The answer to a preflight. It carries no key, so every origin gets it; the list is enforced on the request that follows.
pub(crate) fn preflight() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

impl Origins {
    /// Lets the page at `origin` read the answer.
    pub(crate) fn expose(origin: HeaderValue, headers: &mut HeaderMap) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        headers.append(VARY, HeaderValue::from_name(ORIGIN));
    }
}

#[cfg(test)]
mod tests {
    use super::Origins;

    #[test]
    fn origins_match_exactly_or_below_a_wildcard() {
        let origins = Origins::new(&["https://app.example.com".into(), "https://*.example.org".into()]);
        for allowed in [
            "https://app.example.com",
            "https://a.example.org",
            "https://a.b.example.org:8443",
            "http://localhost:3000",
            "https://127.0.0.1:3000",
        ] {
            assert!(origins.allow(allowed), "{allowed}");
        }
        for refused in [
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://example.org",
            "https://.example.org",
            "https://evilexample.org",
            "http://a.example.org",
            "https://a.example.org.evil.com",
            "null",
            "",
        ] {
            assert!(!origins.allow(refused), "{refused}");
        }
    }
}
