//! [`Scene`]: one event with everything the rules share about it, worked out once.

use std::io;
use std::net::IpAddr;

use litesoc_events::EventType;
use litesoc_model::{Enrichment, Timestamp};
use uuid::Uuid;

use crate::finding::{Found, Signal, SignalKind};
use crate::key::Key;
use crate::record::fields;
use crate::snapshot::{Reader, Writer};
use crate::spill::Shelf;
use crate::{AddressGroup, Observation, RestoreError, Settings};

/// Longest metadata kept for an event that may be learned from later, in bytes.
const MAX_LESSON: usize = 2_048;

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

impl<'a> Scene<'a> {
    pub(crate) fn new(seen: Observation<'a>, organization: Key, settings: &'a Settings) -> Self {
        let group = seen.ip.map(|ip| AddressGroup::of(ip, settings.ipv6_prefix));
        Self {
            seen,
            settings,
            actor: seen.actor.map(|actor| Key::account(organization, actor)),
            address: group.map(|group| (Key::address(organization, group), group)),
            organization,
            signals: &[],
        }
    }

    /// The event, to be learned from when somebody says that it was no attack.
    pub(crate) fn lesson(&self) -> Lesson {
        let seen = self.seen;
        // The rules ask for a few short members; a page of metadata is not worth its memory.
        let metadata = if seen.metadata.len() <= MAX_LESSON { seen.metadata } else { "{}" };
        Lesson {
            organization: seen.organization.into(),
            event_id: seen.event_id,
            event: seen.event.clone(),
            actor: seen.actor.map(Into::into),
            ip: seen.ip,
            at: seen.at,
            received: seen.received,
            metadata: metadata.into(),
            enrichment: seen.enrichment.cloned(),
        }
    }

    /// The actor's latest signal of a kind, not older than this.
    pub(crate) fn latest(&self, kind: SignalKind, since: Timestamp) -> Option<&Signal> {
        self.signals.iter().rev().find(|signal| signal.kind == kind && signal.at >= since)
    }
}

/// An event that nothing was learned from, because a rule found something in it.
#[derive(Clone, Debug)]
pub(crate) struct Lesson {
    organization: Box<str>,
    event_id: Uuid,
    event: EventType,
    actor: Option<Box<str>>,
    ip: Option<IpAddr>,
    at: Timestamp,
    received: Timestamp,
    metadata: Box<str>,
    enrichment: Option<Enrichment>,
}

impl Lesson {
    pub(crate) fn observation(&self) -> Observation<'_> {
        Observation::new(&self.organization, self.event_id, &self.event, self.at, self.received)
            .actor(self.actor.as_deref())
            .ip(self.ip)
            .metadata(&self.metadata)
            .enrichment(self.enrichment.as_ref())
    }
}

fields!(Lesson { organization, event_id, event, actor, ip, at, received, metadata, enrichment });

/// A group of rules with the memory they share.
pub(crate) trait Family {
    /// Shows the event to the rules; only what must be counted at once (a failure, an export) is remembered here.
    fn examine(&mut self, scene: &Scene<'_>, found: &mut Found);

    /// Learns what is usual from the event. `clean` is false when any rule found something of medium severity or more in it:
    /// an attacker must not teach the baseline.
    fn learn(&mut self, scene: &Scene<'_>, clean: bool);

    /// Learns from an event in which a rule had found something, after somebody marked its alert safe.
    fn trust(&mut self, scene: &Scene<'_>) {
        self.learn(scene, true);
    }

    /// Keeps what is pushed out of memory here: each table its own [`Shelf::of_table`].
    fn set_spill(&mut self, spill: &Shelf);

    /// Writes all that is remembered.
    fn write(&self, out: &mut Writer<'_>) -> io::Result<()>;

    /// Reads what [`Self::write`] wrote into a family that has seen nothing.
    fn read(&mut self, input: &mut Reader<'_>) -> Result<(), RestoreError>;
}
