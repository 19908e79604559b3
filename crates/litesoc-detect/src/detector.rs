//! [`Detector`]: shows each event to the rules and keeps what they need to remember.

use litesoc_model::Timestamp;
use uuid::Uuid;

use crate::{AlertDraft, Change, InvalidSettings, Observation, Settings};

/// The rules and all they remember.
#[derive(Debug)]
pub struct Detector {
    settings: Settings,
}

impl Detector {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings`] when a threshold, window or bound cannot work.
    pub fn new(settings: Settings) -> Result<Self, InvalidSettings> {
        settings.validate()?;
        Ok(Self { settings })
    }

    /// Shows one event to the rules and appends what follows from it.
    pub fn observe(&mut self, seen: &Observation<'_>, changes: &mut Vec<Change>) {
        let _ = (seen, changes, &mut self.settings);
    }

    /// Ends the grouping of an alert that was resolved: the next attack of the same kind opens a new one.
    pub fn forget(&mut self, alert: Uuid) {
        let _ = (alert, &mut self.settings);
    }

    /// Keeps silent about a fingerprint that was marked safe, up to this event time.
    pub fn suppress(&mut self, organization: &str, fingerprint: &str, until: Timestamp) {
        let _ = (organization, fingerprint, until, &mut self.settings);
    }

    /// Takes up an alert that was open when the process ended, so that repeats still go into it.
    pub fn resume(&mut self, alert: &AlertDraft) {
        let _ = (alert, &mut self.settings);
    }
}
