//! A store that stands still or fails when a test says so.

use std::sync::Arc;
use std::thread;

use litesoc_store::{
    AlertChange, AlertQuery, AuditRow, Commit, Effects, EventQuery, KeyHash, KeyRow, Month, NewEvent, NewKey,
    Notice, Organization, OrganizationId, Result, Rows, Seq, SqliteStore, Store, StoreError, StoredAlert,
    StoredEvent, Suppression, Verdict,
};
use parking_lot::{Condvar, Mutex};
use serde_json::json;
use uuid::Uuid;

use crate::support::World;

/// What the store does with the next write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Willing,
    /// Holds every append until the mood changes.
    Still,
    /// Fails every append and list.
    Broken,
    /// Fails to record conclusions.
    Forgetful,
    /// Panics at an append.
    Mad,
}

#[derive(Debug)]
struct Moody {
    inner: Arc<SqliteStore>,
    mood: Mutex<Mood>,
    held: Mutex<usize>,
    changed: Condvar,
}

impl Moody {
    fn be(&self, mood: Mood) {
        *self.mood.lock() = mood;
        self.changed.notify_all();
    }

    /// Waits until an append is held or a conclusion has failed.
    fn wait_until_held(&self) {
        while *self.held.lock() == 0 {
            thread::yield_now();
        }
    }

    fn write(&self) -> Result<()> {
        let mut mood = self.mood.lock();
        while *mood == Mood::Still {
            *self.held.lock() += 1;
            self.changed.wait(&mut mood);
        }
        assert_ne!(*mood, Mood::Mad, "the store went mad");
        self.read(*mood)
    }

    fn read(&self, mood: Mood) -> Result<()> {
        let path = self.inner.directory().to_path_buf();
        if mood == Mood::Broken { Err(StoreError::Busy { doing: "testing", path }) } else { Ok(()) }
    }
}

fn moody(change: impl FnOnce(&mut litesoc_server::Config)) -> (World, Arc<Moody>) {
    let mut kept = None;
    let world = World::behind(change, |inner| {
        let (mood, held, changed) = (Mutex::new(Mood::Willing), Mutex::new(0), Condvar::new());
        let store = Arc::new(Moody { inner, mood, held, changed });
        kept = Some(Arc::clone(&store));
        store
    });
    (world, kept.unwrap())
}

fn batch(size: usize) -> String {
    json!({"events": vec![json!({"event": "auth.logout"}); size]}).to_string()
}

fn used(world: &World) -> String {
    world.get("/health").key("good").send().header("x-litesoc-quota-used").unwrap().to_owned()
}

#[test]
fn a_full_queue_is_503_and_gives_the_quota_back() {
    let (world, store) = moody(|config| config.queue.events = 20);
    store.be(Mood::Still);
    thread::scope(|scope| {
        let first = scope.spawn(|| world.post("/collect", batch(1)).key("good").send());
        store.wait_until_held();
        let waiting: Vec<_> =
            (0..3).map(|_| scope.spawn(|| world.post("/collect", batch(10)).key("good").send())).collect();
        let answers: Vec<_> = {
            // One of the three finds the queue full; the other two wait.
            while waiting.iter().all(|thread| !thread.is_finished()) {
                thread::yield_now();
            }
            store.be(Mood::Willing);
            waiting.into_iter().map(|thread| thread.join().unwrap()).collect()
        };
        assert_eq!(first.join().unwrap().status, 202);
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
        assert_eq!(refused.len(), 1, "{answers:?}");
        assert_eq!(refused[0].header("retry-after"), Some("1"));
        assert_eq!(refused[0].json()["code"], "SERVICE_UNAVAILABLE");
    });
    assert_eq!((world.stored(), used(&world).as_str()), (21, "21"));
}

#[test]
fn a_store_that_fails_is_503_until_it_recovers() {
    let (world, store) = moody(|_| {});
    store.be(Mood::Broken);
    let answer = world.post("/collect", batch(3)).key("good").send();
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert!(
        !answer.text().contains(store.inner.directory().to_str().unwrap()),
        "paths are nobody's business"
    );
    assert_eq!(world.get("/events").key("good").send().status, 503);
    assert_eq!(used(&world), "0");
    store.be(Mood::Willing);
    world.collect(batch(3));
    assert_eq!((world.stored(), used(&world).as_str()), (3, "3"));
}

fn attack(world: &World) {
    let failure = json!({"event": "auth.login_failed", "actor": {"id": "u1"}, "user_ip": "203.0.113.9"});
    world.collect(json!({"events": vec![failure; 5]}));
}

fn alerts(world: &World) -> serde_json::Value {
    world.settle();
    world.get("/alerts").key("good").send().json()["pagination"]["total"].clone()
}

#[test]
fn an_alert_that_could_not_be_recorded_is_recorded_later() {
    let (world, store) = moody(|_| {});
    store.be(Mood::Forgetful);
    attack(&world);
    store.wait_until_held();
    let health = world.get("/health").key("good").send().json();
    assert_ne!(health["detection"]["lag_events"], 0, "what is not recorded is not done");
    store.be(Mood::Willing);
    assert_eq!(alerts(&world), 1);
}

#[test]
fn an_alert_that_could_not_be_recorded_before_a_stop_is_raised_after_the_start() {
    let (world, store) = moody(|_| {});
    store.be(Mood::Forgetful);
    attack(&world);
    store.wait_until_held();
    let world = world.restart();
    assert_eq!(alerts(&world), 1);
}

