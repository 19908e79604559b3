//! What can go wrong, grouped by who can do something about it.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::transport::{TransportError, TransportErrorKind};

/// Why a call failed. Cheap to clone, free of the types of any HTTP stack.
///
/// Group by [`kind`](Self::kind) to decide what to do; the text says what was wrong, where, and what to do about it.
///
/// # Examples
///
/// ```
/// use litesoc_core::{Error, ErrorKind};
///
/// fn advice(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::Authentication => "check the API key",
///         ErrorKind::Plan => "this needs a higher plan",
///         _ if error.is_retryable() => "try again later",
///         _ => "look at the message",
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

/// Who can do something about an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client was set up wrongly: key, base URL, limits.
    Configuration,
    /// The service does not know the key (401).
    Authentication,
    /// The key is known but may not do this: address or origin not allowed, account suspended (403).
    Forbidden,
    /// The plan does not include this (403 with a plan code).
    Plan,
    /// The monthly quota is used up (403 or 429 with a quota code).
    Quota,
    /// Too many requests (429).
    RateLimit,
    /// No such thing, or it is older than the plan keeps (404).
    NotFound,
    /// The service, or the client before it, refused the content (400, 413, 422 and the like).
    Validation,
    /// The service failed (5xx), or redirects elsewhere.
    Server,
    /// No complete answer came.
    Transport,
    /// An answer came that is not what the LiteSOC API says.
    Decode,
    /// The call was not finished in its time. For a tracked event: it may still be delivered.
    Timeout,
    /// The client was shut down.
    Closed,
}

struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<StatusCode>,
    code: Option<String>,
    retry_after: Option<Duration>,
    required_plan: Option<String>,
    upgrade_url: Option<String>,
    transport: Option<TransportError>,
}

impl Inner {
    const fn new(kind: ErrorKind, message: String) -> Self {
        Self {
            kind,
            message,
            status: None,
            code: None,
            retry_after: None,
            required_plan: None,
            upgrade_url: None,
            transport: None,
        }
    }
}

/// What a service said about a request it did not accept, as [`Error`] shows it.
#[derive(Debug, Default)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) code: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) required_plan: Option<String>,
    pub(crate) upgrade_url: Option<String>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner::new(kind, message.into())))
    }

    #[cfg(feature = "client")]
    pub(crate) fn closed() -> Self {
        Self::new(ErrorKind::Closed, "the client was shut down")
    }

    #[cfg(feature = "client")]
    pub(crate) fn timeout(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Timeout, message)
    }

    pub(crate) fn from_status(kind: ErrorKind, status: StatusCode, refusal: Refusal) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: refusal.message,
            status: Some(status),
            code: refusal.code,
            retry_after: refusal.retry_after,
            required_plan: refusal.required_plan,
            upgrade_url: refusal.upgrade_url,
            transport: None,
        }))
    }

    /// Who can do something about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same call may succeed later without anything being changed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::RateLimit | ErrorKind::Server | ErrorKind::Timeout => true,
            ErrorKind::Transport => self.0.transport.as_ref().is_none_or(TransportError::is_retryable),
            ErrorKind::Configuration
            | ErrorKind::Authentication
            | ErrorKind::Forbidden
            | ErrorKind::Plan
            | ErrorKind::Quota
            | ErrorKind::NotFound
            | ErrorKind::Validation
            | ErrorKind::Decode
            | ErrorKind::Closed => false,
        }
    }

    /// What the service said, or what the client found.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The HTTP status, when the service answered.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The service's code for it, such as `PLAN_RESTRICTED`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// How long the service asks to wait, at most one hour.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The plan that would allow the call.
    #[must_use]
    pub fn required_plan(&self) -> Option<&str> {
        self.0.required_plan.as_deref()
    }

    /// Where that plan can be had.
    #[must_use]
    pub fn upgrade_url(&self) -> Option<&str> {
        self.0.upgrade_url.as_deref()
    }
}

impl ErrorKind {
    const fn text(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Authentication => "the API key was refused",
            Self::Forbidden => "not allowed",
            Self::Plan => "not in this plan",
            Self::Quota => "monthly quota used up",
            Self::RateLimit => "too many requests",
            Self::NotFound => "not found",
            Self::Validation => "invalid request",
            Self::Server => "the service failed",
            Self::Transport => "no answer",
            Self::Decode => "unexpected answer",
            Self::Timeout => "not finished in time",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind().text(), self.0.message)?;
        if let Some(status) = self.0.status {
            write!(f, " (status {}", status.as_u16())?;
            if let Some(code) = &self.0.code {
                write!(f, ", code {code}")?;
            }
            f.write_str(")")?;
        }
        if let Some(plan) = &self.0.required_plan {
            write!(f, "; needs the plan {plan}")?;
        }
        if let Some(wait) = self.0.retry_after {
            write!(f, "; try again in {} s", wait.as_secs().max(1))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &self.0.message)
            .field("status", &self.0.status)
            .field("code", &self.0.code)
            .field("retry_after", &self.0.retry_after)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // The transport's text is part of the message; its causes follow here.
        self.0.transport.as_ref().and_then(StdError::source)
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        let kind = match error.kind() {
            TransportErrorKind::Timeout => ErrorKind::Timeout,
            TransportErrorKind::Unsupported => ErrorKind::Configuration,
            TransportErrorKind::Connect
            | TransportErrorKind::Closed
            | TransportErrorKind::Protocol
            | TransportErrorKind::Stopped
            | TransportErrorKind::Other => ErrorKind::Transport,
        };
        let message = error.to_string();
        Self(Arc::new(Inner { transport: Some(error), ..Inner::new(kind, message) }))
    }
}
