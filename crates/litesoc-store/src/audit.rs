//! The record of who changed what, which is only ever added to.

use uuid::Uuid;

use crate::organization::OrganizationId;

/// One change that a person or a program made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditRow {
    /// Its number, growing by one within the store.
    pub number: u64,
    /// The organisation whose data was changed.
    pub organization: OrganizationId,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Who, as the caller named them.
    pub by: String,
    /// What was done: `alert.resolve`, `alert.mark_safe`, `alert.reopen`, `alert.acknowledge`.
    pub action: String,
    /// To which alert.
    pub subject: Uuid,
    /// The status before.
    pub status_before: String,
    /// The status after.
    pub status_after: String,
    /// The resolution type, where one was given.
    pub resolution_type: Option<String>,
    /// The notes, where some were given.
    pub notes: Option<String>,
}
