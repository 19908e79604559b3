//! Files and events made to hurt: refused or matched, but never a panic and never without end.

use litesoc_sigma::{Capacity, Matcher, RuleSet};
use proptest::prelude::*;

use crate::event::{Event, correlation, rule, show};

fn problem(text: &str) -> String {
    let faults = RuleSet::parse([("hostile.yml", text)]).expect_err("a hostile rule");
    faults.iter().next().expect("a fault").problem.clone()
}

#[test]
fn bombs_are_refused() {
    assert_eq!(problem(&"[".repeat(100_000)), "this is not YAML: recursion limit exceeded");
    assert_eq!(problem(&"[".repeat(17)), "more than 16 levels inside each other");
    assert_eq!(
        problem(&"a: ".repeat(50)),
        "this is not YAML: mapping values are not allowed in this context"
    );
    assert_eq!(problem(&" ".repeat((1 << 20) + 1)), "the file has 1048577 bytes, more than 1048576");
    assert_eq!(problem(&"- a\n".repeat(200_000)), "more than 100000 values in one file");
    assert!(problem("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n").contains("anchors are not read"));
    assert_eq!(problem(&"---\na: b\n".repeat(2_000)), "the rule has no `title`");
    let deep = format!("    s:\n        a: b\n    condition: {}s{}\n", "(".repeat(400), ")".repeat(400));
    assert_eq!(problem(&rule(&deep)), "more than 32 brackets and `not` inside each other");
    let nots = format!("    s:\n        a: b\n    condition: {}s\n", "not ".repeat(900));
    assert_eq!(problem(&rule(&nots)), "more than 32 brackets and `not` inside each other");
    let long = format!("    s:\n        a: b\n    condition: s{}\n", " or s".repeat(5_000));
    assert_eq!(problem(&rule(&long)), "a condition of more than 1000 words");
}

#[test]
fn faults_have_an_end() {
    let faults = RuleSet::parse([("many.yml", "---\na: b\n".repeat(900))]).unwrap_err();
    assert_eq!((faults.iter().count(), faults.untold()), (200, 900 * 3 - 200));
}

#[test]
fn patterns_that_ruin_backtracking_engines_are_matched_in_one_pass() {
    let text = "a".repeat(100_000);
    let event = Event::default().with("field", text);
    for test in
        ["|re: '^(a+)+$'", "|re: '(a|aa)+b'", ": 'a*a*a*a*a*a*a*a*a*a*a*a*a*b'", "|contains: '?a?a?a?a?b'"]
    {
        let rules =
            RuleSet::parse([("r.yml", rule(&format!("    s:\n        field{test}\n    condition: s\n")))])
                .unwrap();
        assert_eq!(rules.detect(&event).len(), usize::from(test.contains("^(a+)+$")), "{test}");
    }
}

#[test]
fn times_at_the_ends_of_the_calendar_are_times() {
    for body in [
        "    type: event_count\n    rules: [a]\n    timespan: 30d\n    condition:\n        gte: 2\n",
        "    type: value_count\n    rules: [a]\n    timespan: 30d\n    condition:\n        field: event\n        gte: 2\n",
        "    type: temporal_ordered\n    rules: [a, b]\n    timespan: 30d\n",
    ] {
        let mut matcher = Matcher::new(correlation(body), Capacity::default());
        for (number, at) in (0_u8..).zip([i64::MAX, i64::MIN, 0, i64::MIN, i64::MAX]) {
            show(&mut matcher, number, at, &Event::named(["a", "b"][usize::from(number % 2)]));
        }
        assert!(matcher.remembered().events >= 1);
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z:\\-\\[\\]{}&*!|>'\"%@#,?.\\n\\t 0-9~]{0,200}") {
        let _ = RuleSet::parse([("any.yml", text)]).map(|rules| rules.rules().len());
    }

    #[test]
    fn no_detection_makes_the_matcher_panic(
        key in "(a|b|)(\\|(contains|all|re|i|cidr|base64offset|wide|windash|neq|exists|gt|hour|fieldref)){0,3}",
        values in prop::collection::vec("[a*?\\\\0-9./():-]{0,8}", 1..4),
        condition in "(not )?(s|1 of them|all of s\\*|\\(s or s\\))( and s)?",
        value in any::<String>(),
    ) {
        let list = values.iter().map(|value| format!("            - '{value}'\n")).collect::<String>();
        let text = rule(&format!("    s:\n        '{key}':\n{list}    condition: {condition}\n"));
        if let Ok(rules) = RuleSet::parse([("any.yml", text)]) {
            let event = Event::default().with("a", value.clone()).with("b", value);
            prop_assert!(rules.detect(&event).len() <= 1);
        }
    }
}
