//! The tables of a [`LabelledReport`], for people.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use super::score::{AlertRow, LabelledReport};
use crate::lab::report::{delay, interval};

/// So many names are listed.
const MOST_NAMES: usize = 20;
/// A label takes as much room as the longest, within these bounds.
const LABEL_WIDTH: (usize, usize) = (24, 48);

impl fmt::Display for LabelledReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} events, {} of them clean", self.events, self.clean_events)?;
        writeln!(f, "{} accounts, {} user-days", self.accounts, self.user_days)?;
        let labels: Vec<String> = self.labels.iter().map(|row| row.label.clone()).collect();
        match labels.is_empty() {
            true => writeln!(f, "no label means an attack: every one is empty or a word such as \"benign\"")?,
            false => writeln!(f, "labels that mean an attack: {}", some(labels))?,
        }
        if !self.unread.is_empty() {
            writeln!(f, "not read: {}", counted(&self.unread, " lines"))?;
        }
        if !self.unknown_events.is_empty() {
            let names = counted(&self.unknown_events, "");
            writeln!(f, "events that are not in the catalogue: {names}")?;
            writeln!(
                f,
                "  a rule that never sees its event misses everything; docs/EVENTS.md has the names"
            )?;
        }
        self.write_attacks(f)?;
        self.write_alerts(f)?;
        self.write_false_alarms(f)
    }
}

impl LabelledReport {
    fn write_attacks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.labels.is_empty() {
            return Ok(());
        }
        let longest = self.labels.iter().map(|row| row.label.chars().count()).max().unwrap_or_default();
        let width = longest.clamp(LABEL_WIDTH.0, LABEL_WIDTH.1);
        writeln!(
            f,
            "\nan attack is seen when an event of it set an alert off, is among its first samples, or made it grow\n\
             {:<width$}{:>9}{:>7}{:>9}{:>7}  {:<22}{:>11}{:>10}  alerts",
            "attacks", "number", "seen", "medium+", "high+", "recall (95 %)", "precision", "median"
        )?;
        for row in &self.labels {
            let precision = row.precision.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
            writeln!(
                f,
                "{:<width$}{:>9}{:>7}{:>9}{:>7}  {:<22}{precision:>11}{:>10}  {}",
                row.label,
                row.attacks,
                row.seen,
                row.seen_medium,
                row.seen_high,
                interval(row.recall, 3),
                delay(row.delay_median_s),
                row.types.join(", ")
            )?;
        }
        let bursts = self.labels.iter().filter_map(|row| {
            let before = row.attacks_before_bursts?;
            Some(format!("{} ({} of {})", row.label, thousands(row.attacks as u64), thousands(before as u64)))
        });
        let bursts: Vec<String> = bursts.collect();
        if !bursts.is_empty() {
            writeln!(f, "bursts of single events were taken as one attack: {}", some(bursts))?;
            writeln!(f, "  a field `attack` that names the attack of each event decides instead")?;
        }
        Ok(())
    }

    fn write_alerts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.types.is_empty() {
            return writeln!(f, "\nno alert");
        }
        write!(
            f,
            "\nan alert is right when an event of an attack set it off or is among its first samples\n\
             {:<24}{:>9}  {:<22}",
            "alerts", "right", "precision (95 %)"
        )?;
        for level in &self.severities {
            write!(f, "{:>10}", level.severity)?;
        }
        writeln!(f)?;
        self.types.iter().try_for_each(|row| row.write(f))
    }

    fn write_false_alarms(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:<24}{:>9}  {:<22}", "false alarms", "number", "in 1,000 user-days")?;
        for level in &self.severities {
            let rate = level.false_alarms.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.2}"));
            writeln!(f, "{:<24}{:>9}  {rate}", level.severity, level.alerts - level.right)?;
        }
        if let Some(rate) = self.false_alarms {
            writeln!(f, "{rate:.2} false alarms in 10,000 clean events")?;
        }
        if !self.examples.is_empty() {
            writeln!(f, "\nof the worst false alarms:")?;
        }
        self.examples.iter().try_for_each(|example| writeln!(f, "  {example}"))
    }
}

impl AlertRow {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let right = format!("{}/{}", self.right, self.alerts);
        write!(f, "{:<24}{right:>9}  {:<22}", self.alert_type, interval(self.precision, 3))?;
        for level in &self.severities {
            let right = match level.alerts {
                0 => "-".to_owned(),
                alerts => format!("{}/{alerts}", level.right),
            };
            write!(f, "{right:>10}")?;
        }
        writeln!(f)
    }
}

/// Names with their counts, the most frequent first.
fn counted(counts: &BTreeMap<String, u64>, unit: &str) -> String {
    let mut counts: Vec<(&String, &u64)> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(**count));
    some(counts.into_iter().map(|(name, count)| format!("{name} ({}{unit})", thousands(*count))).collect())
}

/// The first of many names.
fn some(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    names.truncate(MOST_NAMES);
    let rest = if more > 0 { format!(" and {} more", thousands(more as u64)) } else { String::new() };
    names.join(", ") + &rest
}

/// A number with a comma before every three digits.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
