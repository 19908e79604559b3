//! `litesoc rules list`: everything that is watched.

use std::collections::BTreeMap;
use std::path::PathBuf;

use litesoc_detect::sigma::{Correlated, Rule, Shape};
use litesoc_detect::{BuiltIn, Settings, built_in};
use serde::Serialize;

use super::load;
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::Table;

#[derive(Serialize)]
struct Document {
    data: Vec<Listed>,
}

/// One rule, built-in or not.
#[derive(Serialize)]
struct Listed {
    name: String,
    summary: String,
    built_in: bool,
    alert_type: String,
    severity: String,
    techniques: Vec<String>,
    thresholds: BTreeMap<String, String>,
    /// Where a rule of one's own stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

pub(super) fn run(paths: &[PathBuf], settings: &Settings, screen: &mut Screen) -> Result<(), Failure> {
    let mut data: Vec<Listed> = built_in(settings).into_iter().map(Listed::from).collect();
    if !paths.is_empty() {
        let rules = load(paths)?;
        data.extend(rules.rules().iter().filter(|rule| rule.told).map(Listed::from));
    }
    if screen.is_json() {
        return screen.document(&Document { data });
    }
    let mut table = Table::new(&["rule", "type", "severity", "technique", "thresholds"]);
    for rule in &data {
        let thresholds: Vec<_> =
            rule.thresholds.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let name = if rule.built_in { &rule.name } else { &rule.summary };
        let cells = [&**name, &*rule.alert_type, &*rule.severity];
        table.row(cells.into_iter().chain([&*rule.techniques.join(" "), &*thresholds.join(", ")]));
    }
    screen.table(&table)
}

impl From<BuiltIn> for Listed {
    fn from(rule: BuiltIn) -> Self {
        Self {
            name: rule.name.to_owned(),
            summary: rule.summary.to_owned(),
            built_in: true,
            alert_type: rule.alert_type.to_string(),
            severity: rule.severity.to_owned(),
            techniques: rule.techniques.iter().map(|&technique| technique.to_owned()).collect(),
            thresholds: rule.thresholds.into_iter().collect(),
            place: None,
        }
    }
}

impl From<&Rule> for Listed {
    fn from(rule: &Rule) -> Self {
        let thresholds =
            if let Shape::Correlation(shape) = &rule.shape { counts(shape) } else { BTreeMap::new() };
        Self {
            name: rule.label().to_owned(),
            summary: rule.title.clone(),
            built_in: false,
            alert_type: "custom_threat_model".to_owned(),
            severity: rule.level.to_string(),
            techniques: rule.techniques().collect(),
            thresholds,
            place: Some(format!("{}:{}", rule.file, rule.position.line)),
        }
    }
}

/// What a correlation counts, from which count on, by what and within how long.
fn counts(shape: &Correlated) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    found.insert(shape.kind.to_string(), shape.at_least.to_string());
    found.insert("within".to_owned(), format!("{} s", shape.timespan.as_secs()));
    if !shape.group_by.is_empty() {
        found.insert("by".to_owned(), shape.group_by.join(" "));
    }
    if !shape.counted.is_empty() {
        found.insert("of".to_owned(), shape.counted.join(" "));
    }
    found
}
