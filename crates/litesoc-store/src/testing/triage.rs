//! What people do with alerts.

use uuid::Uuid;

use super::fixture::{NOW, alert, organization};
use super::{Check, Checked, ensure, ensure_eq};
use crate::alert::{AlertAction, AlertChange, AlertQuery, SUPPRESSION_MS, StoredAlert, Suppression};
use crate::effects::Effects;
use crate::error::StoreError;
use crate::organization::OrganizationId;
use crate::page::Total;
use crate::store::Store;

pub(super) const CHECKS: &[Check] = &[
    Check { promise: "alerts are listed newest first and by their filters", run: filters },
    Check { promise: "pages of alerts follow one another", run: pages },
    Check { promise: "an alert is resolved, marked safe, acknowledged and reopened", run: changes },
    Check { promise: "an alert is its organization's own", run: isolation },
    Check { promise: "marking safe suppresses the fingerprint for thirty days", run: suppression },
    Check { promise: "every change leaves an audit row", run: audit },
    Check { promise: "alerts past retention are hidden and purged, their audit rows stay", run: retention },
];

fn raise(store: &dyn Store, alerts: Vec<crate::alert::NewAlert>) -> Result<(), StoreError> {
    store.conclude(store.cursor()?, &Effects { raised: alerts, ..Effects::none() })
}

fn listed(store: &dyn Store, query: &AlertQuery) -> Result<Vec<u128>, super::Flaw> {
    let page = store.alerts(query)?;
    ensure_eq!(page.total, Total::Exactly(page.rows.len() as u64), "the total of {query:?}");
    Ok(page.rows.iter().map(|row| row.alert.id.as_u128() & 0xffff).collect())
}

fn filters(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let b = organization(store, "b")?;
    let mut alerts: Vec<_> = (1..=6).map(|n| alert(&a, n, NOW + 10 * n.cast_signed())).collect();
    alerts[1].severity = "critical".into();
    alerts[2].alert_type = "new_device".into();
    alerts[3].actor_id = Some("user_1".into());
    alerts[4].created_ms = NOW + 60; // as old as the sixth, raised before it
    let ids: Vec<_> = alerts.iter().map(|alert| alert.id).collect();
    alerts.push(alert(&b, 7, NOW));
    raise(store, alerts)?;
    store.update_alert(&a, ids[0], &AlertChange::resolve("other", "me"), NOW)?;
    let check = |change: &dyn Fn(&mut AlertQuery), wanted: &[u128]| -> Checked {
        let mut query = AlertQuery::new(a.clone());
        change(&mut query);
        ensure_eq!(listed(store, &query)?, wanted, "{query:?}");
        Ok(())
    };
    check(&|_| {}, &[6, 5, 4, 3, 2, 1])?;
    check(&|query| query.status = Some("open".into()), &[6, 5, 4, 3, 2])?;
    check(&|query| query.status = Some("resolved".into()), &[1])?;
    check(&|query| query.status = Some("dismissed".into()), &[])?;
    check(&|query| query.severity = Some("critical".into()), &[2])?;
    check(&|query| query.alert_type = Some("new_device".into()), &[3])?;
    check(&|query| query.actor_id = Some("user_1".into()), &[4])?;
    check(&|query| (query.from_ms, query.to_ms) = (Some(NOW + 20), Some(NOW + 40)), &[4, 3, 2])?;
    check(&|query| query.not_before_ms = Some(NOW + 40), &[6, 5, 4])?;
    check(
        &|query| (query.severity, query.status) = (Some("high".into()), Some("open".into())),
        &[6, 5, 4, 3],
    )?;
    ensure_eq!(listed(store, &AlertQuery::new(b))?, [7], "alerts of b");
    ensure_eq!(
        listed(store, &AlertQuery::new(OrganizationId::new("nobody")?))?,
        [] as [u128; 0],
        "alerts of nobody"
    );
    Ok(())
}

