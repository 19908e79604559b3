//! How grave an event is and what part of a system it speaks of.

use core::fmt;

use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// A string that is none of the words an enumeration of this crate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord(());

impl UnknownWord {
    pub(crate) const fn new(_: &str) -> Self {
        Self(())
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a word of this enumeration")
    }
}

impl core::error::Error for UnknownWord {}

/// The part of a system an event speaks of: the prefix of its name.
///
/// The first five are the categories of the standard events; `user`, `api` and `billing` hold extended events only.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[strum(serialize_all = "lowercase")]
#[strum(parse_err_fn = UnknownWord::new, parse_err_ty = UnknownWord)]
#[non_exhaustive]
pub enum Category {
    /// Signing in and out, sessions, second factors, passwords.
    Auth,
    /// Rights: granted, refused, changed.
    Authz,
    /// Administration of accounts, keys and settings.
    Admin,
    /// Data leaving, entering, being read or destroyed.
    Data,
    /// What the application itself noticed or did in its defence.
    Security,
    /// The life of an account, told by the account's owner.
    User,
    /// Use of an API by programs.
    Api,
    /// Subscriptions, payments, invoices.
    Billing,
}

impl Category {
    /// Every category, standard ones first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The prefix without its dot, as in `auth`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The category whose prefix the name carries, be the event known or not.
    ///
    /// ```
    /// use litesoc_events::Category;
    ///
    /// assert_eq!(Category::of("auth.anything"), Some(Category::Auth));
    /// assert_eq!(Category::of("authority.seized"), None);
    /// assert_eq!(Category::of("auth"), None);
    /// ```
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (prefix, _) = name.split_once('.')?;
        prefix.parse().ok()
    }
}

/// How grave an event is, in the three steps of the LiteSOC Events API.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[strum(serialize_all = "lowercase")]
#[strum(parse_err_fn = UnknownWord::new, parse_err_ty = UnknownWord)]
#[non_exhaustive]
pub enum Severity {
    /// Ordinary life.
    Info,
    /// Worth a look when it repeats.
    Warning,
    /// Worth a look now.
    Critical,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The wire string.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How grave an event is, in the five steps kept beside the three of [`Severity`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[strum(serialize_all = "lowercase")]
#[strum(parse_err_fn = UnknownWord::new, parse_err_ty = UnknownWord)]
#[non_exhaustive]
pub enum SeverityLevel {
    /// A record, no more.
    Info,
    /// Ordinary, but part of the story of an attack.
    Low,
    /// Suspicious in numbers.
    Medium,
    /// Suspicious by itself.
    High,
    /// Harm done, or about to be.
    Critical,
}

impl SeverityLevel {
    /// Every level, mildest first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The wire string.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The API severity a level counts as: info and low are `info`, medium and high `warning`, critical `critical`.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Info | Self::Low => Severity::Info,
            Self::Medium | Self::High => Severity::Warning,
            Self::Critical => Severity::Critical,
        }
    }
}
