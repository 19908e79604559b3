//! Tells people of alerts: one line in the log for each notice, whatever happens in between.
//!
//! Notices are written by the conclusion that they tell of, and every consumer remembers in the store how far it is.
//! Whoever delivers them elsewhere is a consumer of another name.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use litesoc_model::AlertSeverity;
use litesoc_store::{NewNotice, Notice, Store, StoreError};

use crate::metrics::Metrics;

/// The name of this consumer in the store.
const CONSUMER: &str = "log";
/// How many notices are read from the store at a time.
const CHUNK: usize = 100;
/// How long to wait before the store is tried again after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Says that there are notices to deliver.
#[derive(Clone, Debug)]
pub(crate) struct Bell(SyncSender<()>);

impl Bell {
    pub(crate) fn ring(&self) {
        // When it rings already, whoever hears it will see this notice too.
        let _already = self.0.try_send(());
    }
}

/// Writes notices into the log until every bell is gone, then those that are left, and ends.
#[derive(Debug)]
pub(crate) struct Notifier {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    rung: Receiver<()>,
    done: u64,
}

impl Notifier {
    /// A notifier that goes on where the one before it ended, and the bell it listens to.
    pub(crate) fn start(store: Arc<dyn Store>, metrics: Arc<Metrics>) -> Result<(Self, Bell), StoreError> {
        let done = store.notices_done(CONSUMER)?;
        let (bell, rung) = sync_channel(1);
        Ok((Self { store, metrics, rung, done }, Bell(bell)))
    }

    pub(crate) fn run(mut self) {
        let mut failed = self.deliver();
        loop {
            let rung = if failed {
                self.rung.recv_timeout(AFTER_FAILURE)
            } else {
                self.rung.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            failed = self.deliver();
            if rung == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }

    /// Whether the store failed.
    fn deliver(&mut self) -> bool {
        match self.try_deliver() {
            Ok(()) => false,
            Err(error) => {
                tracing::error!(%error, "notices of alerts are held up");
                true
            }
        }
    }

    fn try_deliver(&mut self) -> Result<(), StoreError> {
        loop {
            let notices = self.store.notices(self.done, CHUNK)?;
            let Some(last) = notices.last().map(|notice| notice.number) else { return Ok(()) };
            notices.iter().for_each(tell);
            self.done = last;
            self.metrics.told(notices.len());
            // Only a crash between the lines and this repeats them; their numbers tell.
            self.store.set_notices_done(CONSUMER, last)?;
        }
    }
}

/// The one line.
fn tell(notice: &Notice) {
    let Notice { number, notice, .. } = notice;
    let NewNotice { organization, alert, severity, title, .. } = notice;
    let severity = AlertSeverity::from(&**severity);
    let what = notice.kind.as_str();
    if severity >= AlertSeverity::High {
        tracing::warn!(target: "litesoc::alerts", %organization, %severity, %alert, notice = number, "alert {what}: {title}");
    } else {
        tracing::info!(target: "litesoc::alerts", %organization, %severity, %alert, notice = number, "alert {what}: {title}");
    }
}
