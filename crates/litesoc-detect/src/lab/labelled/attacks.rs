//! [`Attacks`]: which labelled events are one attack, and what was seen of it.
//!
//! An attack that the file names is all the events of its label with that name.
//! Other events of one label are one attack when they share an account or an address and lie no more than an hour apart.
//! A spray tries each account once, from another address each time, so its events share nothing: see
//! [`Attacks::join_bursts`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use litesoc_model::{AlertSeverity, Timestamp};
use uuid::Uuid;

use super::Truth;
use crate::lab::world::scribe::Event;

/// Events of one attack lie no farther apart.
const APART: Duration = Duration::from_secs(60 * 60);
/// Those of a burst not even so far.
const BURST_APART: Duration = Duration::from_secs(10 * 60);
/// So many attacks, most of which have no more than so many events, make a burst: several of a busy day's intruders do
/// more than try once or twice each, and seldom come within minutes.
const BURST_LEAST: usize = 5;
const BURST_EVENTS: u64 = 2;

/// One attack.
#[derive(Debug)]
pub(super) struct Attack {
    pub(super) label: String,
    /// Its name, where the file has one.
    pub(super) name: Option<String>,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) events: u64,
    /// When the first alert told of it.
    pub(super) told: Option<Timestamp>,
    /// The worst severity of an alert about it.
    pub(super) severity: Option<AlertSeverity>,
    /// The types of all alerts about it.
    pub(super) types: BTreeSet<String>,
    /// The attack it turned out to be part of.
    part_of: Option<usize>,
}

/// What makes events of one label one attack.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Tie {
    Name(String),
    Account(Arc<str>),
    Address(IpAddr),
}

/// All attacks of a file.
#[derive(Debug, Default)]
pub(super) struct Attacks {
    all: Vec<Attack>,
    /// The latest attack of each label with a tie.
    latest: HashMap<String, HashMap<Tie, usize>>,
    of_event: HashMap<Uuid, usize>,
    /// How many there were of each label before some of them were joined as bursts.
    before_bursts: BTreeMap<String, usize>,
}

impl Attacks {
    /// Puts an event into its attack.
    pub(super) fn add(&mut self, event: &Event, truth: &Truth) {
        let ties: Vec<Tie> = match &truth.attack {
            Some(name) => vec![Tie::Name(name.clone())],
            None => {
                let account = event.actor.clone().map(Tie::Account);
                account.into_iter().chain(event.ip.map(Tie::Address)).collect()
            }
        };
        if !self.latest.contains_key(&truth.label) {
            self.latest.insert(truth.label.clone(), HashMap::new());
        }
        let latest = &self.latest[&truth.label];
        let mut near: Vec<usize> = ties.iter().filter_map(|tie| latest.get(tie).copied()).collect();
        near = near.into_iter().map(|place| self.whole(place)).collect();
        near.retain(|place| {
            truth.attack.is_some() || event.at.saturating_since(self.all[*place].until) <= APART
        });
        let place = match *near {
            [] => self.begin(event, truth),
            [only] => only,
            [first, second, ..] => self.join(first, second),
        };
        let attack = &mut self.all[place];
        attack.until = attack.until.max(event.at);
        attack.events += 1;
        self.of_event.insert(event.id, place);
        if let Some(latest) = self.latest.get_mut(&truth.label) {
            latest.extend(ties.into_iter().map(|tie| (tie, place)));
        }
    }

    fn begin(&mut self, event: &Event, truth: &Truth) -> usize {
        self.all.push(Attack {
            label: truth.label.clone(),
            name: truth.attack.clone(),
            from: event.at,
            until: event.at,
            events: 0,
            told: None,
            severity: None,
            types: BTreeSet::new(),
            part_of: None,
        });
        self.all.len() - 1
    }

    /// The attack an event belongs to.
    pub(super) fn of_event(&mut self, id: Uuid) -> Option<usize> {
        let place = *self.of_event.get(&id)?;
        Some(self.whole(place))
    }

