//! What follows from a run of events, and what people's decisions mean for those that come after.

use uuid::Uuid;

use crate::alert::{AlertAction, AlertProgress, NewAlert};
use crate::notice::NewNotice;
use crate::organization::OrganizationId;
use crate::page::Seq;

/// What the detector concluded from a run of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effects {
    /// Alerts to open.
    pub raised: Vec<NewAlert>,
    /// Alerts that grew; applied after the raised ones, in order.
    pub progress: Vec<AlertProgress>,
    /// What people should hear of, in order.
    ///
    /// A notice that an alert was raised is passed over when the alert was there before, any notice when there is no such
    /// alert: there is one for each change that was kept.
    pub notices: Vec<NewNotice>,
    /// Verdicts that the detector obeyed since the conclusion before.
    pub obeyed: Vec<Obeyed>,
    /// Whether the conclusion has to be on the disk when it is recorded even if there is nothing in it.
    pub durable: bool,
}

impl Effects {
    /// Nothing found.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            raised: Vec::new(),
            progress: Vec::new(),
            notices: Vec::new(),
            obeyed: Vec::new(),
            durable: false,
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raised.is_empty()
            && self.progress.is_empty()
            && self.notices.is_empty()
            && self.obeyed.is_empty()
    }
}

/// Where in the order of events the detector obeyed a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Obeyed {
    /// The number of the verdict.
    pub number: u64,
    /// The event after which it was obeyed.
    pub after: Seq,
}

impl Obeyed {
    /// The verdict of this number was obeyed after this event.
    #[must_use]
    pub const fn new(number: u64, after: Seq) -> Self {
        Self { number, after }
    }
}

/// What somebody did with an alert, as the detector has to know it.
///
/// A detector that goes through the same events again comes to the same conclusions only if it obeys the same verdicts
/// between the same events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Its number, the one of its audit row.
    pub number: u64,
    /// The organisation of the alert.
    pub organization: OrganizationId,
    /// The alert.
    pub alert: Uuid,
    /// What was done.
    pub action: AlertAction,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The last event that was stored when it was done: what came before it the detector sees before it hears of this.
    pub given_after: Seq,
    /// The event after which the detector obeyed it; `None` as long as no conclusion says so.
    pub obeyed_after: Option<Seq>,
}

impl Verdict {
    /// A verdict that was not obeyed yet.
    #[must_use]
    pub const fn new(
        number: u64,
        organization: OrganizationId,
        alert: Uuid,
        action: AlertAction,
        at_ms: i64,
    ) -> Self {
        Self { number, organization, alert, action, at_ms, given_after: Seq::START, obeyed_after: None }
    }
}
