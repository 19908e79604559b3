//! [`Report`]: the figures over all seeds, as tables for people and as JSON for programs.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use litesoc_model::AlertSeverity;
use serde::Serialize;

use super::attack::Class;
use super::judge::Alarm;
use super::ranking::{self, RankingRow};
use super::statistic::{Estimate, quantile, rate, share};
use super::trial::{Plan, Trial};

/// The figures over all seeds.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The seeds, in order.
    pub seeds: Vec<u64>,
    /// People, days and attacks of each class, in each seed.
    pub users: usize,
    /// Days that are lived.
    pub days: i64,
    /// Different events, without attacks, in all seeds.
    pub events: usize,
    /// Days on which somebody was a user, in all seeds.
    pub user_days: f64,
    /// One row for each class of attack.
    pub classes: Vec<ClassRow>,
    /// One row for each type of alert: how many were right, in the traffic with attacks.
    pub types: Vec<TypeRow>,
    /// One row for each severity: how many came of traffic without attacks.
    pub clean: Vec<SeverityRow>,
    /// High and critical ones of them together, for 1,000 user-days.
    pub grave: Option<Estimate>,
    /// How well risk tells attackers from owners, one row for each model of attacker; empty where no risk is known.
    pub ranking: Vec<RankingRow>,
    /// Which kinds of false alarms there were, the most frequent first.
    pub kinds: Vec<KindRow>,
}

/// How well one class of attack was seen.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ClassRow {
    /// The class.
    pub class: &'static str,
    /// How many there were.
    pub attacks: usize,
    /// How many were seen.
    pub seen: usize,
    /// The share seen.
    pub recall: Option<Estimate>,
    /// The share seen by an alert of medium severity or worse.
    pub recall_medium: Option<f64>,
    /// Of the alerts of the types accepted for the class, the share that was about any attack.
    pub precision: Option<f64>,
    /// Seconds from its first event to the alert: half of those seen took at most so long.
    pub delay_median_s: Option<f64>,
    /// And nine of ten at most so long.
    pub delay_p90_s: Option<f64>,
}

/// How often one type of alert was right.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TypeRow {
    /// The type.
    pub alert_type: String,
    /// How many there were.
    pub alerts: usize,
    /// How many were about an attack.
    pub right: usize,
    /// The share of those.
    pub precision: Option<Estimate>,
}

/// How many alerts of one severity came of traffic without attacks.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SeverityRow {
    /// The severity.
    pub severity: String,
    /// How many there were.
    pub alerts: usize,
    /// For 1,000 user-days.
    pub rate: Option<Estimate>,
}

/// One kind of false alarm.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct KindRow {
    /// Its severity, type and rules.
    pub kind: String,
    /// How many there were.
    pub alerts: usize,
    /// For 1,000 user-days.
    pub rate: f64,
    /// The title of the first.
    pub example: String,
}

const LEVELS: [AlertSeverity; 4] =
    [AlertSeverity::Critical, AlertSeverity::High, AlertSeverity::Medium, AlertSeverity::Low];
const THOUSAND: f64 = 1_000.0;

impl Report {
    /// The figures of these trials.
    #[must_use]
    pub fn of(plan: &Plan, trials: &[Trial]) -> Self {
        let user_days: f64 = trials.iter().map(|trial| trial.user_days).sum();
        let per_seed = |count: &dyn Fn(&Trial) -> usize| {
            let counts: Vec<(f64, f64)> =
                trials.iter().map(|trial| (count(trial) as f64, trial.user_days)).collect();
            rate(&counts, THOUSAND)
        };
        let clean = LEVELS.iter().map(|level| {
            let count = |trial: &Trial| trial.clean.iter().filter(|alarm| alarm.severity == *level).count();
            SeverityRow {
                severity: level.to_string(),
                alerts: trials.iter().map(count).sum(),
                rate: per_seed(&count),
            }
        });
        Self {
            seeds: trials.iter().map(|trial| trial.seed).collect(),
            users: plan.users,
            days: plan.days,
            events: trials.iter().map(|trial| trial.events).sum(),
            user_days,
            classes: plan.classes.iter().map(|class| ClassRow::of(*class, trials)).collect(),
            types: types(trials),
            clean: clean.collect(),
            grave: per_seed(&|trial| trial.clean.iter().filter(|alarm| alarm.is_grave()).count()),
            ranking: ranking::rows(trials),
            kinds: kinds(trials, user_days),
        }
    }
}

impl ClassRow {
    fn of(class: Class, trials: &[Trial]) -> Self {
        let verdicts = |trial: &Trial| {
            let of_class = trial.attacks.iter().filter(|(attack, _)| attack.class == class);
            of_class.map(|(_, verdict)| verdict.clone()).collect::<Vec<_>>()
        };
        let seeds: Vec<(f64, f64)> = trials
            .iter()
            .map(|trial| {
                let verdicts = verdicts(trial);
                let seen = verdicts.iter().filter(|verdict| verdict.delay.is_some()).count();
                (seen as f64, verdicts.len() as f64)
            })
            .collect();
        let all: Vec<_> = trials.iter().flat_map(verdicts).collect();
        let medium = all.iter().filter(|verdict| {
            verdict.severity.as_ref().is_some_and(|severity| *severity >= AlertSeverity::Medium)
        });
        let medium = medium.count() as f64;
        let mut delays: Vec<f64> =
            all.iter().filter_map(|verdict| verdict.delay.map(|delay| delay.as_secs_f64())).collect();
        delays.sort_by(f64::total_cmp);
        let alarms: Vec<&Alarm> = trials
            .iter()
            .flat_map(|trial| &trial.mixed)
            .filter(|alarm| class.accepted().contains(&alarm.alert_type))
            .collect();
        let right = alarms.iter().filter(|alarm| alarm.attack.is_some()).count() as f64;
        Self {
            class: class.as_str(),
            attacks: all.len(),
            seen: delays.len(),
            recall: share(&seeds),
            recall_medium: (!all.is_empty()).then(|| medium / all.len() as f64),
            precision: (!alarms.is_empty()).then(|| right / alarms.len() as f64),
            delay_median_s: (!delays.is_empty()).then(|| quantile(&delays, 0.5)),
            delay_p90_s: (!delays.is_empty()).then(|| quantile(&delays, 0.9)),
        }
    }
}

