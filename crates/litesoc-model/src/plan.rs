//! [`PlanInfo`]: what the headers of an answer tell of the plan, its quota and its rate limit.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use crate::json::{Members, whole};
use crate::time::Timestamp;
use crate::vocabulary::Plan;

/// The plan.
pub const PLAN: HeaderName = HeaderName::from_static("x-litesoc-plan");
/// Days of retention.
pub const RETENTION: HeaderName = HeaderName::from_static("x-litesoc-retention");
/// The oldest visible moment.
pub const CUTOFF: HeaderName = HeaderName::from_static("x-litesoc-cutoff");
/// Events per month.
pub const QUOTA_LIMIT: HeaderName = HeaderName::from_static("x-litesoc-quota-limit");
/// Events left this month.
pub const QUOTA_REMAINING: HeaderName = HeaderName::from_static("x-litesoc-quota-remaining");
/// Events used this month.
pub const QUOTA_USED: HeaderName = HeaderName::from_static("x-litesoc-quota-used");
/// Requests per minute.
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
/// Requests left in this minute.
pub const RATE_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
/// Seconds until the rate limit is whole again.
pub const RATE_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The month's events. `None` stands for unlimited, or for unknown where the service said nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Quota {
    /// Events left this month.
    pub remaining: Option<u64>,
    /// Events per month.
    pub limit: Option<u64>,
    /// Events used this month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// When the month ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<Timestamp>,
}

impl Quota {
    /// So many events a month, of which so many are used.
    #[must_use]
    pub const fn new(limit: u64, used: u64) -> Self {
        Self {
            remaining: Some(limit.saturating_sub(used)),
            limit: Some(limit),
            used: Some(used),
            resets_at: None,
        }
    }

    /// No limit.
    pub const UNLIMITED: Self = Self { remaining: None, limit: None, used: None, resets_at: None };

    /// The same without what only health tells: the quota in the body of an accepted event.
    #[must_use]
    pub const fn brief(self) -> Self {
        Self { used: None, resets_at: None, ..self }
    }

    pub(crate) fn of_member(members: &Members<'_>) -> Option<Self> {
        let quota = members.inner("quota")?;
        let number = |key| quota.get(key).and_then(whole);
        Some(Self {
            remaining: number("remaining"),
            limit: number("limit"),
            used: number("used"),
            resets_at: quota.get("resets_at").and_then(crate::json::timestamp),
        })
    }
}

/// The requests of a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests per minute.
    pub limit: Option<u64>,
    /// Requests left.
    pub remaining: Option<u64>,
    /// Seconds until it is whole again.
    pub reset: Option<u64>,
}

impl RateLimit {
    /// So many requests a minute, of which so many are left, and so many seconds until all are.
    #[must_use]
    pub const fn new(limit: u64, remaining: u64, reset: u64) -> Self {
        Self { limit: Some(limit), remaining: Some(remaining), reset: Some(reset) }
    }
}

/// What the headers of an answer tell of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanInfo {
    /// The plan.
    pub plan: Option<Plan>,
    /// How many days back events are visible.
    pub retention_days: Option<u32>,
    /// The oldest visible moment.
    pub cutoff: Option<Timestamp>,
    /// The month's events; `None` when the plan is unlimited or the service does not tell.
    pub quota: Option<Quota>,
    /// The requests of a minute.
    pub rate_limit: Option<RateLimit>,
}

impl PlanInfo {
    /// A plan with its retention and the cutoff that follows from it.
    #[must_use]
    pub fn new(plan: Plan, retention_days: u32, cutoff: Timestamp) -> Self {
        Self {
            plan: Some(plan),
            retention_days: Some(retention_days),
            cutoff: Some(cutoff),
            quota: None,
            rate_limit: None,
        }
    }

    /// Reads the headers of an answer; what is absent or makes no sense stays `None`.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let number = |name: &HeaderName| text(name).and_then(leading_integer);
        let any = |all: [Option<u64>; 3]| all.iter().any(Option::is_some);
        let (limit, remaining, used) = (number(&QUOTA_LIMIT), number(&QUOTA_REMAINING), number(&QUOTA_USED));
        let rate = RateLimit {
            limit: number(&RATE_LIMIT),
            remaining: number(&RATE_REMAINING),
            reset: number(&RATE_RESET),
        };
        Self {
            plan: text(&PLAN).filter(|plan| !plan.is_empty()).map(Plan::from),
            retention_days: number(&RETENTION).and_then(|days| u32::try_from(days).ok()),
            cutoff: text(&CUTOFF).and_then(|cutoff| cutoff.parse().ok()),
            quota: any([limit, remaining, used]).then_some(Quota { remaining, limit, used, resets_at: None }),
            rate_limit: any([rate.limit, rate.remaining, rate.reset]).then_some(rate),
        }
    }

    /// Sets the headers. For an unlimited plan the three of the quota are left out.
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        let mut number = |name: HeaderName, value: Option<u64>| {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from(value));
            }
        };
        number(RETENTION, self.retention_days.map(u64::from));
        let quota = self.quota.filter(|quota| quota.limit.is_some()).unwrap_or_default();
        number(QUOTA_LIMIT, quota.limit);
        number(QUOTA_REMAINING, quota.remaining);
        number(QUOTA_USED, quota.used);
        let rate = self.rate_limit.unwrap_or_default();
        number(RATE_LIMIT, rate.limit);
        number(RATE_REMAINING, rate.remaining);
        number(RATE_RESET, rate.reset);
        let mut word = |name: HeaderName, value: Option<String>| {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(name, value);
            }
        };
        word(PLAN, self.plan.as_ref().map(|plan| plan.as_str().to_owned()));
        word(CUTOFF, self.cutoff.map(|cutoff| cutoff.to_string()));
    }

    /// Whether the headers told nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the plan has no monthly quota: the service named the plan and no quota.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        self.plan.is_some() && self.quota.is_none_or(|quota| quota.limit.is_none())
    }

    /// Whether alerts can be read over the API; unknown plans are taken for paid ones.
    #[must_use]
    pub fn has_management_api(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| *plan != Plan::Free)
    }
}

/// The integer at the beginning: `30` of `30 days`.
fn leading_integer(text: &str) -> Option<u64> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}
