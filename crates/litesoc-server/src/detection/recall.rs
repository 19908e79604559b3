//! What a worker recalls at its start: the state of the detector as the one before it left it.

use std::time::Duration;

use litesoc_detect::Settings;
use litesoc_model::Timestamp;
use litesoc_store::{Seq, StoreError, StoredAlert};

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
        let now = self.clock.now();
        // What was decided up to now is in the suppressions and in the open alerts.
        self.skip_verdicts()?;
        for silent in self.store.suppressions(now.as_millis())? {
            let until = Timestamp::from_millis(silent.until_ms);
            self.detector.suppress(silent.organization.as_str(), &silent.fingerprint, until);
        }
        // A little more than the windows, because events are not stored exactly in the order of their arrival.
        let window = settings.reach() + Duration::from_secs(60);
        let resume_at = Seq::new(cursor.get().saturating_sub(1));
        let oldest =
            self.store.read_from(resume_at, 1)?.first().map_or(now.as_millis(), |e| e.event.received_ms);
        let since = Timestamp::from_millis(oldest.min(now.as_millis()));
        let since = since.checked_sub(window).unwrap_or(Timestamp::MIN);
        let open = self.store.open_alerts(since.as_millis())?;
        let from = self.recall_from(since, cursor, &open)?;
        self.show_again(from, cursor)?;
        let shown = std::mem::take(&mut self.changes);
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

    fn skip_verdicts(&mut self) -> Result<(), StoreError> {
        loop {
            let verdicts = self.store.verdicts(self.obeyed, verdicts::CHUNK)?;
            let Some(last) = verdicts.last() else { return Ok(()) };
            self.obeyed = last.number;
        }
    }

    fn show_again(&mut self, after: Seq, to: Seq) -> Result<(), StoreError> {
        let mut at = after;
        while at < to {
            let events = self.store.read_from(at, READ_CHUNK)?;
            let Some(last) = events.last().map(|event| event.seq) else { break };
            events.iter().filter(|event| event.seq <= to).for_each(|event| self.show(event));
            at = last;
        }
        Ok(())
    }

    /// Where to begin to show events again: at the beginning of the oldest attack that goes on, so that its accounts and
    /// addresses can be told from new ones; within bounds, but never after `since`.
    fn recall_from(&self, since: Timestamp, cursor: Seq, open: &[StoredAlert]) -> Result<Seq, StoreError> {
        let latest = self.store.seq_before(since.as_millis())?;
        let Some(begin) = open.iter().map(|alert| alert.alert.first_seen_ms).min() else { return Ok(latest) };
        let earliest = since.checked_sub(LONGEST_RECALL).unwrap_or(Timestamp::MIN);
        let begin =
            Timestamp::from_millis(begin).checked_sub(DISORDER).unwrap_or(Timestamp::MIN).max(earliest);
        let first = self.store.seq_before(begin.as_millis())?;
        let fewest = Seq::new(cursor.get().saturating_sub(MOST_RECALLED));
        Ok(first.max(fewest).min(latest))
    }
}
