//! The buffers of an event, kept per thread and used again.

use std::cell::RefCell;
use std::net::IpAddr;

use serde::Serialize;
use uuid::Uuid;

use super::{
    EventError, EventFields, MAX_ACTOR_ID_CHARS, MAX_EMAIL_CHARS, MAX_METADATA_BYTES, MAX_TEXT_CHARS, Marks,
};
use crate::json::{REDACTED, is_key, redact, write_text, write_value};
use crate::secret::is_secret_key;
use crate::time::Timestamp;

/// Which text of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    ActorId,
    Email,
    ActorName,
    TargetId,
    TargetType,
    TargetName,
}

/// Each place, what people call it, and how many characters it may have.
const PLACES: [(Place, &str, usize); 6] = [
    (Place::ActorId, "actor id", MAX_ACTOR_ID_CHARS),
    (Place::Email, "e-mail address", MAX_EMAIL_CHARS),
    (Place::ActorName, "actor name", MAX_TEXT_CHARS),
    (Place::TargetId, "target id", MAX_TEXT_CHARS),
    (Place::TargetType, "target type", MAX_TEXT_CHARS),
    (Place::TargetName, "target name", MAX_TEXT_CHARS),
];

/// A piece of the text buffer; empty when unset.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: usize,
    length: usize,
}

/// A member in the metadata buffer: `"key":value`, without the comma.
#[derive(Clone, Copy, Debug)]
struct MemberSpan {
    start: usize,
    /// Length of the key with its quotes.
    key: usize,
    end: usize,
}

/// A member whose key is written and whose value is not yet.
struct Begun {
    /// Length of the metadata before it.
    before: usize,
    start: usize,
    key: usize,
    secret: bool,
}

/// Everything of an event but its name.
#[derive(Debug, Default)]
pub(super) struct Parts {
    text: String,
    spans: [Span; PLACES.len()],
    pub(super) user_ip: Option<IpAddr>,
    pub(super) time: Option<Timestamp>,
    pub(super) id: Option<Uuid>,
    /// The members of the metadata object, finished JSON with commas between them.
    metadata: Vec<u8>,
    members: Vec<MemberSpan>,
    /// One bit for each length and last byte, roughly, that a key has had.
    kinds: u64,
    /// The first fault of a metadata value, and the key it was given under.
    fault: Option<Box<(String, EventError)>>,
}

/// Events alive at one time on one thread are few; more buffers than this are not worth keeping.
const KEPT: usize = 32;
/// A buffer that one unusual event has blown up is not kept.
const KEPT_BYTES: usize = 8 * 1_024;

thread_local! {
    // The boxes themselves are what is kept: taking one must not allocate.
    #[expect(clippy::vec_box, reason = "the box is handed out as it is")]
    static POOL: RefCell<Vec<Box<Parts>>> = const { RefCell::new(Vec::new()) };
}

/// Empty parts, used ones if this thread has any.
#[inline]
pub(super) fn take() -> Box<Parts> {
    let kept = POOL.try_with(|pool| pool.try_borrow_mut().ok().and_then(|mut pool| pool.pop()));
    kept.ok().flatten().unwrap_or_default()
}

/// Keeps parts for the next event of this thread. While the thread ends there is no pool any more.
#[inline]
pub(super) fn give_back(mut parts: Box<Parts>) {
    if parts.text.capacity() > KEPT_BYTES || parts.metadata.capacity() > KEPT_BYTES {
        return;
    }
    parts.clear();
    let _gone = POOL.try_with(|pool| {
        if let Ok(mut pool) = pool.try_borrow_mut()
            && pool.len() < KEPT
        {
            pool.push(parts);
        }
    });
}

impl Parts {
    #[inline]
    fn clear(&mut self) {
        self.text.clear();
        self.spans = Default::default();
        self.user_ip = None;
        self.time = None;
        self.id = None;
        self.metadata.clear();
        self.members.clear();
        self.kinds = 0;
        self.fault = None;
    }

    pub(super) fn clone_from(&mut self, other: &Self) {
        self.text.clone_from(&other.text);
        self.spans = other.spans;
        self.user_ip = other.user_ip;
        self.time = other.time;
        self.id = other.id;
        self.metadata.clone_from(&other.metadata);
        self.members.clone_from(&other.members);
        self.kinds = other.kinds;
        self.fault.clone_from(&other.fault);
    }

    #[inline]
    pub(super) fn set_text(&mut self, place: Place, text: &str) {
        self.spans[place as usize] = Span { start: self.text.len(), length: text.len() };
        self.text.push_str(text);
    }

    #[inline]
    pub(super) fn text(&self, place: Place) -> Option<&str> {
        let Span { start, length } = self.spans[place as usize];
        if length == 0 { None } else { self.text.get(start..start + length) }
    }

