//! How a detector is set up, and how it is shown a stored event.

use std::panic::{AssertUnwindSafe, catch_unwind};

use litesoc_detect::sigma::RuleSet;
use litesoc_detect::{Change, Detector, InvalidSettings, Observation, SettingsFile};
use litesoc_events::EventType;
use litesoc_model::Timestamp;
use litesoc_store::StoredEvent;
use uuid::Uuid;

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

/// Shows a detector a stored event; the ids of the alerts that it has raised.
///
/// An event that no rule can bear is passed over: it must not end detection for all that come after it. The next process that
/// shows the same events passes over the same one.
pub(super) fn show(detector: &mut Detector, stored: &StoredEvent) -> Vec<Uuid> {
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
    catch_unwind(AssertUnwindSafe(|| detector.examine(&seen))).unwrap_or_else(|_| {
        tracing::error!(event = %event.id, place = %stored.seq, "detection failed at an event and passes over it; please report this");
        Vec::new()
    })
}

/// Appends what has followed from the events shown since this was last asked, each alert once.
///
/// An alert that cannot be put into words is passed over, until the next event changes it.
pub(super) fn append_changes(detector: &mut Detector, changes: &mut Vec<Change>) {
    while detector.has_changes() {
        match catch_unwind(AssertUnwindSafe(|| detector.next_change())) {
            Ok(Some(change)) => changes.push(change),
            Ok(None) => return,
            Err(_) => tracing::error!("detection failed at an alert and passes over it; please report this"),
        }
    }
}
