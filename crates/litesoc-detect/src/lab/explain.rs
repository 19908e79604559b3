//! Stories: each attack that was missed and each false alarm, with the events around it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use litesoc_model::{AlertSeverity, Network, Timestamp};
use uuid::Uuid;

use super::attack::Attack;
use super::judge::{Alarm, Verdict};
use super::trial::{Seen, Trial};
use super::world::scribe::Event;

/// How far back the story of an alarm reaches, and how many events it tells.
const BEFORE: Duration = Duration::from_secs(26 * 60 * 60);
const MOST_EVENTS: usize = 8;
/// So many alarms of one kind are told in each trial.
const MOST_ALARMS: usize = 12;

/// Gives every false alarm the events that led to it.
pub(crate) fn tell(alarms: &mut [Alarm], alerts: &[Seen], events: &[Event]) {
    let places: HashMap<Uuid, usize> =
        events.iter().enumerate().rev().map(|(place, event)| (event.id, place)).collect();
    for (alarm, alert) in alarms.iter_mut().zip(alerts).filter(|(alarm, _)| alarm.attack.is_none()) {
        let Some(place) = places.get(&alert.raised.trigger_event_id) else { continue };
        let trigger = &events[*place];
        let about = |event: &&Event| {
            let same_actor = trigger.actor.is_some() && event.actor == trigger.actor;
            let same_source = alert.raised.actor_id.is_none() && event.ip == trigger.ip;
            (same_actor || same_source) && trigger.at.saturating_since(event.at) < BEFORE
        };
        let mut story: Vec<String> =
            events[..=*place].iter().rev().filter(about).take(MOST_EVENTS).map(line).collect();
        story.reverse();
        alarm.events = story;
    }
}

/// Gives every missed attack its first events, and those of the first account before them.
pub(crate) fn tell_missed(verdicts: &mut [Verdict], attacks: &[Attack], events: &[Event]) {
    for (label, verdict) in verdicts.iter_mut().enumerate().filter(|(_, verdict)| verdict.delay.is_none()) {
        let of_attack = |event: &&Event| event.attack == Some(label);
        let Some(place) = events.iter().position(|event| of_attack(&event)) else { continue };
        let begins = events[place].at;
        let about = |event: &&Event| {
            event.attack.is_none()
                && event.actor.as_ref().is_some_and(|actor| attacks[label].accounts.contains(&**actor))
                && begins.saturating_since(event.at) < BEFORE
        };
        let mut story: Vec<String> =
            events[..place].iter().rev().filter(about).take(MOST_EVENTS).map(line).collect();
        story.reverse();
        story.push("then".to_owned());
        story.extend(events[place..].iter().filter(of_attack).take(MOST_EVENTS).map(line));
        verdict.events = story;
    }
}

/// One event in one line.
fn line(event: &Event) -> String {
    let place = event.known.as_ref().and_then(|known| known.place.as_ref());
    let city = place.and_then(|place| place.city.as_deref()).unwrap_or("somewhere");
    let country = place.and_then(|place| place.country_code.as_deref()).unwrap_or("--");
    let network = event.known.as_ref().map(|known| known.network.clone()).unwrap_or_default();
    let flags: Vec<&str> = flags(&network).collect();
    let ip = event.ip.map(|ip| ip.to_string()).unwrap_or_default();
    format!(
        "{} {} {} {ip} {city} {country} {} [{}] {}",
        event.at,
        event.event,
        event.actor.as_deref().unwrap_or("-"),
        network.organization.as_deref().unwrap_or("-"),
        flags.join(" "),
        brief(&event.metadata)
    )
}

/// What kind of network an address is on, a word each.
pub(super) fn flags(network: &Network) -> impl Iterator<Item = &'static str> + use<> {
    let all = [
        (network.is_vpn, "vpn"),
        (network.is_tor, "tor"),
        (network.is_proxy, "proxy"),
        (network.is_relay, "relay"),
        (network.is_datacenter, "datacenter"),
        (network.is_mobile, "mobile"),
    ];
    all.into_iter().filter_map(|(is_set, word)| is_set.then_some(word))
}

/// Metadata, with a user agent cut to what tells one from another.
fn brief(metadata: &str) -> String {
    let Ok(serde_json::Value::Object(mut members)) = serde_json::from_str(metadata) else {
        return String::new();
    };
    if let Some(agent) = members.get_mut("user_agent") {
        let text = agent.as_str().unwrap_or_default();
        let tail: String = text.chars().skip(12).filter(|letter| !letter.is_whitespace()).collect();
        let system: String = tail.chars().take(24).collect();
        let browser: String = text.rsplit(' ').take(2).collect::<Vec<_>>().join(" ");
        *agent = format!("{system}..{browser}").into();
    }
    serde_json::Value::Object(members).to_string()
}

impl Trial {
    /// Each attack that was missed and each false alarm, with its story; the worst alarms come first.
    #[must_use]
    pub fn explain(&self) -> String {
        let mut text = String::new();
        let missed = self.attacks.iter().filter(|(_, verdict)| verdict.delay.is_none());
        for (attack, verdict) in missed {
            let _infallible = writeln!(
                text,
                "seed {} MISSED {}: {}\n    {} to {}, {} events",
                self.seed, attack.class, attack.story, attack.from, attack.until, attack.events
            );
            for title in &verdict.titles {
                let _infallible = writeln!(text, "    beside it: {title}");
            }
            for event in &verdict.events {
                let _infallible = writeln!(text, "      {event}");
            }
        }
        for (traffic, alarms) in [("clean", &self.clean), ("mixed", &self.mixed)] {
            self.explain_alarms(traffic, alarms, &mut text);
        }
        text
    }

    fn explain_alarms(&self, traffic: &str, alarms: &[Alarm], text: &mut String) {
        let mut wrong: Vec<&Alarm> = alarms.iter().filter(|alarm| alarm.attack.is_none()).collect();
        let rank = |alarm: &&Alarm| (std::cmp::Reverse(alarm.severity.rank()), alarm.at);
        wrong.sort_by_key(rank);
        let mut told: HashMap<(String, AlertSeverity, String), usize> = HashMap::new();
        for alarm in wrong {
            let kind = (alarm.alert_type.to_string(), alarm.severity.clone(), alarm.rules.join(" "));
            let count = told.entry(kind).or_default();
            *count += 1;
            if *count > MOST_ALARMS {
                continue;
            }
            let at: Timestamp = alarm.at;
            let _infallible = writeln!(
                text,
                "seed {} FALSE ({traffic}) {} {} [{}] at {at}: {}\n    {}",
                self.seed,
                alarm.severity,
                alarm.alert_type,
                alarm.rules.join(", "),
                alarm.title,
                alarm.description
            );
            for event in &alarm.events {
                let _infallible = writeln!(text, "      {event}");
            }
        }
    }
}
