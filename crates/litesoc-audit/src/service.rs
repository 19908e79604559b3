//! [`AuditService`]: all audit logs of a data folder.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use litesoc_ledger::Hash;
use litesoc_ledger::policy::Policy;
use litesoc_tlog::Clock;
use parking_lot::Mutex;

use crate::alarm::Alarm;
use crate::configuration::{ConfigId, Configuration, NewConfiguration};
use crate::error::{NoConfiguration, OpenError};
use crate::gateway::Told;
use crate::indexer::{Indexer, Wake};
use crate::log::{AuditLog, read_configuration};
use crate::publication::AskWitness;
use crate::publisher::Publisher;
use crate::registry::{self, Registry};
use crate::request::Restriction;
use crate::token::{TokenBinding, Tokens};

/// How the audit logs are run.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The clock that times records.
    pub clock: Clock,
    /// What stands before the name of each log, such as `audit.example`.
    pub host: String,
    /// Which logs and witnesses are believed; without one a checkpoint is published once the log has signed it.
    pub policy: Option<Policy>,
    /// Who hears of what somebody should look into; the log of the program says it in any case.
    pub alarm: Option<Alarm>,
    /// How witnesses are asked; without it none is.
    pub ask_witness: Option<AskWitness>,
    /// How often a checkpoint is signed while a log grows; `None` leaves it to [`AuditLog::publish`]. 1 second.
    pub publish_every: Option<Duration>,
}

impl Settings {
    /// Logs named `litesoc.localhost/..`.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            host: "litesoc.localhost".to_owned(),
            policy: None,
            alarm: None,
            ask_witness: None,
            publish_every: Some(Duration::from_secs(1)),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Settings").field("host", &self.host).finish_non_exhaustive()
    }
}

/// All audit logs of a data folder, one for each configuration.
#[derive(Debug)]
pub struct AuditService {
    folder: PathBuf,
    registry: Registry,
    tokens: Tokens,
    settings: Settings,
    /// Held while a log is made, so that none is made twice.
    logs: Arc<Mutex<BTreeMap<ConfigId, Arc<AuditLog>>>>,
    publisher: Option<Publisher>,
    indexer: Option<Indexer>,
    wake: Wake,
    /// Downloads offered so far.
    offers: AtomicU64,
    told: Told,
}

impl AuditService {
    /// Opens every log below a folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`OpenError`] at the first log that cannot be believed or read; nothing is changed then.
    pub fn open(folder: &Path, settings: Settings) -> Result<Self, OpenError> {
        fs::create_dir_all(folder).map_err(OpenError::io("creating", folder))?;
        let registry = Registry::new(folder, &*settings.host);
        let mut logs = BTreeMap::new();
        for path in registry::folders(folder)? {
            let log = AuditLog::open(&path, read_configuration(&path)?, &settings)?;
            logs.insert(log.configuration().id.clone(), Arc::new(log));
        }
        let logs = Arc::new(Mutex::new(logs));
        let publisher = match settings.publish_every {
            Some(every) => Some(
                Publisher::start(Arc::clone(&logs), every)
                    .map_err(OpenError::io("starting a thread for", folder))?,
            ),
            None => None,
        };
        let indexer = Indexer::start().map_err(OpenError::io("starting a thread for", folder))?;
        let wake = indexer.wake();
        for log in logs.lock().values() {
            log.index_behind(wake.clone());
        }
        Ok(Self {
            registry,
            tokens: Tokens::new(folder),
            folder: folder.to_owned(),
            settings,
            logs,
            publisher,
            indexer: Some(indexer),
            wake,
            offers: AtomicU64::new(0),
            told: Told::default(),
        })
    }

    /// The configurations of an organisation, by id.
    #[must_use]
    pub fn configurations(&self, organization: &str) -> Vec<Configuration> {
        let logs = self.logs.lock();
        let own = logs.values().filter(|log| log.configuration().organization == organization);
        own.map(|log| log.configuration().clone()).collect()
    }

    /// Publishes once more, and ends the threads behind the logs. Logs can still be read and written.
    pub fn close(&mut self) {
        if let Some(publisher) = self.publisher.take() {
            publisher.stop();
        }
        if let Some(indexer) = self.indexer.take() {
            indexer.stop();
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// At the first offer of a download, and at each 256th after it.
    pub(crate) fn is_time_to_tidy(&self) -> bool {
        self.offers.fetch_add(1, Ordering::Relaxed).is_multiple_of(256)
    }

    /// All logs.
    #[must_use]
    pub fn logs(&self) -> Vec<Arc<AuditLog>> {
        self.logs.lock().values().cloned().collect()
    }

    /// The log of this name.
    #[must_use]
    pub fn by_origin(&self, origin: &str) -> Option<Arc<AuditLog>> {
        self.logs.lock().values().find(|log| log.configuration().origin == origin).cloned()
    }

    /// The log whose P-tree has this name.
    #[must_use]
    pub fn by_tree_name(&self, name: &str) -> Option<Arc<AuditLog>> {
        self.logs.lock().values().find(|log| log.tree_name() == name).cloned()
    }

    pub(crate) const fn told(&self) -> &Told {
        &self.told
    }

    /// Makes a configuration and the log for it.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the folder cannot be written, or the name cannot be used.
    pub fn create(&self, organization: &str, new: NewConfiguration) -> Result<Arc<AuditLog>, OpenError> {
        let configuration = self.registry.create(organization, new)?;
        self.start(&mut self.logs.lock(), configuration)
    }

    /// The configuration that a request means: the one it names, if its token may use it, or the only one of its token.
    /// `None` stands for the default one of its organisation.
    ///
    /// `token` is the SHA-256 of the token.
    ///
    /// # Errors
    ///
    /// The binding of the token cannot be read; inside, [`NoConfiguration`].
    pub fn choose<'a>(
        &self,
        token: &Hash,
        asked: Option<&'a str>,
    ) -> Result<Result<Choice<'a>, NoConfiguration>, OpenError> {
        let binding = self.tokens.binding(token, (self.settings.clock)());
        let Some(binding) = binding.map_err(OpenError::io("reading tokens in", &*self.folder))? else {
            return Ok(Ok(Choice { config: asked.map(Cow::Borrowed), mandatory: Restriction::new() }));
        };
        Ok(binding.choose(asked).map(|config| Choice {
            config: Some(Cow::Owned(config.to_owned())),
            mandatory: binding.restriction.clone(),
        }))
    }

