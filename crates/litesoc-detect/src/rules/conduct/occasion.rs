//! [`Occasion`]: the event at hand with what the rules of this family share about it.

use std::time::Duration;

use litesoc_model::Timestamp;
use uuid::Uuid;

use super::moments::Moment;
use super::particulars::Particulars;
use super::privilege_escalation::SIGN_IN_SIGNS;
use super::volume;
use crate::finding::{Found, Signal, SignalKind};
use crate::scene::Scene;
use crate::text::name;

/// How far apart what belongs together may lie.
const HOUR: Duration = Duration::from_secs(60 * 60);
/// A sign that weighs less is somebody's everyday work.
const REMARKABLE: u8 = 5;

/// The event at hand with what the rules of this family share about it.
#[derive(Debug)]
pub(crate) struct Occasion<'a> {
    pub(crate) scene: &'a Scene<'a>,
    /// The day of the event time.
    pub(crate) day: u16,
    pub(crate) particulars: Particulars,
    /// The actor's signs of the last day with those of this event, oldest first.
    pub(crate) signals: Vec<Signal>,
}

impl<'a> Occasion<'a> {
    pub(crate) fn new(scene: &'a Scene<'a>, found: &Found, particulars: Particulars) -> Self {
        let mut occasion =
            Self { scene, day: volume::day(scene.seen.at), particulars, signals: scene.signals.to_vec() };
        for signal in &found.signals {
            occasion.add(*signal);
        }
        occasion
    }

    pub(crate) fn at(&self) -> Timestamp {
        self.scene.seen.at
    }

    /// The hour of the event time, counted from 1970.
    pub(crate) fn hour(&self) -> u32 {
        volume::hour(self.at())
    }

    /// The account, fit to stand in a sentence.
    pub(crate) fn who(&self) -> String {
        self.scene.seen.actor.map_or_else(|| "Somebody".to_owned(), name)
    }

    /// Puts a sign in its place.
    pub(crate) fn add(&mut self, signal: Signal) {
        let order = |known: &Signal| (known.at, known.event_id) <= (signal.at, signal.event_id);
        let place = self.signals.partition_point(order);
        self.signals.insert(place, signal);
    }

    /// Which of these kinds of signs lie within an hour, before or after.
    pub(crate) fn signs(&self, kinds: &[SignalKind]) -> Vec<SignalKind> {
        let at = self.at();
        let near = |sign: &&Signal| {
            sign.at.saturating_since(at) <= HOUR
                && at.saturating_since(sign.at) <= HOUR
                && sign.weight >= REMARKABLE
        };
        let has = |kind: &&SignalKind| self.signals.iter().filter(near).any(|sign| sign.kind == **kind);
        kinds.iter().filter(has).copied().collect()
    }

    /// What a sign-in within the hour showed.
    pub(crate) fn sign_in_signs(&self) -> Vec<SignalKind> {
        self.signs(&SIGN_IN_SIGNS)
    }

    /// The ids of events beside the one at hand.
    pub(crate) fn others(&self, moments: &[Moment]) -> Vec<Uuid> {
        let own = self.scene.seen.event_id;
        moments.iter().map(|moment| moment.event_id).filter(|id| *id != own).collect()
    }
}
