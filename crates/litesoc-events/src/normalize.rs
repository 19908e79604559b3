//! Turns a name as somebody wrote it into an event.

use crate::{EventType, index};

/// What [`normalize`] made of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Normalized {
    /// The event.
    pub event: EventType,
    /// Whether the name is known or at least begins with the prefix of a category.
    ///
    /// When it is not, the API stores the event with `unrecognized_format: true` in its metadata.
    pub recognized: bool,
    /// Why this event.
    pub rule: Rule,
}

/// The reason [`normalize`] gives for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The name is an event of the catalogue, letter for letter.
    Exact,
    /// An event of the catalogue in other letters or with other separators.
    Spelling,
    /// An event of the catalogue that is an older or finer name of another one.
    Merged,
    /// A name that others use for an event of the catalogue.
    Alias,
    /// The name of an `auth.` event under the prefix `user.`.
    UserPrefix,
    /// No known name, but the prefix of a category.
    Custom,
    /// No known name and no known prefix, or a name that is empty or too long.
    Unrecognized,
}

/// Finds the event a name stands for.
#[must_use]
pub fn normalize(name: &str) -> Normalized {
    index::listed(name).map_or_else(
        || Normalized { event: EventType::custom(name), recognized: false, rule: Rule::Unrecognized },
        |position| Normalized { event: EventType::at(position), recognized: true, rule: Rule::Exact },
    )
}
