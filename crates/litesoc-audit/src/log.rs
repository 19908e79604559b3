//! [`AuditLog`]: one log with its keys and its configuration.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use litesoc_ledger::checkpoint::Checkpoint;
use litesoc_ledger::envelope::{Draft, genesis};
use litesoc_ledger::note::{Note, NoteSigner, VerifierKey};
use litesoc_ledger::signature::{PrivateKey, PublicKey};
use litesoc_ledger::{Hash, ptree};
use litesoc_tlog::{Clock, Log, Options, ReadCheckpoint, RequestId};

use crate::configuration::Configuration;
use crate::error::OpenError;
use crate::keys::Keys;
use crate::publication::Publication;
use crate::schema::Schema;
use crate::service::Settings;

/// One log with its keys and its configuration.
pub struct AuditLog {
    configuration: Configuration,
    tree_name: String,
    schema: Schema,
    keys: Keys,
    clock: Clock,
    publication: Publication,
    log: Log,
}

impl AuditLog {
    /// Opens the log in a folder that holds its configuration; an empty one gets the record it begins with.
    pub(crate) fn open(
        folder: &Path,
        configuration: Configuration,
        settings: &Settings,
    ) -> Result<Self, OpenError> {
        let origin = configuration.origin.clone();
        let schema = match &configuration.schema {
            None => Schema::standard(),
            Some(schema) => Schema::parse(schema).map_err(|faults| OpenError::Damaged {
                path: folder.join("configuration.json"),
                fault: faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            })?,
        };
        let keys = Keys::open_or_create(&folder.join("keys"), &origin)?;
        let tree_name = ptree::tree_name(&origin);
        let name_hash = Hash::from_hex(&tree_name).expect("a tree name is a hash");
        let read = checkpoint_reader(keys.log.verifier_key().clone());
        let options = Options::new(&*origin, name_hash, Arc::clone(&settings.clock), read);
        let log = Log::open(folder, options).map_err(|source| OpenError::Log { origin, source })?;
        begin(&log, &configuration, &keys)?;
        let (policy, ask) = (settings.policy.as_ref(), settings.ask_witness.clone());
        let publication = Publication::open(folder, &log, &keys.log, policy, ask)?;
        let clock = Arc::clone(&settings.clock);
        Ok(Self { configuration, tree_name, schema, keys, clock, publication, log })
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

    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
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
fn begin(log: &Log, configuration: &Configuration, keys: &Keys) -> Result<(), OpenError> {
    if log.state().size > 0 {
        return Ok(());
    }
    let origin = &configuration.origin;
    let failed = |fault: String| OpenError::Genesis { origin: origin.clone(), fault };
    let schema = configuration.schema.as_ref().map(ToString::to_string).unwrap_or_default();
    let software = concat!("litesoc ", env!("CARGO_PKG_VERSION"));
    let log_key = keys.log.verifier_key().to_string();
    let event = genesis(origin, &log_key, &Hash::of(schema.as_bytes()), software);
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
