//! [`judge`]: which attack an alert is about, and which attacks were seen.
//!
//! An alert is true when the event that raised it, or one of its samples at that moment, belongs to an attack.
//! It is true as well when it comes of what an attack left behind: it is about an account or an address of the attack, of a
//! type that says what the attack is, and at most a day late; the victim's own next sign-in is "impossible travel" because
//! of the intruder, not because of the victim.
//! Every other alert is a false alarm.
//!
//! An attack is seen by the first change to such an alert of an accepted type and a sufficient severity.

use std::collections::HashMap;
use std::time::Duration;

use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::attack::Attack;
use super::trial::{Seen, Step};
use super::world::scribe::Event;

/// How long after its last event an attack may still show.
const AFTERMATH: Duration = Duration::from_secs(24 * 60 * 60);
/// Clocks may be off by so much.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// What was seen of one attack.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Verdict {
    /// From its first event to the alert, by the time of events; `None` when it was missed.
    pub delay: Option<Duration>,
    /// The worst severity of an alert that counts.
    pub severity: Option<AlertSeverity>,
    /// Titles of all alerts about it, accepted or not.
    pub titles: Vec<String>,
    /// Its first events, and those of its account before them, one a line; only of a missed attack, where the plan asks for
    /// explanations.
    pub events: Vec<String>,
}

/// One alert, judged.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Alarm {
    /// What kind of threat it reports.
    pub alert_type: AlertType,
    /// The worst it came to.
    pub severity: AlertSeverity,
    /// The rules behind it.
    pub rules: Vec<String>,
    /// Its first line.
    pub title: String,
    /// Its story.
    pub description: String,
    /// When it was raised.
    pub at: Timestamp,
    /// The attack it is about, by its place in the list; `None` for a false alarm.
    pub attack: Option<usize>,
    /// The events that led to a false alarm, one a line; only where the plan asks for explanations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}

impl Alarm {
    /// Whether it is high or critical.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        self.severity >= AlertSeverity::High
    }
}

/// Judges every attack, in their order, and every alert, in the order in which they were raised.
pub(crate) fn judge(attacks: &[Attack], events: &[Event], alerts: &[Seen]) -> (Vec<Verdict>, Vec<Alarm>) {
    let labels: HashMap<Uuid, usize> =
        events.iter().filter_map(|event| event.attack.map(|label| (event.id, label))).collect();
    let mut verdicts = vec![Verdict::default(); attacks.len()];
    let mut alarms = Vec::with_capacity(alerts.len());
    for alert in alerts {
        let raised = &alert.raised;
        let mut about = labels.get(&raised.trigger_event_id).copied();
        about = about.or_else(|| raised.sample_event_ids.iter().find_map(|id| labels.get(id).copied()));
        about = about.or_else(|| attacks.iter().position(|attack| is_aftermath(attack, alert)));
        if let Some(label) = about {
            note(&mut verdicts[label], &attacks[label], alert, |_| true);
        }
        // An alert that was open when another attack began takes it in.
        for label in joined(alert, &labels).filter(|label| Some(*label) != about) {
            note(&mut verdicts[label], &attacks[label], alert, |step| {
                labels.get(&step.cause) == Some(&label)
            });
        }
        alarms.push(Alarm {
            alert_type: raised.alert_type.clone(),
            severity: alert.last.severity.clone(),
            rules: alert.last.evidence.rules.clone(),
            title: alert.last.title.clone(),
            description: alert.last.description.clone(),
            at: alert.steps[0].at,
            attack: about,
            events: Vec::new(),
        });
    }
    (verdicts, alarms)
}

/// The attacks whose events changed an alert.
fn joined(alert: &Seen, labels: &HashMap<Uuid, usize>) -> impl Iterator<Item = usize> {
    let mut joined: Vec<usize> =
        alert.steps.iter().filter_map(|step| labels.get(&step.cause).copied()).collect();
    joined.sort_unstable();
    joined.dedup();
    joined.into_iter()
}

fn is_aftermath(attack: &Attack, alert: &Seen) -> bool {
    let at = alert.steps[0].at;
    let in_time = attack.from.saturating_since(at) <= SKEW && at.saturating_since(attack.until) <= AFTERMATH;
    let raised = &alert.raised;
    let by_account = raised.actor_id.as_ref().is_some_and(|actor| attack.accounts.contains(actor));
    let by_source = raised.source_ip.is_some_and(|ip| attack.sources.contains(&ip));
    in_time && (by_account || by_source) && attack.class.accepted().contains(&raised.alert_type)
}

/// Notes what an alert shows of an attack, by those of its changes that count.
fn note(verdict: &mut Verdict, attack: &Attack, alert: &Seen, counts: impl Fn(&Step) -> bool) {
    verdict.titles.push(format!("[{} {}] {}", alert.last.severity, alert.last.alert_type, alert.last.title));
    if !attack.class.accepted().contains(&alert.raised.alert_type) {
        return;
    }
    let least = attack.class.least_severity();
    let Some(step) = alert.steps.iter().find(|step| counts(step) && step.severity >= least) else { return };
    let delay = step.at.saturating_since(attack.from);
    verdict.delay = Some(verdict.delay.map_or(delay, |earlier| earlier.min(delay)));
    let worst = alert.steps.iter().filter(|step| counts(step)).map(|step| step.severity.clone());
    for severity in worst {
        if verdict.severity.as_ref().is_none_or(|known| *known < severity) {
            verdict.severity = Some(severity);
        }
    }
}
