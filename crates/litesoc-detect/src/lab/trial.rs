//! [`Trial`]: one seed, lived through twice: without attacks and with them.

use std::collections::{HashMap, HashSet};

use litesoc_model::{AlertSeverity, Timestamp};
use uuid::Uuid;

use super::attack::{Attack, Class, inject};
use super::explain::{tell, tell_missed};
use super::judge::{Alarm, Verdict, judge};
use super::ranking::{Probe, Risks};
use super::tables::cities::City;
use super::world::delivery::deliver;
use super::world::scribe::Event;
use super::world::{DAY, HOUR, World};
use crate::{AlertDraft, Change, Detector, InvalidSettings, Observation, Settings};

/// The organisation whose events the lab shows.
pub(crate) const ORGANIZATION: &str = "lab";

/// How large the world is and what is done to it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// People in the organisation; at least 10.
    pub users: usize,
    /// Days that are lived; at least 10.
    pub days: i64,
    /// Attacks of each class.
    pub attacks: usize,
    /// The classes that are injected.
    pub classes: Vec<Class>,
    /// The thresholds of the rules.
    pub settings: Settings,
    /// Whether false alarms come with the events that led to them.
    pub explains: bool,
}

impl Default for Plan {
    /// 300 people, 60 days, 4 attacks of every class.
    fn default() -> Self {
        Self {
            users: 300,
            days: 60,
            attacks: 4,
            classes: Class::ALL.to_vec(),
            settings: Settings::default(),
            explains: false,
        }
    }
}

/// What came of one seed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Trial {
    /// The seed.
    pub seed: u64,
    /// Days on which each of the people was a user, summed.
    pub user_days: f64,
    /// Different events shown, without attacks.
    pub events: usize,
    /// The attacks, each with what was seen of it.
    pub attacks: Vec<(Attack, Verdict)>,
    /// Alerts in the traffic with attacks.
    pub mixed: Vec<Alarm>,
    /// Alerts in the traffic without attacks: false alarms, all of them.
    pub clean: Vec<Alarm>,
    /// Some journeys, for the map.
    pub(crate) journeys: Vec<Journey>,
    /// What risk was seen, without attacks.
    pub(crate) risks: Risks,
}

/// From one city to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Journey {
    pub(crate) from: &'static City,
    pub(crate) to: &'static City,
    pub(crate) hours: f64,
    /// Whether an impossible one was seen; `None` for a journey somebody made.
    pub(crate) seen: Option<bool>,
}

/// So many journeys of people are shown.
const MOST_JOURNEYS: usize = 150;

/// Lives through one seed.
///
/// # Errors
///
/// [`InvalidSettings`] when the settings of the plan cannot work.
pub fn trial(plan: &Plan, seed: u64) -> Result<Trial, InvalidSettings> {
    let (users, days) = (plan.users.max(10), plan.days.max(10));
    let mut world = World::new(seed, users, days);
    let user_days = world.user_days();
    let peaceful = deliver(world.scribe.events.clone(), days * DAY, seed);
    let mut probe = Probe::new(seed, &world.people, world.organization.names_devices);
    let false_alerts = detect(&peaceful, &plan.settings, Some(&mut probe))?;
    let risks = probe.risks;
    let mut clean = judge(&[], &peaceful, &false_alerts).1;
    let attacks = inject(&mut world, plan);
    let traffic = deliver(std::mem::take(&mut world.scribe.events), days * DAY, seed);
    let alerts = detect(&traffic, &plan.settings, None)?;
    let (mut verdicts, mut mixed) = judge(&attacks, &traffic, &alerts);
    if plan.explains {
        tell(&mut clean, &false_alerts, &peaceful);
        tell(&mut mixed, &alerts, &traffic);
        tell_missed(&mut verdicts, &attacks, &traffic);
    }
    let events = peaceful.iter().map(|event| event.id).collect::<HashSet<_>>().len();
    let journeys = journeys(&world, &attacks, &verdicts);
    let attacks = attacks.into_iter().zip(verdicts).collect();
    Ok(Trial { seed, user_days, events, attacks, mixed, clean, journeys, risks })
}

fn journeys(world: &World, attacks: &[Attack], verdicts: &[Verdict]) -> Vec<Journey> {
    let trips = world.people.iter().zip(&world.itineraries).flat_map(|(person, itinerary)| {
        itinerary.trips().iter().map(|trip| {
            let hours = (trip.out.until_ms - trip.out.from_ms) as f64 / HOUR as f64;
            Journey { from: person.home, to: trip.to, hours, seen: None }
        })
    });
    let routes = attacks.iter().zip(verdicts).filter_map(|(attack, verdict)| {
        let (from, to, hours) = attack.route?;
        Some(Journey { from, to, hours, seen: Some(verdict.delay.is_some()) })
    });
    trips.take(MOST_JOURNEYS).chain(routes).collect()
}

/// One alert, from its first word to its last.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// As it was raised.
    pub(crate) raised: AlertDraft,
    /// As it stood in the end.
    pub(crate) last: AlertDraft,
    /// Each change: the event that caused it, its time, and how bad the alert was then.
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) cause: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) severity: AlertSeverity,
}

/// Shows the events to a new detector, each once, in the order in which they arrive.
fn detect(
    events: &[Event],
    settings: &Settings,
    mut probe: Option<&mut Probe<'_>>,
) -> Result<Vec<Seen>, InvalidSettings> {
    let mut detector = Detector::new(settings.clone())?;
    let mut shown = HashSet::with_capacity(events.len());
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut alerts: Vec<Seen> = Vec::new();
    let mut changes = Vec::new();
    for event in events {
        // Repeats are dropped by whoever stores events.
        if !shown.insert(event.id) {
            continue;
        }
        if let Some(probe) = &mut probe {
            probe.ask(&detector, event);
        }
        detector.observe(&observation(event), &mut changes);
        for change in changes.drain(..) {
            let step = Step { cause: event.id, at: event.at, severity: change.severity().clone() };
            match change {
                Change::Raise(draft) => {
                    places.insert(draft.id, alerts.len());
                    alerts.push(Seen { raised: (*draft).clone(), last: *draft, steps: vec![step] });
                }
                Change::Update(progress) => {
                    if let Some(place) = places.get(&progress.id) {
                        alerts[*place].steps.push(step);
                        alerts[*place].last.advance(*progress);
                    }
                }
            }
        }
    }
    Ok(alerts)
}

pub(crate) fn observation(event: &Event) -> Observation<'_> {
    Observation::new(ORGANIZATION, event.id, &event.event, event.at, event.received)
        .actor(event.actor.as_deref())
        .ip(event.ip)
        .metadata(&event.metadata)
        .enrichment(event.known.as_deref())
}
