//! Hostile Sigma files and events: rules are refused or matched, state survives a snapshot, and nothing panics or runs wild.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litesoc_sigma::{Capacity, Fields, Matcher, RuleSet, Value};

struct Event<'a> {
    event: &'a str,
    actor: &'a str,
    number: i64,
}

impl Fields for Event<'_> {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "event" => Some(self.event.into()),
            "actor" => Some(self.actor.into()),
            "number" => Some(self.number.into()),
            "both" => Some(Value::Many(vec![self.event.into(), self.actor.into()])),
            "null" => Some(Value::Null),
            _ => None,
        }
    }

    fn any_text(&self, look: &mut dyn FnMut(&str) -> bool) -> bool {
        look(self.event) || look(self.actor)
    }
}

// The rules, and after a line of three percent signs one event a line: time|event|actor|number.
fuzz_target!(|text: &str| {
    let (text, events) = text.split_once("\n%%%\n").unwrap_or((text, ""));
    let rules = match RuleSet::parse([("fuzz.yml", text)]) {
        Ok(rules) => rules,
        Err(faults) => return assert!(faults.iter().count() > 0),
    };
    let mut capacity = Capacity::default();
    capacity.bytes = 1 << 16;
    let mut matcher = Matcher::new(rules.clone(), capacity);
    let mut found = Vec::new();
    for (place, line) in events.lines().enumerate() {
        let mut parts = line.splitn(4, '|');
        let at = parts.next().and_then(|at| at.parse().ok()).unwrap_or(place as i64 * 1_000);
        let (event, actor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let number = parts.next().and_then(|number| number.parse().ok()).unwrap_or_default();
        let fields = Event { event, actor, number };
        matcher.examine("scope", at, (place as u128).to_be_bytes(), &fields, &mut found);
    }
    assert!(found.iter().all(|matched| matched.rule < rules.rules().len()));
    assert!(found.iter().all(|matched| matched.from_ms <= matched.to_ms));
    let mut bytes = Vec::new();
    matcher.snapshot(&mut bytes).expect("memory takes it");
    let restored = Matcher::restore(rules, capacity, &mut &bytes[..]).expect("what was written reads back");
    assert_eq!(restored.remembered(), matcher.remembered());
});
