//! The queue between the application's threads and the one that sends.

use std::collections::VecDeque;
use std::ops::Range;

use super::chunk::{Batch, Chunk, Storage};
use super::counters::{Counters, LossReason};

/// How much may wait, and in what portions it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Events that may wait, those being sent included.
    pub(crate) queue_events: usize,
    /// Bytes of events that may wait, those being sent included.
    pub(crate) queue_bytes: usize,
    /// Events in one request, 1 to 100.
    pub(crate) batch_events: usize,
    /// Bytes in one request body.
    pub(crate) batch_bytes: usize,
    /// What gives way when the queue is full.
    pub(crate) overflow: Overflow,
}

/// What gives way when the queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The event being tracked. The start of an attack is worth more than its middle.
    #[default]
    DropNewest,
    /// The oldest batch that is not being sent.
    DropOldest,
}

/// How the sender waits; what is pushed in the meantime may have to wake it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sleep {
    /// It is at work and looks at the queue again before it waits.
    #[default]
    Awake,
    /// It has just sent a batch and looks again in a moment: only a pile of batches is worth a wake-up.
    Nap,
    /// It waits with a timer that ends soon: only a full batch or something urgent is worth a wake-up.
    Doze,
    /// It waits without a timer: anything has to wake it.
    Deep,
    /// It waits for the service (an answer, a back-off): nothing that is pushed changes that.
    Busy,
}

/// An event that found its place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Queued {
    /// Its number, counted from 0 over the life of the client.
    pub(crate) number: u64,
    /// Whether the sender has to be woken.
    pub(crate) wake: bool,
}

/// The queue: sealed batches, and the one that grows. Pure: no clock, no lock, no IO.
///
/// All counters live here, under the one lock its owner puts around it, so that
/// `tracked = delivered + lost + queued` holds whenever somebody looks.
#[derive(Debug)]
pub(crate) struct Intake {
    limits: Limits,
    counters: Counters,
    sealed: VecDeque<Chunk>,
    open: Option<Chunk>,
    /// The number the next event gets.
    next: u64,
    /// Events below this number must not wait for their batch to fill.
    urgent_below: u64,
    closed: bool,
    sleep: Sleep,
    /// Bytes of a full batch, learned from those before.
    expected_bytes: usize,
    spares: Vec<Storage>,
    spare_bytes: usize,
    /// Whether events were dropped here that the sender does not know of.
    unreported: bool,
    /// Queued events that gave way to newer ones, and whose outcome nobody was told yet.
    evicted: Vec<Range<u64>>,
}

/// So many full batches end the sender's nap. Below it, a busy caller wakes nobody: waking a thread costs several
/// times what the rest of tracking an event does.
const PILE: usize = 8;

/// Memory of finished batches that is kept for the next ones while there is traffic, in bytes. Memory fresh from the
/// operating system costs a page fault for every dozen events.
const SPARE_BYTES: usize = 4 << 20;

/// What a first batch is assumed to take; later ones are as large as those before.
const FIRST_BATCH_BYTES: usize = 16 * 1024;

