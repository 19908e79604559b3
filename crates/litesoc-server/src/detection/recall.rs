//! What a worker recalls at its start: the state of the detector as the one before it left it.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use litesoc_detect::{Change, Settings};
use litesoc_model::Timestamp;
use litesoc_store::{AlertAction, OrganizationId, Seq, StoreError, StoredAlert, Verdict};
use uuid::Uuid;

use super::effects;
use super::verdicts;
use super::worker::{READ_CHUNK, Worker};

/// How far back an attack that goes on is shown from its beginning at the start, and how many events at most: the server
/// serves nobody meanwhile.
const LONGEST_RECALL: Duration = Duration::from_secs(24 * 60 * 60);
const MOST_RECALLED: u64 = 1_000_000;
/// How far events may lie from the order of their time: by this much the clock of a client may be ahead.
const DISORDER: Duration = Duration::from_secs(5 * 60);

impl Worker {
    /// Shows the detector again what it saw before, as far back as its windows reach, and drops what follows from it:
    /// those alerts were recorded together with the cursor.
    pub(super) fn recall_history(&mut self, cursor: Seq, settings: &Settings) -> Result<(), StoreError> {
        let now = self.links.clock.now();
        // What was decided up to now is in the suppressions and in the open alerts.
        self.skip_verdicts()?;
        for silent in self.links.store.suppressions(now.as_millis())? {
            let until = Timestamp::from_millis(silent.until_ms);
            self.detector.suppress(silent.organization.as_str(), &silent.fingerprint, until);
        }
        // A little more than the windows, because events are not stored exactly in the order of their arrival.
        let window = settings.reach() + Duration::from_secs(60);
        let resume_at = Seq::new(cursor.get().saturating_sub(1));
        let oldest = self
            .links
            .store
            .read_from(resume_at, 1)?
            .first()
            .map_or(now.as_millis(), |e| e.event.received_ms);
        let since = Timestamp::from_millis(oldest.min(now.as_millis()));
        let since = since.checked_sub(window).unwrap_or(Timestamp::MIN);
        let open = self.links.store.open_alerts(since.as_millis())?;
        let from = self.recall_from(since, cursor, &open)?;
        self.show_again(from, cursor)?;
        let shown = self.take_changes();
        for change in &shown {
            // What somebody has dealt with in the meantime must not swallow the next attack.
            if !open.iter().any(|alert| alert.alert.id == change.alert_id()) {
                self.detector.forget(change.alert_id());
            }
        }
        for alert in &open {
            self.detector.resume(&effects::draft(alert));
        }
        self.known.clear();
        Ok(())
    }

    /// Shows a restored detector the events between its snapshot and the cursor, and what people decided between them, each at
    /// the place where it was obeyed; drops what follows, which was recorded.
    pub(super) fn recall_snapshot(&mut self, from: Seq, verdict: u64, cursor: Seq) -> Result<(), StoreError> {
        self.obeyed = verdict;
        let mut due = self.placed_verdicts()?;
        let mut reopened = BTreeSet::new();
        let mut shown = BTreeSet::new();
        let mut at = from;
        while at < cursor {
            let events = self.links.store.read_from(at, READ_CHUNK)?;
            let Some(last) = events.last().map(|event| event.seq) else { break };
            for event in events.iter().filter(|event| event.seq <= cursor) {
                reopened.extend(self.obey_again(event.seq, &mut due)?);
                self.show(event);
                for (organization, alert) in self.take_changes().into_iter().map(alert_of) {
                    let again = reopened.contains(&alert);
                    shown.insert((organization, alert, again));
                }
            }
            at = last;
        }
        self.obey_again(Seq::new(u64::MAX), &mut due)?;
        self.known.clear();
        self.agree(&shown)
    }

    /// The verdicts since the snapshot that were obeyed before the process ended.
    fn placed_verdicts(&self) -> Result<VecDeque<Verdict>, StoreError> {
        let (mut placed, mut after) = (VecDeque::new(), self.obeyed);
        loop {
            let verdicts = self.links.store.verdicts(after, verdicts::CHUNK)?;
            let Some(last) = verdicts.last() else { return Ok(placed) };
            after = last.number;
            let known = placed.len() + verdicts.len();
            placed.extend(verdicts.into_iter().take_while(|verdict| verdict.obeyed_after.is_some()));
            if placed.len() < known {
                return Ok(placed);
            }
        }
    }

    /// Obeys what was obeyed before this event; the alerts that it opened again.
    fn obey_again(&mut self, next: Seq, due: &mut VecDeque<Verdict>) -> Result<Vec<Uuid>, StoreError> {
        let mut reopened = Vec::new();
        while let Some(verdict) = due.pop_front_if(|verdict| verdict.obeyed_after < Some(next)) {
            verdicts::obey(&mut self.detector, &*self.links.store, &verdict)?;
            self.obeyed = verdict.number;
            reopened.extend((verdict.action == AlertAction::Reopen).then_some(verdict.alert));
        }
        Ok(reopened)
    }

    /// Makes the detector agree with the store about the alerts that the replay has touched.
    ///
    /// Under changed settings a replay can raise what was never recorded, and it must not swallow the next attack.
    /// An alert that was opened again was taken up as it is now, so what was shown after that has counted twice.
    fn agree(&mut self, shown: &BTreeSet<(String, Uuid, bool)>) -> Result<(), StoreError> {
        for (organization, alert, again) in shown {
            match self.links.store.alert(&OrganizationId::new(organization)?, *alert, None)? {
                None => self.detector.forget(*alert),
                Some(stored) if *again && is_open(&stored) => {
                    self.detector.resume(&effects::draft(&stored));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn skip_verdicts(&mut self) -> Result<(), StoreError> {
        loop {
            let verdicts = self.links.store.verdicts(self.obeyed, verdicts::CHUNK)?;
            let Some(last) = verdicts.last() else { return Ok(()) };
            self.obeyed = last.number;
        }
    }

    fn show_again(&mut self, after: Seq, to: Seq) -> Result<(), StoreError> {
        let mut at = after;
        while at < to {
            let events = self.links.store.read_from(at, READ_CHUNK)?;
            let Some(last) = events.last().map(|event| event.seq) else { break };
            events.iter().filter(|event| event.seq <= to).for_each(|event| self.show(event));
            at = last;
        }
        Ok(())
    }

    /// Where to begin to show events again: at the beginning of the oldest attack that goes on, so that its accounts and
    /// addresses can be told from new ones; within bounds, but never after `since`.
    fn recall_from(&self, since: Timestamp, cursor: Seq, open: &[StoredAlert]) -> Result<Seq, StoreError> {
        let latest = self.links.store.seq_before(since.as_millis())?;
        let Some(begin) = open.iter().map(|alert| alert.alert.first_seen_ms).min() else { return Ok(latest) };
        let earliest = since.checked_sub(LONGEST_RECALL).unwrap_or(Timestamp::MIN);
        let begin =
            Timestamp::from_millis(begin).checked_sub(DISORDER).unwrap_or(Timestamp::MIN).max(earliest);
        let first = self.links.store.seq_before(begin.as_millis())?;
        let fewest = Seq::new(cursor.get().saturating_sub(MOST_RECALLED));
        Ok(first.max(fewest).min(latest))
    }
}

fn is_open(stored: &StoredAlert) -> bool {
    ["open", "acknowledged"].contains(&stored.status.as_str())
}

fn alert_of(change: Change) -> (String, Uuid) {
    let organization = match &change {
        Change::Raise(draft) => draft.organization.clone(),
        Change::Update(progress) => progress.organization.clone(),
        _ => String::new(),
    };
    (organization, change.alert_id())
}
