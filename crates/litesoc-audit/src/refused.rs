//! [`Refused`]: why a call of the Pangea Audit API gets nothing.

use litesoc_tlog::{AppendError, ReadError};

use crate::fault::Fault;

/// Why a call gets nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The request is wrong.
    #[error("{}", _0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Fault>),
    /// There is no such thing, or it has expired.
    #[error("{0}")]
    NotFound(String),
    /// There is no published tree of this size.
    #[error("there is no published tree of size {size}; published are {published} records")]
    TreeNotFound {
        /// The size that was asked for.
        size: u64,
        /// Records that are published.
        published: u64,
    },
    /// A page begins behind the end of its list.
    #[error("offset {offset} lies behind the {count} results")]
    BadOffset {
        /// Where the page begins.
        offset: u64,
        /// Results in the list.
        count: u64,
    },
    /// Not now.
    #[error("{0}")]
    Unavailable(String),
    /// Something of ours failed.
    #[error("{0}")]
    Failed(String),
}

impl Refused {
    /// One fault.
    #[must_use]
    pub fn fault(code: &'static str, source: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(code, source, detail)])
    }
}

impl From<AppendError> for Refused {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::TooLong { .. } => Self::fault("AboveMaxLength", "/event", error.to_string()),
            AppendError::Busy { .. } | AppendError::Full | AppendError::Stopped { .. } | _ => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}

impl From<ReadError> for Refused {
    fn from(error: ReadError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<litesoc_ledger::tree::TreeError<ReadError>> for Refused {
    fn from(error: litesoc_ledger::tree::TreeError<ReadError>) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<Vec<Fault>> for Refused {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Invalid(faults)
    }
}
