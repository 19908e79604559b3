//! What a client has seen of a log and must not forget: the roots that every later answer has to contain.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use litesoc_ledger::Hash;
use litesoc_ledger::canonical::{Object, Value};
use litesoc_ledger::ptree::TrustedRoot;

/// The newest states of a log that were shown to a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remembered {
    /// The log.
    pub origin: String,
    /// The newest root that a receipt promised.
    pub promised: Option<TrustedRoot>,
    /// The newest root that a checkpoint covers.
    pub published: Option<TrustedRoot>,
}

/// Where the newest states of a log are kept. A memory serves one log.
pub trait Memory: fmt::Debug + Send + Sync + 'static {
    /// What was kept; `None` if nothing ever was.
    ///
    /// # Errors
    ///
    /// It cannot be read. It must not be taken for an empty one: whoever rolls a log back would only have to damage it.
    fn load(&self) -> io::Result<Option<Remembered>>;

    /// Keeps it in place of what was there.
    ///
    /// # Errors
    ///
    /// It could not be written; the call that learned of it fails then.
    fn store(&self, seen: &Remembered) -> io::Result<()>;
}

/// A memory that ends with the process.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct InProcess(Mutex<Option<Remembered>>);

impl InProcess {
    /// An empty memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Memory for InProcess {
    fn load(&self) -> io::Result<Option<Remembered>> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn store(&self, seen: &Remembered) -> io::Result<()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen.clone());
        Ok(())
    }
}

/// A memory in a file of JSON, which is replaced whole and is on the disk before a call ends.
///
/// One process at a time should write it: of two, each would forget what the other saw.
#[derive(Debug)]
pub struct InFile(PathBuf);

impl InFile {
    /// The memory in this file, which is made when there is something to remember.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Memory for InFile {
    fn load(&self) -> io::Result<Option<Remembered>> {
        let text = match fs::read(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let damaged = || {
            let path = self.0.display();
            io::Error::other(format!(
                "{path} is not what was written there; find out who changed it before it is deleted"
            ))
        };
        read(&text).map(Some).ok_or_else(damaged)
    }

    fn store(&self, seen: &Remembered) -> io::Result<()> {
        let beside = self.0.with_extension("new");
        let mut file = fs::File::create(&beside)?;
        file.write_all(write(seen).as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &self.0)?;
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty());
        // Systems that cannot open a folder cannot flush one either.
        fs::File::open(folder.unwrap_or_else(|| Path::new("."))).map_or(Ok(()), |folder| folder.sync_all())
    }
}

fn write(seen: &Remembered) -> String {
    let mut members = Object::from([("origin".to_owned(), Value::from(&*seen.origin))]);
    for (name, root) in [("promised", &seen.promised), ("published", &seen.published)] {
        if let Some(root) = root {
            let size = i64::try_from(root.size()).unwrap_or(i64::MAX);
            let root = Object::from([
                ("root".to_owned(), Value::from(root.root().to_string())),
                ("size".to_owned(), Value::Integer(size)),
            ]);
            members.insert(name.to_owned(), Value::Object(root));
        }
    }
    let mut text = Value::Object(members).to_canonical();
    text.push('\n');
    text
}

fn read(text: &[u8]) -> Option<Remembered> {
    let value = Value::parse(text).ok()?;
    let root = |name: &str| match value.get(name) {
        None => Some(None),
        Some(root) => {
            let size = u64::try_from(root.get("size")?.as_integer()?).ok()?;
            let hash = Hash::from_hex(root.get("root")?.as_str()?).ok()?;
            Some(Some(TrustedRoot::pinned(size, hash)))
        }
    };
    Some(Remembered {
        origin: value.get("origin")?.as_str()?.to_owned(),
        promised: root("promised")?,
        published: root("published")?,
    })
}
