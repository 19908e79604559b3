//! An event for tests: a few named values.

use litesoc_sigma::{Capacity, Fields, Match, Matcher, RuleSet, Value};

/// A few named values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Event(Vec<(&'static str, Value<'static>)>);

impl Event {
    pub(crate) fn named(event: &'static str) -> Self {
        Self::default().with("event", event)
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value<'static>>) -> Self {
        self.0.push((name, value.into()));
        self
    }
}

impl Fields for Event {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        self.0.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone())
    }

    fn any_text(&self, look: &mut dyn FnMut(&str) -> bool) -> bool {
        self.0.iter().any(|(_, value)| value.text().is_some_and(|text| look(&text)))
    }
}

/// A rule with this detection, indented by four.
pub(crate) fn rule(detection: &str) -> String {
    format!("title: A rule\nlogsource:\n    product: litesoc\ndetection:\n{detection}")
}

/// A rule of this name that fits events of this name.
pub(crate) fn named(event: &str) -> String {
    format!("---\nname: {event}\n{}", rule(&format!("    s:\n        event: {event}\n    condition: s\n")))
}

/// A correlation with this body, indented by four, over events named a, b, c and d.
pub(crate) fn correlation(body: &str) -> RuleSet {
    let detections: String = ["a", "b", "c", "d"].into_iter().map(named).collect();
    let text = format!("title: Together\ncorrelation:\n{body}{detections}");
    RuleSet::parse([("together.yml", text)]).expect("a sound rule")
}

pub(crate) fn matcher(rules: RuleSet) -> Matcher {
    Matcher::new(rules, Capacity::default())
}

/// What an event of this number and time sets off.
pub(crate) fn show(matcher: &mut Matcher, number: u8, at: i64, event: &Event) -> Vec<Match> {
    let mut found = Vec::new();
    matcher.examine("acme", at, [number; 16], event, &mut found);
    found
}
