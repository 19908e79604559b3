//! What an audit log should alarm somebody about becomes an alert of its organization.

use std::sync::Arc;

use litesoc_audit::{Alarm, AuditAlert, Configuration};
use litesoc_ledger::Hash;
use litesoc_model::{AlertSeverity, AlertType};
use litesoc_store::{Effects, NewAlert, NewNotice, NoticeKind, OrganizationId, Store, StoreError};
use uuid::Uuid;

use crate::clock::Clock;

/// How often the cursor may move on between reading it and recording the alert beside it.
const TRIES: usize = 20;

const HOUR_MS: i64 = 3_600_000;

/// Raises alerts in a store.
pub(super) fn alarm(store: Arc<dyn Store>, clock: Clock) -> Alarm {
    Arc::new(move |configuration, alert| {
        if let Err(error) = raise(&*store, configuration, alert, clock.now().as_millis()) {
            tracing::error!(%error, %alert, "an alert about an audit log could not be stored");
        }
    })
}

/// One alert an hour and log, however often a client asks: whoever can log could fill the store with alerts otherwise.
fn raise(
    store: &dyn Store,
    configuration: &Configuration,
    alert: &AuditAlert,
    now_ms: i64,
) -> Result<(), StoreError> {
    let organization = OrganizationId::new(&configuration.organization)?;
    let fingerprint = format!("audit-prev-root/{}/{}", configuration.id, now_ms / HOUR_MS);
    let mut id = [0; 16];
    id.copy_from_slice(&Hash::of(fingerprint.as_bytes()).as_bytes()[..16]);
    let id = uuid::Builder::from_custom_bytes(id).into_uuid();
    if store.alert(&organization, id, None)?.is_some() {
        return Ok(());
    }
    let (kind, severity) = (AlertType::SuspiciousActivity, AlertSeverity::Critical);
    let mut row =
        NewAlert::new(organization.clone(), id, kind.as_str(), severity.as_str(), fingerprint, now_ms);
    row.title = format!("The audit log {} may have been rolled back", configuration.origin);
    row.description = Some(alert.to_string());
    let effects = effects(row, organization, id, severity.as_str(), now_ms);
    for _ in 0..TRIES {
        match store.conclude(store.cursor()?, &effects) {
            // The detector was quicker; its place counts.
            Err(StoreError::Invalid(_)) => {}
            done => return done,
        }
    }
    Err(StoreError::Invalid("the detector concluded faster than the alert could be recorded".to_owned()))
}

fn effects(row: NewAlert, organization: OrganizationId, id: Uuid, severity: &str, now_ms: i64) -> Effects {
    let mut effects = Effects::none();
    let notice = NewNotice::new(organization, id, NoticeKind::Raised, severity, &*row.title, now_ms);
    effects.raised.push(row);
    effects.notices.push(notice);
    effects
}