fn pages(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    raise(store, (1..=9).map(|n| alert(&a, n, NOW + (n / 3).cast_signed())).collect())?;
    let mut query = AlertQuery::new(a.clone());
    (query.limit, query.offset) = (4, 6);
    let page = store.alerts(&query)?;
    ensure_eq!(
        (page.rows.len(), page.next, page.total),
        (3, None, Total::Exactly(9)),
        "the last page by offset"
    );
    (query.offset, query.count) = (0, false);
    let mut seen = Vec::new();
    loop {
        let page = store.alerts(&query)?;
        seen.extend(page.rows.iter().map(|row| row.alert.id.as_u128() & 0xffff));
        ensure_eq!(page.total, Total::NotCounted, "a total nobody asked for");
        let Some(next) = page.next else { break };
        raise(store, vec![alert(&a, 100 + seen.len() as u64, NOW + 50)])?;
        query.cursor = Some(next);
    }
    ensure_eq!(seen, (1..=9).rev().collect::<Vec<_>>(), "all pages by cursor");
    Ok(())
}

fn changes(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let raised = alert(&a, 1, NOW);
    let id = raised.id;
    raise(store, vec![raised.clone()])?;
    let mut wanted = StoredAlert::raised(raised);
    let mut resolve = AlertChange::resolve("blocked_ip", "anna");
    resolve.notes = Some("blocked".into());
    let found = store.update_alert(&a, id, &resolve, NOW + 1)?;
    (wanted.status, wanted.updated_ms, wanted.resolved_ms) = ("resolved".into(), NOW + 1, Some(NOW + 1));
    (wanted.resolved_by, wanted.resolution_type) = (Some("anna".into()), Some("blocked_ip".into()));
    wanted.internal_notes = Some("blocked".into());
    ensure_eq!(found, Some(wanted.clone()), "resolved");
    let found = store.update_alert(&a, id, &AlertChange::new(AlertAction::Reopen, "bert"), NOW + 2)?;
    (wanted.status, wanted.updated_ms, wanted.resolved_ms) = ("open".into(), NOW + 2, None);
    (wanted.resolved_by, wanted.resolution_type) = (None, None);
    ensure_eq!(found, Some(wanted.clone()), "reopened: the notes stay");
    let found = store.update_alert(&a, id, &AlertChange::new(AlertAction::Acknowledge, "bert"), NOW + 3)?;
    (wanted.status, wanted.updated_ms) = ("acknowledged".into(), NOW + 3);
    ensure_eq!(found, Some(wanted.clone()), "acknowledged");
    let found = store.update_alert(&a, id, &AlertChange::mark_safe("carl"), NOW + 4)?;
    (wanted.status, wanted.updated_ms, wanted.resolved_by) =
        ("dismissed".into(), NOW + 4, Some("carl".into()));
    ensure_eq!(found, Some(wanted.clone()), "marked safe");
    ensure_eq!(store.alert(&a, id, None)?, Some(wanted), "the stored alert is the returned one");
    Ok(())
}

fn isolation(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let b = organization(store, "b")?;
    let nobody = OrganizationId::new("nobody")?;
    raise(store, vec![alert(&a, 1, NOW)])?;
    let id = alert(&a, 1, NOW).id;
    for other in [&b, &nobody] {
        ensure!(store.alert(other, id, None)?.is_none(), "{other} can read an alert of a");
        let changed = store.update_alert(other, id, &AlertChange::mark_safe("thief"), NOW)?;
        ensure!(changed.is_none(), "{other} changed an alert of a");
        ensure!(store.audit(other, 0, 9)?.is_empty(), "a change that did not happen left an audit row");
    }
    ensure!(
        store.update_alert(&a, Uuid::nil(), &AlertChange::mark_safe("me"), NOW)?.is_none(),
        "an unknown id changed"
    );
    ensure_eq!(store.alert(&a, id, None)?, Some(StoredAlert::raised(alert(&a, 1, NOW))), "the alert of a");
    Ok(())
}

