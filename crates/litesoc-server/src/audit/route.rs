//! [`AuditRoute`]: which call of the Pangea Audit API a path stands for.

use std::borrow::Cow;

use crate::routes::path;

/// A call of the Pangea Audit API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AuditRoute {
    Log,
    LogBulk,
    LogBulkAsync,
    LogStream,
    Search,
    Results,
    Root,
    DownloadResults,
    Export,
    /// Our own: records are forgotten, their hashes and proofs stay.
    Erase,
    Schema,
    /// The result of an earlier request.
    Request(String),
    /// A file of results: its token and its name.
    Download(String, String),
    /// Below the prefix of the API, and nothing.
    Unknown,
}

impl AuditRoute {
    /// The call that a path stands for: `/v1/..`, `/v2/..` and `/request/..`, with and without `/audit` before it.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let path: Cow<'_, str> = if path.contains("//") { path::collapsed(path).into() } else { path.into() };
        let path = path.strip_suffix('/').unwrap_or(&path);
        let (prefixed, rest) = match path.strip_prefix("/audit") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => (true, rest),
            _ => (false, path),
        };
        let route = match rest {
            "/v1/log" => Self::Log,
            "/v2/log" => Self::LogBulk,
            "/v2/log_async" => Self::LogBulkAsync,
            "/v1/log_stream" => Self::LogStream,
            "/v1/search" => Self::Search,
            "/v1/results" => Self::Results,
            "/v1/root" => Self::Root,
            "/v1/download_results" => Self::DownloadResults,
            "/v1/export" => Self::Export,
            "/v1/erase" => Self::Erase,
            "/v1/schema" => Self::Schema,
            _ => return Self::with_parts(prefixed, rest),
        };
        Some(route)
    }

    fn with_parts(prefixed: bool, path: &str) -> Option<Self> {
        let mut parts = path.split('/').skip(1);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("request"), Some(id), None, None) => Some(Self::Request(id.to_owned())),
            (Some("download"), Some(token), Some(name), None) if prefixed => {
                Some(Self::Download(token.to_owned(), name.to_owned()))
            }
            _ => prefixed.then_some(Self::Unknown),
        }
    }

    /// Whether it is asked for with GET.
    pub(super) const fn is_get(&self) -> bool {
        matches!(self, Self::Request(_) | Self::Download(..))
    }

    /// Whether it counts against the rate limit of the key: what follows from a call that did does not, since one page of a
    /// search is verified with many of them.
    pub(super) const fn is_counted(&self) -> bool {
        !matches!(self, Self::Root | Self::Results | Self::Request(_) | Self::Download(..) | Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::AuditRoute;

    #[test]
    fn both_templates_of_the_clients_lead_to_the_same_calls() {
        for (path, route) in [
            ("/v1/log", AuditRoute::Log),
            ("/audit/v1/log", AuditRoute::Log),
            ("//audit//v1/log/", AuditRoute::Log),
            ("/v2/log", AuditRoute::LogBulk),
            ("/request/prq_x", AuditRoute::Request("prq_x".to_owned())),
            ("/audit/request/prq_x", AuditRoute::Request("prq_x".to_owned())),
            ("/audit/v3/log", AuditRoute::Unknown),
            ("/audit/download/t/a.csv", AuditRoute::Download("t".to_owned(), "a.csv".to_owned())),
        ] {
            assert_eq!(AuditRoute::of(path), Some(route), "{path}");
        }
        for path in ["/collect", "/v1/collect", "/v1/events/1", "/log", "/auditor/v1/log", "/", ""] {
            assert_eq!(AuditRoute::of(path), None, "{path}");
        }
    }
}
