//! The ready-made client: a queue, one worker, and calls whose results can be awaited or waited for.

mod builder;
mod call;
mod confirm;
mod errand;
mod flush;
mod hooks;
mod identity;
mod paging;
mod pending;
mod prepared;
mod settings;
mod shared;
mod worker;

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use litesoc_model::{Event, PlanInfo};
use tokio::sync::oneshot;
use tokio::time::Instant;

pub use builder::ClientBuilder;
pub use confirm::{BatchReport, Failure, Receipt};
pub use errand::Messenger;
pub use flush::FlushReport;
pub use hooks::Dropped;
pub use paging::{Iter, Stream};
pub use pending::Pending;
pub use prepared::Prepared;

use confirm::Confirm;
use shared::Shared;
use worker::Command;

use crate::error::Error;
use crate::key::ApiKey;
use crate::operation::{GetAlert, GetEvent, GetHealth, GetPlan, ListAlerts, ListEvents};
use crate::pipeline::LossReason;
use crate::stats::Stats;
use crate::transport::Transport;

/// A client of one LiteSOC service. Clones share one queue and one worker.
///
/// [`track`](Self::track) puts an event into a bounded queue and returns; a single worker thread sends what is
/// queued and makes all other calls. The caller never waits for the network and needs no async runtime.
///
/// When the last clone is dropped, what is queued is delivered within a
/// [bounded time](ClientBuilder::drop_timeout). A program that ends with `std::process::exit`, or a function that a
/// platform freezes, drops nothing: call [`shutdown`](Self::shutdown) or [`flush`](Self::flush) there.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use litesoc_core::testing::Capture;
/// use litesoc_core::{Client, Event};
///
/// let client = Client::new("lsoc_live_0123456789abcdef", Capture::new())?;
/// client.track(Event::login_failed("user_123").metadata("reason", "invalid_password"));
///
/// let report = client.shutdown(Duration::from_secs(5)).wait();
/// assert_eq!((report.delivered, report.lost, report.pending), (1, 0, 0));
/// # Ok::<(), litesoc_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    handle: Arc<Handle>,
}

/// Ends the worker when the last client is gone.
struct Handle {
    shared: Arc<Shared>,
}

impl Client {
    /// A client of the hosted service with the default settings.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the key is empty or cannot be sent.
    pub fn new(key: impl Into<String>, transport: impl Transport) -> Result<Self, Error> {
        Self::builder(key, transport).build()
    }

    /// Settings for a client.
    pub fn builder(key: impl Into<String>, transport: impl Transport) -> ClientBuilder {
        ClientBuilder::new(key, transport)
    }

    fn from_shared(shared: Shared) -> Self {
        Self { handle: Arc::new(Handle { shared: Arc::new(shared) }) }
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.handle.shared
    }

    /// Queues an event. Never waits, never fails.
    ///
    /// An event that cannot be queued is counted by reason in [`stats`](Self::stats), and the `on_drop` hook hears
    /// of it: events that break a rule of the wire, and all events while the queue is full.
    pub fn track(&self, event: Event) {
        self.shared().track(event);
    }

    /// Queues an event and reports whether the service took it.
    ///
    /// The event goes through the same queue as all others, ahead of its batch being full.
    pub fn track_confirmed(&self, event: Event) -> Pending<Result<Receipt, Failure>> {
        self.track_batch([event]).map(|report| {
            let gone = || Err(Failure::of(LossReason::Closed, None));
            report.items.into_iter().next().unwrap_or_else(gone)
        })
    }

    /// Queues several events and reports what became of each. Any number is accepted; requests hold 100 at most.
    pub fn track_batch(&self, events: impl IntoIterator<Item = Event>) -> Pending<BatchReport> {
        let (answer, result) = oneshot::channel();
        let deadline = deadline(self.shared().settings.confirm_timeout);
        self.shared().track_confirmed(events.into_iter(), Confirm::new(deadline.into_std(), answer));
        Pending::new(result, BatchReport::default)
    }

    /// Sends what is queued without waiting for full batches. Done when everything tracked before this call is
    /// delivered or lost, or after `limit`; events stay queued then.
    pub fn flush(&self, limit: Duration) -> Pending<FlushReport> {
        self.drain(|answer| Command::Flush { deadline: deadline(limit), answer })
    }

    /// Delivers what is queued, for at most `limit`, and ends the worker. Events tracked from now on are lost.
    pub fn shutdown(&self, limit: Duration) -> Pending<FlushReport> {
        self.drain(|answer| Command::Close { deadline: deadline(limit), answer })
    }

    fn drain(&self, command: impl FnOnce(oneshot::Sender<FlushReport>) -> Command) -> Pending<FlushReport> {
        let (answer, result) = oneshot::channel();
        match self.shared().link() {
            Ok(link) if link.commands.send(command(answer)).is_ok() => {
                Pending::new(result, FlushReport::default)
            }
            // Shut down already: nothing is queued.
            _ => Pending::ready(FlushReport::default()),
        }
    }

    /// What became of all events so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared().stats()
    }

    /// Replaces the key, for rotation without a restart. Events that the old key could not deliver are sent at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the key is empty or cannot be sent.
    pub fn set_api_key(&self, key: impl AsRef<str>) -> Result<(), Error> {
        let key = ApiKey::new(key)?;
        {
            let mut service = self.shared().service();
            *service = service.with_key(&key);
        }
        if let Some(link) = self.shared().running() {
            // A worker that has ended has nothing to resume.
            let _ = link.commands.send(Command::Resume);
        }
        Ok(())
    }

    /// Reads events back.
    pub fn events(&self) -> Prepared<ListEvents> {
        Prepared::new(self.shared(), ListEvents::new())
    }

    /// Reads one event.
    pub fn event(&self, id: impl Into<String>) -> Prepared<GetEvent> {
        Prepared::new(self.shared(), GetEvent::new(id))
    }

    /// Reads alerts.
    pub fn alerts(&self) -> Prepared<ListAlerts> {
        Prepared::new(self.shared(), ListAlerts::new())
    }

    /// Reads one alert, or closes it.
    pub fn alert(&self, id: impl Into<String>) -> Prepared<GetAlert> {
        Prepared::new(self.shared(), GetAlert::new(id))
    }

    /// Asks whether the service is there and knows the key.
    pub fn health(&self) -> Prepared<GetHealth> {
        Prepared::new(self.shared(), GetHealth::new())
    }

    /// Asks for the plan and what is left of its quota.
    pub fn plan(&self) -> Prepared<GetPlan> {
        Prepared::new(self.shared(), GetPlan::new())
    }

    /// Plan and quota as the last answer of any kind told them.
    #[must_use]
    pub fn last_plan(&self) -> Option<PlanInfo> {
        self.shared().plan.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn deadline(limit: Duration) -> Instant {
    let now = Instant::now();
    // A limit such as `Duration::MAX` means "as long as it takes".
    now.checked_add(limit).unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 3600))
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let Some(link) = self.shared.running() else { return };
        let (answer, result) = oneshot::channel();
        let deadline = deadline(self.shared.settings.drop_timeout);
        if link.commands.send(Command::Close { deadline, answer }).is_err() {
            return;
        }
        // On a runtime of the application, this thread may be the one the worker needs.
        // A hook that drops the last client runs on the worker itself.
        if self.shared.settings.runtime.is_none() && !hooks::inside_hook() {
            let report = Pending::new(result, FlushReport::default).wait();
            if !report.is_complete() {
                emit!(
                    warn,
                    lost = report.lost,
                    pending = report.pending,
                    "client dropped with events undelivered"
                );
            }
        }
    }
}
