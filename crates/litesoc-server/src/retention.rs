//! Deletes what is older than its organization's plan shows: at the start and once a day.

use std::sync::Arc;
use std::time::Duration;

use litesoc_model::{Plan, Timestamp};
use litesoc_store::{Store, StoreError};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::Plans;

/// Between two passes. What is too old is hidden at once; this is only how long it lies on the disk.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a notice waits for whoever delivers it. One that is older would tell of what nobody can act on any more.
const NOTICES_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Rows deleted in one transaction, so that events never wait long behind one.
const CHUNK: usize = 500;

/// Purges now and then daily, until `stop` turns true.
pub(crate) async fn run(store: Arc<dyn Store>, plans: Plans, clock: Clock, mut stop: watch::Receiver<bool>) {
    loop {
        let (store, plans, now, stopped) = (Arc::clone(&store), plans.clone(), clock.now(), stop.clone());
        let pass = tokio::task::spawn_blocking(move || purge(&*store, &plans, now, &stopped)).await;
        match pass {
            Ok(Ok(rows)) => tracing::debug!(rows, "purged what is older than its plan shows"),
            Ok(Err(error)) => tracing::error!(%error, "could not purge"),
            Err(error) => tracing::error!(%error, "purging ended early"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// One pass over all organizations and the notices; returns how many rows went.
fn purge(
    store: &dyn Store,
    plans: &Plans,
    now: Timestamp,
    stop: &watch::Receiver<bool>,
) -> Result<usize, StoreError> {
    let mut rows = purge_notices(store, now, stop)?;
    for organization in store.organizations()? {
        let days = plans.of(&Plan::from(&*organization.plan)).retention_days;
        let age = Duration::from_secs(86_400) * days;
        let before = now.checked_sub(age).unwrap_or(Timestamp::MIN);
        loop {
            if *stop.borrow() {
                return Ok(rows);
            }
            let gone = store.purge(&organization.id, before.as_millis(), CHUNK)?;
            rows += gone;
            if gone < CHUNK {
                break;
            }
        }
    }
    Ok(rows)
}

fn purge_notices(
    store: &dyn Store,
    now: Timestamp,
    stop: &watch::Receiver<bool>,
) -> Result<usize, StoreError> {
    let before = now.checked_sub(NOTICES_KEPT).unwrap_or(Timestamp::MIN).as_millis();
    let mut rows = 0;
    while !*stop.borrow() {
        let gone = store.purge_notices(before, CHUNK)?;
        rows += gone;
        if gone < CHUNK {
            break;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use litesoc_model::Timestamp;
    use litesoc_store::{NewEvent, Organization, OrganizationId, Seq, SqliteStore, Store};
    use tokio::sync::watch;
    use uuid::Uuid;

    use super::purge;
    use crate::config::Plans;

    #[test]
    fn events_older_than_the_plan_shows_are_deleted_and_younger_ones_stay() {
        let now: Timestamp = "2026-03-20T12:00:00Z".parse().unwrap();
        let days = |days: u64| now.checked_sub(Duration::from_secs(86_400 * days)).unwrap().as_millis();
        let store = SqliteStore::open_temporary().unwrap();
        for (id, plan) in [("org_free", "free"), ("org_pro", "pro")] {
            let id = OrganizationId::new(id).unwrap();
            store.create_organization(&Organization::new(id.clone(), "", plan, 0)).unwrap();
            let event =
                |number, age| NewEvent::new(id.clone(), Uuid::from_u128(number), "auth.logout", days(age));
            let batch: Vec<_> = (0..1_200).map(|number| event(number, 8)).chain([event(5_000, 6)]).collect();
            store.append(&batch).unwrap();
        }
        let (_stop, stopped) = watch::channel(false);
        assert_eq!(purge(&store, &Plans::default(), now, &stopped).unwrap(), 1_200);
        assert_eq!(store.read_from(Seq::START, 10_000).unwrap().len(), 1_202);
    }
}
