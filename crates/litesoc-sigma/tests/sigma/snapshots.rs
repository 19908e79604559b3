//! What is remembered can be written, read back, kept over a change of rules, and is bounded.

use litesoc_sigma::{Capacity, Matcher, RestoreError, RuleSet};
use proptest::prelude::*;

use crate::event::{Event, correlation, matcher, named, show};

const BODY: &str = "    type: event_count\n    rules: [a, b]\n    group-by: [group]\n    timespan: 10s\n    condition:\n        gte: 3\n";

fn event(name: u8, group: u8) -> Event {
    Event::named(["a", "b"][usize::from(name % 2)])
        .with("group", ["x", "y", "z", "u", "v"][usize::from(group % 5)])
}

fn small() -> Capacity {
    let mut capacity = Capacity::default();
    capacity.groups = 3;
    capacity
}

proptest! {
    #[test]
    fn restored_state_has_the_same_future(
        stream in prop::collection::vec((0_i64..3_000, 0_u8..2, 0_u8..5), 1..80),
        cut in 0_usize..80,
    ) {
        let rules = correlation(BODY);
        let mut original = Matcher::new(rules.clone(), small());
        let (mut at, cut) = (0, cut.min(stream.len()));
        let mut time = |ahead: i64| { at += ahead; at };
        for (number, (ahead, name, group)) in stream[..cut].iter().enumerate() {
            show(&mut original, number as u8, time(*ahead), &event(*name, *group));
        }
        let mut bytes = Vec::new();
        original.snapshot(&mut bytes).unwrap();
        let mut restored = Matcher::restore(rules, small(), &mut &bytes[..]).unwrap();
        prop_assert_eq!(restored.remembered(), original.remembered());
        for (number, (ahead, name, group)) in stream.iter().enumerate().skip(cut) {
            let (at, event) = (time(*ahead), event(*name, *group));
            prop_assert_eq!(show(&mut restored, number as u8, at, &event), show(&mut original, number as u8, at, &event));
        }
        let (mut one, mut other) = (Vec::new(), Vec::new());
        original.snapshot(&mut one).unwrap();
        restored.snapshot(&mut other).unwrap();
        prop_assert_eq!(one, other);
    }

    #[test]
    fn damaged_bytes_are_refused(place in 0_usize..200, change in 1_u8..255) {
        let mut matcher = matcher(correlation(BODY));
        show(&mut matcher, 1, 0, &event(0, 0));
        let mut bytes = Vec::new();
        matcher.snapshot(&mut bytes).unwrap();
        let place = place % bytes.len();
        bytes[place] ^= change;
        prop_assert!(Matcher::restore(correlation(BODY), Capacity::default(), &mut &bytes[..]).is_err());
        bytes[place] ^= change;
        let cut = &bytes[..place];
        let refused = Matcher::restore(correlation(BODY), Capacity::default(), &mut &cut[..]);
        prop_assert!(matches!(refused, Err(RestoreError::Damaged)));
    }
}

#[test]
fn rules_that_stay_the_same_keep_what_they_remember() {
    let mut matcher = matcher(correlation(BODY));
    show(&mut matcher, 1, 0, &event(0, 0));
    show(&mut matcher, 2, 1, &event(0, 0));
    let text = |least: u8, more: &str| {
        let body = BODY.replace("gte: 3", &format!("gte: {least}"));
        let text = format!(
            "# Comments and files do not matter.\ntitle: Together\ncorrelation:\n{body}{}{}{more}",
            named("a"),
            named("b")
        );
        RuleSet::parse([("other.yml", text)]).unwrap()
    };
    matcher.set_rules(text(3, &named("c")));
    assert_eq!(matcher.remembered().events, 2);
    assert_eq!(show(&mut matcher, 3, 2, &event(0, 0)).len(), 1);
    matcher.set_rules(text(4, ""));
    assert_eq!(matcher.remembered().events, 0);
}

#[test]
fn a_rule_below_that_changes_starts_its_correlation_anew() {
    let set = |value: &str| {
        let text = format!("title: T\ncorrelation:\n{}{}{}", BODY, named("a"), named("b"));
        RuleSet::parse([("t.yml", text.replace("event: b", &format!("event: {value}")))]).unwrap()
    };
    let mut matcher = matcher(set("b"));
    show(&mut matcher, 1, 0, &event(0, 0));
    matcher.set_rules(set("other"));
    assert_eq!(matcher.remembered().events, 0);
}

#[test]
fn memory_is_bounded_whoever_floods_it() {
    let mut capacity = Capacity::default();
    capacity.bytes = 100_000;
    let mut matcher = Matcher::new(correlation(BODY), capacity);
    let mut found = Vec::new();
    for number in 0..20_000_u32 {
        let flood = Event::named("a").with("group", format!("made up {number}"));
        matcher.examine("acme", i64::from(number), [0; 16], &flood, &mut found);
        assert!(matcher.remembered().bytes <= 100_000 || matcher.remembered().groups == 1);
        if number % 100 == 0 {
            // Whoever is seen again and again is not pushed out.
            matcher.examine("acme", i64::from(number), [1; 16], &event(0, 0), &mut found);
        }
    }
    assert!(!found.is_empty());
    assert!(found.iter().all(|it| it.group[0].1 == "x"));
}
