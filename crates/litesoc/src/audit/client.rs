//! [`Audit`]: a client of one audit log.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use litesoc_core::transport::Transport;
use litesoc_core::{ApiKey, Client, Endpoint, Messenger, Pending};
use litesoc_ledger::event::Event;
use litesoc_ledger::receipt::Receipt;
use litesoc_ledger::signature::{AllowedKeys, PrivateKey};

use super::anchor::{GetProof, GetRoot, Redeem};
use super::bulk::{LogBulk, PollBulk, Ticket};
use super::error::{Error, ErrorKind};
use super::log::Log;
use super::memory::{InProcess, Memory, Remembered};
use super::search::{Download, GetResults, Search};
use super::trust::Trust;
use super::wire::Wire;

/// The hosted service. In an address, `{SERVICE_NAME}` stands for `audit`.
pub const PANGEA: &str = "https://{SERVICE_NAME}.aws.us.pangea.cloud";

/// A client of one audit log. Clones share one memory and one worker, from as many threads as there are.
///
/// See the [module](super) for what is verified.
#[derive(Clone)]
pub struct Audit {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    client: Client,
    pub(super) wire: Wire,
    pub(super) trust: Option<Trust>,
    pub(super) signers: AllowedKeys,
    pub(super) key: Option<PrivateKey>,
    pub(super) tenant_id: Option<String>,
    memory: Box<dyn Memory>,
    seen: Mutex<Remembered>,
    /// The last root that a service without receipts has shown, for its next proof.
    pub(super) claimed_root: Mutex<Option<String>>,
    limit: Duration,
}

impl Audit {
    /// Settings for a client over the default transport. `token` is a key of this project's server or a Pangea token.
    #[cfg(feature = "hyper")]
    pub fn builder(token: impl Into<String>) -> AuditBuilder {
        Self::builder_with(token, litesoc_hyper::HyperTransport::with_webpki_roots())
    }

    /// Settings for a client over a transport of your choice.
    pub fn builder_with(token: impl Into<String>, transport: impl Transport) -> AuditBuilder {
        let token = token.into();
        AuditBuilder {
            client: Client::builder(&*token, transport),
            token,
            base_url: PANGEA.to_owned(),
            config_id: None,
            tenant_id: None,
            trust: None,
            signers: AllowedKeys::Any,
            key: None,
            memory: Box::new(InProcess::new()),
            attempt: Duration::from_secs(10),
            limit: Duration::from_secs(30),
            retries: 3,
        }
    }

    /// Records an event.
    pub fn log(&self, event: Event) -> Log {
        Log::new(self, event)
    }

    /// Records up to 1,000 events, all of them or none.
    pub fn log_bulk(&self, events: impl IntoIterator<Item = Event>) -> LogBulk {
        LogBulk::new(self, events.into_iter().collect())
    }

    /// What came of events that were handed over with [`LogBulk::send_async`].
    pub fn poll(&self, ticket: Ticket) -> PollBulk {
        PollBulk::new(self, ticket)
    }

    /// Finds records.
    pub fn search(&self) -> Search {
        Search::new(self)
    }

    /// Another page of a search, by the id that the search came with.
    pub fn results(&self, id: impl Into<String>) -> GetResults {
        GetResults::new(self, id.into())
    }

    /// The result of a search as one file.
    pub fn download(&self, id: impl Into<String>) -> Download {
        Download::new(self, id.into())
    }

    /// The newest published root, or that of a size.
    pub fn root(&self) -> GetRoot {
        GetRoot::new(self)
    }

    /// The proof that a record stands at a place of the log.
    pub fn proof(&self, index: u64) -> GetProof {
        GetProof::new(self, index)
    }

    /// Checks that the promise of a receipt was kept.
    pub fn redeem(&self, receipt: Receipt) -> Redeem {
        Redeem::new(self, receipt)
    }

    /// The newest states of the log that this client has seen.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        self.inner.seen().clone()
    }

    pub(super) fn run<T, F>(
        &self,
        limit: Option<Duration>,
        task: impl FnOnce(Arc<Inner>, Messenger) -> F,
    ) -> Pending<Result<T, Error>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        self.inner.client.errand(limit.unwrap_or(self.inner.limit), |messenger| task(inner, messenger))
    }
}

impl Inner {
    pub(super) fn seen(&self) -> MutexGuard<'_, Remembered> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is remembered, and keeps it if `learn` says that there is something new.
    pub(super) fn remember(
        &self,
        learn: impl FnOnce(&mut Remembered) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut seen = self.seen();
        let mut next = seen.clone();
        if learn(&mut next)? {
            self.memory.store(&next).map_err(|error| Error::new(ErrorKind::Memory, error.to_string()))?;
            *seen = next;
        }
        Ok(())
    }

