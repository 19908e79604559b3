//! Setting a client up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use litesoc_model::{Event, SdkMark};
use tokio::runtime::Handle;

use super::Client;
use super::hooks::{Dropped, Hooks};
use super::settings::Settings;
use super::shared::Shared;
use crate::clock::{Clock, SystemClock};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::key::ApiKey;
use crate::operation::Service;
use crate::pipeline::{Overflow, PipelineConfig, Report, RetryPolicy};
use crate::transport::{SharedTransport, Transport};

/// Everything a [`Client`] can be told. The defaults are meant for a web service in production.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use litesoc_core::Client;
/// use litesoc_core::testing::Capture;
///
/// let client = Client::builder("lsoc_live_0123456789abcdef", Capture::new())
///     .base_url("https://soc.example.com")
///     .queue_events(20_000)
///     .linger(Duration::from_millis(200))
///     .on_drop(|dropped| eprintln!("{} events lost: {}", dropped.count, dropped.reason))
///     .build()?;
/// # Ok::<(), litesoc_core::Error>(())
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    key: String,
    base_url: Option<String>,
    transport: SharedTransport,
    pipeline: PipelineConfig,
    request_timeout: Duration,
    confirm_timeout: Duration,
    drop_timeout: Duration,
    clock: Arc<dyn Clock>,
    runtime: Option<Handle>,
    secret_keys: Vec<String>,
    hooks: Hooks,
}

impl ClientBuilder {
    pub(super) fn new(key: impl Into<String>, transport: impl Transport) -> Self {
        Self {
            key: key.into(),
            base_url: None,
            transport: SharedTransport::new(transport),
            pipeline: PipelineConfig::default(),
            request_timeout: Duration::from_secs(10),
            confirm_timeout: Duration::from_secs(30),
            drop_timeout: Duration::from_secs(2),
            clock: Arc::new(SystemClock::new()),
            runtime: None,
            secret_keys: Vec::new(),
            hooks: Hooks::default(),
        }
    }

    /// The service. Default: the hosted one, [`HOSTED`](crate::HOSTED). See [`Endpoint`] for what is accepted.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// All limits of the queue and the rules for trying again at once.
    pub fn pipeline(mut self, config: PipelineConfig) -> Self {
        self.pipeline = config;
        self
    }

    /// Events that may wait. Default 100,000.
    pub const fn queue_events(mut self, events: usize) -> Self {
        self.pipeline.queue_events = events;
        self
    }

    /// Bytes of events that may wait. Default 64 MiB.
    pub const fn queue_bytes(mut self, bytes: usize) -> Self {
        self.pipeline.queue_bytes = bytes;
        self
    }

    /// Events in one request, 1 to 100. Default 100.
    pub const fn batch_events(mut self, events: usize) -> Self {
        self.pipeline.batch_events = events;
        self
    }

    /// How long an event may wait for others to travel with. Default 1 s.
    pub const fn linger(mut self, linger: Duration) -> Self {
        self.pipeline.linger = linger;
        self
    }

    /// What gives way when the queue is full. Default: the event being tracked.
    pub const fn overflow(mut self, overflow: Overflow) -> Self {
        self.pipeline.overflow = overflow;
        self
    }

    /// When to try again, and for how long.
    pub const fn retry(mut self, policy: RetryPolicy) -> Self {
        self.pipeline.retry = policy;
        self
    }

    /// The time one exchange may take, from connecting to the last byte of the answer. Default 10 s. Management
    /// calls can each have their own.
    pub const fn request_timeout(mut self, limit: Duration) -> Self {
        self.request_timeout = limit;
        self
    }

    /// How long [`Client::track_confirmed`] and [`Client::track_batch`] wait for the service. Default 30 s.
    pub const fn confirm_timeout(mut self, limit: Duration) -> Self {
        self.confirm_timeout = limit;
        self
    }

    /// How long dropping the last handle may take to deliver what is queued. Default 2 s.
    pub const fn drop_timeout(mut self, limit: Duration) -> Self {
        self.drop_timeout = limit;
        self
    }

    /// The wall clock that event ids and times come from. Default: the operating system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Puts the worker on a runtime of the application instead of a thread of its own.
    ///
    /// The runtime needs its time driver, and its IO driver if the transport does. The client stops when the runtime
    /// does: shut the client down first. On a runtime with one thread, await results and never
    /// [`wait`](crate::Pending::wait) for them there.
    pub fn drive_on(mut self, runtime: Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// A metadata key, at any depth and in any case, whose value is never sent. Keys that look secret, such as
    /// `password` or `api_key`, need not be named.
    pub fn secret_key(mut self, key: impl Into<String>) -> Self {
        self.secret_keys.push(key.into());
        self
    }

    /// Looks at every event before anything of it is kept: changes it, or keeps it back by returning `None`.
    ///
    /// Runs on the thread that tracks the event, so it should be quick. Events it tracks itself are refused.
    pub fn before_send(mut self, hook: impl Fn(Event) -> Option<Event> + Send + Sync + 'static) -> Self {
        self.hooks.before_send = Some(Arc::new(hook));
        self
    }

    /// Hears of lost events, summed up by reason. Runs on the worker.
    pub fn on_drop(mut self, hook: impl Fn(&Dropped) + Send + Sync + 'static) -> Self {
        self.hooks.on_drop = Some(Arc::new(hook));
        self
    }

    /// Hears of every attempt that failed, and of every event that was given up after one. Runs on the worker.
    pub fn on_delivery_error(mut self, hook: impl Fn(&Report) + Send + Sync + 'static) -> Self {
        self.hooks.on_delivery_error = Some(Arc::new(hook));
        self
    }

    /// Checks the settings and makes the client. The worker starts with the first event or call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]: the key is empty or not ASCII, the base URL is not usable, or a time limit is
    /// zero.
    pub fn build(self) -> Result<Client, Error> {
        let key = ApiKey::new(&self.key)?;
        let endpoint = self.base_url.as_deref().map_or_else(|| Ok(Endpoint::hosted()), str::parse)?;
        for (name, limit) in [("request_timeout", self.request_timeout), ("linger", self.pipeline.linger)] {
            if limit.is_zero() {
                return Err(Error::new(
                    ErrorKind::Configuration,
                    format!("{name} is zero; give it some time"),
                ));
            }
        }
        let settings = Settings {
            pipeline: self.pipeline,
            transport: self.transport,
            request_timeout: self.request_timeout,
            confirm_timeout: self.confirm_timeout,
            drop_timeout: self.drop_timeout,
            clock: self.clock,
            runtime: self.runtime,
            secret_keys: self.secret_keys,
            marks: SdkMark::new("litesoc-rust", env!("CARGO_PKG_VERSION")),
        };
        Ok(Client::from_shared(Shared::new(settings, self.hooks, Service::new(endpoint, &key))))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("transport", &self.transport)
            .field("pipeline", &self.pipeline)
            .field("hooks", &self.hooks)
            .finish_non_exhaustive()
    }
}