    /// Notes that an alert told of an attack.
    pub(super) fn tell(&mut self, place: usize, at: Timestamp, severity: &AlertSeverity, alert_type: &str) {
        let place = self.whole(place);
        let attack = &mut self.all[place];
        attack.told.get_or_insert(at);
        attack.see(severity);
        if !attack.types.contains(alert_type) {
            attack.types.insert(alert_type.to_owned());
        }
    }

    /// Takes unnamed attacks of one label as one when they are what a spray leaves: at least five, each within ten minutes
    /// of the one before, and more than half of them of one or two events.
    pub(super) fn join_bursts(&mut self) {
        let mut labels: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, attack) in self.all.iter().enumerate().filter(|(_, attack)| attack.part_of.is_none()) {
            if attack.name.is_none() {
                labels.entry(attack.label.clone()).or_default().push(place);
            }
        }
        for (label, places) in labels {
            let bursts = self.bursts(&places);
            if bursts.is_empty() {
                continue;
            }
            self.before_bursts.insert(label, places.len());
            for burst in bursts {
                for place in &burst[1..] {
                    self.join(burst[0], *place);
                }
            }
        }
    }

    /// The bursts among attacks that are in the order of their beginnings.
    fn bursts(&self, places: &[usize]) -> Vec<Vec<usize>> {
        let mut runs: Vec<Vec<usize>> = Vec::new();
        let mut until = Timestamp::MIN;
        for place in places {
            let attack = &self.all[*place];
            match runs.last_mut() {
                Some(run) if attack.from.saturating_since(until) <= BURST_APART => run.push(*place),
                _ => runs.push(vec![*place]),
            }
            until = until.max(attack.until);
        }
        runs.retain(|run| {
            let small = run.iter().filter(|place| self.all[**place].events <= BURST_EVENTS).count();
            run.len() >= BURST_LEAST && small * 2 > run.len()
        });
        runs
    }

    /// The whole attack a part belongs to; the way there is halved, so that long chains stay cheap.
    fn whole(&mut self, mut place: usize) -> usize {
        while let Some(above) = self.all[place].part_of {
            if let Some(higher) = self.all[above].part_of {
                self.all[place].part_of = Some(higher);
            }
            place = above;
        }
        place
    }

    /// Makes one attack of two, of which the earlier remains.
    fn join(&mut self, one: usize, other: usize) -> usize {
        let (earlier, later) = (one.min(other), one.max(other));
        if earlier == later {
            return earlier;
        }
        let part = &mut self.all[later];
        part.part_of = Some(earlier);
        let (until, events, told) = (part.until, part.events, part.told);
        let (severity, mut types) = (part.severity.take(), std::mem::take(&mut part.types));
        let whole = &mut self.all[earlier];
        whole.until = whole.until.max(until);
        whole.events += events;
        whole.told = [whole.told, told].into_iter().flatten().min();
        whole.types.append(&mut types);
        if let Some(severity) = severity {
            whole.see(&severity);
        }
        earlier
    }

    /// Every attack, in the order in which they began, with its place.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Attack)> {
        self.all.iter().enumerate().filter(|(_, attack)| attack.part_of.is_none())
    }

    /// How many attacks of a label there were before bursts were joined; `None` when none was.
    pub(super) fn before_bursts(&self, label: &str) -> Option<usize> {
        self.before_bursts.get(label).copied()
    }
}

impl Attack {
    fn see(&mut self, severity: &AlertSeverity) {
        if self.severity.as_ref().is_none_or(|known| known < severity) {
            self.severity = Some(severity.clone());
        }
    }

    /// From its first event to the first alert about it; `None` when it was missed.
    pub(super) fn delay(&self) -> Option<Duration> {
        self.told.map(|told| told.saturating_since(self.from))
    }

    /// Whether an alert of this severity or a worse one was about it.
    pub(super) fn is_seen_at(&self, least: &AlertSeverity) -> bool {
        self.severity.as_ref().is_some_and(|severity| severity >= least)
    }
}
