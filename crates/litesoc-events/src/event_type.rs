//! The name of an event: an open set with known members.

use alloc::{boxed::Box, string::String};
use core::{
    borrow::Borrow,
    cmp::Ordering,
    convert::Infallible,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use crate::{
    Category, EventInfo, Severity, SeverityLevel,
    catalogue::{CATALOGUE, NOTED},
    index,
};

/// The name of an event: one of the catalogue, or any other.
///
/// The constants are the events of the [`catalogue`](crate::catalogue()).
/// Any other string is a custom event and keeps its name byte for byte; only
/// [`normalize`](crate::normalize()) renames.
/// A known event needs no heap, so that making, cloning and comparing one costs next to nothing.
///
/// ```
/// use litesoc_events::{EventType, Severity};
///
/// let known = EventType::from("auth.login_failed");
/// assert_eq!(known, EventType::AUTH_LOGIN_FAILED);
/// assert_eq!(known.severity(), Severity::Warning);
///
/// let custom = EventType::custom("inventory.counted");
/// assert_eq!(custom.as_str(), "inventory.counted");
/// assert!(custom.info().is_none());
/// ```
#[derive(Clone)]
pub struct EventType(Name);

/// A listed name is always held by its position, so two positions compare as their names do.
#[derive(Clone)]
enum Name {
    /// The position in `CATALOGUE`, or behind its end in `NOTED`.
    Listed(u8),
    Custom(Box<str>),
}

impl EventType {
    /// The listed name at a position of the catalogue and the noted names behind it.
    pub(crate) const fn at(position: u8) -> Self {
        Self(Name::Listed(position))
    }

    /// A name that is known not to be listed.
    pub(crate) const fn unlisted(name: Box<str>) -> Self {
        Self(Name::Custom(name))
    }

    /// The position of a listed name.
    pub(crate) const fn position(&self) -> u8 {
        match self.0 {
            Name::Listed(position) => position,
            Name::Custom(_) => panic!("only the tables ask, and they list every event they name"),
        }
    }

    /// The event of that name; the known one when there is one.
    ///
    /// Allocates only for a name that is not known.
    #[must_use]
    pub fn custom(name: &str) -> Self {
        index::listed(name).map_or_else(|| Self::unlisted(Box::from(name)), Self::at)
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match &self.0 {
            Name::Listed(position) => listed_name(*position),
            Name::Custom(name) => name,
        }
    }

    /// The row of the catalogue, for a known event.
    #[must_use]
    pub fn info(&self) -> Option<&'static EventInfo> {
        match self.0 {
            Name::Listed(position) => CATALOGUE.get(usize::from(position)),
            Name::Custom(_) => None,
        }
    }

    /// Whether the event is one of the 27 standard ones.
    #[must_use]
    pub fn is_standard(&self) -> bool {
        self.info().is_some_and(|info| info.tier == crate::Tier::Standard)
    }

    /// Whether the event is in the catalogue.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.info().is_some()
    }

    /// The category the name's prefix stands for, of a custom event too.
    #[must_use]
    pub fn category(&self) -> Option<Category> {
        self.info().map_or_else(|| Category::of(self.as_str()), |info| Some(info.category))
    }

    /// How grave the event is, in the three steps of the API.
    ///
    /// A custom event is `info`, one that begins with `security.` a `warning`.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity_level().severity()
    }

    /// How grave the event is, in five steps.
    #[must_use]
    pub fn severity_level(&self) -> SeverityLevel {
        match &self.0 {
            Name::Listed(position) => {
                let position = usize::from(*position);
                CATALOGUE
                    .get(position)
                    .map_or_else(|| NOTED[position - CATALOGUE.len()].level, |info| info.level)
            }
            Name::Custom(name) if name.starts_with("security.") => SeverityLevel::Medium,
            Name::Custom(_) => SeverityLevel::Info,
        }
    }

    /// Whether one such event raises an alert by itself.
    #[must_use]
    pub fn is_instant(&self) -> bool {
        self.info().is_some_and(|info| info.instant)
    }
}

/// The name at a position of the catalogue and the noted names behind it.
pub(crate) const fn listed_name(position: u8) -> &'static str {
    let position = position as usize;
    if position < CATALOGUE.len() { CATALOGUE[position].name } else { NOTED[position - CATALOGUE.len()].name }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl PartialEq for EventType {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Name::Listed(one), Name::Listed(two)) => one == two,
            (Name::Custom(one), Name::Custom(two)) => one == two,
            (Name::Listed(_), Name::Custom(_)) | (Name::Custom(_), Name::Listed(_)) => false,
        }
    }
}

impl Eq for EventType {}

impl PartialOrd for EventType {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EventType {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for EventType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for EventType {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for EventType {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<EventType> for str {
    fn eq(&self, other: &EventType) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<EventType> for &str {
    fn eq(&self, other: &EventType) -> bool {
        *self == other.as_str()
    }
}

impl AsRef<str> for EventType {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for EventType {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for EventType {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(Self::custom(name))
    }
}

impl From<&str> for EventType {
    fn from(name: &str) -> Self {
        Self::custom(name)
    }
}

impl From<String> for EventType {
    fn from(name: String) -> Self {
        index::listed(&name).map_or_else(|| Self::unlisted(name.into_boxed_str()), Self::at)
    }
}

impl From<&Self> for EventType {
    fn from(event: &Self) -> Self {
        event.clone()
    }
}

#[cfg(feature = "serde")]
mod wire {
    //! An event type is its name on the wire.

    use alloc::string::String;
    use core::fmt;

    use serde::{
        Deserialize, Deserializer, Serialize, Serializer,
        de::{Error, Visitor},
    };

    use super::EventType;

    impl Serialize for EventType {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }

    impl<'de> Deserialize<'de> for EventType {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_str(Reader)
        }
    }

    /// Takes the string as it comes, so that a known name is never copied.
    struct Reader;

    impl Visitor<'_> for Reader {
        type Value = EventType;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the name of an event")
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<EventType, E> {
            Ok(EventType::custom(name))
        }

        fn visit_string<E: Error>(self, name: String) -> Result<EventType, E> {
            Ok(EventType::from(name))
        }
    }
}