#[test]
fn a_writer_that_panics_leaves_nobody_waiting() {
    let (world, store) = moody(|_| {});
    store.be(Mood::Mad);
    for _ in 0..2 {
        assert_eq!(world.post("/collect", batch(1)).key("good").send().status, 503);
    }
    assert_eq!(world.get("/events").key("good").send().status, 200, "what is stored can still be read");
    let _stopped = world.server.shutdown();
}

#[test]
fn events_of_clients_that_went_away_are_stored_all_the_same() {
    use std::io::Write as _;

    let (world, store) = moody(|_| {});
    store.be(Mood::Still);
    let mut stream = crate::support::connect(world.server.local_addr());
    let body = batch(2);
    let length = body.len();
    let head =
        format!("POST /collect HTTP/1.1\r\nHost: t\r\nX-API-Key: good\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    store.wait_until_held();
    drop(stream);
    store.be(Mood::Willing);
    world.server.shutdown();
    assert_eq!(world.store.read_from(Seq::START, 10).unwrap().len(), 2);
}

impl Store for Moody {
    fn append(&self, batch: &[NewEvent]) -> Result<Commit> {
        self.write()?;
        self.inner.append(batch)
    }
    fn conclude(&self, cursor: Seq, effects: &Effects) -> Result<()> {
        if *self.mood.lock() == Mood::Forgetful {
            *self.held.lock() += 1;
            return self.read(Mood::Broken);
        }
        self.inner.conclude(cursor, effects)
    }
    fn events(&self, query: &EventQuery) -> Result<Rows<StoredEvent>> {
        self.read(*self.mood.lock())?;
        self.inner.events(query)
    }
    fn last_seq(&self) -> Result<Seq> {
        self.inner.last_seq()
    }
    fn read_from(&self, after: Seq, max: usize) -> Result<Vec<StoredEvent>> {
        self.inner.read_from(after, max)
    }
    fn seq_before(&self, received_ms: i64) -> Result<Seq> {
        self.inner.seq_before(received_ms)
    }
    fn cursor(&self) -> Result<Seq> {
        self.inner.cursor()
    }
    fn verdicts(&self, after: u64, max: usize) -> Result<Vec<Verdict>> {
        self.inner.verdicts(after, max)
    }
    fn notices(&self, after: u64, max: usize) -> Result<Vec<Notice>> {
        self.inner.notices(after, max)
    }
    fn notices_done(&self, consumer: &str) -> Result<u64> {
        self.inner.notices_done(consumer)
    }
    fn set_notices_done(&self, consumer: &str, number: u64) -> Result<()> {
        self.inner.set_notices_done(consumer, number)
    }
    fn purge_notices(&self, before_ms: i64, max: usize) -> Result<usize> {
        self.inner.purge_notices(before_ms, max)
    }
    fn event(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        not_before_ms: Option<i64>,
    ) -> Result<Option<StoredEvent>> {
        self.inner.event(organization, id, not_before_ms)
    }
    fn alerts(&self, query: &AlertQuery) -> Result<Rows<StoredAlert>> {
        self.inner.alerts(query)
    }
    fn alert(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        not_before_ms: Option<i64>,
    ) -> Result<Option<StoredAlert>> {
        self.inner.alert(organization, id, not_before_ms)
    }
    fn update_alert(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        change: &AlertChange,
        now_ms: i64,
    ) -> Result<Option<StoredAlert>> {
        self.inner.update_alert(organization, id, change, now_ms)
    }
    fn open_alerts(&self, seen_since_ms: i64) -> Result<Vec<StoredAlert>> {
        self.inner.open_alerts(seen_since_ms)
    }
    fn suppressions(&self, now_ms: i64) -> Result<Vec<Suppression>> {
        self.inner.suppressions(now_ms)
    }
    fn audit(&self, organization: &OrganizationId, after: u64, max: usize) -> Result<Vec<AuditRow>> {
        self.inner.audit(organization, after, max)
    }
    fn create_organization(&self, organization: &Organization) -> Result<bool> {
        self.inner.create_organization(organization)
    }
    fn update_organization(&self, organization: &Organization) -> Result<bool> {
        self.inner.update_organization(organization)
    }
    fn organization(&self, id: &OrganizationId) -> Result<Option<Organization>> {
        self.inner.organization(id)
    }
    fn organizations(&self) -> Result<Vec<Organization>> {
        self.inner.organizations()
    }
    fn create_key(&self, key: &NewKey) -> Result<bool> {
        self.inner.create_key(key)
    }
    fn key(&self, hash: &KeyHash) -> Result<Option<KeyRow>> {
        self.inner.key(hash)
    }
    fn keys(&self, organization: &OrganizationId) -> Result<Vec<KeyRow>> {
        self.inner.keys(organization)
    }
    fn revoke_key(&self, organization: &OrganizationId, id: Uuid, now_ms: i64) -> Result<bool> {
        self.inner.revoke_key(organization, id, now_ms)
    }
    fn usage(&self, organization: &OrganizationId, month: Month) -> Result<u64> {
        self.inner.usage(organization, month)
    }
    fn purge(&self, organization: &OrganizationId, before_ms: i64, max: usize) -> Result<usize> {
        self.inner.purge(organization, before_ms, max)
    }
}
