//! [`replay`]: what detection says of the stored history, beside what it said when the events came.

use std::collections::{BTreeMap, VecDeque};

use litesoc_detect::sigma::RuleSet;
use litesoc_detect::{AlertDraft, Change, Detector, InvalidSettings, SettingsFile};
use litesoc_model::Timestamp;
use litesoc_store::{
    AlertQuery, MAX_ROWS, NewAlert, OrganizationId, Seq, Store, StoreError, StoredAlert, StoredEvent, Verdict,
};
use uuid::Uuid;

use super::worker::READ_CHUNK;
use super::{effects, show, verdicts};

/// What to replay, and under which rules.
///
/// Detection always begins with the oldest event that is stored: what is usual for an account is learned from all of them.
/// The times choose the alerts that are compared, by the arrival of the event that raised them.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Replay {
    /// Only alerts raised by events that arrived at or after this.
    pub from: Option<Timestamp>,
    /// Only alerts raised by events that arrived at or before this.
    pub to: Option<Timestamp>,
    /// The thresholds.
    pub detection: SettingsFile,
    /// The operator's rules.
    pub rules: Option<RuleSet>,
}

/// An alert of which detection now says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changed {
    /// What the store holds.
    pub stored: StoredAlert,
    /// What detection says now; its time of raising is that of the stored one.
    pub now: NewAlert,
}

/// What a replay says, beside what the store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Differences {
    /// Events that were examined.
    pub events: u64,
    /// Alerts of which every member is the same, but for when they were recorded and what people did with them.
    pub same: usize,
    /// Alerts that the store does not hold, in the order in which they would have been raised.
    pub new: Vec<NewAlert>,
    /// Alerts that would not have been raised.
    pub gone: Vec<StoredAlert>,
    /// Alerts that would be others.
    pub changed: Vec<Changed>,
    /// Alerts that cannot be judged, because the event that raised them was purged.
    pub unjudged: usize,
}

impl Differences {
    /// Whether detection says what it said.
    ///
    /// ```
    /// assert!(litesoc_server::Differences::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty() && self.changed.is_empty()
    }
}

/// Why there is no replay.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The thresholds cannot work.
    #[error(transparent)]
    Detection(#[from] InvalidSettings),
    /// The store could not be read.
    #[error("cannot read the store: {0}")]
    Store(#[from] StoreError),
}

/// Shows a fresh detector all that is stored, with what people decided where they decided it, and compares the alerts that
/// follow with those that are stored.
///
/// An alert is the same one when another event would have raised it now, as long as it is about the same attack.
///
/// It only reads. Beside a server that runs, an alert that grows meanwhile is told as a changed one.
///
/// ```
/// use litesoc_server::{Replay, replay};
/// use litesoc_store::SqliteStore;
///
/// let differences = replay(&SqliteStore::open_temporary()?, &Replay::default())?;
/// assert!(differences.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ReplayError`] when the store cannot be read or a threshold makes no sense.
pub fn replay(store: &dyn Store, replay: &Replay) -> Result<Differences, ReplayError> {
    let mut detector = Detector::new(replay.detection.default.clone())?;
    show::set_up(&mut detector, &replay.detection, replay.rules.as_ref())?;
    let mut history =
        History { store, detector, due: verdicts_of(store)?, changes: Vec::new(), alerts: BTreeMap::new() };
    let end = store.last_seq()?;
    let (mut at, mut events) = (Seq::START, 0);
    while at < end {
        let chunk = store.read_from(at, READ_CHUNK)?;
        let Some(last) = chunk.last().map(|event| event.seq) else { break };
        for event in chunk.iter().filter(|event| event.seq <= end) {
            history.show(event)?;
            events += 1;
        }
        at = last;
    }
    let span = (replay.from.unwrap_or(Timestamp::MIN), replay.to.unwrap_or(Timestamp::MAX));
    let mut differences = Differences { events, ..Differences::default() };
    compare(store, history.alerts, span, &mut differences)?;
    Ok(differences)
}

/// An alert of the replay.
struct Alert {
    draft: AlertDraft,
    enrichment: Option<String>,
    received_ms: i64,
}

type Alerts = BTreeMap<(String, Uuid), Alert>;

struct History<'a> {
    store: &'a dyn Store,
    detector: Detector,
    /// What people decided, in order.
    due: VecDeque<Verdict>,
    changes: Vec<Change>,
    alerts: Alerts,
}

