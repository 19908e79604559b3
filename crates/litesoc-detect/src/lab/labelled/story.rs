//! Stories of labelled events: each attack that was missed, and each false alarm of medium severity or worse.

use std::collections::HashMap;
use std::fmt::Write as _;

use litesoc_model::{AlertSeverity, Timestamp};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Labelled, LabelledReport, Told, Words};
use crate::lab::explain::flags;
use crate::lab::world::scribe::Event;

/// So many events of a missed attack are told.
const MOST_EVENTS: usize = 20;

/// An attack that no alert was about.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MissedAttack {
    /// Its label.
    pub label: String,
    /// Its name, where the file has one.
    pub attack: Option<String>,
    /// The time of its first event.
    pub from: Timestamp,
    /// The time of its last event.
    pub until: Timestamp,
    /// How many events it has.
    pub events: u64,
    /// The first of them, at most 20, one a line.
    pub first_events: Vec<String>,
}

/// An alert that no attack explains.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct FalseAlarm {
    /// The worst it came to.
    pub severity: String,
    /// What kind of threat it reports.
    pub alert_type: String,
    /// The rules behind it.
    pub rules: Vec<String>,
    /// Its first line.
    pub title: String,
    /// Its story.
    pub description: String,
    /// When it was raised.
    pub at: Timestamp,
    /// The event that set it off, in one line.
    pub event: String,
}

impl Labelled {
    /// Puts the stories into a report; the events are those that were shown, in that order.
    pub(super) fn explain<'a>(
        &mut self,
        events: impl Iterator<Item = &'a Event> + Clone,
        report: &mut LabelledReport,
    ) {
        report.missed = self.missed(events.clone());
        let mut wrong: Vec<(&Told, &Words)> =
            self.wrong().filter(|(alert, _)| alert.severity >= AlertSeverity::Medium).collect();
        wrong.sort_by_key(|(alert, _)| alert.order());
        let mut triggers: HashMap<Uuid, String> =
            wrong.iter().map(|(alert, _)| (alert.trigger, String::new())).collect();
        for event in events {
            if let Some(told) = triggers.get_mut(&event.id) {
                *told = told_in_a_line(event);
            }
        }
        let alarm = |(alert, words): (&Told, &Words)| FalseAlarm {
            severity: alert.severity.to_string(),
            alert_type: alert.alert_type.clone(),
            rules: words.rules.clone(),
            title: words.title.clone(),
            description: words.description.clone(),
            at: alert.at,
            event: triggers[&alert.trigger].clone(),
        };
        report.wrong = wrong.into_iter().map(alarm).collect();
    }

    fn missed<'a>(&mut self, events: impl Iterator<Item = &'a Event>) -> Vec<MissedAttack> {
        let missed = self.attacks.iter().filter(|(_, attack)| attack.told.is_none());
        let stories = missed.map(|(place, attack)| {
            let story = MissedAttack {
                label: attack.label.clone(),
                attack: attack.name.clone(),
                from: attack.from,
                until: attack.until,
                events: attack.events,
                first_events: Vec::new(),
            };
            (place, story)
        });
        let mut stories: HashMap<usize, MissedAttack> = stories.collect();
        for event in events {
            let Some(place) = self.attacks.of_event(event.id) else { continue };
            if let Some(story) =
                stories.get_mut(&place).filter(|story| story.first_events.len() < MOST_EVENTS)
            {
                story.first_events.push(told_in_a_line(event));
            }
        }
        let mut stories: Vec<(usize, MissedAttack)> = stories.into_iter().collect();
        stories.sort_by_key(|(place, _)| *place);
        stories.into_iter().map(|(_, story)| story).collect()
    }
}

/// One event in one line.
fn told_in_a_line(event: &Event) -> String {
    let known = event.known.as_deref().cloned().unwrap_or_default();
    let place = known.place.unwrap_or_default();
    let network = known.network;
    // The id of an event is the number of its line.
    let mut told = format!("line {}, {}, {}", event.id.as_u128(), event.at, event.event);
    let ip = event.ip.map(|ip| ip.to_string());
    let asn = network.asn.map(|asn| format!("AS{asn}"));
    let flags: Vec<&str> = flags(&network).collect();
    let words = [event.actor.as_deref(), ip.as_deref(), place.city.as_deref(), place.country_code.as_deref()];
    for word in words.into_iter().chain([asn.as_deref()]).flatten().chain(flags) {
        told.push(' ');
        told.push_str(word);
    }
    match serde_json::from_str(&event.metadata) {
        Ok(Value::Object(members)) if members.is_empty() => {}
        _ => {
            let _infallible = write!(told, " {}", event.metadata);
        }
    }
    told
}

impl LabelledReport {
    /// Each attack that was missed and each false alarm of medium severity or worse, with its events.
    #[must_use]
    pub fn explain(&self) -> String {
        let mut text = String::new();
        for missed in &self.missed {
            let name = missed.attack.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            let MissedAttack { label, from, until, events, .. } = missed;
            let _infallible = writeln!(text, "MISSED {label}{name}: {from} to {until}, {events} events");
            for event in &missed.first_events {
                let _infallible = writeln!(text, "    {event}");
            }
            if missed.events > missed.first_events.len() as u64 {
                let _infallible = writeln!(text, "    and more");
            }
        }
        for wrong in &self.wrong {
            let FalseAlarm { severity, alert_type, title, description, at, event, .. } = wrong;
            let rules = wrong.rules.join(", ");
            let _infallible = writeln!(
                text,
                "FALSE {severity} {alert_type} [{rules}] at {at}: {title}\n    {description}\n    {event}"
            );
        }
        text
    }
}
