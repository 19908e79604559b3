//! [`TokenBinding`]: what a token that is not good for all of its organisation is good for.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use litesoc_ledger::Hash;
use litesoc_ledger::time::Moment;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::configuration::ConfigId;
use crate::error::NoConfiguration;
use crate::request::Restriction;

/// How long a binding is believed before it is read again, in microseconds.
const BELIEVED_FOR: i64 = 2_000_000;
/// The most tokens that are remembered.
const MOST: usize = 10_000;

/// What a token is good for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenBinding {
    /// The configurations it may use. A request that names none of several gets `MissingConfigID`.
    pub configurations: Vec<ConfigId>,
    /// What every search with it is restricted to, whatever the request says.
    #[serde(default)]
    pub restriction: Restriction,
}

impl TokenBinding {
    /// Good for these configurations.
    #[must_use]
    pub fn to(configurations: Vec<ConfigId>) -> Self {
        Self { configurations, restriction: Restriction::new() }
    }

    /// The configuration that a request means.
    pub(crate) fn choose(&self, asked: Option<&str>) -> Result<&str, NoConfiguration> {
        match (asked, self.configurations.as_slice()) {
            (Some(asked), known) => {
                let found = known.iter().find(|id| id.as_str() == asked);
                found.map(ConfigId::as_str).ok_or_else(|| NoConfiguration::Unknown(asked.to_owned()))
            }
            (None, [only]) => Ok(only.as_str()),
            (None, _) => Err(NoConfiguration::Missing),
        }
    }
}

/// The bindings of a folder, one file each, named by the SHA-256 of its token.
#[derive(Debug)]
pub(crate) struct Tokens {
    folder: PathBuf,
    remembered: Mutex<HashMap<Hash, Remembered>>,
}

/// When a file was read, in microseconds, and what it said.
type Remembered = (i64, Option<Arc<TokenBinding>>);

impl Tokens {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.join("tokens"), remembered: Mutex::default() }
    }

    pub(crate) fn bind(&self, token: &Hash, binding: &TokenBinding) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(format!("{token}.json"));
        let beside = path.with_extension("new");
        fs::write(&beside, serde_json::to_vec_pretty(binding).map_err(io::Error::other)?)?;
        fs::rename(&beside, &path)?;
        self.remembered.lock().remove(token);
        Ok(())
    }

    /// Makes a token good for all of its organisation again; `false` when it was bound to nothing.
    pub(crate) fn unbind(&self, token: &Hash) -> io::Result<bool> {
        self.remembered.lock().remove(token);
        match fs::remove_file(self.folder.join(format!("{token}.json"))) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Every binding there is.
    pub(crate) fn all(&self) -> io::Result<Vec<TokenBinding>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut bindings = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                bindings.push(serde_json::from_slice(&fs::read(path)?).map_err(io::Error::other)?);
            }
        }
        Ok(bindings)
    }

    /// What a token's file says now.
    pub(crate) fn read(&self, token: &Hash) -> io::Result<Option<TokenBinding>> {
        match fs::read(self.folder.join(format!("{token}.json"))) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a token is bound to; nothing for one that is good for all of its organisation. Believed for two seconds.
    ///
    /// A file that cannot be read is an error and never an unbound token.
    pub(crate) fn binding(&self, token: &Hash, now: Moment) -> io::Result<Option<Arc<TokenBinding>>> {
        let now = now.as_micros();
        if let Some((read, binding)) = self.remembered.lock().get(token)
            && (*read..read.saturating_add(BELIEVED_FOR)).contains(&now)
        {
            return Ok(binding.clone());
        }
        let binding = self.read(token)?.map(Arc::new);
        let mut remembered = self.remembered.lock();
        if remembered.len() >= MOST {
            remembered.clear();
        }
        remembered.insert(*token, (now, binding.clone()));
        Ok(binding)
    }
}
