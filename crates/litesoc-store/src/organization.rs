//! Organisations, their API keys and the months their usage is counted in.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use crate::error::StoreError;

/// The most bytes an organisation id has.
const MAX_ID_BYTES: usize = 64;

/// The name of an organisation within the store: 1 to 64 ASCII letters, digits, `-`, `_` or `.`; cheap to clone.
///
/// ```
/// use litesoc_store::OrganizationId;
///
/// let id = OrganizationId::new("org_demo")?;
/// assert_eq!(id.as_str(), "org_demo");
/// assert!(OrganizationId::new("").is_err());
/// # Ok::<(), litesoc_store::StoreError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationId(Arc<str>);

impl OrganizationId {
    /// The id with this text.
    ///
    /// # Errors
    ///
    /// [`StoreError::Invalid`] when the text is empty, too long or has other characters.
    pub fn new(text: &str) -> Result<Self, StoreError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if text.is_empty() || text.len() > MAX_ID_BYTES || !text.bytes().all(allowed) {
            return Err(StoreError::invalid(
                "an organization id is 1 to 64 letters, digits, '-', '_' or '.'",
            ));
        }
        Ok(Self(text.into()))
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OrganizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for OrganizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A tenant: what events, alerts and keys belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name for people.
    pub name: String,
    /// The word of its plan, such as `pro`; the store gives it no meaning.
    pub plan: String,
    /// Its settings, a JSON object the store does not read; `{}` when there are none.
    pub settings: String,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_ms: i64,
}

impl Organization {
    /// An organisation without settings.
    #[must_use]
    pub fn new(
        id: OrganizationId,
        name: impl Into<String>,
        plan: impl Into<String>,
        created_ms: i64,
    ) -> Self {
        Self { id, name: name.into(), plan: plan.into(), settings: "{}".into(), created_ms }
    }
}

/// The SHA-256 hash of an API key: all the store ever learns of one beside its first 14 characters.
///
/// Keys hold 160 and more random bits, so that a hash without salt cannot be searched backwards.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash with these bytes.
    #[must_use]
    pub const fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// The 32 bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(..)")
    }
}

/// An API key about to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewKey {
    /// The id by which the key is listed and revoked.
    pub id: Uuid,
    /// The organisation the key speaks for.
    pub organization: OrganizationId,
    /// The hash of the key.
    pub hash: KeyHash,
    /// The first characters of the key, shown so that people can tell their keys apart; at most 14.
    pub prefix: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_ms: i64,
}

impl NewKey {
    /// How many characters of a key are kept in the clear.
    pub const PREFIX_CHARS: usize = 14;

    /// A key of this organisation without a name; `prefix` is cut to [`PREFIX_CHARS`](Self::PREFIX_CHARS).
    #[must_use]
    pub fn new(id: Uuid, organization: OrganizationId, hash: KeyHash, prefix: &str, created_ms: i64) -> Self {
        let prefix = prefix.chars().take(Self::PREFIX_CHARS).collect();
        Self { id, organization, hash, prefix, name: String::new(), created_ms }
    }
}

/// A registered API key, without its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyRow {
    /// The id by which the key is listed and revoked.
    pub id: Uuid,
    /// The organisation the key speaks for.
    pub organization: OrganizationId,
    /// The first characters of the key.
    pub prefix: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_ms: i64,
    /// When it was revoked, in milliseconds since the Unix epoch; `None` while it is valid.
    pub revoked_ms: Option<i64>,
}

/// A calendar month in UTC: the period in which an organisation's events are counted against its quota.
///
/// ```
/// use litesoc_store::Month;
///
/// let month = Month::containing(1_709_210_096_000); // 2024-02-29T12:34:56Z
/// assert_eq!((month.year(), month.month()), (2024, 2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month that contains this moment, in milliseconds since the Unix epoch.
    ///
    /// The conversion is the one of the proleptic Gregorian calendar, counted from the first of March of the year zero so
    /// that the leap day is the last day of a year.
    #[must_use]
    pub fn containing(time_ms: i64) -> Self {
        let days = time_ms.div_euclid(86_400_000) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self(i32::try_from(year * 12 + month - 1).unwrap_or(i32::MAX))
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// The month of the year, 1 to 12.
    #[must_use]
    pub const fn month(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }

    /// Months since January of the year zero: how the store keeps it.
    #[cfg(feature = "sqlite")]
    pub(crate) const fn number(self) -> i32 {
        self.0
    }
}
