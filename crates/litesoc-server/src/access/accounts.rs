//! [`Accounts`]: making organizations and keys, for the command line and for tests.

use std::fmt;

use http::HeaderMap;
use litesoc_model::Plan;
use litesoc_store::{KeyRow, NewKey, Organization, OrganizationId, Store, StoreError};
use uuid::Uuid;

use super::keys::{hash_of, presented_key};
use crate::clock::Clock;
use crate::ids::Ids;

/// An API key in the clear. Its `Debug` form shows nothing of it.
///
/// It exists when it is made and never again: the store keeps a hash.
///
/// ```
/// use litesoc_server::ApiKey;
///
/// let key = ApiKey::random();
/// assert!(key.reveal().starts_with("lsoc_live_"));
/// assert_eq!(key.reveal().len(), 42);
/// assert_eq!(format!("{key:?}"), "ApiKey(..)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Box<str>);

impl ApiKey {
    /// A key of the operator's own choice; any text that is not blank.
    ///
    /// # Errors
    ///
    /// [`StoreError::Invalid`] when the text is blank, or has blanks or control characters in it, which no header can carry.
    pub fn new(key: impl Into<String>) -> Result<Self, StoreError> {
        let key = key.into();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(StoreError::Invalid(
                "an API key is visible ASCII characters without blanks".to_owned(),
            ));
        }
        Ok(Self(key.into()))
    }

    /// `lsoc_live_` and 32 hexadecimal digits from the system's source of randomness.
    ///
    /// # Panics
    ///
    /// When the system has no randomness to give, without which no key is safe.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the system gives randomness");
        Self(format!("lsoc_live_{:032x}", u128::from_be_bytes(bytes)).into())
    }

    /// Whether a request with these headers presents this key. Hashes are compared, so that the time it takes tells nothing.
    pub(crate) fn opens(&self, headers: &HeaderMap) -> bool {
        presented_key(headers).is_some_and(|key| self.is(key))
    }

    /// Whether these bytes are this key; hashes are compared here too.
    pub(crate) fn is(&self, given: &[u8]) -> bool {
        hash_of(given) == hash_of(self.0.as_bytes())
    }

    /// The key itself: show it to its owner, put it nowhere else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// A key that was just made, and how it is listed from now on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MadeKey {
    /// The key; this is the only time it can be seen.
    pub key: ApiKey,
    /// The organization it speaks for.
    pub organization: OrganizationId,
    /// The id by which it is listed and revoked.
    pub id: Uuid,
}

/// Organizations and keys of a store.
///
/// A running server notices what changes here within [`Config::key_refresh`](crate::Config::key_refresh).
///
/// ```
/// use litesoc_model::Plan;
/// use litesoc_server::{Accounts, ApiKey};
/// use litesoc_store::SqliteStore;
///
/// let store = SqliteStore::open_temporary()?;
/// let accounts = Accounts::of(&store);
/// let key = ApiKey::new("test-key")?;
/// assert!(accounts.bootstrap(&key, &Plan::Pro)?.is_some());
/// assert!(accounts.bootstrap(&key, &Plan::Pro)?.is_none());
/// assert_eq!(accounts.change_plan(&key, &Plan::Enterprise)?, Some(Plan::Pro));
/// # Ok::<(), litesoc_store::StoreError>(())
/// ```
#[derive(Debug)]
pub struct Accounts<'a> {
    store: &'a dyn Store,
    clock: Clock,
}

impl<'a> Accounts<'a> {
    /// The accounts of this store, by the system's clock.
    #[must_use]
    pub fn of(store: &'a dyn Store) -> Self {
        Self::with_clock(store, Clock::system())
    }

    /// The accounts of this store, by another clock.
    #[must_use]
    pub const fn with_clock(store: &'a dyn Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Makes an organization on this plan that has this key, unless the key is known (be it revoked) already; then nothing
    /// changes and the answer is `None`.
    ///
    /// The organization's id follows from the key, so that it is the same on every machine that is set up with the key.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn bootstrap(&self, key: &ApiKey, plan: &Plan) -> Result<Option<OrganizationId>, StoreError> {
        let hash = hash_of(key.reveal().as_bytes());
        if self.store.key(&hash)?.is_some() {
            return Ok(None);
        }
        let [a, b, c, d, e, f, ..] = *hash.as_bytes();
        let id = OrganizationId::new(&format!("org_{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{f:02x}"))?;
        let name = format!("Organization {a:02x}{b:02x}");
        let now = self.clock.now().as_millis();
        self.store.create_organization(&Organization::new(id.clone(), name, plan.as_str(), now))?;
        self.add_key(key, &id, "bootstrap")?;
        Ok(Some(id))
    }