    pub(super) fn trust(&self) -> Result<&Trust, Error> {
        self.trust.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::Configuration,
                "nothing can be verified without the keys of the log: give them with `trust`, or ask with `send_unverified`",
            )
        })
    }

    /// The event as it is sent and signed.
    pub(super) fn prepare(&self, mut event: Event) -> Event {
        if let (Some(tenant), None) = (&self.tenant_id, event.get("tenant_id")) {
            event.set("tenant_id", &**tenant);
        }
        event.with_objects_as_text()
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("base_url", &self.inner.wire.base)
            .field("trust", &self.inner.trust.as_ref().map(Trust::origin))
            .finish_non_exhaustive()
    }
}

/// Everything an [`Audit`] client can be told.
#[must_use = "a builder does nothing until `build` is called"]
pub struct AuditBuilder {
    client: litesoc_core::ClientBuilder,
    token: String,
    base_url: String,
    config_id: Option<String>,
    tenant_id: Option<String>,
    trust: Option<Trust>,
    signers: AllowedKeys,
    key: Option<PrivateKey>,
    memory: Box<dyn Memory>,
    attempt: Duration,
    limit: Duration,
    retries: u32,
}

impl AuditBuilder {
    /// The service. Default: [`PANGEA`]. Plain `http` is for loopback addresses only.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The configuration, `pci_...`, for a token that is good for several.
    pub fn config_id(mut self, id: impl Into<String>) -> Self {
        self.config_id = Some(id.into());
        self
    }

    /// The `tenant_id` of events that have none.
    pub fn tenant_id(mut self, id: impl Into<String>) -> Self {
        self.tenant_id = Some(id.into());
        self
    }

    /// Whose word about the log is believed. Without it, calls can only be made with `send_unverified`.
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = Some(trust);
        self
    }

    /// Signs every event here, before it leaves the process.
    pub fn sign_with(mut self, key: PrivateKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Whose signatures of events are accepted. Default: anybody's, which shows that an event was not changed, and not who
    /// signed it.
    pub fn signers(mut self, keys: AllowedKeys) -> Self {
        self.signers = keys;
        self
    }

    /// Where it is kept what this client has seen. Default: [`InProcess`].
    pub fn memory(mut self, memory: impl Memory) -> Self {
        self.memory = Box::new(memory);
        self
    }

    /// The time of one exchange. Default 10 s.
    pub const fn request_timeout(mut self, limit: Duration) -> Self {
        self.attempt = limit;
        self
    }

    /// The time of one call with all its repeats and checks, unless it has its own. Default 30 s.
    pub const fn call_timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// How often a failed exchange is repeated. Default 3.
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Checks the settings, reads the memory and makes the client. Its worker starts with the first call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]: token or address cannot be used, or the memory is of another log;
    /// [`ErrorKind::Memory`]: it cannot be read.
    pub fn build(self) -> Result<Audit, Error> {
        let configuration = |text: String| Error::new(ErrorKind::Configuration, text);
        ApiKey::new(&self.token)?;
        let mut token = HeaderValue::try_from(format!("Bearer {}", self.token.trim()))
            .map_err(|_| configuration("the token has characters that cannot be sent".to_owned()))?;
        token.set_sensitive(true);
        let base: Endpoint = self.base_url.replace("{SERVICE_NAME}", "audit").parse()?;
        if self.attempt.is_zero() || self.limit.is_zero() {
            return Err(configuration("a time limit is zero; give it some time".to_owned()));
        }
        let kept = self.memory.load().map_err(|error| Error::new(ErrorKind::Memory, error.to_string()))?;
        let origin = self.trust.as_ref().map(|trust| trust.origin().to_owned());
        let seen = match (kept, origin) {
            (Some(kept), Some(origin)) if kept.origin != origin => {
                let text = format!("the memory is of {}, and the keys are of {origin}", kept.origin);
                return Err(configuration(text));
            }
            (Some(kept), _) => kept,
            (None, origin) => {
                Remembered { origin: origin.unwrap_or_default(), promised: None, published: None }
            }
        };
        let wire = Wire {
            base: base.to_string(),
            token,
            config_id: self.config_id,
            attempt: self.attempt,
            retries: self.retries,
        };
        let inner = Inner {
            client: self.client.build()?,
            wire,
            trust: self.trust,
            signers: self.signers,
            key: self.key,
            tenant_id: self.tenant_id,
            memory: self.memory,
            seen: Mutex::new(seen),
            claimed_root: Mutex::new(None),
            limit: self.limit,
        };
        Ok(Audit { inner: Arc::new(inner) })
    }
}

impl fmt::Debug for AuditBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditBuilder").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
