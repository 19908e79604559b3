//! [`LabelledReport`]: what the rules made of labelled events.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::{Labelled, is_clean};
use crate::lab::report::{TypeRow, delay, interval};
use crate::lab::statistic::{Estimate, quantile, share};

/// What the rules made of labelled events.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LabelledReport {
    /// How many events there were.
    pub events: u64,
    /// How many of them were clean.
    pub clean_events: u64,
    /// One row for each label that means an attack.
    pub labels: Vec<LabelRow>,
    /// One row for each type of alert.
    pub types: Vec<TypeRow>,
    /// Alerts that no attack explains, for 10,000 clean events.
    pub false_alarms: Option<f64>,
    /// Time and title of the first of those.
    pub examples: Vec<String>,
}

/// How well the attacks of one label were seen.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LabelRow {
    /// The label, as the file has it.
    pub label: String,
    /// Its events.
    pub events: u64,
    /// Its attacks: events that share an account or an address and lie no more than an hour apart are one.
    pub attacks: usize,
    /// How many of those an alert was about.
    pub seen: usize,
    /// The share seen.
    pub recall: Option<Estimate>,
    /// Of the alerts of the types that saw it, the share that was about any attack.
    pub precision: Option<f64>,
    /// Seconds to the alert; half of those seen took at most so long.
    pub delay_median_s: Option<f64>,
    /// The types of alert that saw it.
    pub types: Vec<String>,
}

/// So many false alarms are shown.
const EXAMPLES: usize = 20;

impl Labelled {
    pub(crate) fn report(&self) -> LabelledReport {
        let mut types: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for alert in &self.alerts {
            let entry = types.entry(&alert.alert_type).or_default();
            entry.0 += 1;
            entry.1 += usize::from(alert.is_right);
        }
        let clean_events =
            self.events.iter().filter(|(label, _)| is_clean(label)).map(|(_, count)| count).sum();
        let wrong: Vec<_> = self.alerts.iter().filter(|alert| !alert.is_right).collect();
        let labels = self.events.iter().filter(|(label, _)| !is_clean(label));
        LabelledReport {
            events: self.events.values().sum(),
            clean_events,
            labels: labels.map(|(label, events)| self.row(label, *events, &types)).collect(),
            types: types
                .iter()
                .map(|(word, (alerts, right))| TypeRow {
                    alert_type: (*word).to_owned(),
                    alerts: *alerts,
                    right: *right,
                    precision: share(&[(*right as f64, *alerts as f64)]),
                })
                .collect(),
            false_alarms: (clean_events > 0).then(|| wrong.len() as f64 / clean_events as f64 * 10_000.0),
            examples: wrong
                .iter()
                .take(EXAMPLES)
                .map(|alert| format!("{} {}: {}", alert.at, alert.alert_type, alert.title))
                .collect(),
        }
    }

    fn row(&self, label: &str, events: u64, types: &BTreeMap<&str, (usize, usize)>) -> LabelRow {
        let groups: Vec<_> = self.groups.iter().filter(|group| group.label == label).collect();
        let seen_by: BTreeSet<&String> = groups.iter().flat_map(|group| &group.types).collect();
        let mut delays: Vec<f64> =
            groups.iter().filter_map(|group| group.delay.map(|delay| delay.as_secs_f64())).collect();
        delays.sort_by(f64::total_cmp);
        let (all, right) = seen_by
            .iter()
            .filter_map(|word| types.get(word.as_str()))
            .fold((0, 0), |sum, (all, right)| (sum.0 + all, sum.1 + right));
        LabelRow {
            label: label.to_owned(),
            events,
            attacks: groups.len(),
            seen: delays.len(),
            recall: share(&[(delays.len() as f64, groups.len() as f64)]),
            precision: (all > 0).then(|| right as f64 / all as f64),
            delay_median_s: (!delays.is_empty()).then(|| quantile(&delays, 0.5)),
            types: seen_by.into_iter().cloned().collect(),
        }
    }
}

impl fmt::Display for LabelledReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.labels.iter().map(|row| row.label.as_str()).collect();
        writeln!(f, "{} events, {} of them clean", self.events, self.clean_events)?;
        match words.is_empty() {
            true => writeln!(f, "no label means an attack: every one is empty, \"benign\" or \"clean\"")?,
            false => writeln!(f, "labels that mean an attack: {}", words.join(", "))?,
        }
        writeln!(
            f,
            "\n{:<24}{:>9}  {:<22}{:>11}{:>10}  alerts",
            "attacks", "seen", "recall (95 %)", "precision", "median"
        )?;
        for row in &self.labels {
            let seen = format!("{}/{}", row.seen, row.attacks);
            let precision = row.precision.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
            writeln!(
                f,
                "{:<24}{seen:>9}  {:<22}{precision:>11}{:>10}  {}",
                row.label,
                interval(row.recall, 3),
                delay(row.delay_median_s),
                row.types.join(", ")
            )?;
        }
        writeln!(f, "\n{:<24}{:>9}  {:<22}", "alerts", "right", "precision (95 %)")?;
        for row in &self.types {
            let right = format!("{}/{}", row.right, row.alerts);
            writeln!(f, "{:<24}{right:>9}  {:<22}", row.alert_type, interval(row.precision, 3))?;
        }
        if let Some(rate) = self.false_alarms {
            writeln!(f, "\n{rate:.2} false alarms in 10,000 clean events; the first:")?;
        }
        for example in &self.examples {
            writeln!(f, "  {example}")?;
        }
        Ok(())
    }
}