fn types(trials: &[Trial]) -> Vec<TypeRow> {
    let mut words: Vec<String> =
        trials.iter().flat_map(|trial| &trial.mixed).map(|alarm| alarm.alert_type.to_string()).collect();
    words.sort();
    words.dedup();
    let row = |word: String| {
        let seeds: Vec<(f64, f64)> = trials
            .iter()
            .map(|trial| {
                let of_type = trial.mixed.iter().filter(|alarm| alarm.alert_type.as_str() == word);
                let (all, right) = of_type.fold((0, 0), |(all, right), alarm| {
                    (all + 1, right + usize::from(alarm.attack.is_some()))
                });
                (right as f64, all as f64)
            })
            .collect();
        let (right, alerts) = seeds.iter().fold((0.0, 0.0), |sum, seed| (sum.0 + seed.0, sum.1 + seed.1));
        TypeRow { precision: share(&seeds), alert_type: word, alerts: alerts as usize, right: right as usize }
    };
    words.into_iter().map(row).collect()
}

fn kinds(trials: &[Trial], user_days: f64) -> Vec<KindRow> {
    let mut kinds: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for alarm in trials.iter().flat_map(|trial| &trial.clean) {
        let kind = format!("{} {} ({})", alarm.severity, alarm.alert_type, alarm.rules.join(", "));
        kinds.entry(kind).or_insert_with(|| (0, alarm.title.clone())).0 += 1;
    }
    let mut rows: Vec<KindRow> = kinds
        .into_iter()
        .map(|(kind, (alerts, example))| {
            let rate = alerts as f64 / user_days.max(1.0) * THOUSAND;
            KindRow { kind, alerts, rate, example }
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.alerts));
    rows
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seeds: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
        writeln!(
            f,
            "{} people, {} days, seeds {}: {} events, {:.0} user-days",
            self.users,
            self.days,
            seeds.join(" "),
            self.events,
            self.user_days
        )?;
        if !self.classes.is_empty() {
            writeln!(
                f,
                "\n{:<24}{:>9}  {:<22}{:>8}{:>11}{:>10}{:>10}",
                "attacks", "seen", "recall (95 %)", "medium+", "precision", "median", "p90"
            )?;
        }
        for row in &self.classes {
            let seen = format!("{}/{}", row.seen, row.attacks);
            writeln!(
                f,
                "{:<24}{seen:>9}  {:<22}{:>8}{:>11}{:>10}{:>10}",
                row.class,
                interval(row.recall, 3),
                figure(row.recall_medium),
                figure(row.precision),
                delay(row.delay_median_s),
                delay(row.delay_p90_s)
            )?;
        }
        writeln!(f, "\n{:<24}{:>9}  {:<22}", "alerts, with attacks", "right", "precision (95 %)")?;
        for row in &self.types {
            let right = format!("{}/{}", row.right, row.alerts);
            writeln!(f, "{:<24}{right:>9}  {:<22}", row.alert_type, interval(row.precision, 3))?;
        }
        self.write_ranking(f)?;
        writeln!(f, "\n{:<24}{:>9}  {:<22}", "false alarms", "number", "in 1,000 user-days (95 %)")?;
        for row in &self.clean {
            writeln!(f, "{:<24}{:>9}  {:<22}", row.severity, row.alerts, interval(row.rate, 2))?;
        }
        writeln!(f, "{:<24}{:>9}  {:<22}", "high and above", "", interval(self.grave, 2))?;
        writeln!(f)?;
        for row in &self.kinds {
            writeln!(f, "{:>6} {:>7.2}  {}: {}", row.alerts, row.rate, row.kind, row.example)?;
        }
        Ok(())
    }
}

impl Report {
    fn write_ranking(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ranking.is_empty() {
            return Ok(());
        }
        let head = ("risk of sign-ins", "number", "RSR (95 %)", "asked at TPR 0.98", "0.99");
        writeln!(f, "\n{:<24}{:>9}  {:<22}{:>18}{:>8}", head.0, head.1, head.2, head.3, head.4)?;
        for row in &self.ranking {
            writeln!(
                f,
                "{:<24}{:>9}  {:<22}{:>18.3}{:>8.3}",
                row.attacker,
                row.attackers,
                interval(row.rsr, 2),
                row.reauthentication_98,
                row.reauthentication_99
            )?;
        }
        Ok(())
    }
}

pub(crate) fn interval(estimate: Option<Estimate>, places: usize) -> String {
    estimate.map_or_else(
        || "-".to_owned(),
        |Estimate { value, low, high }| format!("{value:.places$} ({low:.places$}-{high:.places$})"),
    )
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

pub(crate) fn delay(seconds: Option<f64>) -> String {
    let Some(seconds) = seconds else { return "-".to_owned() };
    let duration = Duration::from_secs_f64(seconds.max(0.0));
    match duration.as_secs() {
        0 => "0 s".to_owned(),
        s @ 1..=119 => format!("{s} s"),
        s @ 120..=7_199 => format!("{} min", s / 60),
        s => format!("{:.1} h", s as f64 / 3_600.0),
    }
}
