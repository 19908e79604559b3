//! What can keep an exchange from completing.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The reason why there is no complete answer, without the types of the HTTP stack that failed.
///
/// # Examples
///
/// ```
/// use litesoc_core::transport::{TransportError, TransportErrorKind};
///
/// let error = TransportError::new(TransportErrorKind::Connect, std::io::Error::other("refused"));
/// assert!(error.is_retryable());
/// assert_eq!(error.to_string(), "could not connect: refused");
/// ```
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// Which part of an exchange failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection came about: name resolution, refusal, TLS handshake.
    Connect,
    /// The exchange took longer than its [`TimeLimit`](super::TimeLimit).
    Timeout,
    /// The connection ended before the answer was complete.
    Closed,
    /// The peer does not speak HTTP, or its answer is longer than [`MAX_RESPONSE_BYTES`](super::MAX_RESPONSE_BYTES).
    Protocol,
    /// The transport was built without what this request needs, such as TLS. Trying again cannot help.
    Unsupported,
    /// The transport is gone: its thread or runtime ended.
    Stopped,
    /// Anything else.
    Other,
}

impl TransportErrorKind {
    const fn text(self) -> &'static str {
        match self {
            Self::Connect => "could not connect",
            Self::Timeout => "no complete answer in time",
            Self::Closed => "the connection ended before the answer was complete",
            Self::Protocol => "the answer is not valid HTTP",
            Self::Unsupported => "the transport cannot send this request",
            Self::Stopped => "the transport has stopped",
            Self::Other => "the exchange failed",
        }
    }
}

impl TransportError {
    /// An error with its cause, which is kept for [`Error::source`] and shown in the text.
    #[must_use]
    pub fn new(kind: TransportErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: Some(Arc::from(source.into())) }
    }

    /// The exchange took too long.
    #[must_use]
    pub const fn timeout() -> Self {
        Self { kind: TransportErrorKind::Timeout, source: None }
    }

    /// Which part failed.
    #[must_use]
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        !matches!(self.kind, TransportErrorKind::Unsupported)
    }
}

impl From<TransportErrorKind> for TransportError {
    fn from(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.text())?;
        // HTTP stacks hide the useful sentence ("connection refused") two or three causes down.
        let mut cause: Option<&(dyn Error + 'static)> = self.source.as_deref().map(|source| source as _);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
