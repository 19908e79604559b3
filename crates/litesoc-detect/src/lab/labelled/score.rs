//! [`LabelledReport`]: what the rules made of labelled events, in figures.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use litesoc_model::AlertSeverity;
use serde::Serialize;

use super::attacks::Attack;
use super::story::{FalseAlarm, MissedAttack};
use super::{Labelled, Told};
use crate::lab::statistic::{Estimate, quantile, share};

/// What the rules made of labelled events.
///
/// An attack is *seen* when one of its events set an alert off, is among the samples an alert began with, or made an alert
/// grow.
/// An alert is *right* when an event of an attack set it off or is among the samples it began with.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LabelledReport {
    /// How many events there were.
    pub events: u64,
    /// How many of them were clean.
    pub clean_events: u64,
    /// Accounts with any event.
    pub accounts: usize,
    /// Days, in UTC, with any event of an account, summed over the accounts.
    pub user_days: u64,
    /// Members of lines that were not read, by name, with how many lines have them.
    pub unread: BTreeMap<String, u64>,
    /// Names of events that are not in the catalogue, as they are written, with how many events have them.
    pub unknown_events: BTreeMap<String, u64>,
    /// One row for each label that means an attack.
    pub labels: Vec<LabelRow>,
    /// One row for each type of alert.
    pub types: Vec<AlertRow>,
    /// All types together, one row for each severity, the worst first.
    pub severities: Vec<LevelRow>,
    /// Alerts that no attack explains, for 10,000 clean events.
    pub false_alarms: Option<f64>,
    /// Line, time, severity and title of some of those, the worst first.
    pub examples: Vec<String>,
    /// Attacks that no alert was about, in the order of their time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<MissedAttack>,
    /// False alarms of medium severity or worse, the worst first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wrong: Vec<FalseAlarm>,
}

/// How well the attacks of one label were seen.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LabelRow {
    /// The label, as the file has it.
    pub label: String,
    /// Its events.
    pub events: u64,
    /// Its attacks.
    pub attacks: usize,
    /// How many attacks these were before bursts were taken as one; `None` when there was no burst.
    pub attacks_before_bursts: Option<usize>,
    /// How many of those an alert was about.
    pub seen: usize,
    /// How many an alert of medium severity or worse was about.
    pub seen_medium: usize,
    /// How many an alert of high severity or worse was about.
    pub seen_high: usize,
    /// The share seen.
    pub recall: Option<Estimate>,
    /// Of the alerts of the types that saw it, the share that was about any attack.
    pub precision: Option<f64>,
    /// Seconds to the alert; half of those seen took at most so long.
    pub delay_median_s: Option<f64>,
    /// The types of alert that saw it.
    pub types: Vec<String>,
}

/// How often one type of alert was right.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AlertRow {
    /// The type.
    pub alert_type: String,
    /// How many there were.
    pub alerts: usize,
    /// How many were about an attack.
    pub right: usize,
    /// The share of those.
    pub precision: Option<Estimate>,
    /// One row for each severity, the worst first.
    pub severities: Vec<LevelRow>,
}

/// How often alerts of one severity, the worst they came to, were right.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LevelRow {
    /// The severity.
    pub severity: String,
    /// How many there were.
    pub alerts: usize,
    /// How many were about an attack.
    pub right: usize,
    /// The others, for 1,000 user-days; `None` when no event has an account.
    pub false_alarms: Option<f64>,
}

const LEVELS: [AlertSeverity; 4] =
    [AlertSeverity::Critical, AlertSeverity::High, AlertSeverity::Medium, AlertSeverity::Low];
/// So many false alarms are shown.
const EXAMPLES: usize = 20;

impl Labelled {
    pub(crate) fn report(&self) -> LabelledReport {
        let mut types: BTreeMap<&str, Vec<&Told>> = BTreeMap::new();
        for alert in &self.alerts {
            types.entry(&alert.alert_type).or_default().push(alert);
        }
        let types: Vec<AlertRow> =
            types.into_iter().map(|(word, alerts)| self.alert_row(word, &alerts)).collect();
        let mut attacks: BTreeMap<&str, Vec<&Attack>> = BTreeMap::new();
        for (_, attack) in self.attacks.iter() {
            attacks.entry(&attack.label).or_default().push(attack);
        }
        let all: Vec<&Told> = self.alerts.iter().collect();
        let wrong = all.iter().filter(|alert| !alert.is_right()).count();
        let rate = |events: u64| wrong as f64 / events as f64 * 10_000.0;
        LabelledReport {
            events: self.clean_events + self.attack_events.values().sum::<u64>(),
            clean_events: self.clean_events,
            accounts: self.last_days.len(),
            user_days: self.user_days,
            unread: BTreeMap::new(),
            unknown_events: BTreeMap::new(),
            labels: attacks
                .into_iter()
                .map(|(label, attacks)| self.label_row(label, &attacks, &types))
                .collect(),
            severities: self.levels(&all),
            types,
            false_alarms: (self.clean_events > 0).then(|| rate(self.clean_events)),
            examples: self.examples(),
            missed: Vec::new(),
            wrong: Vec::new(),
        }
    }

