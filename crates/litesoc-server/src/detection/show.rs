//! How a detector is set up, and how it is shown a stored event.

use std::panic::{AssertUnwindSafe, catch_unwind};

use litesoc_detect::sigma::RuleSet;
use litesoc_detect::{Change, Detector, InvalidSettings, Observation, SettingsFile};
use litesoc_events::EventType;
use litesoc_model::Timestamp;
use litesoc_store::StoredEvent;

/// Gives a detector what is not the same for everybody: the settings of single organizations, and the operator's rules.
pub(super) fn set_up(
    detector: &mut Detector,
    settings: &SettingsFile,
    rules: Option<&RuleSet>,
) -> Result<(), InvalidSettings> {
    for (organization, settings) in &settings.organizations {
        detector.set_settings(organization, settings.clone())?;
    }
    if let Some(rules) = rules {
        detector.set_rules(None, rules.clone());
    }
    Ok(())
}

/// Shows a detector a stored event; what follows from it comes behind the changes that are there.
///
/// An event that no rule can bear is passed over: it must not end detection for all that come after it. The next process that
/// shows the same events passes over the same one.
pub(super) fn show(detector: &mut Detector, stored: &StoredEvent, changes: &mut Vec<Change>) {
    let event = &stored.event;
    let name = EventType::from(&*event.event_name);
    let at = Timestamp::from_millis(event.event_time_ms);
    let received = Timestamp::from_millis(event.received_ms);
    let enrichment = event.enrichment.as_deref().and_then(|kept| serde_json::from_str(kept).ok());
    let seen = Observation::new(event.organization.as_str(), event.id, &name, at, received)
        .actor(event.actor_id.as_deref())
        .ip(event.user_ip)
        .target(event.target.as_deref())
        .original(event.original_event.as_deref())
        .metadata(&event.metadata)
        .enrichment(enrichment.as_ref());
    let before = changes.len();
    if catch_unwind(AssertUnwindSafe(|| detector.observe(&seen, changes))).is_err() {
        changes.truncate(before);
        tracing::error!(event = %event.id, place = %stored.seq, "detection failed at an event and passes over it; please report this");
    }
}
