//! [`Signals`]: what each actor showed in the last day that means little alone and a lot together.

use std::time::Duration;

use crate::finding::Signal;
use crate::key::Key;
use crate::lru::Lru;

/// Signals kept of one actor; beyond it the earliest goes.
const MAX_SIGNALS: usize = 16;
/// How long before the latest signal of the actor a signal still counts.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// What each actor showed in the last day that means little alone and a lot together.
#[derive(Debug)]
pub(crate) struct Signals {
    actors: Lru<Key, Vec<Signal>>,
}

impl Signals {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { actors: Lru::new(capacity) }
    }

    /// Notes a signal in its place by event time.
    pub(crate) fn note(&mut self, actor: Key, signal: Signal) {
        if self.actors.touch(&actor).is_none() {
            self.actors.insert(actor, Vec::new());
        }
        let Some(known) = self.actors.peek_mut(&actor) else { return };
        let place = known.partition_point(|other| (other.at, other.event_id) <= (signal.at, signal.event_id));
        known.insert(place, signal);
        let latest = known.last().map_or(signal.at, |last| last.at);
        let stale = known.partition_point(|other| latest.saturating_since(other.at) > KEPT);
        let over = known.len().saturating_sub(MAX_SIGNALS);
        known.drain(..stale.max(over));
    }

    /// The actor's signals, oldest first.
    pub(crate) fn of(&self, actor: Option<Key>) -> &[Signal] {
        actor.and_then(|actor| self.actors.peek(&actor)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn len(&self) -> usize {
        self.actors.len()
    }
}