impl History<'_> {
    fn show(&mut self, event: &StoredEvent) -> Result<(), StoreError> {
        while let Some(verdict) = self.due.pop_front_if(|verdict| place_of(verdict) < event.seq) {
            self.obey(&verdict)?;
        }
        show::show(&mut self.detector, event);
        show::append_changes(&mut self.detector, &mut self.changes);
        for change in self.changes.drain(..) {
            match change {
                Change::Raise(draft) => {
                    let (enrichment, received_ms) = (event.event.enrichment.clone(), event.event.received_ms);
                    let key = (draft.organization.clone(), draft.id);
                    self.alerts.entry(key).or_insert(Alert { draft: *draft, enrichment, received_ms });
                }
                Change::Update(progress) => {
                    if let Some(alert) = self.alerts.get_mut(&(progress.organization.clone(), progress.id)) {
                        alert.draft.advance(*progress);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Tells the detector of a verdict. Of an alert that was not raised this time only the silence is left.
    fn obey(&mut self, verdict: &Verdict) -> Result<(), StoreError> {
        let key = (verdict.organization.as_str().to_owned(), verdict.alert);
        let raised = self.alerts.get(&key).map(|alert| alert.draft.clone());
        let fingerprint = match &raised {
            Some(draft) => Some(draft.fingerprint.clone()),
            None => {
                let stored = self.store.alert(&verdict.organization, verdict.alert, None)?;
                stored.map(|stored| stored.alert.fingerprint)
            }
        };
        if let Some(fingerprint) = fingerprint {
            verdicts::tell(&mut self.detector, verdict, &fingerprint, || raised);
        }
        Ok(())
    }
}

/// The event after which a verdict was obeyed, or will be.
fn place_of(verdict: &Verdict) -> Seq {
    verdict.obeyed_after.unwrap_or(verdict.given_after)
}

/// All verdicts.
fn verdicts_of(store: &dyn Store) -> Result<VecDeque<Verdict>, StoreError> {
    let (mut found, mut after) = (VecDeque::new(), 0);
    loop {
        let verdicts = store.verdicts(after, verdicts::CHUNK)?;
        let Some(last) = verdicts.last() else { return Ok(found) };
        after = last.number;
        found.extend(verdicts);
    }
}

fn compare(
    store: &dyn Store,
    mut alerts: Alerts,
    (from, to): (Timestamp, Timestamp),
    differences: &mut Differences,
) -> Result<(), StoreError> {
    let within = |received_ms: i64| (from..=to).contains(&Timestamp::from_millis(received_ms));
    for organization in store.organizations()? {
        let mut query = AlertQuery::new(organization.id.clone());
        (query.limit, query.count) = (MAX_ROWS, false);
        loop {
            let page = store.alerts(&query)?;
            for stored in page.rows {
                let now = alerts.remove(&(organization.id.as_str().to_owned(), stored.alert.id));
                match raised_at(store, &organization.id, &stored)? {
                    None => differences.unjudged += 1,
                    Some(received_ms) if within(received_ms) => differences.judge(stored, now)?,
                    Some(_) => {}
                }
            }
            let Some(next) = page.next else { break };
            query.cursor = Some(next);
        }
    }
    differences.pair(&mut alerts)?;
    let mut new: Vec<_> = alerts.into_values().filter(|alert| within(alert.received_ms)).collect();
    new.sort_by_key(|alert| alert.received_ms);
    for alert in new {
        differences.new.push(alert.stored(alert.received_ms)?);
    }
    Ok(())
}

/// When the event that raised an alert arrived, if it is still there.
fn raised_at(
    store: &dyn Store,
    organization: &OrganizationId,
    alert: &StoredAlert,
) -> Result<Option<i64>, StoreError> {
    let Some(trigger) = alert.alert.trigger_event_id else { return Ok(None) };
    Ok(store.event(organization, trigger, None)?.map(|event| event.event.received_ms))
}

impl Differences {
    fn judge(&mut self, stored: StoredAlert, now: Option<Alert>) -> Result<(), StoreError> {
        let Some(now) = now else {
            self.gone.push(stored);
            return Ok(());
        };
        self.compare(stored, &now)
    }

    /// Finds those that are only gone because another event raises them now.
    fn pair(&mut self, alerts: &mut Alerts) -> Result<(), StoreError> {
        for stored in std::mem::take(&mut self.gone) {
            let same = alerts.iter().find(|(_, alert)| alert.is_about(&stored)).map(|(key, _)| key.clone());
            match same.and_then(|key| alerts.remove(&key)) {
                Some(now) => self.compare(stored, &now)?,
                None => self.gone.push(stored),
            }
        }
        Ok(())
    }

    fn compare(&mut self, stored: StoredAlert, now: &Alert) -> Result<(), StoreError> {
        let now = now.stored(stored.alert.created_ms)?;
        if now == stored.alert {
            self.same += 1;
        } else {
            self.changed.push(Changed { stored, now });
        }
        Ok(())
    }
}

impl Alert {
    /// Whether it is about the same attack: of the same fingerprint, at the same time.
    fn is_about(&self, stored: &StoredAlert) -> bool {
        let (draft, alert) = (&self.draft, &stored.alert);
        draft.organization == alert.organization.as_str()
            && draft.fingerprint == alert.fingerprint
            && draft.first_seen.as_millis() <= alert.last_seen_ms
            && draft.last_seen.as_millis() >= alert.first_seen_ms
    }

    /// The alert as the store would hold it.
    fn stored(&self, created_ms: i64) -> Result<NewAlert, StoreError> {
        let mut alert = effects::raised(&self.draft, created_ms)?;
        alert.enrichment.clone_from(&self.enrichment);
        Ok(alert)
    }
}
