//! What an alert of a custom rule says: from the rule itself, the values of its group and the figures of its window.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use litesoc_sigma::{Correlated, CorrelationKind, Level, Match, Rule, Shape};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::finding::{Finding, Subject};
use crate::scene::Scene;
use crate::text::moment;

/// Fields that say who did it, and those that say from where.
const ACTOR_FIELDS: [&str; 3] = ["actor.id", "actor_id", "user.id"];
const ADDRESS_FIELDS: [&str; 4] = ["user_ip", "source", "source.ip", "client.ip"];

/// The finding of a match, and what tells its alert from those of other rules and groups; none for a mere remark.
pub(super) fn finding(rule: &Rule, matched: &Match, scene: &Scene<'_>) -> Option<(String, Finding)> {
    let subject = subject(rule, matched, scene);
    let mut apart = rule.label().replace('/', "_");
    for (field, value) in matched.group.iter().filter(|(field, _)| !is_told(field, subject)) {
        let _infallible = write!(apart, "/{field}={value}");
    }
    let finding = Finding {
        rule: rule.label().to_owned().into(),
        alert_type: AlertType::CustomThreatModel,
        severity: severity(rule.level)?,
        subject,
        technique: rule.techniques().next().map(Cow::Owned),
        title: title(rule, matched, scene),
        description: description(rule, matched, scene),
        facts: facts(rule, matched),
        events: earlier(matched, scene.seen.event_id),
    };
    Some((apart, finding))
}

/// An informational rule is for remarks, and raises no alert (Sigma rules specification, "Level").
const fn severity(level: Level) -> Option<AlertSeverity> {
    match level {
        Level::Low => Some(AlertSeverity::Low),
        Level::Medium => Some(AlertSeverity::Medium),
        Level::High => Some(AlertSeverity::High),
        Level::Critical => Some(AlertSeverity::Critical),
        Level::Informational | _ => None,
    }
}

/// Whom the alert is about: whom a correlation groups by, and for a detection whoever the event names.
fn subject(rule: &Rule, matched: &Match, scene: &Scene<'_>) -> Subject {
    let groups_by = |fields: &[&str]| matched.group.iter().any(|(field, _)| fields.contains(&field.as_str()));
    if groups_by(&ACTOR_FIELDS) {
        Subject::Actor
    } else if groups_by(&ADDRESS_FIELDS) {
        Subject::Address
    } else if matches!(rule.shape, Shape::Detection) && (scene.actor.is_some() || scene.address.is_some()) {
        Subject::Actor
    } else {
        Subject::Organization
    }
}

/// Whether the subject says the value of the field already.
fn is_told(field: &str, subject: Subject) -> bool {
    match subject {
        Subject::Actor => ACTOR_FIELDS.contains(&field),
        Subject::Address => ADDRESS_FIELDS.contains(&field),
        Subject::Organization => false,
    }
}

fn earlier(matched: &Match, now: Uuid) -> Vec<Uuid> {
    matched.events.iter().map(|id| Uuid::from_bytes(*id)).filter(|id| *id != now).collect()
}

fn title(rule: &Rule, matched: &Match, scene: &Scene<'_>) -> String {
    let values: Vec<&str> = matched.group.iter().map(|(_, value)| value.as_str()).collect();
    let whom = match (values.is_empty(), scene.seen.actor, scene.seen.ip) {
        (false, ..) => values.join(", "),
        (true, Some(actor), _) if matches!(rule.shape, Shape::Detection) => actor.to_owned(),
        (true, None, Some(ip)) if matches!(rule.shape, Shape::Detection) => ip.to_string(),
        (true, ..) => return rule.title.clone(),
    };
    format!("{}: {whom}", rule.title)
}

fn description(rule: &Rule, matched: &Match, scene: &Scene<'_>) -> String {
    let mut text = String::new();
    if let Some(description) = &rule.description {
        text.push_str(description.trim());
        if !text.ends_with(['.', '!', '?']) {
            text.push('.');
        }
        text.push(' ');
    }
    match &rule.shape {
        Shape::Correlation(shape) => window(&mut text, shape, matched),
        Shape::Detection | _ => {
            let _infallible = write!(text, "The event is {} of {}", scene.seen.event, moment(scene.seen.at));
        }
    }
    for (number, (field, value)) in matched.group.iter().enumerate() {
        let _infallible = write!(text, "{} {field} {value}", if number == 0 { ", for" } else { " and" });
    }
    let _infallible = write!(text, ". Custom rule: {}.", rule.label());
    if !rule.false_positives.is_empty() {
        let _infallible = write!(text, " Known without harm: {}.", rule.false_positives.join("; "));
    }
    text
}

fn window(text: &mut String, shape: &Correlated, matched: &Match) {
    let what = match shape.kind {
        CorrelationKind::EventCount => "events",
        CorrelationKind::ValueCount => "different values",
        CorrelationKind::TemporalOrdered => "steps in their order",
        CorrelationKind::Temporal | _ => "different rules",
    };
    let counted =
        if shape.counted.is_empty() { String::new() } else { format!(" of {}", shape.counted.join(", ")) };
    let (from, to) = (Timestamp::from_millis(matched.from_ms), Timestamp::from_millis(matched.to_ms));
    let _infallible =
        write!(text, "{} {what}{counted} between {} and {}", matched.count, moment(from), moment(to));
}

fn facts(rule: &Rule, matched: &Match) -> BTreeMap<Cow<'static, str>, Value> {
    let mut facts: BTreeMap<Cow<'static, str>, Value> = BTreeMap::new();
    facts.insert("rule_title".into(), json!(rule.title));
    facts.insert("rule_id".into(), json!(rule.id));
    facts.insert("rule_level".into(), json!(rule.level.as_str()));
    if !rule.tags.is_empty() {
        facts.insert("rule_tags".into(), json!(rule.tags));
    }
    if let Shape::Correlation(shape) = &rule.shape {
        facts.insert("count".into(), json!(matched.count));
        facts.insert("window_seconds".into(), json!(shape.timespan.as_secs()));
        let group: BTreeMap<&str, &str> =
            matched.group.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
        facts.insert("group".into(), json!(group));
    }
    facts
}
