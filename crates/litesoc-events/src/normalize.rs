//! Turns a name as somebody wrote it into an event.

use alloc::string::String;

use crate::{
    Category, EventType, MAX_NAME_BYTES,
    index::{self, Entry},
    key::{KEY_BYTES, Key, Split, folded, is_separator, letters},
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
/// Known are the events of the catalogue and the aliases of the LiteSOC API.
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
    let name = trimmed(name).as_bytes();
    let Some(letters) = letters(name) else {
        return longer(name);
    };
    if let Some((entry, user)) = entry(folded(&letters)) {
        return Some(found(entry, user, letters));
    }
    let again = |split: Split| {
        let (entry, user) = split.can_differ(&letters).then(|| split.key(name))?.and_then(entry)?;
        Some(found(entry, user, letters))
    };
    again(Split::Runs).or_else(|| again(Split::Humps))
}

/// Looks for a name too long for a key, which runs of separators may have made so.
#[cold]
fn longer(name: &[u8]) -> Option<Normalized> {
    if !(KEY_BYTES..=MAX_NAME_BYTES).contains(&name.len()) {
        return None;
    }
    let again = |split: Split| split.key(name).and_then(entry);
    let (entry, user) = again(Split::Runs).or_else(|| again(Split::Humps))?;
    Some(found(entry, user, Key::default()))
}

/// The name without white space around it; the common case needs no look at characters.
#[inline]
fn trimmed(name: &str) -> &str {
    match name.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => name,
        _ => name.trim(),
    }
}

/// The entry of a folded key, and whether it was found by reading `user.` as `auth.`.
#[inline]
fn entry(mut key: Key) -> Option<(&'static Entry, bool)> {
    const USER: u64 = u64::from_le_bytes(*b"user_\0\0\0");
    const AUTH: u64 = u64::from_le_bytes(*b"auth_\0\0\0");
    const FIRST_FIVE: u64 = (1 << 40) - 1;

    if let Some(entry) = index::by_words(&key) {
        return Some((entry, false));
    }
    if key[0] & FIRST_FIVE != USER {
        return None;
    }
    key[0] ^= USER ^ AUTH;
    // The custom names are nobody's events, so nothing else is read as one of them.
    index::by_words(&key).filter(|entry| entry.rule != Rule::Custom).map(|entry| (entry, true))
}

#[inline]
fn found(entry: &Entry, user: bool, letters: Key) -> Normalized {
    let event = EventType::at(entry.position);
    let rule = if user {
        Rule::UserPrefix
    } else if letters != entry.letters {
        entry.rule
    } else if event.is_known() {
        Rule::Exact
    } else {
        Rule::Custom
    };
    Normalized { event, recognized: true, rule }
}

/// The custom event of a name that is in no table.
fn custom(name: &str) -> Normalized {
    let name = trimmed(name);
    let mut event: String = if name.is_ascii() { name.to_ascii_lowercase() } else { name.to_lowercase() };
    if !name.is_ascii()
        && event.is_ascii()
        && let Some(found) = lookup(&event)
    {
        // A few letters outside ASCII have small forms inside it, such as the Kelvin sign.
        return found;
    }
    let mut first = if event.contains('.') { '_' } else { '.' };
    event = event
        .chars()
        .map(|letter| match u8::try_from(letter) {
            Ok(b'.') | Err(_) => letter,
            Ok(byte) if is_separator(byte) && byte != b'_' => core::mem::replace(&mut first, '_'),
            Ok(_) => letter,
        })
        .collect();
    let recognized = event.len() <= MAX_NAME_BYTES && Category::of(&event).is_some();
    let rule = if recognized { Rule::Custom } else { Rule::Unrecognized };
    Normalized { event: EventType::from(event), recognized, rule }
}
