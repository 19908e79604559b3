//! Notices and verdicts: what people are told, and what the detector is told by people.

use uuid::Uuid;

use super::fixture::{NOW, alert, event, organization};
use super::{Check, Checked, ensure, ensure_eq};
use crate::alert::{AlertAction, AlertChange, AlertProgress, NewAlert};
use crate::effects::{Effects, Obeyed};
use crate::error::StoreError;
use crate::notice::{NewNotice, NoticeKind};
use crate::organization::OrganizationId;
use crate::page::Seq;
use crate::store::Store;

pub(super) const CHECKS: &[Check] = &[
    Check {
        promise: "notices are written with the conclusion, in order, and read from a number",
        run: order,
    },
    Check { promise: "there is no notice of a change that was not kept", run: once },
    Check { promise: "a refused conclusion leaves no notice", run: refused },
    Check { promise: "a consumer finds where it was", run: consumers },
    Check { promise: "old notices are purged in chunks and no number is given twice", run: purge },
    Check { promise: "verdicts come in order, with the place at which they were obeyed", run: verdicts },
];

fn raised(alert: &NewAlert) -> NewNotice {
    let (kind, at) = (NoticeKind::Raised, alert.created_ms);
    NewNotice::new(alert.organization.clone(), alert.id, kind, &*alert.severity, &*alert.title, at)
}

fn updated(alert: &NewAlert, at_ms: i64) -> NewNotice {
    let organization = alert.organization.clone();
    NewNotice::new(organization, alert.id, NoticeKind::Updated, "critical", &*alert.title, at_ms)
}

/// A conclusion that raises these alerts and says so.
fn raising(alerts: &[NewAlert]) -> Effects {
    let notices = alerts.iter().map(raised).collect();
    Effects { raised: alerts.to_vec(), notices, ..Effects::none() }
}

fn numbers(store: &dyn Store, after: u64) -> Result<Vec<u64>, StoreError> {
    Ok(store.notices(after, 99)?.into_iter().map(|row| row.number).collect())
}

fn order(store: &dyn Store) -> Checked {
    let (a, b) = (organization(store, "a")?, organization(store, "b")?);
    ensure!(store.notices(0, 9)?.is_empty(), "an empty store has notices");
    let alerts = [alert(&a, 1, NOW), alert(&b, 2, NOW + 1)];
    let mut effects = raising(&alerts);
    effects.progress.push(AlertProgress::new(a, alerts[0].id, "critical", 9, NOW, NOW + 2));
    effects.notices.push(updated(&alerts[0], NOW + 2));
    store.conclude(Seq::START, &effects)?;
    let found = store.notices(0, 99)?;
    let told: Vec<_> = found.iter().map(|row| row.notice.clone()).collect();
    ensure_eq!(told, effects.notices, "the notices");
    ensure_eq!(numbers(store, 0)?, [1, 2, 3], "their numbers");
    ensure_eq!(store.notices(1, 1)?, found[1..2], "one after the first");
    ensure!(store.notices(3, 9)?.is_empty() && store.notices(u64::MAX, 9)?.is_empty(), "after the last");
    Ok(())
}

fn once(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let first = alert(&a, 1, NOW);
    store.conclude(Seq::START, &raising(std::slice::from_ref(&first)))?;
    // The same again, beside a new one; an update of one that is not there, an alert of nobody.
    let mut effects = raising(&[first.clone(), alert(&a, 2, NOW)]);
    effects.notices.push(updated(&alert(&a, 3, NOW), NOW));
    effects.notices.push(updated(&alert(&OrganizationId::new("nobody")?, 1, NOW), NOW));
    effects.notices.push(updated(&first, NOW));
    store.conclude(Seq::START, &effects)?;
    let told: Vec<_> =
        store.notices(0, 99)?.into_iter().map(|row| (row.notice.alert, row.notice.kind)).collect();
    let wanted = [
        (first.id, NoticeKind::Raised),
        (alert(&a, 2, NOW).id, NoticeKind::Raised),
        (first.id, NoticeKind::Updated),
    ];
    ensure_eq!(told, wanted, "one notice for each change");
    Ok(())
}

