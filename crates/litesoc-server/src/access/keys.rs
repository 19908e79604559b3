//! Who calls: API keys, looked up by their hash and remembered for a short time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName};
use litesoc_model::{Plan, PlanInfo, Quota as QuotaNumbers, RateLimit as RateNumbers, Timestamp};
use litesoc_store::{KeyHash, KeyRow, Month, Organization, OrganizationId, Store, StoreError};
use parking_lot::{Mutex, RwLock};
use sha2::{Digest, Sha256};

use super::quota::Quota;
use super::rate::RateLimit;
use crate::clock::Clock;
use crate::config::{PlanLimits, Plans};

/// The header that current clients send the key in.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The most keys that are remembered; beyond it those that are not valid are forgotten.
///
/// The valid ones stay: with them would go what their callers have used of their rate limits.
const MOST_REMEMBERED: usize = 10_000;

const DAY: Duration = Duration::from_secs(86_400);

/// A valid key and the organization it speaks for.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) organization: OrganizationId,
    pub(crate) organization_name: String,
    pub(crate) plan: Plan,
    pub(crate) limits: PlanLimits,
    pub(crate) key_name: String,
    pub(crate) rate: Arc<RateLimit>,
    pub(crate) quota: Arc<Quota>,
}

impl Caller {
    /// The oldest moment that the plan shows.
    pub(crate) fn cutoff(&self, now: Timestamp) -> Timestamp {
        now.checked_sub(DAY * self.limits.retention_days).unwrap_or(Timestamp::MIN)
    }

    /// The month's events.
    pub(crate) fn quota_numbers(&self, now: Timestamp) -> QuotaNumbers {
        let numbers = |limit| QuotaNumbers::new(limit, self.quota.used(Month::containing(now.as_millis())));
        self.limits.events_per_month.map_or(QuotaNumbers::UNLIMITED, numbers)
    }

    /// What the headers of every answer tell.
    pub(crate) fn plan_info(&self, clock: &Clock) -> PlanInfo {
        let now = clock.now();
        let mut info = PlanInfo::new(self.plan.clone(), self.limits.retention_days, self.cutoff(now));
        info.quota = Some(self.quota_numbers(now));
        info.rate_limit = self.limits.requests_per_minute.map(|limit| {
            let left = self.rate.allowance(limit, clock.elapsed());
            RateNumbers::new(u64::from(left.limit), u64::from(left.remaining), left.reset_seconds)
        });
        info
    }
}

/// The key of a request: `X-API-Key`, else `Authorization: Bearer`.
///
/// A key in the query would end up in the logs of every proxy, so it is not looked for.
pub(crate) fn presented_key(headers: &HeaderMap) -> Option<&[u8]> {
    let given = |key: &[u8]| !key.is_empty();
    let plain = headers.get(&X_API_KEY).map(|value| value.as_bytes().trim_ascii()).filter(|key| given(key));
    plain.or_else(|| {
        let value = headers.get(AUTHORIZATION)?.as_bytes();
        let (scheme, key) = value.split_at_checked(7)?;
        let key = key.trim_ascii();
        (scheme.eq_ignore_ascii_case(b"bearer ") && given(key)).then_some(key)
    })
}

/// The hash under which a key is stored.
pub(crate) fn hash_of(key: &[u8]) -> KeyHash {
    KeyHash::new(Sha256::digest(key).into())
}

/// The keys that were presented lately, valid or not.
#[derive(Debug)]
pub(crate) struct KeyRing {
    store: Arc<dyn Store>,
    plans: Plans,
    clock: Clock,
    believed_for: Duration,
    remembered: RwLock<HashMap<KeyHash, Arc<Remembered>>>,
    quotas: Mutex<HashMap<OrganizationId, Arc<Quota>>>,
}

#[derive(Debug)]
struct Remembered {
    caller: Option<Arc<Caller>>,
    /// When the store was last asked, in milliseconds of [`Clock::elapsed`].
    asked_ms: AtomicU64,
}

impl KeyRing {
    pub(crate) fn new(store: Arc<dyn Store>, plans: Plans, clock: Clock, believed_for: Duration) -> Self {
        let (remembered, quotas) = Default::default();
        Self { store, plans, clock, believed_for, remembered, quotas }
    }

    /// The caller with this key; `None` when the key is unknown or revoked.
    pub(crate) async fn identify(self: &Arc<Self>, key: &[u8]) -> Result<Option<Arc<Caller>>, StoreError> {
        let hash = hash_of(key);
        let known = self.remembered.read().get(&hash).cloned();
        if let Some(known) = &known
            && self.is_believed(known)
        {
            return Ok(known.caller.clone());
        }
        let ring = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || ring.ask(hash, known.as_deref())).await;
        asked.unwrap_or_else(|_| Ok(None))
    }

    /// Whether the answer is fresh. The first to find it stale renews the date, so that one request asks the store and the
    /// others go on with what they have.
    fn is_believed(&self, known: &Remembered) -> bool {
        let now = as_millis(self.clock.elapsed());
        let asked = known.asked_ms.load(Ordering::Relaxed);
        let fresh = now.saturating_sub(asked) < as_millis(self.believed_for);
        fresh || known.asked_ms.compare_exchange(asked, now, Ordering::Relaxed, Ordering::Relaxed).is_err()
    }

    fn ask(&self, hash: KeyHash, known: Option<&Remembered>) -> Result<Option<Arc<Caller>>, StoreError> {
        let asked_ms = AtomicU64::new(as_millis(self.clock.elapsed()));
        let valid = self.store.key(&hash)?.filter(|row| row.revoked_ms.is_none());
        let organization = match &valid {
            Some(row) => self.store.organization(&row.organization)?,
            None => None,
        };
        let earlier = known.and_then(|known| known.caller.as_deref());
        let caller = match (valid, organization) {
            (Some(row), Some(organization)) => Some(Arc::new(self.caller(row, organization, earlier)?)),
            _ => None,
        };
        let mut remembered = self.remembered.write();
        if remembered.len() >= MOST_REMEMBERED {
            remembered.retain(|_, entry| entry.caller.is_some());
        }
        remembered.insert(hash, Arc::new(Remembered { caller: caller.clone(), asked_ms }));
        Ok(caller)
    }

    fn caller(
        &self,
        row: KeyRow,
        organization: Organization,
        earlier: Option<&Caller>,
    ) -> Result<Caller, StoreError> {
        // The header may carry three words only; any other plan is a paid one.
        let plan = Some(Plan::from(organization.plan)).filter(Plan::is_known).unwrap_or(Plan::Pro);
        Ok(Caller {
            limits: self.plans.of(&plan).clone(),
            plan,
            organization_name: organization.name,
            key_name: row.name,
            rate: earlier.map_or_else(|| Arc::new(RateLimit::new()), |earlier| Arc::clone(&earlier.rate)),
            quota: self.quota(&row.organization)?,
            organization: row.organization,
        })
    }

    /// The one quota of an organization, shared by all its keys. What is used was counted by the store; from here on it is
    /// counted here too.
    fn quota(&self, organization: &OrganizationId) -> Result<Arc<Quota>, StoreError> {
        let mut quotas = self.quotas.lock();
        if let Some(quota) = quotas.get(organization) {
            return Ok(Arc::clone(quota));
        }
        let month = Month::containing(self.clock.now().as_millis());
        let quota = Arc::new(Quota::new(month, self.store.usage(organization, month)?));
        quotas.insert(organization.clone(), Arc::clone(&quota));
        Ok(quota)
    }
}

fn as_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
