//! The embedded engine: one SQLite database in a directory.

mod accounts;
mod alerts;
mod append;
mod bind;
mod events;
mod failure;
mod keys;
mod notices;
mod open;
mod purge;
mod readers;
mod schema;
mod spill;
mod tenants;
mod totals;
mod triage;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};

use uuid::Uuid;

pub use self::open::SqliteSettings;
pub use self::spill::{SpillFile, SpillKey};

use self::failure::Place;
use self::keys::TextKeys;
use self::readers::Readers;
use self::tenants::Tenants;
use self::writer::{Durability, Writer};
use crate::Result;
use crate::alert::{AlertChange, AlertQuery, StoredAlert, Suppression};
use crate::audit::AuditRow;
use crate::effects::{Effects, Verdict};
use crate::error::StoreError;
use crate::event::{Commit, EventQuery, NewEvent, StoredEvent};
use crate::notice::Notice;
use crate::organization::{KeyHash, KeyRow, Month, NewKey, Organization, OrganizationId};
use crate::page::{Rows, Seq};
use crate::store::Store;

/// A store in one directory of this machine, for one process at a time.
///
/// ```
/// use litesoc_store::{Store, SqliteStore};
/// # let directory = tempfile::tempdir()?;
/// # let directory = directory.path();
///
/// let store = SqliteStore::open(directory)?;
/// assert_eq!(store.last_seq()?.get(), 0);
/// assert!(SqliteStore::open(directory).unwrap_err().to_string().contains("in use by another process"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteStore {
    // The order of the fields is the order in which they are dropped: the readers first, so that the writer is the last
    // connection and moves the log into the database, then the lock, at last the directory of a temporary store.
    readers: Readers,
    writer: Writer,
    tenants: Tenants,
    keys: TextKeys,
    place: Place,
    /// Held by the one process that may write.
    _lock: Option<File>,
    _temporary: Option<Temporary>,
}

impl SqliteStore {
    /// Opens the store in this directory, creating both if need be.
    ///
    /// # Errors
    ///
    /// [`InUse`](StoreError::InUse) when a process has it open, [`NewerSchema`](StoreError::NewerSchema) when a later version
    /// wrote it, [`Corrupt`](StoreError::Corrupt) when it is no database of ours, [`Io`](StoreError::Io) when the directory
    /// cannot be made or read.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(directory, &SqliteSettings::default())
    }

    /// Opens the store in this directory with settings other than the usual ones.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(directory: impl AsRef<Path>, settings: &SqliteSettings) -> Result<Self> {
        open::check_engine()?;
        let place = Place::new(directory.as_ref().to_path_buf());
        let lock = open::lock_directory(&place)?;
        let mut connection = open::writer(&place, settings)?;
        schema::migrate(&mut connection, &place)?;
        let doing = "reading the organizations";
        let tenants = place.judge(doing, Tenants::load(&connection))?;
        let keys = place.judge(doing, TextKeys::load(&connection))?;
        let writer = Writer::new(connection, place.clone(), settings.checkpoint_pages)?;
        let readers = Readers::new(place.clone(), settings.clone());
        Ok(Self { readers, writer, tenants, keys, place, _lock: Some(lock), _temporary: None })
    }

    /// Opens a store that is there for reading alone, beside the process that has it open, if there is one.
    ///
    /// What that process commits is seen from then on, except for organisations that it creates; every call that writes is
    /// refused with [`Stopped`](StoreError::Stopped).
    ///
    /// # Errors
    ///
    /// [`Io`](StoreError::Io) when there is no database, [`Invalid`](StoreError::Invalid) when it has to be brought to the
    /// present schema first, and those of [`open`](Self::open) but [`InUse`](StoreError::InUse).
    pub fn open_read_only(directory: impl AsRef<Path>) -> Result<Self> {
        open::check_engine()?;
        let (place, settings) = (Place::new(directory.as_ref().to_path_buf()), SqliteSettings::default());
        let connection = open::reader(&place, &settings)?;
        schema::check(&connection, &place)?;
        let doing = "reading the organizations";
        let tenants = place.judge(doing, Tenants::load(&connection))?;
        let keys = place.judge(doing, TextKeys::load(&connection))?;
        let writer = Writer::read_only(connection, place.clone())?;
        let readers = Readers::new(place.clone(), settings);
        Ok(Self { readers, writer, tenants, keys, place, _lock: None, _temporary: None })
    }

    /// Opens an empty store in a new directory under the system's temporary one; dropping the store deletes it.
    ///
    /// # Errors
    ///
    /// [`Io`](StoreError::Io) when the directory cannot be made.
    pub fn open_temporary() -> Result<Self> {
        let temporary = Temporary::create()?;
        let mut store = Self::open(&temporary.0)?;
        store._temporary = Some(temporary);
        Ok(store)
    }

    /// The directory of the store.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.place.directory()
    }
}