    /// Binds a token, named by its SHA-256, to configurations.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the folder cannot be written.
    pub fn bind(&self, token: &Hash, binding: &TokenBinding) -> Result<(), OpenError> {
        self.tokens.bind(token, binding).map_err(OpenError::io("binding a token in", &*self.folder))
    }

    /// The log of a request, if it is there already; see [`log_of`](Self::log_of).
    #[must_use]
    pub fn known(&self, organization: &str, config_id: Option<&str>) -> Option<Arc<AuditLog>> {
        let id = match config_id {
            Some(text) => ConfigId::parse(text)?,
            None => default_id(organization),
        };
        let log = self.logs.lock().get(&id).cloned()?;
        (log.configuration().organization == organization).then_some(log)
    }

    /// The log of a request: the configuration it names, or the default one of its organisation, which is made when it is
    /// first asked for. One that another process has made since the start is opened.
    ///
    /// # Errors
    ///
    /// [`NoConfiguration`] when the organisation has none of this id; [`OpenError`] when the log cannot be made or opened.
    ///
    /// # Panics
    ///
    /// Inside an asynchronous runtime, when the log has to be made: it waits for its first record.
    pub fn log_of(
        &self,
        organization: &str,
        config_id: Option<&str>,
    ) -> Result<Result<Arc<AuditLog>, NoConfiguration>, OpenError> {
        let mut logs = self.logs.lock();
        let Some(text) = config_id else {
            let id = default_id(organization);
            if let Some(log) = logs.get(&id) {
                return Ok(Ok(Arc::clone(log)));
            }
            let new = NewConfiguration::named("default");
            let configuration = self.registry.write(id, organization, new, true)?;
            return self.start(&mut logs, configuration).map(Ok);
        };
        let unknown = || NoConfiguration::Unknown(text.to_owned());
        let Some(id) = ConfigId::parse(text) else { return Ok(Err(unknown())) };
        if !logs.contains_key(&id) {
            let folder = self.registry.folder_of(&id);
            if !folder.join("configuration.json").exists() {
                return Ok(Err(unknown()));
            }
            self.start(&mut logs, read_configuration(&folder)?)?;
        }
        let own = logs.get(&id).filter(|log| log.configuration().organization == organization);
        Ok(own.cloned().ok_or_else(unknown))
    }

    /// The configuration of this name that the program itself keeps for an organisation; made when it is first asked for.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the log cannot be made or opened.
    ///
    /// # Panics
    ///
    /// Inside an asynchronous runtime, when the log has to be made: it waits for its first record.
    pub fn named(&self, organization: &str, name: &str) -> Result<Arc<AuditLog>, OpenError> {
        let mut logs = self.logs.lock();
        let id = derived_id(&format!("{organization}\n{name}"));
        match logs.get(&id) {
            Some(log) => Ok(Arc::clone(log)),
            None => {
                let new = NewConfiguration::named(name);
                let configuration = self.registry.write(id, organization, new, false)?;
                self.start(&mut logs, configuration)
            }
        }
    }

    /// The configuration of this name that the program keeps, if it was made.
    #[must_use]
    pub fn named_already(&self, organization: &str, name: &str) -> Option<Arc<AuditLog>> {
        self.logs.lock().get(&derived_id(&format!("{organization}\n{name}"))).cloned()
    }

    /// Whether a log is one that the program keeps under this name, and no other of the same name.
    #[must_use]
    pub fn is_own(&self, log: &AuditLog, name: &str) -> bool {
        log.configuration().id == derived_id(&format!("{}\n{name}", log.configuration().organization))
    }

    /// Opens the log of a configuration.
    fn start(
        &self,
        logs: &mut BTreeMap<ConfigId, Arc<AuditLog>>,
        configuration: Configuration,
    ) -> Result<Arc<AuditLog>, OpenError> {
        let folder = self.registry.folder_of(&configuration.id);
        let log = Arc::new(AuditLog::open(&folder, configuration, &self.settings)?);
        log.index_behind(self.wake.clone());
        logs.insert(log.configuration().id.clone(), Arc::clone(&log));
        Ok(log)
    }
}

/// What a token's request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choice<'a> {
    /// The configuration; `None` for the default one.
    pub config: Option<Cow<'a, str>>,
    /// What every search of the token is restricted to.
    pub mandatory: Restriction,
}

impl Drop for AuditService {
    fn drop(&mut self) {
        self.close();
    }
}

/// The id of an organisation's default configuration: the same one whenever it is made.
fn default_id(organization: &str) -> ConfigId {
    derived_id(organization)
}

fn derived_id(of: &str) -> ConfigId {
    let digest = Hash::of(format!("audit-config/v1\n{of}").as_bytes());
    let (first, _) = digest.as_bytes().split_at(20);
    let mut bytes = [0; 20];
    bytes.copy_from_slice(first);
    ConfigId::of_bytes(bytes)
}
