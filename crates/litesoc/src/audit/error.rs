//! What can go wrong in a call of the audit log, grouped by who can do something about it.

use std::fmt;

use litesoc_core::transport::{TransportError, TransportErrorKind};

/// Who can do something about an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client was set up wrongly: token, address, keys.
    Configuration,
    /// The service does not know the token, or the token may not do this.
    Authentication,
    /// The request is not acceptable; [`Error::faults`] says where.
    Validation,
    /// There is no such thing, or it has expired.
    NotFound,
    /// Too many requests, or no credit: later, or another plan.
    RateLimit,
    /// The service failed.
    Server,
    /// No complete answer came. What was being logged may or may not have been recorded.
    Transport,
    /// It was not finished in its time. What was being logged may or may not have been recorded.
    Timeout,
    /// The service is still working on it; ask again.
    Pending,
    /// An answer came that is not what the Pangea Audit API says.
    Decode,
    /// The answer does not hold: a record, a root or a proof was forged, left out, rolled back or shown otherwise before.
    ///
    /// This is no fault of a network. Keep the answer and everything that was remembered, and ask whoever runs the log.
    Forged,
    /// What is to be remembered could not be read or written.
    Memory,
    /// The client was shut down.
    Closed,
}

/// One fault of a request, as the service names it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// What is wrong, such as `AboveMaxLength`.
    pub code: String,
    /// The same for people.
    pub detail: String,
    /// Where: a JSON pointer into the request.
    pub source: String,
}

/// Why a call of the audit log failed.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<String>,
    request_id: Option<String>,
    faults: Vec<Fault>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let (status, request_id, faults) = (None, None, Vec::new());
        Self(Box::new(Inner { kind, message: message.into(), status, request_id, faults }))
    }

    pub(crate) fn forged(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Forged, message)
    }

    pub(crate) fn decode(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Decode, message)
    }

    pub(crate) fn answered(mut self, status: &str, request_id: &str, faults: Vec<Fault>) -> Self {
        self.0.status = Some(status.to_owned());
        self.0.request_id = Some(request_id.to_owned());
        self.0.faults = faults;
        self
    }

    /// Who can do something about it.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What the service said, or what the client found.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The service's word for it, such as `TreeNotFound`.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.0.status.as_deref()
    }

    /// The id under which the service knows the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// What is wrong with the request, all at once.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// Whether the same call may succeed later without anything being changed.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::RateLimit
                | ErrorKind::Server
                | ErrorKind::Transport
                | ErrorKind::Timeout
                | ErrorKind::Pending
        )
    }
}

impl ErrorKind {
    const fn text(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Authentication => "the token was refused",
            Self::Validation => "invalid request",
            Self::NotFound => "not found",
            Self::RateLimit => "too many requests",
            Self::Server => "the service failed",
            Self::Transport => "no answer",
            Self::Timeout => "not finished in time",
            Self::Pending => "not finished yet",
            Self::Decode => "unexpected answer",
            Self::Forged => "the answer does not hold",
            Self::Memory => "what was seen cannot be remembered",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind.text(), self.0.message)?;
        for fault in &self.0.faults {
            write!(f, "; {} ({} at {})", fault.detail, fault.code, fault.source)?;
        }
        if let (Some(status), Some(request)) = (&self.0.status, &self.0.request_id) {
            write!(f, " (status {status}, request {request})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        let kind = match error.kind() {
            TransportErrorKind::Timeout => ErrorKind::Timeout,
            TransportErrorKind::Unsupported => ErrorKind::Configuration,
            TransportErrorKind::Connect
            | TransportErrorKind::Closed
            | TransportErrorKind::Protocol
            | TransportErrorKind::Stopped
            | TransportErrorKind::Other
            | _ => ErrorKind::Transport,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<litesoc_core::Error> for Error {
    fn from(error: litesoc_core::Error) -> Self {
        // What the core says before anything is sent: it was set up wrongly, or it is over.
        let kind = if error.kind() == litesoc_core::ErrorKind::Timeout {
            ErrorKind::Timeout
        } else if error.kind() == litesoc_core::ErrorKind::Closed {
            ErrorKind::Closed
        } else {
            ErrorKind::Configuration
        };
        Self::new(kind, error.message())
    }
}
