//! Finding and reading the files that an operator named. The only module that touches a disk.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{EnrichError, Fault};
use crate::source::{Source, SourceKind};

/// Longest file that is read. The largest database of cities that is sold has about 2 GiB.
const MAX_FILE_BYTES: u64 = 4 << 30;

/// A file that was found, and what kind of file it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Located {
    /// Where it is.
    pub path: PathBuf,
    /// What kind of file it is.
    pub kind: SourceKind,
}

impl Located {
    /// A file of this kind, whatever its name says.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, kind: SourceKind) -> Self {
        Self { path: path.into(), kind }
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no file.
    pub fn read(&self) -> Result<Source, EnrichError> {
        let name = self.path.to_string_lossy();
        let content = read(&self.path).map_err(|message| {
            let faults = vec![Fault::of_file(&name, message)];
            EnrichError::unless_empty(faults).expect_err("there is one fault")
        })?;
        Ok(Source::new(&*name, self.kind, content))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let unread = |error: std::io::Error| format!("cannot be read: {error}");
    let file = File::open(path).map_err(unread)?;
    let about = file.metadata().map_err(unread)?;
    if !about.is_file() {
        return Err("is no file".to_owned());
    }
    if about.len() > MAX_FILE_BYTES {
        return Err(format!("is longer than {} GiB", MAX_FILE_BYTES >> 30));
    }
    let mut content = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
    file.take(MAX_FILE_BYTES).read_to_end(&mut content).map_err(unread)?;
    Ok(content)
}

/// Finds the files that are meant by what an operator wrote: `FILE`, `KIND=FILE`, or `DIR`, which stands for every file in
/// it whose name tells its kind ([`SourceKind::of_path`]); other files there, and folders, are left alone.
///
/// Files of a folder come in the order of their names.
///
/// # Errors
///
/// When something is not there, or the name of a single file does not tell its kind.
pub fn locate<S: AsRef<str>>(named: impl IntoIterator<Item = S>) -> Result<Vec<Located>, EnrichError> {
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for named in named {
        match locate_one(named.as_ref()) {
            Ok(found) => files.extend(found),
            Err(message) => faults.push(Fault::of_file(named.as_ref(), message)),
        }
    }
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.path.clone()));
    EnrichError::unless_empty(faults).map(|()| files)
}

fn locate_one(named: &str) -> Result<Vec<Located>, String> {
    if let Some((word, path)) = named.split_once('=')
        && let Ok(kind) = word.parse()
    {
        return Ok(vec![Located::new(path, kind)]);
    }
    let about = fs::metadata(named).map_err(|error| format!("cannot be read: {error}"))?;
    if !about.is_dir() {
        let kind = SourceKind::of_path(named).ok_or_else(|| {
            "the name does not tell what kind of file it is; write KIND=FILE, where KIND is database, overrides, vpn, tor, \
             proxy, relay, datacenter, mobile, allow or deny"
                .to_owned()
        })?;
        return Ok(vec![Located::new(named, kind)]);
    }
    let entries = fs::read_dir(named).map_err(|error| format!("cannot be listed: {error}"))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| format!("cannot be listed: {error}"))?.path();
        // What starts with a dot is on its way to become a file.
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if let Some(kind) = SourceKind::of_path(&path.to_string_lossy()).filter(|_| !hidden && path.is_file())
        {
            files.push(Located::new(path, kind));
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}
