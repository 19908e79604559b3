//! `litesoc rules test`: what rules match in events that are there already.

use std::collections::{BTreeMap, BTreeSet};

use litesoc_detect::EventFields;
use litesoc_detect::sigma::{Capacity, Match, Matcher, Rule};
use litesoc_model::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::DryRun;
use super::events::{self, Trial};
use super::load::{load, nothing};
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::shown;

/// Groups of one rule that are told apart.
const GROUPS: usize = 100_000;
/// Events named under a match, in text.
const NAMED: usize = 5;

#[derive(Serialize)]
struct Document {
    events: u64,
    data: Vec<Outcome>,
}

/// What became of one rule.
#[derive(Serialize)]
struct Outcome {
    rule: String,
    title: String,
    level: String,
    place: String,
    /// How often it matched.
    matches: u64,
    /// How many different groups, each of which would have alerts of its own.
    groups: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
    samples: Vec<Sample>,
    #[serde(skip)]
    seen: BTreeSet<Vec<(String, String)>>,
}

/// One match.
#[derive(Serialize)]
struct Sample {
    from: String,
    to: String,
    count: u64,
    group: BTreeMap<String, String>,
    events: Vec<String>,
}

pub(super) fn run(dry_run: &DryRun, screen: &mut Screen) -> Result<(), Failure> {
    let rules = load(&dry_run.rules)?;
    if rules.is_empty() {
        return Err(nothing(&dry_run.rules));
    }
    let settings = dry_run.thresholds.read()?;
    let mut outcomes: Vec<Outcome> = rules.rules().iter().map(Outcome::of).collect();
    let told: Vec<bool> = rules.rules().iter().map(|rule| rule.told).collect();
    let mut matcher = Matcher::new(rules, Capacity::default());
    let mut found = Vec::new();
    let mut show = |trial: &Trial| {
        let seen = trial.observation();
        let fields = EventFields::new(&seen, settings.ipv6_prefix);
        matcher.examine(seen.organization, trial.at.as_millis(), *trial.id.as_bytes(), &fields, &mut found);
        for matched in found.drain(..) {
            if let Some(outcome) = outcomes.get_mut(matched.rule) {
                outcome.add(matched, trial, dry_run.limit);
            }
        }
    };
    let events = match (&dry_run.events, &dry_run.data) {
        (Some(file), _) => events::of_file(file, &mut show)?,
        (None, Some(data)) => events::of_store(data, &mut show)?,
        (None, None) => return Err(Failure::usage("name events with --events or --data")),
    };
    // The parts of correlations have no matches of their own.
    let data: Vec<Outcome> =
        outcomes.into_iter().zip(told).filter_map(|(outcome, told)| told.then_some(outcome)).collect();
    if screen.is_json() {
        return screen.document(&Document { events, data });
    }
    screen.line(&format!("{events} events"))?;
    data.iter().try_for_each(|outcome| outcome.tell(screen))
}

impl Outcome {
    fn of(rule: &Rule) -> Self {
        Self {
            rule: rule.label().to_owned(),
            title: rule.title.clone(),
            level: rule.level.to_string(),
            place: format!("{}:{}", rule.file, rule.position.line),
            matches: 0,
            groups: 0,
            first: None,
            last: None,
            samples: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    fn add(&mut self, matched: Match, trial: &Trial, limit: usize) {
        let at = trial.at.to_string();
        self.matches += 1;
        self.first.get_or_insert_with(|| at.clone());
        self.last = Some(at);
        if self.samples.len() < limit {
            let time = |millis| Timestamp::from_millis(millis).to_string();
            self.samples.push(Sample {
                from: time(matched.from_ms),
                to: time(matched.to_ms),
                count: matched.count,
                group: matched.group.iter().cloned().collect(),
                events: matched.events.iter().map(|id| Uuid::from_bytes(*id).to_string()).collect(),
            });
        }
        if self.seen.len() < GROUPS {
            self.seen.insert(matched.group);
            self.groups = self.seen.len();
        }
    }

    fn tell(&self, screen: &mut Screen) -> Result<(), Failure> {
        let (title, place) = (shown(&self.title), shown(&self.place));
        if self.matches == 0 {
            return screen.line(&format!("\n{title} ({}, {place}): no match", self.level));
        }
        let times =
            if self.matches == 1 { "1 match".to_owned() } else { format!("{} matches", self.matches) };
        let groups = if self.groups > 1 { format!(" in {} groups", self.groups) } else { String::new() };
        screen.line(&format!("\n{title} ({}, {place}): {times}{groups}", self.level))?;
        self.samples.iter().try_for_each(|sample| screen.line(&sample.line()))?;
        let more = self.matches - self.samples.len() as u64;
        if more > 0 { screen.line(&format!("  and {more} more")) } else { Ok(()) }
    }
}

impl Sample {
    fn line(&self) -> String {
        let group: Vec<String> =
            self.group.iter().map(|(field, value)| format!("{field} {}", shown(value))).collect();
        let latest: Vec<&str> = self.events.iter().rev().take(NAMED).map(String::as_str).collect();
        let mut parts = Vec::new();
        parts.push(if self.from == self.to {
            self.to.clone()
        } else {
            format!("{} to {}", self.from, self.to)
        });
        if self.count > 1 {
            parts.push(format!("count {}", self.count));
        }
        parts.extend((!group.is_empty()).then(|| group.join(", ")));
        let more = if self.events.len() > NAMED { " .." } else { "" };
        format!("  {}\n    events {}{more}", parts.join("  "), latest.join(" "))
    }
}
