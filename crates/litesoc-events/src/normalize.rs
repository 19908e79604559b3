//! Turns a name as somebody wrote it into an event.

use alloc::{string::String, vec::Vec};
use core::mem;

use crate::{
    Category, EventType, MAX_NAME_BYTES,
    index::{self, Borders, Entry},
    key::{self, Key, MAX_BYTES, Shape},
};

/// What [`normalize`] made of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Normalized {
    /// The event.
    pub event: EventType,
    /// Whether the name is known or at least begins with the prefix of a category.
    ///
    /// When it is not, the LiteSOC API stores the event with `unrecognized_format: true` in its metadata.
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
    /// A name that others use for an event.
    Alias,
    /// The name of an `auth.` event under the prefix `user.`.
    UserPrefix,
    /// No known event, but the prefix of a category: a custom event.
    Custom,
    /// Neither, or a name that is empty or longer than [`MAX_NAME_BYTES`]: a custom event too.
    Unrecognized,
}

/// Finds the event a name stands for, however it is written.
///
/// Known are the events of the catalogue, the aliases of the LiteSOC API, and names in common use such as `login_failed`.
/// Letters and separators do not matter: `auth.login_failed`, `AUTH-LOGIN-FAILED`, `auth/login/failed`,
/// `Auth::LoginFailed` and `auth login failed` are the same words in the same order.
/// Nothing is guessed: a name with a word more, less or changed is not known.
///
/// An unknown name becomes a custom event: trimmed, in small letters, with every space, `-`, `:` and `/` made `_`,
/// the first of them `.` when the name has no dot.
/// Doing it again changes nothing.
///
/// Allocates for an unknown name only.
///
/// ```
/// use litesoc_events::{EventType, Rule, normalize};
///
/// let found = normalize("userLoginFailed");
/// assert_eq!(found.event, EventType::AUTH_LOGIN_FAILED);
///
/// let custom = normalize("Inventory Item-Counted");
/// assert_eq!(custom.event, "inventory.item_counted");
/// assert_eq!(custom.rule, Rule::Unrecognized);
///
/// assert!(normalize("billing.voucher_used").recognized);
/// ```
#[must_use]
pub fn normalize(name: &str) -> Normalized {
    lookup(name).unwrap_or_else(|| custom(name))
}

/// The part of [`normalize`] that only reads tables: `None` for a name that is in none of them.
///
/// Never allocates.
///
/// ```
/// use litesoc_events::lookup;
///
/// assert!(lookup("PERMISSION_DENIED").is_some());
/// assert!(lookup("permission.denied.twice").is_none());
/// ```
#[must_use]
pub fn lookup(name: &str) -> Option<Normalized> {
    of_words(name.as_bytes()).or_else(|| otherwise(name))
}

/// Looks for what a name is when it is not the words it shows at first.
fn otherwise(name: &str) -> Option<Normalized> {
    let bare = trimmed(name);
    if bare.len() < name.len() {
        return lookup(bare);
    }
    match name.as_bytes() {
        [b'u' | b'U', b's' | b'S', b'e' | b'E', b'r' | b'R', ..] => of_auth(name.as_bytes()),
        _ => None,
    }
}

/// Looks for the words of a name.
#[inline(always)]
fn of_words(name: &[u8]) -> Option<Normalized> {
    let (Some(folded), Some(letters)) = (Key::folded(name), Key::new(name)) else {
        let may_be_stretched = (MAX_BYTES..=MAX_NAME_BYTES).contains(&name.len());
        return if may_be_stretched { respaced(name, true, true) } else { None };
    };
    let Some(entry) = index::entry(&folded) else {
        // Without separators the key would be in the tables, whatever the humps.
        let Shape { separators, runs, humps } = letters.shape(&folded);
        return if separators && (runs || humps) { respaced(name, runs, humps) } else { None };
    };
    match &entry.borders {
        Borders::Separators(own) if letters == *own => Some(found(entry, entry.unchanged)),
        Borders::Humps(humps) if letters.uncapitalized() != *humps => respaced(name, false, true),
        Borders::Separators(_) | Borders::Humps(_) => Some(found(entry, entry.rule)),
    }
}

/// Looks for a name whose words are told apart by runs of separators, by humps, or by both.
#[inline(never)]
fn respaced(name: &[u8], runs: bool, humps: bool) -> Option<Normalized> {
    let by = |humps| {
        let entry = index::entry(&key::respaced(name, humps)?)?;
        matches!(entry.borders, Borders::Separators(_)).then(|| found(entry, entry.rule))
    };
    let by_humps = if humps { by(true) } else { None };
    by_humps.or_else(|| if runs { by(false) } else { None })
}

/// Looks for a name that begins with `user` as if it began with `auth`.
#[inline(never)]
fn of_auth(name: &[u8]) -> Option<Normalized> {
    let mut words = [0; MAX_NAME_BYTES];
    let words = words.get_mut(..name.len())?;
    words.copy_from_slice(name);
    words[..4].copy_from_slice(b"auth");
    // The custom names are nobody's events, so nothing else is read as one of them.
    of_words(words)
        .filter(|found| found.rule != Rule::Custom)
        .map(|found| Normalized { rule: Rule::UserPrefix, ..found })
}

/// The answer an entry gives.
#[inline]
fn found(entry: &Entry, rule: Rule) -> Normalized {
    Normalized { event: EventType::at(entry.position), recognized: true, rule }
}

/// The name without white space around it; the common case needs no look at characters.
#[inline]
fn trimmed(name: &str) -> &str {
    match name.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => name,
        _ => name.trim(),
    }
}

/// The custom event of a name that is in no table.
fn custom(name: &str) -> Normalized {
    let name = trimmed(name);
    let lowered;
    let small = if name.is_ascii() {
        name
    } else {
        // A few letters outside ASCII have small forms inside it, such as the Kelvin sign.
        lowered = name.to_lowercase();
        if lowered.is_ascii()
            && let Some(found) = lookup(&lowered)
        {
            return found;
        }
        &lowered
    };
    let mut separator = if small.contains('.') { b'_' } else { b'.' };
    let mut event = Vec::with_capacity(small.len());
    event.extend(small.bytes().map(|byte| match byte {
        b' ' | b'-' | b':' | b'/' => mem::replace(&mut separator, b'_'),
        other => other.to_ascii_lowercase(),
    }));
    let event = String::from_utf8(event).expect("ASCII replaced by ASCII leaves UTF-8 as it is");
    let recognized = event.len() <= MAX_NAME_BYTES && Category::of(&event).is_some();
    let rule = if recognized { Rule::Custom } else { Rule::Unrecognized };
    Normalized { event: EventType::unlisted(event.into_boxed_str()), recognized, rule }
}
