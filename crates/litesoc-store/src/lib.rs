//! Durable events, alerts, keys and cursors behind one trait.
#![doc = include_str!("../README.md")]

mod alert;
mod audit;
mod effects;
mod error;
mod event;
mod notice;
mod organization;
mod page;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use alert::{
    AlertAction, AlertChange, AlertProgress, AlertQuery, MAX_SAMPLE_EVENTS, NewAlert, SUPPRESSION_MS,
    StoredAlert, Suppression,
};
pub use audit::AuditRow;
pub use effects::{Effects, Obeyed, Verdict};
pub use error::StoreError;
pub use event::{Appended, Commit, EventQuery, NewEvent, StoredEvent};
pub use notice::{NewNotice, Notice, NoticeKind};
pub use organization::{KeyHash, KeyRow, Month, NewKey, Organization, OrganizationId};
pub use page::{MAX_COUNTED, MAX_ROWS, PageCursor, Rows, Seq, Total};
#[cfg(feature = "sqlite")]
pub use sqlite::{SpillFile, SpillKey, SqliteSettings, SqliteStore};
pub use store::Store;

/// What every fallible operation of a store returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