    #[inline]
    pub(super) fn fields(&self) -> EventFields<'_> {
        EventFields {
            actor_id: self.text(Place::ActorId),
            email: self.text(Place::Email),
            actor_name: self.text(Place::ActorName),
            target_id: self.text(Place::TargetId),
            target_type: self.text(Place::TargetType),
            target_name: self.text(Place::TargetName),
            user_ip: self.user_ip,
            time: self.time,
            id: self.id,
        }
    }

    /// The JSON of all members, with commas between them.
    #[inline]
    pub(super) fn metadata(&self) -> &[u8] {
        &self.metadata
    }

    /// Upper bound, nearly always met, of the bytes that texts and metadata take on the wire.
    #[inline]
    pub(super) fn wire_size(&self) -> usize {
        self.text.len() + self.metadata.len()
    }

    pub(super) fn set_metadata<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) {
        let Some(begun) = self.begin_member(key) else { return };
        if begun.secret {
            self.metadata.extend_from_slice(REDACTED.as_bytes());
        } else if let Err(fault) = write_value(&mut self.metadata, MAX_METADATA_BYTES - 2, value) {
            self.metadata.truncate(begun.before);
            let error = EventError::of_metadata(key, fault);
            self.fault.get_or_insert_with(|| Box::new((key.to_owned(), error)));
            return;
        }
        self.finish_member(key, begun);
    }

    /// Writes the key of a new member; `None` for the client's own marks.
    #[inline]
    fn begin_member(&mut self, key: &str) -> Option<Begun> {
        if Marks::is_mark(key) {
            return None;
        }
        let before = self.metadata.len();
        if before > 0 {
            self.metadata.push(b',');
        }
        let start = self.metadata.len();
        write_text(&mut self.metadata, key);
        let key_length = self.metadata.len() - start;
        self.metadata.push(b':');
        Some(Begun { before, start, key: key_length, secret: is_secret_key(key) })
    }

    /// Notes a member whose value is written, and drops an earlier one of the same key.
    #[inline]
    fn finish_member(&mut self, key: &str, begun: Begun) {
        let member = MemberSpan { start: begun.start, key: begun.key, end: self.metadata.len() };
        // Keys of one length and one last byte are rare enough that most events are never searched.
        let last = key.as_bytes().last().copied().unwrap_or_default();
        let kind = 1 << ((usize::from(last) ^ (key.len() << 3)) & 63);
        let replaced = if self.kinds & kind == 0 { None } else { self.find_written(member) };
        self.kinds |= kind;
        self.members.push(member);
        if replaced.is_some() || self.fault.is_some() {
            self.forget(key, replaced);
        }
    }

    /// The member with the same key as this one.
    #[cold]
    fn find_written(&self, new: MemberSpan) -> Option<usize> {
        let same = |old: &MemberSpan| {
            old.key == new.key
                && self.metadata[old.start..old.start + old.key]
                    == self.metadata[new.start..new.start + new.key]
        };
        self.members.iter().position(same)
    }

    /// Drops what an earlier value of `key` left: its member, or its fault.
    #[cold]
    fn forget(&mut self, key: &str, member: Option<usize>) {
        if self.fault.as_ref().is_some_and(|fault| fault.0 == key) {
            self.fault = None;
        }
        let Some(index) = member else { return };
        let MemberSpan { start, end, .. } = self.members.remove(index);
        let last = index == self.members.len();
        // With the member goes one comma: the one behind it, or before it when it is the last.
        let gap = if last { start.saturating_sub(1)..end } else { start..end + 1 };
        let length = gap.len();
        self.metadata.drain(gap);
        for later in &mut self.members[index..] {
            later.start -= length;
            later.end -= length;
        }
    }

    pub(super) fn remove_metadata(&mut self, key: &str) -> bool {
        let mut written = Vec::new();
        write_text(&mut written, key);
        let is_it = |member: &MemberSpan| self.metadata[member.start..member.start + member.key] == written;
        let index = self.members.iter().position(is_it);
        self.forget(key, index);
        index.is_some()
    }

    /// Keys as written between their quotes, and values as JSON.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members.iter().filter_map(|member| {
            let json = str::from_utf8(&self.metadata[member.start..member.end]).ok()?;
            Some((&json[1..member.key - 1], &json[member.key + 1..]))
        })
    }

    pub(super) fn metadata_value(&self, key: &str) -> Option<&str> {
        self.pairs().find_map(|(written, value)| is_key(written, key).then_some(value))
    }

    pub(super) fn redact_metadata(&mut self, is_secret: &dyn Fn(&str) -> bool) {
        if self.members.is_empty() {
            return;
        }
        let object = || {
            let members = str::from_utf8(&self.metadata).ok()?;
            redact(&format!("{{{members}}}"), is_secret)
        };
        // Most events have plain values under plain keys; those are looked at where they lie.
        let flat = self
            .pairs()
            .all(|(key, value)| !key.contains('\\') && !value.starts_with(['{', '[']) && !is_secret(key));
        let Some(redacted) = (if flat { None } else { object() }) else { return };
        self.metadata.clear();
        self.metadata.extend_from_slice(&redacted.as_bytes()[1..redacted.len() - 1]);
        self.find_members();
    }

    /// Finds the members anew, after the metadata was changed as a whole.
    fn find_members(&mut self) {
        let mut at = 0;
        for member in &mut self.members {
            let key = &self.metadata[at..at + member.key];
            debug_assert!(key.starts_with(b"\"") && key.ends_with(b"\""), "redaction keeps the keys");
            let value = str::from_utf8(&self.metadata[at + member.key + 1..]).unwrap_or_default();
            let end = at + member.key + 1 + crate::json::value_length(value);
            (member.start, member.end) = (at, end);
            at = end + 1;
        }
    }

    #[inline]
    pub(super) fn check(&self) -> Result<(), EventError> {
        for (place, part, limit) in PLACES {
            let Span { length, .. } = self.spans[place as usize];
            if length > limit {
                self.check_length(place, part, limit)?;
            }
        }
        match &self.fault {
            None => Ok(()),
            Some(fault) => Err(fault.1.clone()),
        }
    }

    /// More bytes than the limit are not always more characters.
    #[cold]
    fn check_length(&self, place: Place, part: &'static str, limit: usize) -> Result<(), EventError> {
        let length = self.text(place).map_or(0, |text| text.chars().count());
        if length > limit { Err(EventError::TextTooLong { part, length, limit }) } else { Ok(()) }
    }
}