fn suppression(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    raise(store, vec![alert(&a, 1, NOW), alert(&a, 2, NOW)])?;
    let (first, second) = (alert(&a, 1, NOW), alert(&a, 2, NOW));
    store.update_alert(&a, first.id, &AlertChange::resolve("other", "me"), NOW)?;
    ensure!(store.suppressions(NOW)?.is_empty(), "resolving suppressed something");
    store.update_alert(&a, first.id, &AlertChange::mark_safe("me"), NOW)?;
    store.update_alert(&a, second.id, &AlertChange::mark_safe("me"), NOW)?;
    store.update_alert(&a, second.id, &AlertChange::mark_safe("me"), NOW + 5)?;
    let until = NOW + SUPPRESSION_MS;
    let one = Suppression::new(a.clone(), first.fingerprint, until, first.id);
    let two = Suppression::new(a.clone(), second.fingerprint, until + 5, second.id);
    ensure_eq!(store.suppressions(NOW)?, [one.clone(), two.clone()], "after marking both safe");
    ensure_eq!(store.suppressions(until - 1)?, [one, two.clone()], "on the last day");
    ensure_eq!(store.suppressions(until)?, std::slice::from_ref(&two), "after thirty days");
    store.update_alert(&a, first.id, &AlertChange::new(AlertAction::Reopen, "me"), NOW + 6)?;
    ensure_eq!(store.suppressions(NOW)?, [two], "reopening lifts the suppression");
    Ok(())
}

fn audit(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let raised = alert(&a, 1, NOW);
    raise(store, vec![raised.clone()])?;
    ensure!(store.audit(&a, 0, 9)?.is_empty(), "raising is no change by a person");
    let mut resolve = AlertChange::resolve("blocked_ip", "anna");
    resolve.notes = Some("blocked".into());
    store.update_alert(&a, raised.id, &resolve, NOW + 1)?;
    store.update_alert(&a, raised.id, &AlertChange::new(AlertAction::Reopen, "bert"), NOW + 2)?;
    store.update_alert(&a, raised.id, &AlertChange::mark_safe("carl"), NOW + 3)?;
    let rows = store.audit(&a, 0, 9)?;
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.at_ms - NOW,
                row.by.as_str(),
                row.action.as_str(),
                row.status_before.as_str(),
                row.status_after.as_str(),
            )
        })
        .collect();
    let wanted = [
        (1, "anna", "alert.resolve", "open", "resolved"),
        (2, "bert", "alert.reopen", "resolved", "open"),
        (3, "carl", "alert.mark_safe", "open", "dismissed"),
    ];
    ensure_eq!(told, wanted, "who did what when");
    ensure_eq!(rows[0].resolution_type.as_deref(), Some("blocked_ip"), "the way of resolution");
    ensure_eq!(rows[0].notes.as_deref(), Some("blocked"), "the notes");
    ensure!(
        rows.iter().all(|row| row.subject == raised.id && row.organization == a),
        "the rows name another alert"
    );
    ensure_eq!(store.audit(&a, rows[0].number, 1)?, rows[1..2], "one row after the first");
    Ok(())
}

fn retention(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    raise(store, (1..=4).map(|n| alert(&a, n, NOW + n.cast_signed())).collect())?;
    let first = alert(&a, 1, NOW + 1);
    store.update_alert(&a, first.id, &AlertChange::resolve("other", "me"), NOW)?;
    ensure!(
        store.alert(&a, first.id, Some(NOW + 1))?.is_some(),
        "the end of retention itself is still inside"
    );
    ensure!(store.alert(&a, first.id, Some(NOW + 2))?.is_none(), "an alert is found after its retention");
    ensure_eq!(store.purge(&a, NOW + 4, 2)?, 2, "the first chunk");
    ensure_eq!(store.purge(&a, NOW + 4, 2)?, 1, "the rest");
    ensure_eq!(listed(store, &AlertQuery::new(a.clone()))?, [4], "alerts left");
    ensure_eq!(store.audit(&a, 0, 9)?.len(), 1, "audit rows after the purge");
    Ok(())
}