    /// Moves the organization of a valid key to this plan and logs it; the answer is the plan before, `None` when nothing
    /// changed: the organization is on it already, or the key is unknown or revoked.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn change_plan(&self, key: &ApiKey, plan: &Plan) -> Result<Option<Plan>, StoreError> {
        let Some(row) = self.store.key(&hash_of(key.reveal().as_bytes()))? else { return Ok(None) };
        if row.revoked_ms.is_some() {
            return Ok(None);
        }
        let Some(mut organization) = self.store.organization(&row.organization)? else { return Ok(None) };
        let before = Plan::from(std::mem::replace(&mut organization.plan, plan.as_str().to_owned()));
        if before == *plan || !self.store.update_organization(&organization)? {
            return Ok(None);
        }
        tracing::warn!(organization = %organization.id, %before, after = %plan, "the plan of an organization was changed");
        Ok(Some(before))
    }

    /// Makes an organization with a random id and no key.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn create_organization(&self, name: &str, plan: &Plan) -> Result<OrganizationId, StoreError> {
        let now = self.clock.now();
        let id = OrganizationId::new(&format!("org_{}", Ids::new().next(now).simple()))?;
        self.store.create_organization(&Organization::new(
            id.clone(),
            name,
            plan.as_str(),
            now.as_millis(),
        ))?;
        Ok(id)
    }

    /// Makes a random key of an organization.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownOrganization`] when there is no such organization, and those of the store.
    pub fn create_key(&self, organization: &OrganizationId, name: &str) -> Result<MadeKey, StoreError> {
        let key = ApiKey::random();
        let id = self.add_key(&key, organization, name)?;
        Ok(MadeKey { key, organization: organization.clone(), id })
    }

    /// The organization that a valid key speaks for; `None` for a key that nobody made.
    ///
    /// # Errors
    ///
    /// [`StoreError::Invalid`] when the key was revoked, and those of the store.
    pub fn organization_of(&self, key: &ApiKey) -> Result<Option<OrganizationId>, StoreError> {
        match self.store.key(&hash_of(key.reveal().as_bytes()))? {
            Some(row) if row.revoked_ms.is_some() => {
                Err(StoreError::Invalid(format!("the key {} was revoked", row.id)))
            }
            row => Ok(row.map(|row| row.organization)),
        }
    }

    /// Makes a key of the operator's own choice; the answer is the id by which it is listed and revoked.
    ///
    /// # Errors
    ///
    /// Those of the store, which takes no key twice.
    pub fn add_key(
        &self,
        key: &ApiKey,
        organization: &OrganizationId,
        name: &str,
    ) -> Result<Uuid, StoreError> {
        let now = self.clock.now();
        let id = Ids::new().next(now);
        let hash = hash_of(key.reveal().as_bytes());
        // Of a short key of the operator's choice the usual number of characters would be all of it.
        let shown = key.reveal().len().min(NewKey::PREFIX_CHARS).min(key.reveal().len() / 2);
        let mut row = NewKey::new(id, organization.clone(), hash, &key.reveal()[..shown], now.as_millis());
        name.clone_into(&mut row.name);
        self.store.create_key(&row)?;
        Ok(id)
    }

    /// All organizations in the order of their creation.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        self.store.organizations()
    }

    /// All keys, revoked ones too, organization by organization.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        let mut keys = Vec::new();
        for organization in self.store.organizations()? {
            keys.extend(self.store.keys(&organization.id)?);
        }
        Ok(keys)
    }

    /// Revokes a key by its id; `false` when there is no valid key of this id.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn revoke_key(&self, id: Uuid) -> Result<bool, StoreError> {
        let now = self.clock.now().as_millis();
        for organization in self.store.organizations()? {
            if self.store.revoke_key(&organization.id, id, now)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
