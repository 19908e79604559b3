//! [`Probe`]: what risk the detector sees in sign-ins of owners, and in those of attackers who only knock.
//!
//! Before each sign-in of an owner is shown, the detector is asked how risky it is; now and then it is asked the same of
//! attackers of the four models who would come at that moment. Asking teaches it nothing.

use std::collections::HashMap;

use litesoc_events::EventType;
use litesoc_model::Timestamp;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::attack::intruder::{Intruder, Model};
use super::chance::Chance;
use super::statistic::{Estimate, quantile, rate};
use super::trial::{ORGANIZATION, Trial, observation};
use super::world::network::Networks;
use super::world::person::Person;
use super::world::scribe::Event;
use super::world::{DAY, START};
use crate::{Detector, Observation};

/// Sign-ins an account must have before its risk is asked: what the published figures are for.
const LEAST_HISTORY: u32 = 12;
/// Attackers of each model come with one sign-in of so many.
const ONE_OF: usize = 12;

/// The risks that were seen, of owners and of attackers by model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Risks {
    pub(crate) owners: Vec<f64>,
    pub(crate) attackers: [Vec<f64>; 4],
}

/// Asks the detector for risks.
#[derive(Debug)]
pub(crate) struct Probe<'a> {
    people: HashMap<&'a str, &'a Person>,
    names_devices: bool,
    networks: Networks,
    chance: Chance,
    history: HashMap<String, u32>,
    pub(crate) risks: Risks,
}

impl<'a> Probe<'a> {
    pub(crate) fn new(seed: u64, people: &'a [Person], names_devices: bool) -> Self {
        Self {
            people: people.iter().map(|person| (person.name.as_str(), person)).collect(),
            names_devices,
            networks: Networks::new(seed ^ 0x9e37),
            chance: Chance::part(seed, "probe"),
            history: HashMap::new(),
            risks: Risks::default(),
        }
    }

    /// Asks for the risk of an event about to be shown, when it is a sign-in of one of the people.
    pub(crate) fn ask(&mut self, detector: &Detector, event: &Event) {
        let Some(actor) = event.actor.as_deref().filter(|_| event.event == EventType::AUTH_LOGIN_SUCCESS)
        else {
            return;
        };
        let Some(person) = self.people.get(actor).copied() else { return };
        let history = self.history.entry(actor.to_owned()).or_default();
        *history += 1;
        if *history <= LEAST_HISTORY {
            return;
        }
        self.risks.owners.extend(detector.risk(&observation(event)));
        if self.chance.below(ONE_OF) == 0 {
            for (place, model) in Model::ALL.into_iter().enumerate() {
                let risk = self.knock(detector, person, event.at, model);
                self.risks.attackers[place].extend(risk);
            }
        }
    }

    fn knock(&mut self, detector: &Detector, person: &Person, at: Timestamp, model: Model) -> Option<f64> {
        let day = (at.as_millis() - START).div_euclid(DAY);
        let used = person.device(super::tables::devices::Form::Computer, day, &mut self.chance).make;
        let mut intruder = Intruder { networks: &mut self.networks, chance: &mut self.chance };
        let guise = intruder.guise(model, person, used);
        let mut metadata = json!({ "user_agent": guise.device.user_agent(day) });
        if self.names_devices {
            metadata["device_id"] = guise.device.id.clone().into();
        }
        let metadata = metadata.to_string();
        let success = EventType::AUTH_LOGIN_SUCCESS;
        let seen = Observation::new(ORGANIZATION, Uuid::nil(), &success, at, at)
            .actor(Some(&person.name))
            .ip(Some(guise.source.ip))
            .metadata(&metadata)
            .enrichment(Some(&guise.source.known));
        detector.risk(&seen)
    }
}

/// How well risk tells one model of attacker from owners.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RankingRow {
    /// The model of attacker.
    pub attacker: &'static str,
    /// How many knocked.
    pub attackers: usize,
    /// Mean risk of attackers, divided by mean risk of owners.
    pub rsr: Option<Estimate>,
    /// Share of the owners' sign-ins that would be asked for more when 98 % of the attackers' are.
    pub reauthentication_98: f64,
    /// The same when 99 % of the attackers' are.
    pub reauthentication_99: f64,
}

/// One row for each model; none when the detector gave no risk.
pub(crate) fn rows(trials: &[Trial]) -> Vec<RankingRow> {
    let mut owners: Vec<f64> = trials.iter().flat_map(|trial| trial.risks.owners.iter().copied()).collect();
    owners.sort_by(f64::total_cmp);
    let row = |(place, model): (usize, Model)| {
        let mut attackers: Vec<f64> =
            trials.iter().flat_map(|trial| trial.risks.attackers[place].iter().copied()).collect();
        attackers.sort_by(f64::total_cmp);
        let mean = |risks: &[f64]| risks.iter().sum::<f64>() / risks.len() as f64;
        let seeds: Vec<(f64, f64)> = trials
            .iter()
            .map(|trial| (&trial.risks.attackers[place], &trial.risks.owners))
            .filter(|(attackers, owners)| !attackers.is_empty() && !owners.is_empty())
            .map(|(attackers, owners)| (mean(attackers), mean(owners)))
            .collect();
        let asked = |share: f64| {
            let least = quantile(&attackers, 1.0 - share);
            (owners.len() - owners.partition_point(|risk| *risk < least)) as f64 / owners.len() as f64
        };
        RankingRow {
            attacker: model.as_str(),
            attackers: attackers.len(),
            rsr: rate(&seeds, 1.0),
            reauthentication_98: asked(0.98),
            reauthentication_99: asked(0.99),
        }
    };
    if owners.is_empty() { Vec::new() } else { Model::ALL.into_iter().enumerate().map(row).collect() }
}
