//! What people did with alerts, as the detector hears of it.

use litesoc_detect::{AlertDraft, Detector};
use litesoc_model::Timestamp;
use litesoc_store::{AlertAction, SUPPRESSION_MS, Store, StoreError, Verdict};

use super::effects;

/// How many verdicts are read from the store at a time.
pub(super) const CHUNK: usize = 100;

/// Tells the detector of a verdict.
///
/// What it has to know of the alert beside its id comes from the store, so every earlier conclusion on the alert has to be
/// recorded before.
pub(super) fn obey(detector: &mut Detector, store: &dyn Store, verdict: &Verdict) -> Result<(), StoreError> {
    // An alert that was purged meanwhile concerns nobody.
    if let Some(alert) = store.alert(&verdict.organization, verdict.alert, None)? {
        tell(detector, verdict, &alert.alert.fingerprint, || Some(effects::draft(&alert)));
    }
    Ok(())
}

/// The same with the fingerprint of the alert, and the alert as it is when it was opened again.
pub(super) fn tell(
    detector: &mut Detector,
    verdict: &Verdict,
    fingerprint: &str,
    reopened: impl FnOnce() -> Option<AlertDraft>,
) {
    let organization = verdict.organization.as_str();
    match verdict.action {
        // The next attack of its kind is another alert.
        AlertAction::Resolve { .. } => detector.forget(verdict.alert),
        // It was no attack: what it showed is usual, and its kind is silent for a while.
        AlertAction::MarkSafe => {
            let until = Timestamp::from_millis(verdict.at_ms.saturating_add(SUPPRESSION_MS));
            detector.trust(verdict.alert);
            detector.forget(verdict.alert);
            detector.suppress(organization, fingerprint, until);
        }
        // It goes on.
        AlertAction::Reopen => {
            detector.suppress(organization, fingerprint, Timestamp::MIN);
            if let Some(alert) = reopened() {
                detector.resume(&alert);
            }
        }
        // Somebody is on it, which ends nothing.
        AlertAction::Acknowledge | _ => {}
    }
}
