//! Correlations against a reference that remembers everything and tries every window.

use std::collections::BTreeSet;

use litesoc_sigma::{CorrelationKind, Shape};
use proptest::prelude::*;

use crate::event::{Event, correlation, matcher, show};

/// One event of a stream: its name, its group, the value that is counted, and its time.
#[derive(Clone, Copy, Debug)]
struct Seen {
    number: usize,
    at: i64,
    /// The place of its name among a, b, c and d.
    rule: usize,
    group: u8,
    value: u8,
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
/// The timespan of all rules here, in milliseconds.
const SPAN: i64 = 10_000;

fn event(seen: Seen) -> Event {
    let group = ["x", "y"][usize::from(seen.group % 2)];
    let value = ["u", "v", "w", "z"][usize::from(seen.value % 4)];
    Event::named(NAMES[seen.rule]).with("group", group).with("value", value)
}

/// The reference: whether the last event of the history completes a window.
fn completes(history: &[Seen], kind: CorrelationKind, bounds: (u64, u64), rules: usize) -> bool {
    let Some(new) = history.last() else { return false };
    let mine: Vec<&Seen> = history.iter().filter(|it| it.group == new.group && it.rule < rules).collect();
    if new.rule >= rules {
        return false;
    }
    if kind == CorrelationKind::TemporalOrdered {
        return chain(&mine, new, rules);
    }
    let ends = mine.iter().map(|it| it.at).filter(|end| (new.at..=new.at + SPAN).contains(end));
    ends.into_iter().any(|end| {
        let inside = mine.iter().filter(|it| (end - SPAN..=end).contains(&it.at));
        let count = match kind {
            CorrelationKind::EventCount => inside.count(),
            CorrelationKind::ValueCount => inside.map(|it| it.value).collect::<BTreeSet<_>>().len(),
            CorrelationKind::Temporal | CorrelationKind::TemporalOrdered | _ => {
                inside.map(|it| it.rule).collect::<BTreeSet<_>>().len()
            }
        };
        (bounds.0..=bounds.1).contains(&(count as u64))
    })
}

/// Whether there is a chain of all the steps that has the new event in it.
fn chain(mine: &[&Seen], new: &Seen, rules: usize) -> bool {
    fn go(
        mine: &[&Seen],
        new: &Seen,
        (step, rules): (usize, usize),
        first: i64,
        last: &Seen,
        has: bool,
    ) -> bool {
        if step == rules {
            return has;
        }
        let next = |it: &&&Seen| it.rule == step && it.at >= last.at && it.at - first <= SPAN;
        mine.iter().filter(next).any(|it| {
            let has = has || it.number == new.number;
            it.number != last.number && go(mine, new, (step + 1, rules), first, it, has)
        })
    }
    let first = mine.iter().filter(|it| it.rule == 0);
    first.into_iter().any(|it| go(mine, new, (1, rules), it.at, it, it.number == new.number))
}

/// Streams whose events are late by at most a timespan.
fn streams() -> impl Strategy<Value = Vec<Seen>> {
    let step = (0_i64..4_000, 0_i64..=SPAN, prop::bool::weighted(0.3), 0_usize..4, 0_u8..2, 0_u8..4);
    prop::collection::vec(step, 1..60).prop_map(|steps| {
        let mut newest = 1_000_000;
        let mut seen = Vec::new();
        for (number, (ahead, behind, late, rule, group, value)) in steps.into_iter().enumerate() {
            let at = if late {
                newest - behind
            } else {
                newest += ahead;
                newest
            };
            seen.push(Seen { number, at, rule, group, value });
        }
        seen
    })
}

fn agrees(stream: &[Seen], body: &str) {
    let rules = correlation(body);
    let Shape::Correlation(shape) = rules.rules()[0].shape.clone() else { panic!("a correlation") };
    let mut matcher = matcher(rules);
    let mut history = Vec::new();
    for seen in stream {
        history.push(*seen);
        let mut found = show(&mut matcher, seen.number as u8, seen.at, &event(*seen));
        found.retain(|it| it.rule == 0);
        let expected = completes(&history, shape.kind, (shape.at_least, shape.at_most), shape.rules.len());
        assert_eq!(!found.is_empty(), expected, "{body}\n{history:#?}\n{found:?}");
        for one in found {
            assert!(one.from_ms <= seen.at && seen.at <= one.to_ms && one.to_ms - one.from_ms <= SPAN);
            assert!(one.events.contains(&[seen.number as u8; 16]) || one.count > 20);
        }
    }
}

proptest! {
    #[test]
    fn event_counts_are_exact(stream in streams(), condition in "(gte: [1-6])|(gt: [1-4])|(eq: [2-4])|(gte: 2\n        lte: 3)") {
        agrees(&stream, &format!(
            "    type: event_count\n    rules: [a, b]\n    group-by: [group]\n    timespan: 10s\n    condition:\n        {condition}\n",
        ));
    }

    #[test]
    fn value_counts_are_exact(stream in streams(), condition in "(gte: [1-4])|(eq: [2-3])|(gte: 2\n        lt: 4)") {
        agrees(&stream, &format!(
            "    type: value_count\n    rules: [a, b, c]\n    group-by: [group]\n    timespan: 10s\n    condition:\n        field: value\n        {condition}\n",
        ));
    }

    #[test]
    fn rules_together_are_exact(stream in streams(), condition in "(gte: [1-3])|(eq: 2)") {
        agrees(&stream, &format!(
            "    type: temporal\n    rules: [a, b, c]\n    group-by: [group]\n    timespan: 10s\n    condition:\n        {condition}\n",
        ));
    }

    #[test]
    fn rules_in_order_are_exact(stream in streams(), rules in "a, b|a, b, c|a, b, c, d") {
        agrees(&stream, &format!(
            "    type: temporal_ordered\n    rules: [{rules}]\n    group-by: [group]\n    timespan: 10s\n",
        ));
    }
}

#[test]
fn repetitions_without_end_do_not_push_out_what_counts() {
    // One value ten thousand times, then the other two that make three.
    let mut values = matcher(correlation(
        "    type: value_count\n    rules: [a]\n    group-by: [group]\n    timespan: 1d\n    condition:\n        field: value\n        gte: 3\n",
    ));
    let other = Event::named("a").with("group", "x").with("value", "other");
    assert!(show(&mut values, 1, 0, &other).is_empty());
    for at in 1..10_000 {
        assert!(
            show(&mut values, 2, at, &Event::named("a").with("group", "x").with("value", "same")).is_empty()
        );
    }
    assert_eq!(
        show(&mut values, 3, 10_000, &Event::named("a").with("group", "x").with("value", "third")).len(),
        1
    );
    assert!(values.remembered().events < 200);

    let mut order = matcher(correlation(
        "    type: temporal_ordered\n    rules: [a, b, c]\n    group-by: [group]\n    timespan: 1d\n",
    ));
    let step = |name| Event::named(name).with("group", "x");
    show(&mut order, 1, 0, &step("a"));
    show(&mut order, 2, 1, &step("b"));
    for at in 2..10_000 {
        assert!(show(&mut order, 3, at, &step("a")).is_empty());
    }
    assert_eq!(show(&mut order, 4, 10_000, &step("c")).len(), 1);
}

#[test]
fn one_event_is_not_two_steps() {
    let text = "title: T\ncorrelation:\n    type: temporal_ordered\n    rules: [any, export]\n    group-by: [actor]\n    timespan: 1h\n---\ntitle: Any\nname: any\nlogsource: {}\ndetection:\n    s:\n        event: 'data.*'\n    condition: s\n---\ntitle: Export\nname: export\nlogsource: {}\ndetection:\n    s:\n        event: data.export\n    condition: s\n";
    let mut matcher = matcher(litesoc_sigma::RuleSet::parse([("t.yml", text)]).unwrap());
    let export = Event::named("data.export").with("actor", "alice");
    assert!(show(&mut matcher, 1, 0, &export).is_empty());
    assert_eq!(show(&mut matcher, 2, 1, &export).len(), 1);
}

#[test]
fn correlations_stand_on_correlations() {
    let text = "title: Guessed\nlevel: critical\ncorrelation:\n    type: temporal_ordered\n    rules: [burst, b]\n    group-by: [group]\n    timespan: 15m\n---\ntitle: Burst\nname: burst\ncorrelation:\n    type: event_count\n    rules: [a]\n    group-by: [group]\n    timespan: 10m\n    condition:\n        gte: 3\n";
    let text = format!("{text}{}{}", crate::event::named("a"), crate::event::named("b"));
    let mut matcher = matcher(litesoc_sigma::RuleSet::parse([("t.yml", text)]).unwrap());
    let (failed, success) = (Event::named("a").with("group", "x"), Event::named("b").with("group", "x"));
    assert!(show(&mut matcher, 1, 0, &failed).is_empty());
    assert!(show(&mut matcher, 2, 60_000, &failed).is_empty());
    // The success arrives before the failure that completes the burst.
    assert!(show(&mut matcher, 3, 180_000, &success).is_empty());
    let found = show(&mut matcher, 4, 120_000, &failed);
    assert_eq!(
        found.iter().map(|it| (it.rule, it.from_ms, it.to_ms)).collect::<Vec<_>>(),
        [(0, 120_000, 180_000)]
    );
    assert_eq!(found[0].group, [("group".to_owned(), "x".to_owned())]);
}

#[test]
fn who_is_told_follows_generate() {
    let told = |generate: &str| {
        let rules = correlation(&format!(
            "    type: event_count\n    rules: [a]\n    group-by: [group]\n    timespan: 10s\n    condition:\n        gte: 2\n    generate: {generate}\n",
        ));
        let mut matcher = matcher(rules);
        let event = Event::named("a").with("group", "x");
        let first = show(&mut matcher, 1, 0, &event).len();
        (first, show(&mut matcher, 2, 1, &event).len(), show(&mut matcher, 3, 2, &Event::named("b")).len())
    };
    assert_eq!(told("false"), (0, 1, 1));
    assert_eq!(told("true"), (1, 2, 1));
}

#[test]
fn aliases_join_fields_of_different_names() {
    let body = "    type: temporal\n    rules: [a, b]\n    group-by: [who]\n    timespan: 10s\n    aliases:\n        who:\n            a: actor\n            b: target\n";
    let mut matcher = matcher(correlation(body));
    assert!(
        show(&mut matcher, 1, 0, &Event::named("a").with("actor", "alice").with("target", "bob")).is_empty()
    );
    assert!(
        show(&mut matcher, 2, 1, &Event::named("b").with("actor", "alice").with("target", "carol"))
            .is_empty()
    );
    let found = show(&mut matcher, 3, 2, &Event::named("b").with("actor", "dave").with("target", "alice"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].group, [("who".to_owned(), "alice".to_owned())]);
}

#[test]
fn scopes_and_missing_groups_are_never_counted_together() {
    let mut matcher = matcher(correlation(
        "    type: event_count\n    rules: [a]\n    group-by: [group]\n    timespan: 10s\n    condition:\n        gte: 2\n",
    ));
    let mut found = Vec::new();
    let event = Event::named("a").with("group", "x");
    matcher.examine("acme", 0, [1; 16], &event, &mut found);
    matcher.examine("other", 1, [2; 16], &event, &mut found);
    for number in 3..6 {
        matcher.examine("acme", 2, [number; 16], &Event::named("a"), &mut found);
        matcher.examine("acme", 2, [number; 16], &Event::named("a").with("group", ""), &mut found);
    }
    assert!(found.is_empty(), "{found:?}");
    matcher.examine("other", 3, [9; 16], &event, &mut found);
    assert_eq!(found.len(), 1);
}
