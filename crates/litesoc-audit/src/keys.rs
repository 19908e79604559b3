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
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create(path)?;
                fs::read_to_string(path).map_err(OpenError::io("reading", path))?
            }
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

/// Writes three new keys, for the eyes of their owner alone, unless another process is quicker: keys that are there are never
/// replaced, as records may rest on them already.
fn create(path: &Path) -> Result<(), OpenError> {
    let random = |bytes: &mut [u8]| {
        getrandom::fill(bytes)
            .map_err(|error| OpenError::io("making keys for", path)(io::Error::other(error.to_string())))
    };
    let mut text = String::new();
    for _ in NAMES {
        let mut seed = [0; 32];
        random(&mut seed)?;
        text.push_str(&PrivateKey::from_seed(seed).to_pem());
    }
    let mut name = [0; 8];
    random(&mut name)?;
    let beside = path.with_extension(format!("{:016x}.new", u64::from_be_bytes(name)));
    let write = || {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        match fs::hard_link(&beside, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => fs::remove_file(&beside),
        }
    };
    write().map_err(OpenError::io("writing keys to", path))
}
