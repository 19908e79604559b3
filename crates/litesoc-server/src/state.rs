//! What all requests share.

use std::sync::Arc;

use litesoc_store::{Store, StoreError};

use crate::access::KeyRing;
use crate::answer::Refusal;
use crate::audit::{Audit, Remote};
use crate::config::Config;
use crate::detection::Mailbox;
use crate::ids::Ids;
use crate::ingest::IngestQueue;
use crate::metrics::{Gauges, Metrics};
use crate::trail::TrailBell;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) queue: Arc<IngestQueue>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) ids: Ids,
    pub(crate) audit: Option<Audit>,
    /// The node that keeps the audit logs, if another one does.
    pub(crate) remote: Option<Arc<Remote>>,
    pub(crate) trail: TrailBell,
}

impl State {
    /// What can be read off at this moment.
    pub(crate) fn gauges(&self) -> Gauges {
        let (queue_events, queue_bytes) = self.queue.waiting();
        let (lag_events, snapshot_age) = (self.mailbox.unexamined(), self.mailbox.snapshot_age());
        Gauges { queue_events, queue_bytes, lag_events, snapshot_age }
    }

    /// Asks the store on a thread that may wait.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let store = Arc::clone(&self.store);
        match tokio::task::spawn_blocking(move || question(&*store)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(StoreError::Invalid(why))) => Err(Refusal::invalid(why)),
            Ok(Err(error)) => {
                tracing::error!(%error, "the store failed");
                Err(Refusal::unavailable())
            }
            Err(error) => {
                tracing::error!(%error, "a question to the store ended early");
                Err(Refusal::failure())
            }
        }
    }
}
