//! The keys of one log, and the file they are kept in.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use litesoc_ledger::note::NoteSigner;
use litesoc_ledger::receipt;
use litesoc_ledger::signature::PrivateKey;

use crate::error::OpenError;

/// The keys of one log.
#[derive(Debug)]
pub(crate) struct Keys {
    /// Signs checkpoints, under the name of the log.
    pub(crate) log: NoteSigner,
    /// Signs receipts; another key, so that a receipt can never pass for a checkpoint.
    pub(crate) receipt: NoteSigner,
    /// Signs events that come unsigned, where the configuration asks for it.
    pub(crate) vault: PrivateKey,
}

const NAMES: [&str; 3] = ["log", "receipt", "vault"];

impl Keys {
    /// Reads the keys of a log, or makes them with the log.
    pub(crate) fn open_or_create(path: &Path, origin: &str) -> Result<Self, OpenError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(path)?,
            Err(error) => return Err(OpenError::io("reading", path)(error)),
        };
        // Nothing of the file's content may show in an error.
        let damaged =
            || OpenError::Damaged { path: path.to_owned(), fault: "it does not hold three keys".into() };
        let mut blocks = text.split_inclusive("-----END PRIVATE KEY-----\n");
        let mut next = || PrivateKey::from_pem(blocks.next().unwrap_or_default()).map_err(|_| damaged());
        let (log, receipt, vault) = (next()?, next()?, next()?);
        let signer = |name: String, key| {
            NoteSigner::new(&*name, key)
                .map_err(|error| OpenError::Origin { origin: name, fault: error.to_string() })
        };
        Ok(Self {
            log: signer(origin.to_owned(), log)?,
            receipt: signer(receipt::key_name(origin), receipt)?,
            vault,
        })
    }
}

/// Writes three new keys, for the eyes of their owner alone.
fn create(path: &Path) -> Result<String, OpenError> {
    let mut text = String::new();
    for _ in NAMES {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|error| OpenError::io("making keys for", path)(io::Error::other(error.to_string())))?;
        text.push_str(&PrivateKey::from_seed(seed).to_pem());
    }
    let write = || {
        let beside = path.with_extension("new");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(OpenError::io("writing keys to", path))?;
    Ok(text)
}
