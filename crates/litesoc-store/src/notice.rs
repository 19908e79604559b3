//! Notices: what happened to alerts, written with it and read by whoever has to tell people.

use uuid::Uuid;

use crate::organization::OrganizationId;

/// What happened to an alert that people should hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoticeKind {
    /// It was raised.
    Raised,
    /// It became worse: its severity rose, or it grew many times over.
    Updated,
}

impl NoticeKind {
    /// The word for it: `raised` or `updated`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Updated => "updated",
        }
    }
}

/// A notice to be written together with what it tells of.
///
/// ```
/// use litesoc_store::{NewNotice, NoticeKind, OrganizationId};
/// use uuid::Uuid;
///
/// let demo = OrganizationId::new("org_demo")?;
/// let notice = NewNotice::new(demo, Uuid::from_u128(1), NoticeKind::Raised, "high", "Brute force on u1", 1_790_000_000_000);
/// assert_eq!(notice.kind.as_str(), "raised");
/// # Ok::<(), litesoc_store::StoreError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewNotice {
    /// The organisation of the alert.
    pub organization: OrganizationId,
    /// The alert.
    pub alert: Uuid,
    /// What happened to it.
    pub kind: NoticeKind,
    /// The word of its severity at that moment.
    pub severity: String,
    /// Its title at that moment.
    pub title: String,
    /// When it happened, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

impl NewNotice {
    /// This happened to this alert.
    #[must_use]
    pub fn new(
        organization: OrganizationId,
        alert: Uuid,
        kind: NoticeKind,
        severity: impl Into<String>,
        title: impl Into<String>,
        at_ms: i64,
    ) -> Self {
        Self { organization, alert, kind, severity: severity.into(), title: title.into(), at_ms }
    }
}

/// A notice with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// Its number: 1, 2, 3, ... over all organisations; never given twice.
    pub number: u64,
    /// The notice as it was written.
    pub notice: NewNotice,
}

impl Notice {
    /// The notice of this number.
    #[must_use]
    pub const fn new(number: u64, notice: NewNotice) -> Self {
        Self { number, notice }
    }
}
