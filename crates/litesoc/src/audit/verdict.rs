//! [`Verified`] and [`Unverified`]: what was shown, and what was only said.

use std::fmt;
use std::ops::Deref;

/// A value whose proof was checked against something trusted before the answer came. It dereferences to the value.
///
/// Nothing outside this crate can make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value alone; that it was verified is forgotten.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A value the service said and nobody has shown. It does not dereference, so that it cannot pass for a verified one.
#[derive(Clone, PartialEq, Eq)]
pub struct Unverified<T> {
    value: T,
    why: &'static str,
}

impl<T> Unverified<T> {
    pub(super) const fn new(value: T, why: &'static str) -> Self {
        Self { value, why }
    }

    /// What is missing.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        self.why
    }

    /// What the service says.
    pub const fn claim(&self) -> &T {
        &self.value
    }

    /// What the service says.
    pub fn into_claim(self) -> T {
        self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Unverified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified").field("claim", &self.value).field("why", &self.why).finish()
    }
}
