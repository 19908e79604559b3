//! The one trail: what is done to litesoc itself, and security events by choice, are written to audit logs of their own.
//!
//! It follows what the store has committed, as detection does, and nobody waits for it.
//! Every record has a request id that follows from what it tells of, so that it is written once however often the server is
//! killed in between.

mod admin;
mod events;
mod record;
mod sink;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use litesoc_store::{OrganizationId, Store};
use parking_lot::{Condvar, Mutex};

use self::admin::Known;
use self::events::Cursor;
pub(crate) use self::events::request_id as event_request;
pub(crate) use self::record::{Act, Line};
pub(crate) use self::sink::{Sink, append, known, write};
use crate::clock::Clock;
use crate::config::EventTrail;
use crate::metrics::Metrics;
use crate::rules::HotRules;

/// The name of the configuration that holds what is done to litesoc itself.
pub(crate) const ADMIN: &str = "litesoc-admin";
/// The name of the configuration that holds security events.
pub(crate) const EVENTS: &str = "litesoc-events";

/// How soon an event that was stored is looked for.
const TURN: Duration = Duration::from_millis(250);
/// How often everything is looked at, for what other processes did to the store.
const WHOLE: Duration = Duration::from_secs(60);
/// How long to wait when something fails.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Tells the trail that there is something to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrailBell(Arc<(Mutex<Rung>, Condvar)>);

#[derive(Debug, Default)]
struct Rung {
    organizations: Vec<OrganizationId>,
    stop: bool,
}

impl TrailBell {
    /// Something was done in an organization.
    pub(crate) fn ring(&self, organization: &OrganizationId) {
        let (rung, told) = &*self.0;
        rung.lock().organizations.push(organization.clone());
        told.notify_one();
    }

    /// The trail writes what is left, then ends.
    pub(crate) fn stop(&self) {
        let (rung, told) = &*self.0;
        rung.lock().stop = true;
        told.notify_one();
    }

    fn wait(&self, most: Duration) -> (Vec<OrganizationId>, bool) {
        let (rung, told) = &*self.0;
        let mut rung = rung.lock();
        if rung.organizations.is_empty() && !rung.stop {
            told.wait_for(&mut rung, most);
        }
        (std::mem::take(&mut rung.organizations), rung.stop)
    }
}

/// Writes the trail.
pub(crate) struct Trail {
    store: Arc<dyn Store>,
    sink: Sink,
    metrics: Arc<Metrics>,
    bell: TrailBell,
    clock: Clock,
    pace: Clock,
    events: EventTrail,
    retention: Option<Duration>,
    rules: HotRules,
    edition: u64,
    /// The id under which the latest edition of the rules is written, until it is.
    reload: Option<String>,
    cursor: Cursor,
    known: BTreeMap<OrganizationId, Known>,
}

/// Why the trail is held up; it tries again.
pub(crate) type Held = Box<dyn std::error::Error + Send + Sync>;

/// What is written to the trail, and for how long.
pub(crate) struct Scope {
    /// The folder in which it is written down how far the trail of events is.
    pub(crate) folder: PathBuf,
    pub(crate) events: EventTrail,
    pub(crate) retention: Option<Duration>,
}

impl Trail {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        sink: Sink,
        Scope { folder, events, retention }: Scope,
        (clock, rules, metrics): (Clock, HotRules, Arc<Metrics>),
    ) -> Self {
        let mut edition = 0;
        let _those_of_the_start = rules.newer(&mut edition);
        Self {
            store,
            sink,
            metrics,
            bell: TrailBell::default(),
            clock,
            pace: Clock::system(),
            events,
            retention,
            rules,
            edition,
            reload: None,
            cursor: Cursor::read(&folder.join("events.cursor")),
            known: BTreeMap::new(),
        }
    }

    pub(crate) fn bell(&self) -> TrailBell {
        self.bell.clone()
    }

    /// Writes until it is told to stop.
    pub(crate) fn run(mut self) {
        let mut looked = None;
        loop {
            let whole = looked.is_none_or(|looked| self.pace.elapsed().saturating_sub(looked) >= WHOLE);
            let failed = whole && self.tell("acts", Self::look_at_all);
            if whole && !failed {
                looked = Some(self.pace.elapsed());
            }
            let failed = self.tell("reloads", Self::look_at_rules) || failed;
            let failed = self.tell("events", Self::follow_events) || failed;
            let (rung, stop) = self.bell.wait(if failed { AFTER_FAILURE } else { TURN });
            for organization in rung {
                if self.tell("acts", |trail| trail.look_at(&organization)) {
                    looked = None;
                }
            }
            if stop {
                self.tell("reloads", Self::look_at_rules);
                self.tell("events", Self::follow_events);
                self.tell("the place in events", |trail| Ok(trail.cursor.write()?));
                return;
            }
        }
    }

    /// Whether it failed.
    fn tell(&mut self, what: &'static str, work: impl FnOnce(&mut Self) -> Result<(), Held>) -> bool {
        let done = work(self);
        if let Err(error) = &done {
            self.metrics.trail_held(what);
            tracing::error!(%error, "the trail of {what} is held up");
        }
        done.is_err()
    }

    fn look_at_all(&mut self) -> Result<(), Held> {
        for organization in self.store.organizations()? {
            self.look_at(&organization.id)?;
        }
        self.retain()
    }

    /// Old segments become tombstones, but for those of the trail of acts.
    fn retain(&self) -> Result<(), Held> {
        let (Some(kept_for), Sink::Own(service)) = (self.retention, &self.sink) else { return Ok(()) };
        let micros = i64::try_from(kept_for.as_micros()).unwrap_or(i64::MAX);
        let before =
            litesoc_ledger::time::Moment::from_micros(self.clock.now_micros().saturating_sub(micros));
        let Some(before) = before else { return Ok(()) };
        for log in service.logs() {
            let configuration = log.configuration();
            if configuration.name == ADMIN {
                continue;
            }
            let erased = log.retain_from(before)?;
            if erased > 0 {
                let act = Act::new("audit.retention", "litesoc")
                    .on(configuration.id.as_str())
                    .with("erased", erased)
                    .with("before", before.to_string());
                let id = format!("retention.{}", self.clock.now_micros());
                let organization = configuration.organization.clone();
                self.sink.write(&organization, ADMIN, vec![act.line(&id)])?;
            }
        }
        Ok(())
    }
}
