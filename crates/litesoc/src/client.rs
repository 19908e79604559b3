//! The client with its default transport: the one place where a backend is chosen.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use litesoc_core::pipeline::{Overflow, PipelineConfig, Report, RetryPolicy};
use litesoc_core::transport::Transport;
use litesoc_core::{Clock, Dropped, Error, Event};
use tokio::runtime::Handle;

/// A client of one LiteSOC service. Clones share one queue and one worker.
///
/// It dereferences to [`litesoc_core::Client`], which has all its methods; this type adds constructors that know the
/// default transport.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use litesoc::{Client, Event};
///
/// let client = Client::new("lsoc_live_0123456789abcdef")?;
/// client.track(Event::login_failed("user_123").metadata("reason", "invalid_password"));
/// let report = client.shutdown(Duration::from_secs(5)).wait();
/// # Ok::<(), litesoc::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(litesoc_core::Client);

impl Client {
    /// A client of the hosted service over the default transport, with the default settings.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the key is empty or cannot be sent.
    #[cfg(feature = "hyper")]
    pub fn new(key: impl Into<String>) -> Result<Self, Error> {
        Self::builder(key).build()
    }

    /// Settings for a client over the default transport.
    #[cfg(feature = "hyper")]
    pub fn builder(key: impl Into<String>) -> ClientBuilder {
        Self::builder_with(key, litesoc_hyper::HyperTransport::with_webpki_roots())
    }

    /// A client of the hosted service over a transport of your choice.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the key is empty or cannot be sent.
    pub fn with_transport(key: impl Into<String>, transport: impl Transport) -> Result<Self, Error> {
        Self::builder_with(key, transport).build()
    }

    /// Settings for a client over a transport of your choice.
    pub fn builder_with(key: impl Into<String>, transport: impl Transport) -> ClientBuilder {
        ClientBuilder(litesoc_core::Client::builder(key, transport))
    }
}

impl Deref for Client {
    type Target = litesoc_core::Client;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<litesoc_core::Client> for Client {
    fn from(client: litesoc_core::Client) -> Self {
        Self(client)
    }
}

impl From<Client> for litesoc_core::Client {
    fn from(client: Client) -> Self {
        client.0
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Everything a [`Client`] can be told. The settings are those of [`litesoc_core::ClientBuilder`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder(litesoc_core::ClientBuilder);

/// Hands each setting on to the builder of the core.
macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*);)*) => {
        impl ClientBuilder { $(
            $(#[$doc])*
            pub fn $name(self, $($argument: $type),*) -> Self {
                Self(self.0.$name($($argument),*))
            }
        )* }
    };
}

settings! {
    /// The service. Default: the hosted one. See [`Endpoint`](crate::Endpoint) for what is accepted.
    base_url(url: impl Into<String>);
    /// All limits of the queue and the rules for trying again at once.
    pipeline(config: PipelineConfig);
    /// Events that may wait. Default 100,000.
    queue_events(events: usize);
    /// Bytes of events that may wait. Default 64 MiB.
    queue_bytes(bytes: usize);
    /// Events in one request, 1 to 100. Default 100.
    batch_events(events: usize);
    /// How long an event may wait for others to travel with. Default 1 s.
    linger(linger: Duration);
    /// What gives way when the queue is full. Default: the event being tracked.
    overflow(overflow: Overflow);
    /// When to try again, and for how long.
    retry(policy: RetryPolicy);
    /// The time one exchange may take, from connecting to the last byte. Default 10 s.
    request_timeout(limit: Duration);
    /// How long a confirmed event may wait for the service. Default 30 s.
    confirm_timeout(limit: Duration);
    /// How long dropping the last handle may take to deliver what is queued. Default 2 s.
    drop_timeout(limit: Duration);
    /// The wall clock that event ids and times come from. Default: the operating system's.
    clock(clock: impl Clock);
    /// Puts the worker on a runtime of the application instead of a thread of its own.
    drive_on(runtime: Handle);
    /// A metadata key, at any depth and in any case, whose value is never sent.
    secret_key(key: impl Into<String>);
    /// Looks at every event before anything of it is kept: changes it, or keeps it back by returning `None`.
    before_send(hook: impl Fn(Event) -> Option<Event> + Send + Sync + 'static);
    /// Hears of lost events, summed up by reason. Runs on the worker.
    on_drop(hook: impl Fn(&Dropped) + Send + Sync + 'static);
    /// Hears of every attempt that failed, and of every event that was given up after one. Runs on the worker.
    on_delivery_error(hook: impl Fn(&Report) + Send + Sync + 'static);
}

impl ClientBuilder {
    /// Checks the settings and makes the client. The worker starts with the first event or call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): the key is empty or not ASCII, the base URL is
    /// not usable, or a time limit is zero.
    pub fn build(self) -> Result<Client, Error> {
        self.0.build().map(Client)
    }
}