fn refused(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let beyond = store.conclude(Seq::new(7), &raising(&[alert(&a, 1, NOW)]));
    ensure!(beyond.is_err(), "a cursor beyond the events was taken");
    ensure!(store.notices(0, 9)?.is_empty(), "a refused conclusion left a notice");
    Ok(())
}

fn consumers(store: &dyn Store) -> Checked {
    ensure_eq!(store.notices_done("log")?, 0, "at first");
    store.set_notices_done("log", 5)?;
    store.set_notices_done("hook", 2)?;
    store.set_notices_done("log", 3)?;
    ensure_eq!((store.notices_done("log")?, store.notices_done("hook")?), (5, 2), "each its own, never back");
    Ok(())
}

fn purge(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let alerts: Vec<_> = (1..=5).map(|n| alert(&a, n, NOW + n.cast_signed())).collect();
    store.conclude(Seq::START, &raising(&alerts))?;
    ensure_eq!(store.purge_notices(NOW + 5, 3)?, 3, "the first chunk");
    ensure_eq!(store.purge_notices(NOW + 5, 3)?, 1, "the rest of the old ones");
    ensure_eq!(numbers(store, 0)?, [5], "those left");
    ensure_eq!(store.purge_notices(i64::MAX, 9)?, 1, "the last");
    store.conclude(Seq::START, &raising(&[alert(&a, 6, NOW)]))?;
    ensure_eq!(numbers(store, 0)?, [6], "the number after a purge of all");
    Ok(())
}

fn verdicts(store: &dyn Store) -> Checked {
    let (a, b) = (organization(store, "a")?, organization(store, "b")?);
    store.append(&[event(&a, 1, "x.y", NOW), event(&a, 2, "x.y", NOW)])?;
    let (one, two) = (alert(&a, 1, NOW), alert(&b, 2, NOW));
    store.conclude(Seq::START, &raising(&[one.clone(), two.clone()]))?;
    ensure!(store.verdicts(0, 9)?.is_empty(), "nobody did anything");
    let change =
        |of: &NewAlert, change: &AlertChange, at| store.update_alert(&of.organization, of.id, change, at);
    change(&one, &AlertChange::resolve("blocked_ip", "me"), NOW + 1)?;
    change(&two, &AlertChange::mark_safe("me"), NOW + 2)?;
    store.append(&[event(&a, 3, "x.y", NOW)])?;
    change(&one, &AlertChange::new(AlertAction::Reopen, "me"), NOW + 3)?;
    let mut effects = Effects::none();
    effects.obeyed = vec![Obeyed::new(1, Seq::new(1)), Obeyed::new(2, Seq::new(2))];
    store.conclude(Seq::new(2), &effects)?;
    // Said twice, the first counts.
    effects.obeyed = vec![Obeyed::new(1, Seq::new(2))];
    store.conclude(Seq::new(2), &effects)?;
    let found = store.verdicts(0, 9)?;
    let told: Vec<_> = found
        .iter()
        .map(|row| (row.number, row.alert, row.action.audit_name(), row.at_ms - NOW, row.obeyed_after))
        .collect();
    let wanted: [(u64, Uuid, &str, i64, Option<Seq>); 3] = [
        (1, one.id, "alert.resolve", 1, Some(Seq::new(1))),
        (2, two.id, "alert.mark_safe", 2, Some(Seq::new(2))),
        (3, one.id, "alert.reopen", 3, None),
    ];
    ensure_eq!(told, wanted, "the verdicts");
    let given: Vec<_> = found.iter().map(|row| row.given_after.get()).collect();
    ensure_eq!(given, [2, 2, 3], "the last event when each was given");
    ensure!(found[0].organization == a && found[1].organization == b, "whose they are");
    ensure_eq!(found[0].action, AlertChange::resolve("blocked_ip", "").action, "the whole action");
    ensure_eq!(store.verdicts(1, 1)?, found[1..2], "one after the first");
    Ok(())
}
