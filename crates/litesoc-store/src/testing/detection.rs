//! Conclusions of the detector: alerts and the cursor, together or not at all.

use uuid::Uuid;

use super::fixture::{NOW, alert, event, organization, uuid_v7};
use super::{Check, Checked, ensure, ensure_eq};
use crate::alert::{AlertChange, AlertProgress, AlertQuery, MAX_SAMPLE_EVENTS, NewAlert, StoredAlert};
use crate::effects::Effects;
use crate::error::StoreError;
use crate::organization::OrganizationId;
use crate::page::Seq;
use crate::store::Store;

pub(super) const CHECKS: &[Check] = &[
    Check { promise: "every field of an alert comes back", run: fields },
    Check { promise: "the cursor moves forward and never beyond the events", run: cursor },
    Check { promise: "a conclusion that fails leaves alerts and cursor alone", run: atomic },
    Check { promise: "raising an alert again changes nothing", run: raise_again },
    Check { promise: "an alert grows", run: progress },
    Check { promise: "the evidence of an alert is replaced, what people wrote stays", run: evidence },
    Check {
        promise: "alerts that are open or acknowledged and recent are given back for grouping",
        run: open,
    },
];

/// One organisation with ten events.
fn prepared(store: &dyn Store) -> Result<OrganizationId, StoreError> {
    let a = organization(store, "a")?;
    let batch: Vec<_> = (1..=10).map(|n| event(&a, n, "x.y", NOW)).collect();
    store.append(&batch)?;
    Ok(a)
}

fn raise(alerts: &[NewAlert]) -> Effects {
    Effects { raised: alerts.to_vec(), ..Effects::none() }
}

