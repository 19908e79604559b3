//! [`AuditLog`]: one log with its keys and its configuration.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use litesoc_ledger::checkpoint::Checkpoint;
use litesoc_ledger::envelope::{Draft, genesis};
use litesoc_ledger::note::{Note, NoteSigner, VerifierKey};
use litesoc_ledger::schema::Schema;
use litesoc_ledger::signature::{PrivateKey, PublicKey};
use litesoc_ledger::time::Moment;
use litesoc_ledger::{Hash, ptree};
use litesoc_tlog::{Clock, Log, Options, ReadCheckpoint, RequestId};

use crate::alarm::{Alarm, AuditAlert};
use crate::configuration::Configuration;
use crate::error::OpenError;
use crate::indexer::Wake;
use crate::keys::Keys;
use crate::publication::Publication;
use crate::results::Results;
use crate::search::{BLOCK, SearchIndex};
use crate::service::Settings;

/// One log with its keys and its configuration.
pub struct AuditLog {
    configuration: Configuration,
    tree_name: String,
    schema: Schema,
    keys: Keys,
    clock: Clock,
    alarm: Option<Alarm>,
    publication: Publication,
    results: Results,
    index: SearchIndex,
    indexing: OnceLock<Indexing>,
    log: Log,
}

/// How the search index is kept up.
struct Indexing {
    wake: Wake,
    own: Weak<AuditLog>,
    /// The thread has been told and has not looked yet.
    told: AtomicBool,
}

impl AuditLog {
    /// Opens the log in a folder that holds its configuration; an empty one gets the record it begins with.
    pub(crate) fn open(
        folder: &Path,
        configuration: Configuration,
        settings: &Settings,
    ) -> Result<Self, OpenError> {
        let origin = configuration.origin.clone();
        let schema = configuration
            .parse_schema()
            .map_err(|fault| OpenError::Damaged { path: folder.join("configuration.json"), fault })?;
        let keys = Keys::open_or_create(&folder.join("keys"), &origin)?;
        let tree_name = ptree::tree_name(&origin);
        let name_hash = Hash::from_hex(&tree_name).expect("a tree name is a hash");
        let read = checkpoint_reader(keys.log.verifier_key().clone());
        let options = Options::new(&*origin, name_hash, Arc::clone(&settings.clock), read);
        let log = Log::open(folder, options).map_err(|source| OpenError::Log { origin, source })?;
        begin(&log, &configuration, &schema, &keys)?;
        let (policy, ask) = (settings.policy.as_ref(), settings.ask_witness.clone());
        let publication = Publication::open(folder, &log, &keys.log, policy, ask)?;
        let clock = Arc::clone(&settings.clock);
        let alarm = settings.alarm.clone();
        let results = Results::open(&folder.join("results"))?;
        let index = SearchIndex::open(&folder.join("search-index"), &log)?;
        let indexing = OnceLock::new();
        Ok(Self {
            configuration,
            tree_name,
            schema,
            keys,
            clock,
            alarm,
            publication,
            results,
            index,
            indexing,
            log,
        })
    }

    /// Whose log it is and what its records look like.
    #[must_use]
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// What its events may hold.
    #[must_use]
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(crate) const fn vault(&self) -> &PrivateKey {
        &self.keys.vault
    }

    pub(crate) const fn publication(&self) -> &Publication {
        &self.publication
    }

    pub(crate) const fn signer(&self) -> &NoteSigner {
        &self.keys.log
    }

    pub(crate) const fn receipts(&self) -> &NoteSigner {
        &self.keys.receipt
    }

    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) const fn results(&self) -> &Results {
        &self.results
    }

    pub(crate) const fn index(&self) -> &SearchIndex {
        &self.index
    }

    /// Lets a thread keep up the search index from now on.
    pub(crate) fn index_behind(self: &Arc<Self>, wake: Wake) {
        let own = Arc::downgrade(self);
        let _once = self.indexing.set(Indexing { wake, own, told: AtomicBool::new(false) });
        self.wake_index();
    }

    /// Tells the thread if a block has become whole.
    pub(crate) fn wake_index(&self) {
        let Some(indexing) = self.indexing.get() else { return };
        let behind = self.log.state().size.saturating_sub(self.index.indexed_up_to());
        if behind >= BLOCK && !indexing.told.swap(true, Ordering::Relaxed) {
            // At the end of the program nobody listens any more; the next start makes up for it.
            let _nobody = indexing.wake.send(Weak::clone(&indexing.own));
        }
    }

    /// The thread looks now; what comes from here on tells it again.
    pub(crate) fn index_woken(&self) {
        if let Some(indexing) = self.indexing.get() {
            indexing.told.store(false, Ordering::Relaxed);
        }
    }

    /// How many records, from the first on, the search index knows; searches read the others.
    #[must_use]
    pub fn indexed_up_to(&self) -> u64 {
        self.index.indexed_up_to()
    }

    /// What its clock shows.
    #[must_use]
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// Tells whoever listens, and the log of the program.
    pub(crate) fn raise(&self, alert: &AuditAlert) {
        if let Some(alarm) = &self.alarm {
            alarm(&self.configuration, alert);
        }
    }

    /// The name of its P-tree in answers of the Pangea Audit API.
    #[must_use]
    pub fn tree_name(&self) -> &str {
        &self.tree_name
    }

    /// The keys that verify its checkpoints and its receipts, in this order.
    #[must_use]
    pub fn verifier_keys(&self) -> [&VerifierKey; 2] {
        [self.keys.log.verifier_key(), self.keys.receipt.verifier_key()]
    }

    /// The key with which the server signs events that come unsigned, where the configuration asks for it.
    #[must_use]
    pub fn vault_key(&self) -> PublicKey {
        self.keys.vault.public_key()
    }

    /// The records, trees and checkpoints.
    #[must_use]
    pub const fn records(&self) -> &Log {
        &self.log
    }
}

/// Writes the record with which a log begins.
fn begin(log: &Log, configuration: &Configuration, schema: &Schema, keys: &Keys) -> Result<(), OpenError> {
    if log.state().size > 0 {
        return Ok(());
    }
    let origin = &configuration.origin;
    let failed = |fault: String| OpenError::Genesis { origin: origin.clone(), fault };
    let software = concat!("litesoc ", env!("CARGO_PKG_VERSION"));
    let log_key = keys.log.verifier_key().to_string();
    let event = genesis(origin, &log_key, &schema.hash(), software);
    let draft = Draft::new(event).prepare().map_err(|error| failed(error.to_string()))?;
    let request = RequestId::new("genesis").expect("visible characters");
    let appended = log.append(request, vec![draft]).and_then(litesoc_tlog::Appending::wait);
    appended.map(|_| ()).map_err(|error| failed(error.to_string()))
}

/// Reads checkpoints of one log, and believes none without its signature.
fn checkpoint_reader(key: VerifierKey) -> ReadCheckpoint {
    Arc::new(move |bytes| {
        let note = Note::from_bytes(bytes).map_err(|error| error.to_string())?;
        let checkpoint = Checkpoint::open(&note, &key).map_err(|error| error.to_string())?;
        Ok((checkpoint.size, checkpoint.root))
    })
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AuditLog").field("configuration", &self.configuration).finish_non_exhaustive()
    }
}

/// Reads the configuration in a folder.
pub(crate) fn read_configuration(folder: &Path) -> Result<Configuration, OpenError> {
    let path = folder.join("configuration.json");
    let text = fs::read(&path).map_err(OpenError::io("reading", &*path))?;
    serde_json::from_slice(&text).map_err(|error| OpenError::Damaged { path, fault: error.to_string() })
}
