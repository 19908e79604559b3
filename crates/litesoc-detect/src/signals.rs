//! [`Signals`]: what each actor showed in the last day that means little alone and a lot together.

use std::io;
use std::time::Duration;

use crate::RestoreError;
use crate::finding::{SIGNAL_KINDS, Signal, SignalKind};
use crate::key::Key;
use crate::record::{Field, Record, fields};
use crate::snapshot::{Reader, Writer};
use crate::spill::Shelf;
use crate::table::Table;

/// Signals kept of one actor; beyond it the earliest goes.
const MAX_SIGNALS: usize = 16;
/// The number of this table in a spill.
const SHELF: u8 = 1;
/// How long before the latest signal of the actor a signal still counts.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// What each actor showed in the last day that means little alone and a lot together.
#[derive(Debug)]
pub(crate) struct Signals {
    actors: Table<Vec<Signal>>,
}

impl Signals {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { actors: Table::new(capacity, Shelf::default()) }
    }

    /// Notes a signal in its place by event time.
    pub(crate) fn note(&mut self, organization: Key, actor: Key, signal: Signal) {
        self.actors.update(organization, actor, Vec::new, |known| {
            let order = |other: &Signal| (other.at, other.event_id) <= (signal.at, signal.event_id);
            let place = known.partition_point(order);
            if known.len() == known.capacity() {
                // Most accounts show one or two a day.
                known.reserve_exact(2);
            }
            known.insert(place, signal);
            let latest = known.last().map_or(signal.at, |last| last.at);
            let stale = known.partition_point(|other| latest.saturating_since(other.at) > KEPT);
            known.drain(..stale);
            if known.len() > MAX_SIGNALS {
                known.remove(least_missed(known));
            }
        });
    }

    /// The actor's signals, oldest first.
    pub(crate) fn of(&self, actor: Option<Key>) -> &[Signal] {
        actor.and_then(|actor| self.actors.get(actor)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn knows(&self, actor: Key) -> bool {
        self.actors.contains(actor)
    }

    /// Brings back the signals of an actor who turns up again.
    pub(crate) fn recall(&mut self, organization: Key, actor: Key) {
        self.actors.recall(organization, actor);
    }

    pub(crate) fn set_spill(&mut self, spill: &Shelf) {
        self.actors.set_shelf(spill.of_table(SHELF));
    }

    pub(crate) fn write(&self, out: &mut Writer<'_>) -> io::Result<()> {
        self.actors.write("signals", out)
    }

    pub(crate) fn read(&mut self, input: &mut Reader<'_>) -> Result<(), RestoreError> {
        self.actors.read("signals", input)
    }

    pub(crate) fn len(&self) -> usize {
        self.actors.len()
    }
}

/// The earliest of the kind there is most of: a hundred failed sign-ins must not push out the one new device.
fn least_missed(signals: &[Signal]) -> usize {
    let alike = |place: &usize| {
        let kind = signals[*place].kind;
        signals.iter().filter(|other| other.kind == kind).count()
    };
    (0..signals.len()).rev().max_by_key(alike).unwrap_or(0)
}

impl Record for Vec<Signal> {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        self.len() > 1 || self.iter().any(|signal| signal.kind != SignalKind::FailedSignIn)
    }
}

fields!(Signal { kind, at, event_id, weight });

impl Field for SignalKind {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let number = u8::take(input)?;
        SIGNAL_KINDS.iter().copied().find(|kind| *kind as u8 == number)
    }
}