fn fields(store: &dyn Store) -> Checked {
    let a = prepared(store)?;
    let mut full = alert(&a, 1, NOW);
    full.description = Some("ten failures, then a success".into());
    full.source_ip = "2001:db8::9".parse().ok();
    full.actor_id = Some("user_1".into());
    full.trigger_event_id = Some(uuid_v7(NOW, 10));
    (full.first_seen_ms, full.last_seen_ms, full.count) = (NOW - 60_000, NOW - 1, 11);
    full.sample_event_ids = (1..=11).map(|n| uuid_v7(NOW, n)).collect();
    full.technique = Some("T1110".into());
    full.metadata = r#"{"rule":"per_account"}"#.into();
    full.enrichment = Some(r#"{"threat_score":60}"#.into());
    let bare = alert(&a, 2, NOW);
    store.conclude(Seq::new(3), &raise(&[full.clone(), bare.clone()]))?;
    for wanted in [full, bare] {
        let found = store.alert(&a, wanted.id, None)?;
        ensure_eq!(found, Some(StoredAlert::raised(wanted)), "an alert by its id");
    }
    Ok(())
}

fn cursor(store: &dyn Store) -> Checked {
    ensure_eq!(store.cursor()?, Seq::START, "the first cursor");
    store.conclude(Seq::START, &Effects::none())?;
    prepared(store)?;
    for to in [4, 4, 9] {
        store.conclude(Seq::new(to), &Effects::none())?;
        ensure_eq!(store.cursor()?, Seq::new(to), "the cursor after a conclusion");
    }
    for to in [8, 11, u64::MAX] {
        let refused = store.conclude(Seq::new(to), &Effects::none());
        ensure!(matches!(refused, Err(StoreError::Invalid(_))), "from 9 to {to} of 10: {refused:?}");
        ensure_eq!(store.cursor()?, Seq::new(9), "the cursor after a refusal");
    }
    Ok(())
}

fn atomic(store: &dyn Store) -> Checked {
    let a = prepared(store)?;
    let nobody = OrganizationId::new("nobody")?;
    let refused = store.conclude(Seq::new(5), &raise(&[alert(&a, 1, NOW), alert(&nobody, 2, NOW)]));
    ensure!(matches!(refused, Err(StoreError::UnknownOrganization(_))), "an alert of nobody: {refused:?}");
    let refused = store.conclude(Seq::new(11), &raise(&[alert(&a, 1, NOW)]));
    ensure!(refused.is_err(), "a cursor beyond the events was taken");
    ensure_eq!(store.cursor()?, Seq::START, "the cursor after refusals");
    ensure!(store.alerts(&AlertQuery::new(a))?.rows.is_empty(), "an alert of a refused conclusion was kept");
    Ok(())
}

fn raise_again(store: &dyn Store) -> Checked {
    let a = prepared(store)?;
    let b = organization(store, "b")?;
    store.conclude(Seq::new(1), &raise(&[alert(&a, 1, NOW)]))?;
    let id = alert(&a, 1, NOW).id;
    let resolved = store.update_alert(&a, id, &AlertChange::resolve("blocked_ip", "me"), NOW + 1)?;
    let mut louder = alert(&a, 1, NOW + 5);
    louder.severity = "critical".into();
    store.conclude(Seq::new(2), &raise(&[louder, alert(&b, 1, NOW)]))?;
    ensure_eq!(store.alert(&a, id, None)?, resolved, "the alert after it was raised again");
    ensure_eq!(store.alerts(&AlertQuery::new(a))?.rows.len(), 1, "alerts of a");
    ensure_eq!(store.alerts(&AlertQuery::new(b))?.rows.len(), 1, "the same id in another organization");
    Ok(())
}

fn progress(store: &dyn Store) -> Checked {
    let a = prepared(store)?;
    let mut small = alert(&a, 1, NOW);
    small.sample_event_ids = vec![uuid_v7(NOW, 1)];
    let id = small.id;
    let mut more = AlertProgress::new(a.clone(), id, "critical", 30, NOW + 9, NOW + 10);
    more.event_ids = (1..=30).map(|n| uuid_v7(NOW, n)).collect();
    let unknown = AlertProgress::new(a.clone(), Uuid::from_u128(404), "low", 2, NOW, NOW);
    let nobody = AlertProgress::new(OrganizationId::new("nobody")?, id, "low", 2, NOW, NOW);
    // Raised and grown in one conclusion; then the growth is applied a second time.
    store.conclude(
        Seq::new(2),
        &Effects {
            raised: vec![small.clone()],
            progress: vec![unknown, nobody, more.clone()],
            ..Effects::none()
        },
    )?;
    store.conclude(Seq::new(3), &Effects { progress: vec![more.clone()], ..Effects::none() })?;
    let mut wanted = small;
    (wanted.severity, wanted.count, wanted.last_seen_ms) = ("critical".into(), 30, NOW + 9);
    wanted.sample_event_ids = (1..=MAX_SAMPLE_EVENTS as u64).map(|n| uuid_v7(NOW, n)).collect();
    let mut wanted = StoredAlert::raised(wanted);
    wanted.updated_ms = NOW + 10;
    ensure_eq!(store.alert(&a, id, None)?, Some(wanted.clone()), "the alert after its progress");
    (more.title, more.description) = (Some("worse".into()), Some("a success followed".into()));
    store.conclude(Seq::new(3), &Effects { progress: vec![more], ..Effects::none() })?;
    (wanted.alert.title, wanted.alert.description) = ("worse".into(), Some("a success followed".into()));
    ensure_eq!(store.alert(&a, id, None)?, Some(wanted), "the alert after new texts");
    Ok(())
}

fn evidence(store: &dyn Store) -> Checked {
    let a = prepared(store)?;
    let mut raised = alert(&a, 1, NOW);
    (raised.source_ip, raised.actor_id) = ("203.0.113.9".parse().ok(), Some("user_1".into()));
    (raised.technique, raised.metadata) = (Some("T1110.001".into()), r#"{"accounts":1}"#.into());
    let id = raised.id;
    store.conclude(Seq::new(1), &raise(&[raised.clone()]))?;
    let mut resolve = AlertChange::resolve("blocked_ip", "anna");
    resolve.notes = Some("blocked".into());
    store.update_alert(&a, id, &resolve, NOW + 1)?;
    let mut wanted = StoredAlert::raised(raised).changed(&resolve, NOW + 1);
    let bare = || AlertProgress::new(a.clone(), id, "high", 1, NOW, NOW + 2);
    let grown = |grown: AlertProgress, wanted: &mut StoredAlert, what: &str| -> Checked {
        store.conclude(Seq::new(2), &Effects { progress: vec![grown], ..Effects::none() })?;
        (wanted.alert.severity, wanted.updated_ms) = ("high".into(), NOW + 2);
        let found = store.alert(&a, id, None)?;
        ensure_eq!(found.as_ref(), Some(&*wanted), "{what}");
        Ok(())
    };
    grown(bare(), &mut wanted, "what a progress does not name stays")?;

    let mut wider = bare();
    (wider.source_ip, wider.actor_id) = (Some("2001:db8::9".parse().ok()), Some(None));
    (wider.first_seen_ms, wider.technique) = (Some(NOW - 9), Some("T1110.003".into()));
    wider.metadata = Some(r#"{"accounts":2}"#.into());
    wanted.alert.source_ip = "2001:db8::9".parse().ok();
    (wanted.alert.actor_id, wanted.alert.first_seen_ms) = (None, NOW - 9);
    (wanted.alert.technique, wanted.alert.metadata) = (Some("T1110.003".into()), r#"{"accounts":2}"#.into());
    grown(wider, &mut wanted, "another address, no single account, an earlier beginning")?;

    let mut other = bare();
    (other.source_ip, other.actor_id) = (Some(None), Some(Some("user_2".into())));
    (wanted.alert.source_ip, wanted.alert.actor_id) = (None, Some("user_2".into()));
    grown(other, &mut wanted, "no single address, another account")?;
    let mut query = AlertQuery::new(a.clone());
    query.actor_id = Some("user_2".into());
    ensure_eq!(store.alerts(&query)?.rows, [wanted], "alerts of the account it is about now");
    Ok(())
}

fn open(store: &dyn Store) -> Checked {
    let a = prepared(store)?;
    let b = organization(store, "b")?;
    let alerts: Vec<_> =
        (1..=5).map(|n| alert(if n == 5 { &b } else { &a }, n, NOW + 10 - n.cast_signed())).collect();
    store.conclude(Seq::new(1), &raise(&alerts))?;
    let change = |n: usize, change: &AlertChange| store.update_alert(&a, alerts[n - 1].id, change, NOW + 20);
    change(1, &AlertChange::resolve("other", "me"))?;
    change(2, &AlertChange::mark_safe("me"))?;
    change(3, &AlertChange::new(crate::alert::AlertAction::Acknowledge, "me"))?;
    let ids = |since: i64| -> Result<Vec<Uuid>, StoreError> {
        Ok(store.open_alerts(since)?.into_iter().map(|alert| alert.alert.id).collect())
    };
    ensure_eq!(ids(i64::MIN)?, [alerts[4].id, alerts[3].id, alerts[2].id], "open ones, the oldest first");
    ensure_eq!(ids(NOW + 6)?, [alerts[3].id, alerts[2].id], "seen at or after a time");
    ensure_eq!(ids(NOW + 8)?, [] as [Uuid; 0], "none is that recent");
    Ok(())
}
