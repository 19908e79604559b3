//! [`AuditAlert`]: what somebody should look into.

use std::fmt;
use std::sync::Arc;

use litesoc_ledger::Hash;

use crate::configuration::Configuration;

/// What somebody should look into.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditAlert {
    /// A client remembers a root (`prev_root`) that this log never had: the log was rolled back, or the client talked to
    /// another one.
    UnknownRoot {
        /// What the client remembers.
        prev_root: Hash,
        /// Records in the log.
        size: u64,
    },
}

impl fmt::Display for AuditAlert {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownRoot { prev_root, size } => write!(
                out,
                "a client sent prev_root {prev_root}, which this log of {size} records never had: the log was rolled back, \
                 or the client has logged to another one under this address"
            ),
        }
    }
}

/// Who hears of it.
pub type Alarm = Arc<dyn Fn(&Configuration, &AuditAlert) + Send + Sync>;
