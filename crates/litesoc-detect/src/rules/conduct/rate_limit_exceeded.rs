//! Rate limit exceeded: an account or an address runs into rate limits again and again.
//!
//! # What it sees
//!
//! `security.rate_limit_exceeded` by account, and by address for those without one. ATT&CK T1499.
//!
//! # Thresholds
//!
//! Two, since applications report differently. One that reports a limiter that tripped says it once a minute: 5 in 10 minutes
//! over at least 10 seconds are somebody who does not stop. One that reports every refused request says it hundreds of times:
//! 20 within 5 minutes, the LiteSOC API's default, are a program. What neither catches is one page that sent ten requests at
//! once and was refused five of them; that happens to every user on a bad day, and says nothing.
//!
//! # Severity, suppressions and known costs
//!
//! Medium: the limiter did its work. It adds to the risk of the account's hour.
//! An address counts for accounts only when they are unnamed, or when there are at least two and the mass is there: twenty
//! people in one office who are refused once each are no attack, so a shared address ([`Office`]) needs three times as many.
//! A load test is told once an hour, as one alert.

use std::time::Duration;

use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Occasion;
use super::moments::Moment;
use super::organization::Office;
use super::phrases;
use crate::finding::{Finding, Subject, WINDOW};
use crate::settings::{Problems, Section};
use crate::text::{duration, times};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "rate_limit_exceeded";

/// How often somebody may hit rate limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RateLimitExceeded {
    /// Events that are too many when they go on, 2 to 1,000: 5.
    pub events: u32,
    /// The window of event time for those, 1 second to 24 hours: 10 minutes.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
    /// How long they have to go on: 10 seconds.
    #[serde(with = "crate::settings::span")]
    pub lasting: Duration,
    /// Events that are too many at once, 2 to 1,000: 20.
    pub flood: u32,
    /// The window of event time for those, 1 second to 24 hours: 5 minutes.
    #[serde(with = "crate::settings::span")]
    pub flood_window: Duration,
}

impl Default for RateLimitExceeded {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        Self {
            events: 5,
            window: minutes(10),
            lasting: Duration::from_secs(10),
            flood: 20,
            flood_window: minutes(5),
        }
    }
}

impl Section for RateLimitExceeded {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.events, "events");
        problems.window(self.window, "window");
        problems.unless(self.lasting <= self.window, "lasting", "must not be longer than the window");
        problems.count(self.flood, "flood");
        problems.window(self.flood_window, "flood_window");
    }
}

impl RateLimitExceeded {
    /// Events to remember of one key.
    pub(crate) fn capacity(&self) -> usize {
        3 * self.events.max(self.flood) as usize
    }
}

/// How many within how long, when it is too many.
#[derive(Debug)]
struct Excess<'a> {
    around: &'a [Moment],
    window: Duration,
}

fn excess<'a>(
    moments: &'a super::moments::Moments,
    at: Timestamp,
    settings: &RateLimitExceeded,
    flood: u32,
) -> Option<Excess<'a>> {
    let around = moments.around(at, settings.flood_window);
    if around.len() >= flood as usize {
        return Some(Excess { around, window: settings.flood_window });
    }
    if flood > settings.flood {
        return None;
    }
    let around = moments.around(at, settings.window);
    let lasting = match (around.first(), around.last()) {
        (Some(first), Some(last)) => last.at.saturating_since(first.at),
        _ => return None,
    };
    let enough = around.len() >= settings.events as usize && lasting >= settings.lasting;
    enough.then_some(Excess { around, window: settings.window })
}

/// What the account's own rate limits say.
pub(crate) fn of_actor(occasion: &Occasion<'_>, moments: &super::moments::Moments) -> Option<Finding> {
    let settings = &occasion.scene.settings.rate_limit_exceeded;
    let excess = excess(moments, occasion.at(), settings, settings.flood)?;
    Some(tell(occasion, &excess, &occasion.who(), Subject::Actor))
}

/// What the address's rate limits say, of unnamed accounts or of several.
pub(crate) fn of_address(
    occasion: &Occasion<'_>,
    moments: &super::moments::Moments,
    office: Option<&Office>,
) -> Option<Finding> {
    let settings = &occasion.scene.settings.rate_limit_exceeded;
    let shared = office.is_some_and(|office| office.is_shared(3, occasion.day));
    let flood = if shared { 3 * settings.flood } else { settings.flood };
    let excess = excess(moments, occasion.at(), settings, flood)?;
    let accounts = {
        let mut tags: Vec<u32> =
            excess.around.iter().map(|moment| moment.tag).filter(|tag| *tag > 0).collect();
        tags.sort_unstable();
        tags.dedup();
        tags.len()
    };
    // One account's own excess is told about the account; several named ones need the mass.
    let told = match accounts {
        0 => true,
        1 => occasion.scene.actor.is_none(),
        _ => excess.around.len() >= flood as usize,
    };
    let group = occasion.scene.address.map(|(_, group)| group.to_string())?;
    told.then(|| tell(occasion, &excess, &group, Subject::Address))
}

fn tell(occasion: &Occasion<'_>, excess: &Excess<'_>, who: &str, subject: Subject) -> Finding {
    let mut finding = phrases::finding(NAME, AlertType::RateLimitExceeded, AlertSeverity::Medium);
    finding.subject = subject;
    finding.technique = Some("T1499".into());
    let count = excess.around.len() as u64;
    let span = duration(excess.window);
    finding.title = format!("{who} hit rate limits {} within {span}", times(count, "time", "times"));
    finding.description = format!(
        "{who} went over rate limits {} within {span} and did not slow down. The limiter held; find out whether it is a broken \
         program, a load test or somebody collecting data, and block the key or the source if it goes on.",
        times(count, "time", "times"),
    );
    finding.facts = phrases::facts([("events", json!(count)), (WINDOW, json!(span))]);
    finding.events = occasion.others(excess.around);
    finding
}
