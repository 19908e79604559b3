//! [`Failure`]: what went wrong, what to do about it, and the exit code that says so to a script.

use std::fmt;
use std::io;

use litesoc::ErrorKind;
use litesoc_enrich::EnrichError;
use litesoc_server::{ReplayError, StartError};
use litesoc_store::StoreError;

/// What went wrong, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
    advice: Option<String>,
}

/// What a script should know of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Failed,
    Usage,
    Unreachable,
    Refused,
    Missing,
    Interrupted,
}

impl Failure {
    /// It failed.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, message: message.into(), advice: None }
    }

    /// It was asked for wrongly.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, ..Self::new(message) }
    }

    /// There is no such thing.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self { kind: Kind::Missing, ..Self::new(message) }
    }

    /// Somebody could not be reached, or was busy.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self { kind: Kind::Unreachable, ..Self::new(message) }
    }

    /// The key or the plan does not allow it.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { kind: Kind::Refused, ..Self::new(message) }
    }

    /// A signal ended it.
    pub(crate) fn interrupted() -> Self {
        Self { kind: Kind::Interrupted, ..Self::new("interrupted") }
    }

    /// The same with what to do about it.
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// The exit code of the process.
    pub(crate) const fn code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Unreachable => 3,
            Kind::Refused => 4,
            Kind::Missing => 5,
            // What a shell says of a command that SIGINT ended: 128 and the number of the signal.
            Kind::Interrupted => 130,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.advice {
            Some(advice) => write!(f, "\n  {advice}"),
            None => Ok(()),
        }
    }
}

impl From<litesoc::Error> for Failure {
    fn from(error: litesoc::Error) -> Self {
        let (kind, advice) = match error.kind() {
            ErrorKind::Authentication => (Kind::Refused, "Check the key in LITESOC_API_KEY or --api-key."),
            ErrorKind::Forbidden => (Kind::Refused, "Ask an administrator of the organization."),
            ErrorKind::Plan | ErrorKind::Quota => {
                (Kind::Refused, "Take a larger plan, or wait for the next month.")
            }
            ErrorKind::RateLimit => (Kind::Unreachable, "Too many requests: wait a minute and try again."),
            ErrorKind::Server => (Kind::Unreachable, "The service is in trouble: try again later."),
            ErrorKind::Transport | ErrorKind::Timeout => {
                (Kind::Unreachable, "Is the service running there? Check --base-url or LITESOC_BASE_URL.")
            }
            ErrorKind::NotFound => {
                (Kind::Missing, "It may be older than the plan keeps, or of another organization.")
            }
            ErrorKind::Configuration => (Kind::Usage, ""),
            ErrorKind::Validation | ErrorKind::Decode | ErrorKind::Closed | _ => (Kind::Failed, ""),
        };
        let failure = Self { kind, ..Self::new(error.to_string()) };
        if advice.is_empty() { failure } else { failure.advise(advice) }
    }
}

impl From<litesoc::audit::Error> for Failure {
    fn from(error: litesoc::audit::Error) -> Self {
        use litesoc::audit::ErrorKind as Blame;
        let (kind, advice) = match error.kind() {
            Blame::Authentication => (Kind::Refused, "Check the key in LITESOC_API_KEY or --key."),
            Blame::NotFound => (Kind::Missing, ""),
            Blame::Configuration => (Kind::Usage, ""),
            Blame::RateLimit | Blame::Server | Blame::Pending => (Kind::Unreachable, "Try again later."),
            Blame::Transport | Blame::Timeout => {
                (Kind::Unreachable, "Is the service running there? Check --url or LITESOC_BASE_URL.")
            }
            Blame::Forged => {
                (Kind::Failed, "Keep this answer and what was remembered, and ask whoever runs the log.")
            }
            Blame::Validation | Blame::Decode | Blame::Memory | Blame::Closed | _ => (Kind::Failed, ""),
        };
        let failure = Self { kind, ..Self::new(error.to_string()) };
        if advice.is_empty() { failure } else { failure.advise(advice) }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let unheard = matches!(error, StartError::Listen { .. });
        let failure = Self::new(error.to_string());
        if unheard {
            failure.advise("Choose another address with --listen; port 0 takes a free one.")
        } else {
            failure
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl From<EnrichError> for Failure {
    fn from(error: EnrichError) -> Self {
        Self::new(error.to_string()).advise("Nothing was loaded; mend the files, or do not name them.")
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error.to_string())
    }
}