impl Intake {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            counters: Counters::default(),
            sealed: VecDeque::new(),
            open: None,
            next: 0,
            urgent_below: 0,
            closed: false,
            sleep: Sleep::Awake,
            expected_bytes: FIRST_BATCH_BYTES.min(limits.batch_bytes),
            spares: Vec::new(),
            spare_bytes: 0,
            unreported: false,
            evicted: Vec::new(),
        }
    }

    pub(crate) const fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(crate) const fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }

    /// The number the next event gets: everything tracked so far lies below.
    pub(crate) const fn watermark(&self) -> u64 {
        self.next
    }

    /// Takes one finished event.
    ///
    /// `now_ms` is the wall clock in ms since the Unix epoch. An urgent event is sent without waiting for more.
    pub(crate) fn push(&mut self, event: &[u8], now_ms: u64, urgent: bool) -> Result<Queued, LossReason> {
        self.counters.track();
        self.make_room(event.len()).inspect_err(|&reason| self.counters.lose(reason, 1))?;
        if self.open.as_ref().is_some_and(|open| open.body_len_after(event.len()) > self.limits.batch_bytes) {
            self.seal();
        }
        let number = self.next;
        self.next += 1;
        self.counters.enqueue(event.len());
        let was_empty = self.open.is_none() && self.sealed.is_empty();
        let open = self.open.get_or_insert_with(|| {
            let storage = self.spares.pop().unwrap_or_default();
            self.spare_bytes -= storage.capacity();
            Chunk::new(storage, number, now_ms, self.expected_bytes, self.limits.batch_events)
        });
        open.push(event);
        let full = open.len() >= self.limits.batch_events;
        if full {
            self.seal();
        }
        if urgent {
            self.urgent_below = self.next;
        }
        Ok(Queued { number, wake: self.wakes(full || urgent, was_empty) })
    }

    /// Counts an event that was refused before it came here.
    pub(crate) fn refuse(&mut self, reason: LossReason) {
        self.counters.track();
        self.counters.lose(reason, 1);
    }

    /// Whether the sender has to be woken to hear of a drop: true once until it has heard.
    pub(crate) const fn alarm(&mut self) -> bool {
        !std::mem::replace(&mut self.unreported, true)
    }

    /// The sender looks at the losses now; the next one is worth a wake-up again.
    pub(crate) const fn calm(&mut self) {
        self.unreported = false;
    }

    fn make_room(&mut self, len: usize) -> Result<(), LossReason> {
        if self.closed {
            return Err(LossReason::Closed);
        }
        if Chunk::body_len_with(len) > self.limits.batch_bytes {
            return Err(LossReason::TooLarge);
        }
        // The event in hand is tracked already, so it counts among the queued here.
        while self.counters.queued() > self.limits.queue_events as u64
            || self.counters.queued_bytes() + len > self.limits.queue_bytes
        {
            if self.limits.overflow == Overflow::DropNewest {
                return Err(LossReason::QueueFull);
            }
            let Some(oldest) = self.sealed.pop_front().or_else(|| self.open.take().map(Chunk::seal)) else {
                return Err(LossReason::QueueFull);
            };
            self.counters.settle(0, oldest.len() as u64, oldest.event_bytes(), LossReason::QueueFull);
            self.evicted.push(oldest.first()..oldest.first() + oldest.len() as u64);
        }
        Ok(())
    }

    fn seal(&mut self) {
        if let Some(open) = self.open.take() {
            // A full batch tells how large full ones are; a little on top saves most of the moves.
            if open.len() >= self.limits.batch_events {
                let body = open.body_len_after(0);
                self.expected_bytes = (body + body / 32).min(self.limits.batch_bytes);
            }
            self.sealed.push_back(open.seal());
        }
    }

    /// Whether the sender has to be woken; at most once for each time it goes to sleep.
    fn wakes(&mut self, batch_due: bool, first: bool) -> bool {
        let wake = match self.sleep {
            Sleep::Awake | Sleep::Busy => false,
            Sleep::Nap => self.sealed.len() >= PILE,
            Sleep::Doze => batch_due,
            Sleep::Deep => batch_due || first,
        };
        if wake {
            self.sleep = Sleep::Awake;
        }
        wake
    }

    /// Says how the sender waits from now on.
    pub(crate) fn set_sleep(&mut self, sleep: Sleep) {
        self.sleep = sleep;
        if sleep == Sleep::Deep {
            // Nothing has happened for a while: an idle client keeps no memory for the next burst.
            self.spares = Vec::new();
            self.spare_bytes = 0;
        }
    }

    /// Makes everything tracked so far urgent and returns the watermark.
    pub(crate) const fn hurry(&mut self) -> u64 {
        self.urgent_below = self.next;
        self.next
    }

    /// Refuses every later event.
    pub(crate) const fn close(&mut self) -> u64 {
        self.closed = true;
        self.hurry()
    }

    pub(crate) const fn is_closed(&self) -> bool {
        self.closed
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sealed.is_empty() && self.open.is_none()
    }

    /// The number of the first event that waits here.
    pub(crate) fn first_waiting(&self) -> Option<u64> {
        self.sealed.front().map(Chunk::first).or_else(|| self.open.as_ref().map(Chunk::first))
    }

    /// When the oldest waiting event was tracked, in ms since the Unix epoch.
    pub(crate) fn oldest_ms(&self) -> Option<u64> {
        self.sealed.front().map(Chunk::since_ms).or_else(|| self.open.as_ref().map(Chunk::since_ms))
    }

    /// Whether a batch should go before the sender's timer ends.
    pub(crate) fn is_due(&self) -> bool {
        !self.sealed.is_empty() || self.open.as_ref().is_some_and(|open| open.first() < self.urgent_below)
    }

    /// Takes the oldest batch, full or not.
    pub(super) fn take(&mut self) -> Option<Batch> {
        if self.sealed.is_empty() {
            self.seal();
        }
        self.sealed.pop_front().map(Chunk::into_batch)
    }

    /// Keeps the memory of batches that are done, as far as it may.
    pub(super) fn recycle(&mut self, spent: &mut Vec<Storage>) {
        for storage in spent.drain(..) {
            if self.spare_bytes + storage.capacity() <= SPARE_BYTES {
                self.spare_bytes += storage.capacity();
                self.spares.push(storage);
            }
        }
    }

    /// Queued events that gave way to newer ones since the last call.
    pub(super) fn take_evicted(&mut self) -> Vec<Range<u64>> {
        std::mem::take(&mut self.evicted)
    }

    /// Forgets what the parent of a forked process tracked, and all counts.
    ///
    /// Events from `doubtful` on may be the parent's or this process's own. They are kept: if they arrive from both,
    /// they arrive under the same id.
    #[cfg(feature = "client")]
    pub(crate) fn disown(&mut self, doubtful: u64) {
        self.seal();
        let chunks = std::mem::take(&mut self.sealed);
        *self = Self { next: self.next, ..Self::new(self.limits) };
        for chunk in chunks {
            let (first, since_ms) = (chunk.first(), chunk.since_ms());
            let skipped =
                usize::try_from(doubtful.saturating_sub(first)).unwrap_or(usize::MAX).min(chunk.len());
            let batch = chunk.into_batch();
            for index in skipped..batch.len() {
                // What fitted before fits again.
                let _ = self.push(&batch.body(index..index + 1), since_ms, false);
            }
        }
    }

    /// Throws away all that waits and counts it as lost.
    pub(crate) fn abandon(&mut self, reason: LossReason) -> Option<Range<u64>> {
        let first = self.first_waiting()?;
        let mut last = first;
        self.seal();
        for chunk in std::mem::take(&mut self.sealed) {
            last = chunk.first() + chunk.len() as u64;
            self.counters.settle(0, chunk.len() as u64, chunk.event_bytes(), reason);
        }
        Some(first..last)
    }
}
