//! [`Stage`]: victims and moments for attacks, so that no two attacks meet on one account by accident.

use std::collections::HashMap;
use std::sync::Arc;

use litesoc_events::EventType;
use serde_json::Value;

use super::intruder::Intruder;
use super::{Attack, Class, Route, describe};
use crate::lab::chance::Chance;
use crate::lab::tables::cities::{CITIES, City};
use crate::lab::world::network::Source;
use crate::lab::world::person::{Device, Role};
use crate::lab::world::scribe::Via;
use crate::lab::world::{DAY, HOUR, SignIn, World};

/// Sign-ins a victim must have behind it: nobody can say what is unusual for an account that is new.
const LEAST_HISTORY: usize = 12;
/// Between two attacks on one account.
const PAUSE: i64 = 4 * DAY;

/// The world, seen by attackers.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) world: &'a mut World,
    pub(super) chance: Chance,
    /// Attacks on each account, by person.
    attacked: HashMap<usize, Vec<i64>>,
    /// Sign-ins of each person, as places in the world's list.
    history: Vec<Vec<usize>>,
    /// Written before the attack under way began.
    written: usize,
    /// From where to where, when the attack under way is about that.
    pub(super) route: Option<Route>,
    /// Countries of high risk.
    listed: Vec<String>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(world: &'a mut World, listed: &[String]) -> Self {
        let mut history = vec![Vec::new(); world.people.len()];
        for (place, sign_in) in world.scribe.sign_ins.iter().enumerate() {
            history[sign_in.person].push(place);
        }
        let chance = Chance::part(world.seed, "attacks");
        Self {
            world,
            chance,
            attacked: HashMap::new(),
            history,
            written: 0,
            route: None,
            listed: listed.to_vec(),
        }
    }

    pub(super) fn begin(&mut self, label: usize, class: Class) {
        // Each attack has chance of its own: one class more or less leaves the others as they are.
        self.chance = Chance::part(self.world.seed, &format!("attack {label} {class}"));
        self.world.scribe.attack = Some(label);
        self.route = None;
        self.written = self.world.scribe.events.len();
    }

    pub(super) fn attack(&self, class: Class, story: String) -> Option<Attack> {
        let attack = describe(class, story, &self.world.scribe.events[self.written..])?;
        Some(Attack { route: self.route, ..attack })
    }

    pub(super) fn end(self) {
        self.world.scribe.attack = None;
    }

    /// When attacks begin: after three weeks, or four tenths of a shorter lab.
    fn opening(&self) -> i64 {
        (21 * DAY).min(self.world.days * DAY * 4 / 10)
    }

    /// A moment at any time of day, with so many hours left in the lab.
    pub(super) fn moment(&mut self, hours: i64) -> i64 {
        let (from, until) = (self.opening(), self.world.days * DAY - (hours + 2) * HOUR);
        self.chance.whole(from, until.max(from + 1))
    }

    /// A sign-in of a victim, to begin from; `fits` sees it with the next one of the same person.
    pub(super) fn sign_in(
        &mut self,
        fits: impl Fn(&World, &SignIn, Option<&SignIn>, &mut Chance) -> bool,
    ) -> Option<SignIn> {
        let opening = self.opening();
        let closing = self.world.days * DAY - 2 * DAY;
        for attempt in 0..3_000 {
            let person = self.chance.below(self.world.people.len());
            let history = &self.history[person];
            if history.len() <= LEAST_HISTORY {
                continue;
            }
            let place = LEAST_HISTORY + self.chance.below(history.len() - LEAST_HISTORY);
            let sign_in = &self.world.scribe.sign_ins[history[place]];
            let next = history.get(place + 1).map(|next| &self.world.scribe.sign_ins[*next]);
            if !(opening..closing).contains(&sign_in.at) {
                continue;
            }
            // In a small organisation everybody is attacked sooner or later.
            let pause = if attempt < 1_000 { i64::MAX } else { PAUSE };
            let is_free = |at: &i64| at.abs_diff(sign_in.at) > pause.unsigned_abs();
            let is_fresh = self.attacked.get(&person).is_none_or(|times| times.iter().all(is_free));
            if is_fresh && fits(self.world, sign_in, next, &mut self.chance) {
                let found = sign_in.clone();
                self.attacked.entry(person).or_default().push(found.at);
                return Some(found);
            }
        }
        None
    }

    /// A victim and a moment: some hours after one of its sign-ins.
    pub(super) fn victim(&mut self) -> Option<(SignIn, i64)> {
        let after = self.sign_in(|_, _, _, _| true)?;
        let at = after.at + (self.chance.scale(0.3, 30.0) * HOUR as f64) as i64;
        Some((after, at))
    }

    /// Somebody of these roles, at work.
    pub(super) fn insider(&mut self, roles: &[Role]) -> Option<SignIn> {
        let roles = roles.to_vec();
        self.sign_in(move |world, sign_in, _, _| {
            roles.contains(&world.people[sign_in.person].role) && !sign_in.source.known.network.hides_place()
        })
    }

    /// An attacker who may choose an address and a device.
    pub(super) fn intruder(&mut self) -> Intruder<'_> {
        Intruder { networks: &mut self.world.networks, chance: &mut self.chance }
    }

    /// A city of a country on the operator's list, where the lab knows one.
    pub(super) fn listed(&mut self) -> Option<&'static City> {
        let cities: Vec<&'static City> =
            CITIES.iter().filter(|city| self.listed.iter().any(|code| code == city.country)).collect();
        (!cities.is_empty()).then(|| self.chance.choose(&cities))
    }

    pub(super) fn actor(&self, person: usize) -> Arc<str> {
        self.world.actor(person)
    }

    /// Names of accounts: so many that exist, chosen freely, and so many that do not.
    pub(super) fn names(&mut self, known: usize, unknown: usize) -> Vec<Arc<str>> {
        let mut people: Vec<usize> = (0..self.world.people.len()).collect();
        self.chance.shuffle(&mut people);
        let mut names: Vec<Arc<str>> =
            people.into_iter().take(known).map(|person| self.actor(person)).collect();
        for _ in 0..unknown {
            names.push(format!("someone_{:06}", self.chance.below(1_000_000)).into());
        }
        self.chance.shuffle(&mut names);
        names
    }

    pub(super) fn write(
        &mut self,
        at: i64,
        event: EventType,
        actor: &Arc<str>,
        source: &Source,
        device: Option<&Device>,
        extra: &[(&str, Value)],
    ) {
        self.world.scribe.write(at, event, actor, Via { source, device }, extra);
    }

    /// Seconds on a scale, as milliseconds.
    pub(super) fn pause(&mut self, from_seconds: f64, to_seconds: f64) -> i64 {
        (self.chance.scale(from_seconds, to_seconds) * 1_000.0) as i64
    }
}
