//! Finished events, joined into the bytes of a batch body while they wait.

use std::ops::Range;

use bytes::Bytes;

/// What comes before the first event of a batch body.
const PREFIX: &[u8] = br#"{"events":["#;
/// What comes after the last one.
const SUFFIX: &[u8] = b"]}";
/// Room that is given back when a chunk is sealed: more slack than this share of its length.
const SLACK_DIVISOR: usize = 8;

/// A growing batch body: the prefix and the events, each followed by a comma but the last.
///
/// Events are kept in the form in which they are sent, so the memory they take is known to the byte and making a
/// request of them is no work.
#[derive(Debug)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    /// Where each event ends in `bytes`.
    ends: Vec<u32>,
    /// The number of the first event.
    first: u64,
    /// When the first event was tracked, in ms since the Unix epoch.
    since_ms: u64,
}

impl Chunk {
    pub(super) fn new(
        mut storage: Storage,
        first: u64,
        since_ms: u64,
        capacity: usize,
        events: usize,
    ) -> Self {
        storage.bytes.clear();
        storage.ends.clear();
        storage.bytes.reserve_exact(capacity);
        storage.ends.reserve_exact(events);
        storage.bytes.extend_from_slice(PREFIX);
        Self { bytes: storage.bytes, ends: storage.ends, first, since_ms }
    }

    /// The length of a batch body that holds this event alone.
    pub(super) const fn body_len_with(event_len: usize) -> usize {
        PREFIX.len() + event_len + SUFFIX.len()
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) const fn since_ms(&self) -> u64 {
        self.since_ms
    }

    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    /// Bytes of its events, without what frames them; it is sealed.
    pub(super) fn event_bytes(&self) -> usize {
        self.bytes.len() - PREFIX.len() - SUFFIX.len() - self.ends.len().saturating_sub(1)
    }

    /// The length of the body if an event of this length were added.
    pub(super) fn body_len_after(&self, event_len: usize) -> usize {
        self.bytes.len() + 1 + event_len + SUFFIX.len()
    }

    pub(super) fn push(&mut self, event: &[u8]) {
        let comma = usize::from(!self.ends.is_empty());
        let needed = self.bytes.len() + comma + event.len() + SUFFIX.len();
        if needed > self.bytes.capacity() {
            // A doubling Vec would hold up to twice the bytes of the events; an eighth more is enough to keep
            // the number of moves small.
            self.bytes.reserve_exact(comma + event.len() + SUFFIX.len() + self.bytes.capacity() / 8);
        }
        if comma == 1 {
            self.bytes.push(b',');
        }
        self.bytes.extend_from_slice(event);
        // A body is at most 1 MiB, so its offsets fit.
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
    }

    /// Closes the body. Only what is needed to hold it stays allocated.
    pub(super) fn seal(mut self) -> Self {
        self.bytes.extend_from_slice(SUFFIX);
        if self.bytes.capacity() - self.bytes.len() > self.bytes.len() / SLACK_DIVISOR {
            self.bytes.shrink_to_fit();
        }
        self
    }

    /// A sealed chunk as what is sent. Allocates, so it is the sender that calls it.
    pub(super) fn into_batch(self) -> Batch {
        Batch { body: Bytes::from(self.bytes), ends: self.ends, first: self.first, since_ms: self.since_ms }
    }
}

/// Allocations of chunks that are done, for the next ones.
#[derive(Debug, Default)]
pub(super) struct Storage {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Storage {
    pub(super) const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

/// A sealed chunk: the body of one request, and where each of its events lies.
#[derive(Debug)]
pub(super) struct Batch {
    body: Bytes,
    ends: Vec<u32>,
    first: u64,
    since_ms: u64,
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    pub(super) const fn since_ms(&self) -> u64 {
        self.since_ms
    }

    /// The bytes of some of its events, without what frames them.
    pub(super) fn event_bytes_of(&self, events: Range<usize>) -> usize {
        let commas = events.len().saturating_sub(1);
        let span = self.span(events);
        span.len().saturating_sub(commas)
    }

    fn span(&self, events: Range<usize>) -> Range<usize> {
        if events.is_empty() {
            return 0..0;
        }
        let start = match events.start.checked_sub(1) {
            // Behind the event before and its comma.
            Some(before) => self.ends[before] as usize + 1,
            None => PREFIX.len(),
        };
        start..self.ends[events.end - 1] as usize
    }

    /// The request body for some of its events: one goes flat, more go as a batch.
    pub(super) fn body(&self, events: Range<usize>) -> Bytes {
        if events.len() == 1 {
            return self.body.slice(self.span(events));
        }
        if events.len() == self.len() {
            return self.body.clone();
        }
        let span = self.span(events);
        let mut part = Vec::with_capacity(Chunk::body_len_with(span.len()));
        part.extend_from_slice(PREFIX);
        part.extend_from_slice(&self.body[span]);
        part.extend_from_slice(SUFFIX);
        Bytes::from(part)
    }

    /// Gives the allocations back when nobody else holds the body any more.
    pub(super) fn into_storage(self) -> Option<Storage> {
        let mut bytes = self.body.try_into_mut().ok()?;
        // Empty first: the conversion moves what is there to the front.
        bytes.clear();
        Some(Storage { bytes: Vec::from(bytes), ends: self.ends })
    }
}