    fn alert_row(&self, word: &str, alerts: &[&Told]) -> AlertRow {
        let right = alerts.iter().filter(|alert| alert.is_right()).count();
        AlertRow {
            alert_type: word.to_owned(),
            alerts: alerts.len(),
            right,
            precision: share(&[(right as f64, alerts.len() as f64)]),
            severities: self.levels(alerts),
        }
    }

    fn levels(&self, alerts: &[&Told]) -> Vec<LevelRow> {
        let row = |level: &AlertSeverity| {
            let of_level = alerts.iter().filter(|alert| alert.severity == *level);
            let (alerts, right) =
                of_level.fold((0, 0), |(all, right), alert| (all + 1, right + usize::from(alert.is_right())));
            let rate = |days: u64| (alerts - right) as f64 / days as f64 * 1_000.0;
            LevelRow {
                severity: level.to_string(),
                alerts,
                right,
                false_alarms: (self.user_days > 0).then(|| rate(self.user_days)),
            }
        };
        LEVELS.iter().map(row).collect()
    }

    fn label_row(&self, label: &str, attacks: &[&Attack], types: &[AlertRow]) -> LabelRow {
        let seen_by: BTreeSet<&String> = attacks.iter().flat_map(|attack| &attack.types).collect();
        let mut delays: Vec<f64> =
            attacks.iter().filter_map(|attack| attack.delay().map(|delay| delay.as_secs_f64())).collect();
        delays.sort_by(f64::total_cmp);
        let (all, right) = types
            .iter()
            .filter(|row| seen_by.contains(&row.alert_type))
            .fold((0, 0), |sum, row| (sum.0 + row.alerts, sum.1 + row.right));
        let seen_at = |least| attacks.iter().filter(|attack| attack.is_seen_at(&least)).count();
        LabelRow {
            label: label.to_owned(),
            events: self.attack_events.get(label).copied().unwrap_or_default(),
            attacks: attacks.len(),
            attacks_before_bursts: self.attacks.before_bursts(label),
            seen: delays.len(),
            seen_medium: seen_at(AlertSeverity::Medium),
            seen_high: seen_at(AlertSeverity::High),
            recall: share(&[(delays.len() as f64, attacks.len() as f64)]),
            precision: (all > 0).then(|| right as f64 / all as f64),
            delay_median_s: (!delays.is_empty()).then(|| quantile(&delays, 0.5)),
            types: seen_by.into_iter().cloned().collect(),
        }
    }

    /// Some false alarms: all of the worst severity before any of the next, and of those that are too many some that are
    /// spread evenly over them.
    fn examples(&self) -> Vec<String> {
        let mut examples = Vec::new();
        for level in &LEVELS {
            let wrong: Vec<String> = self
                .wrong()
                .filter(|(alert, _)| alert.severity == *level)
                .map(|(alert, words)| format!("{}: {}", alert.headline(), words.title))
                .collect();
            let most = (EXAMPLES - examples.len()).min(wrong.len());
            examples.extend((0..most).map(|place| wrong[place * wrong.len() / most].clone()));
        }
        examples
    }

    /// The false alarms, in the order of their time, with what they say.
    pub(super) fn wrong(&self) -> impl Iterator<Item = (&Told, &super::Words)> {
        self.alerts.iter().filter_map(|alert| alert.words.as_ref().map(|words| (alert, words)))
    }
}

impl Told {
    fn is_right(&self) -> bool {
        !self.about.is_empty()
    }

    /// Where and when it was set off, and what it is.
    pub(super) fn headline(&self) -> String {
        // The id of an event is the number of its line.
        let line = self.trigger.as_u128();
        format!("line {line}, {}, {} {}", self.at, self.severity, self.alert_type)
    }

    /// Sorts the worst first.
    pub(super) fn order(&self) -> Reverse<Option<u8>> {
        Reverse(self.severity.rank())
    }
}
