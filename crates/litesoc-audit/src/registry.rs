//! [`Registry`]: the configurations of a folder as files, for programs that do not run the logs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use litesoc_ledger::Hash;

use crate::configuration::{ConfigId, Configuration, NewConfiguration};
use crate::error::OpenError;
use crate::log::read_configuration;
use crate::token::{TokenBinding, Tokens};

/// The configurations of a folder as files. It can be used while a server runs on the folder: the server opens a
/// configuration when a request names it, and notices the binding of a token within two seconds.
///
/// ```
/// use litesoc_audit::{NewConfiguration, Registry};
///
/// let folder = tempfile::tempdir()?;
/// let registry = Registry::new(folder.path(), "audit.example");
/// let made = registry.create("org_1", NewConfiguration::named("payments"))?;
/// assert_eq!(registry.list()?, [made]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Registry {
    folder: PathBuf,
    host: String,
}

impl Registry {
    /// The configurations of a folder; new logs are named after the host.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, host: impl Into<String>) -> Self {
        Self { folder: folder.into(), host: host.into() }
    }

    /// Makes a configuration with a random id. Its log begins when the server opens it.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the schema is none, or the folder cannot be written.
    pub fn create(&self, organization: &str, new: NewConfiguration) -> Result<Configuration, OpenError> {
        let mut bytes = [0; 20];
        getrandom::fill(&mut bytes)
            .map_err(|error| OpenError::io("naming a log in", &*self.folder)(io::Error::other(error)))?;
        self.write(ConfigId::of_bytes(bytes), organization, new, false)
    }

    pub(crate) fn write(
        &self,
        id: ConfigId,
        organization: &str,
        new: NewConfiguration,
        is_default: bool,
    ) -> Result<Configuration, OpenError> {
        let folder = self.folder_of(&id);
        let path = folder.join("configuration.json");
        let configuration = Configuration {
            origin: format!("{}/{}", self.host, id.as_str().trim_start_matches("pci_")),
            organization: organization.to_owned(),
            name: new.name,
            schema: new.schema,
            vault_sign: new.vault_sign,
            is_default,
            id,
        };
        let damaged = |fault: String| OpenError::Damaged { path: path.clone(), fault };
        configuration.parse_schema().map_err(damaged)?;
        let text = serde_json::to_vec_pretty(&configuration).map_err(|error| damaged(error.to_string()))?;
        fs::create_dir_all(&folder).map_err(OpenError::io("creating", &*folder))?;
        let beside = path.with_extension("new");
        let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &path));
        written.map_err(OpenError::io("writing", &*path))?;
        Ok(configuration)
    }

    /// All configurations, by id.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when one cannot be read.
    pub fn list(&self) -> Result<Vec<Configuration>, OpenError> {
        let mut found = Vec::new();
        for folder in folders(&self.folder)? {
            found.push(read_configuration(&folder)?);
        }
        found.sort_by(|one: &Configuration, other| one.id.cmp(&other.id));
        Ok(found)
    }

    /// Binds a token, named by its SHA-256, to configurations.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the folder cannot be written.
    pub fn bind(&self, token: &Hash, binding: &TokenBinding) -> Result<(), OpenError> {
        Tokens::new(&self.folder)
            .bind(token, binding)
            .map_err(OpenError::io("binding a token in", &*self.folder))
    }

    /// Makes a token good for all of its organisation again; `false` when it was bound to nothing.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the folder cannot be written.
    pub fn unbind(&self, token: &Hash) -> Result<bool, OpenError> {
        Tokens::new(&self.folder).unbind(token).map_err(OpenError::io("unbinding a token in", &*self.folder))
    }

    /// What a token, named by its SHA-256, is bound to; `None` for one that is good for all of its organisation.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the binding cannot be read.
    pub fn binding(&self, token: &Hash) -> Result<Option<TokenBinding>, OpenError> {
        Tokens::new(&self.folder).read(token).map_err(OpenError::io("reading tokens in", &*self.folder))
    }

    /// What every bound token is bound to.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when a binding cannot be read.
    pub fn bindings(&self) -> Result<Vec<TokenBinding>, OpenError> {
        Tokens::new(&self.folder).all().map_err(OpenError::io("reading tokens in", &*self.folder))
    }

    pub(crate) fn folder_of(&self, id: &ConfigId) -> PathBuf {
        self.folder.join(id.as_str())
    }
}

/// The folders of configurations within a folder. One with neither configuration nor records is the rest of a creation that
/// was cut off; one with records alone has lost its configuration, which its reader will say.
pub(crate) fn folders(folder: &Path) -> Result<Vec<PathBuf>, OpenError> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(OpenError::io("reading", folder)(error)),
    };
    for entry in entries {
        let path = entry.map_err(OpenError::io("reading", folder))?.path();
        let is_ours = path.file_name().and_then(|name| name.to_str()).and_then(ConfigId::parse).is_some();
        if is_ours && ["configuration.json", "rec"].iter().any(|part| path.join(part).exists()) {
            found.push(path);
        }
    }
    Ok(found)
}