/// A directory that goes when the store goes.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Temporary {
    fn create() -> Result<Self> {
        let parent = std::env::temp_dir();
        let process = std::process::id();
        for attempt in 0_u32.. {
            let directory = parent.join(format!("litesoc-{process}-{attempt}"));
            match std::fs::create_dir(&directory) {
                Ok(()) => return Ok(Self(directory)),
                Err(taken) if taken.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(Place::new(parent).io("creating a temporary directory", source)),
            }
        }
        Err(StoreError::invalid("there is no free name for a temporary directory"))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nobody is left to tell; the system clears its temporary directory by itself.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn to_seq(number: i64) -> Seq {
    Seq::new(u64::try_from(number).unwrap_or_default())
}

fn from_seq(seq: Seq) -> i64 {
    i64::try_from(seq.get()).unwrap_or(i64::MAX)
}

impl Store for SqliteStore {
    fn append(&self, batch: &[NewEvent]) -> Result<Commit> {
        if batch.is_empty() {
            return Ok(Commit::default());
        }
        let tenants = self.tenants.of_batch(batch)?;
        self.writer.write("appending events", |connection, last_seq| {
            append::append(connection, self.keys, batch, &tenants, last_seq)
        })
    }

    fn last_seq(&self) -> Result<Seq> {
        Ok(to_seq(self.writer.last_seq()))
    }

    fn read_from(&self, after: Seq, max: usize) -> Result<Vec<StoredEvent>> {
        self.readers
            .read("reading events", |connection| events::read_from(connection, &self.tenants, after, max))
    }

    fn seq_before(&self, received_ms: i64) -> Result<Seq> {
        self.readers.read("looking for a time", |connection| events::seq_before(connection, received_ms))
    }

    fn cursor(&self) -> Result<Seq> {
        self.readers.read("reading the cursor", triage::cursor)
    }

    fn conclude(&self, cursor: Seq, effects: &Effects) -> Result<()> {
        let deferred = effects.is_empty() && !effects.durable;
        let durability = if deferred { Durability::WithTheNext } else { Durability::Now };
        self.writer.write_with(durability, "recording conclusions", |connection, last_seq| {
            triage::conclude(connection, &self.tenants, cursor, to_seq(*last_seq), effects)
        })
    }

    fn verdicts(&self, after: u64, max: usize) -> Result<Vec<Verdict>> {
        self.readers
            .read("reading verdicts", |connection| triage::verdicts(connection, &self.tenants, after, max))
    }

    fn notices(&self, after: u64, max: usize) -> Result<Vec<Notice>> {
        self.readers
            .read("reading notices", |connection| notices::read(connection, &self.tenants, after, max))
    }

    fn notices_done(&self, consumer: &str) -> Result<u64> {
        self.readers.read("reading notices", |connection| notices::done(connection, consumer))
    }

    fn set_notices_done(&self, consumer: &str, number: u64) -> Result<()> {
        self.writer.write_with(Durability::WithTheNext, "recording notices as done", |connection, _| {
            notices::set_done(connection, consumer, number)
        })
    }

    fn purge_notices(&self, before_ms: i64, max: usize) -> Result<usize> {
        self.writer.write("purging old notices", |connection, _| notices::purge(connection, before_ms, max))
    }

    fn events(&self, query: &EventQuery) -> Result<Rows<StoredEvent>> {
        let Some(tenant) = self.tenants.get(&query.organization) else { return Ok(Rows::empty(query.count)) };
        self.readers.read("listing events", |connection| events::list(connection, self.keys, tenant, query))
    }

    fn event(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        not_before_ms: Option<i64>,
    ) -> Result<Option<StoredEvent>> {
        let Some(tenant) = self.tenants.get(organization) else { return Ok(None) };
        self.readers.read("reading an event", |connection| {
            events::one(connection, organization, tenant, id, not_before_ms.unwrap_or(i64::MIN))
        })
    }

    fn alerts(&self, query: &AlertQuery) -> Result<Rows<StoredAlert>> {
        let Some(tenant) = self.tenants.get(&query.organization) else { return Ok(Rows::empty(query.count)) };
        self.readers.read("listing alerts", |connection| alerts::list(connection, tenant, query))
    }

    fn alert(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        not_before_ms: Option<i64>,
    ) -> Result<Option<StoredAlert>> {
        let Some(tenant) = self.tenants.get(organization) else { return Ok(None) };
        self.readers.read("reading an alert", |connection| {
            let found = alerts::one(connection, organization, tenant, id)?;
            Ok(found.filter(|alert| not_before_ms.is_none_or(|limit| alert.alert.created_ms >= limit)))
        })
    }

    fn update_alert(
        &self,
        organization: &OrganizationId,
        id: Uuid,
        change: &AlertChange,
        now_ms: i64,
    ) -> Result<Option<StoredAlert>> {
        let Some(tenant) = self.tenants.get(organization) else { return Ok(None) };
        self.writer.write("changing an alert", |connection, last_seq| {
            triage::update(connection, (organization, tenant), id, change, (now_ms, *last_seq))
        })
    }

    fn open_alerts(&self, seen_since_ms: i64) -> Result<Vec<StoredAlert>> {
        self.readers
            .read("reading open alerts", |connection| alerts::live(connection, &self.tenants, seen_since_ms))
    }

    fn suppressions(&self, now_ms: i64) -> Result<Vec<Suppression>> {
        self.readers.read("reading suppressions", |connection| {
            triage::suppressions(connection, &self.tenants, now_ms)
        })
    }

    fn audit(&self, organization: &OrganizationId, after: u64, max: usize) -> Result<Vec<AuditRow>> {
        let Some(tenant) = self.tenants.get(organization) else { return Ok(Vec::new()) };
        self.readers.read("reading the audit rows", |connection| {
            triage::audit(connection, organization, tenant, after, max)
        })
    }

    fn create_organization(&self, organization: &Organization) -> Result<bool> {
        let doing = "creating an organization";
        let created = self.writer.write(doing, |connection, _| accounts::create(connection, organization))?;
        if let Some(number) = created {
            self.tenants.add(organization.id.clone(), number);
        }
        Ok(created.is_some())
    }

    fn update_organization(&self, organization: &Organization) -> Result<bool> {
        self.writer
            .write("changing an organization", |connection, _| accounts::update(connection, organization))
    }

    fn organization(&self, id: &OrganizationId) -> Result<Option<Organization>> {
        self.readers.read("reading an organization", |connection| accounts::one(connection, id))
    }

    fn organizations(&self) -> Result<Vec<Organization>> {
        self.readers.read("listing organizations", accounts::all)
    }

    fn create_key(&self, key: &NewKey) -> Result<bool> {
        let tenant = self.tenants.expect(&key.organization)?;
        self.writer
            .write("registering an API key", |connection, _| accounts::create_key(connection, tenant, key))
    }

    fn key(&self, hash: &KeyHash) -> Result<Option<KeyRow>> {
        self.readers
            .read("looking up an API key", |connection| accounts::key(connection, &self.tenants, hash))
    }

    fn keys(&self, organization: &OrganizationId) -> Result<Vec<KeyRow>> {
        let Some(tenant) = self.tenants.get(organization) else { return Ok(Vec::new()) };
        self.readers.read("listing API keys", |connection| accounts::keys(connection, organization, tenant))
    }

    fn revoke_key(&self, organization: &OrganizationId, id: Uuid, now_ms: i64) -> Result<bool> {
        let Some(tenant) = self.tenants.get(organization) else { return Ok(false) };
        self.writer
            .write("revoking an API key", |connection, _| accounts::revoke(connection, tenant, id, now_ms))
    }

    fn usage(&self, organization: &OrganizationId, month: Month) -> Result<u64> {
        let Some(tenant) = self.tenants.get(organization) else { return Ok(0) };
        self.readers.read("reading the usage", |connection| totals::usage(connection, tenant, month))
    }

    fn purge(&self, organization: &OrganizationId, before_ms: i64, max: usize) -> Result<usize> {
        let Some(tenant) = self.tenants.get(organization) else { return Ok(0) };
        self.writer.write("purging old events", |connection, last_seq| {
            purge::purge(connection, tenant, before_ms, max, *last_seq)
        })
    }
}
