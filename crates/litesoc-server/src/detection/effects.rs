//! Between the detector's alerts and the store's.

use std::collections::HashMap;

use litesoc_detect::{AlertDraft, AlertProgress, Change, Evidence};
use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use litesoc_store::{Effects, NewAlert, NewNotice, NoticeKind, OrganizationId, StoreError, StoredAlert};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the store keeps of an alert beside its columns.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    evidence: Evidence,
}

/// What was known of the addresses of the events that raised alerts, by alert.
pub(super) type Known = HashMap<Uuid, String>;

/// The changes as the store wants them; `now_ms` is when an alert counts as raised or changed.
pub(super) fn effects(changes: &[Change], known: &Known, now_ms: i64) -> Result<Effects, StoreError> {
    let mut effects = Effects::none();
    for change in changes {
        match change {
            Change::Raise(draft) => {
                let mut alert = raised(draft, now_ms)?;
                alert.enrichment = known.get(&draft.id).cloned();
                effects.raised.push(alert);
            }
            Change::Update(progress) => effects.progress.push(grown(progress, now_ms)?),
            _ => {}
        }
        effects.notices.extend(notice(change, now_ms)?);
    }
    Ok(effects)
}

/// What people are to hear of the change, if they are.
fn notice(change: &Change, now_ms: i64) -> Result<Option<NewNotice>, StoreError> {
    let (notify, kind, organization, title) = match change {
        Change::Raise(draft) => (draft.notify, NoticeKind::Raised, &draft.organization, &draft.title),
        Change::Update(progress) => {
            (progress.notify, NoticeKind::Updated, &progress.organization, &progress.title)
        }
        _ => return Ok(None),
    };
    if !notify {
        return Ok(None);
    }
    let (id, severity) = (change.alert_id(), change.severity().as_str());
    Ok(Some(NewNotice::new(OrganizationId::new(organization)?, id, kind, severity, title, now_ms)))
}

fn grown(progress: &AlertProgress, now_ms: i64) -> Result<litesoc_store::AlertProgress, StoreError> {
    let organization = OrganizationId::new(&progress.organization)?;
    let (severity, last_seen) = (progress.severity.as_str(), progress.last_seen.as_millis());
    let (id, count) = (progress.id, progress.count);
    let mut grown = litesoc_store::AlertProgress::new(organization, id, severity, count, last_seen, now_ms);
    grown.event_ids.clone_from(&progress.sample_event_ids);
    grown.title = Some(progress.title.clone());
    grown.description = Some(progress.description.clone());
    grown.source_ip = Some(progress.source_ip);
    grown.actor_id = Some(progress.actor_id.clone());
    grown.first_seen_ms = Some(progress.first_seen.as_millis());
    grown.technique.clone_from(&progress.technique);
    grown.metadata = Some(kept(&progress.evidence));
    Ok(grown)
}

pub(super) fn raised(draft: &AlertDraft, now_ms: i64) -> Result<NewAlert, StoreError> {
    let organization = OrganizationId::new(&draft.organization)?;
    let (kind, severity) = (draft.alert_type.as_str(), draft.severity.as_str());
    let mut alert = NewAlert::new(organization, draft.id, kind, severity, &*draft.fingerprint, now_ms);
    alert.title.clone_from(&draft.title);
    alert.description = Some(draft.description.clone());
    alert.source_ip = draft.source_ip;
    alert.actor_id.clone_from(&draft.actor_id);
    alert.trigger_event_id = Some(draft.trigger_event_id);
    alert.first_seen_ms = draft.first_seen.as_millis();
    alert.last_seen_ms = draft.last_seen.as_millis();
    alert.count = draft.count;
    alert.sample_event_ids.clone_from(&draft.sample_event_ids);
    alert.technique.clone_from(&draft.technique);
    alert.metadata = kept(&draft.evidence);
    Ok(alert)
}

fn kept(evidence: &Evidence) -> String {
    let kept = Kept { evidence: evidence.clone() };
    serde_json::to_string(&kept).expect("numbers, words and lists of them are JSON")
}

/// An alert that is still open, as the detector takes it up again.
pub(super) fn draft(stored: &StoredAlert) -> AlertDraft {
    let alert = &stored.alert;
    let first_seen = Timestamp::from_millis(alert.first_seen_ms);
    let mut draft = AlertDraft::new(
        alert.id,
        alert.organization.as_str(),
        AlertType::from(&*alert.alert_type),
        &*alert.fingerprint,
        alert.trigger_event_id.unwrap_or_default(),
        first_seen,
    );
    draft.severity = AlertSeverity::from(&*alert.severity);
    draft.title.clone_from(&alert.title);
    draft.description = alert.description.clone().unwrap_or_default();
    draft.source_ip = alert.source_ip;
    draft.actor_id.clone_from(&alert.actor_id);
    draft.last_seen = Timestamp::from_millis(alert.last_seen_ms);
    draft.count = alert.count;
    draft.sample_event_ids.clone_from(&alert.sample_event_ids);
    draft.technique.clone_from(&alert.technique);
    draft.evidence = serde_json::from_str::<Kept>(&alert.metadata).unwrap_or_default().evidence;
    draft
}
