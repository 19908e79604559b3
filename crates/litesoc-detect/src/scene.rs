//! [`Scene`]: one event with everything the rules share about it, worked out once.

use litesoc_model::Timestamp;

use crate::finding::{Found, Signal, SignalKind};
use crate::key::Key;
use crate::{AddressGroup, Observation, Settings};

/// One event with everything the rules share about it, worked out once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) seen: Observation<'a>,
    /// The settings of the event's organisation.
    pub(crate) settings: &'a Settings,
    pub(crate) actor: Option<Key>,
    pub(crate) address: Option<(Key, AddressGroup)>,
    pub(crate) organization: Key,
    /// The actor's signals of the last day, oldest first.
    pub(crate) signals: &'a [Signal],
}

impl Scene<'_> {
    /// The actor's latest signal of a kind, not older than this.
    pub(crate) fn latest(&self, kind: SignalKind, since: Timestamp) -> Option<&Signal> {
        self.signals.iter().rev().find(|signal| signal.kind == kind && signal.at >= since)
    }
}

/// A group of rules with the memory they share.
pub(crate) trait Family {
    /// Shows the event to the rules; only what must be counted at once (a failure, an export) is remembered here.
    fn examine(&mut self, scene: &Scene<'_>, found: &mut Found);

    /// Learns what is usual from the event. `clean` is false when any rule found something of medium severity or more in it:
    /// an attacker must not teach the baseline.
    fn learn(&mut self, scene: &Scene<'_>, clean: bool);
}
