//! What fits one event: every kind of search, modifier, value and condition.

use litesoc_sigma::{RuleSet, Value};

use crate::event::{Event, rule};

/// Whether an event fits searches and a condition.
fn fits(detection: &str, event: &Event) -> bool {
    let rules = RuleSet::parse([("rule.yml", rule(detection))]);
    let rules = rules.unwrap_or_else(|faults| panic!("{faults}\n{detection}"));
    !rules.detect(event).is_empty()
}

/// Whether `field` with this value fits `test`, written as `|modifiers: value`.
fn field(test: &str, value: impl Into<Value<'static>>) -> bool {
    fits(&format!("    s:\n        field{test}\n    condition: s\n"), &Event::default().with("field", value))
}

#[test]
fn texts_are_compared_without_regard_to_case_and_with_wildcards() {
    for (test, text, expected) in [
        (": Admin", "aDMIN", true),
        (": Admin", "administrator", false),
        (": 'adm*'", "Administrator", true),
        (": '*istr?tor'", "administrator", true),
        (": 'a*n*r'", "administrator", true),
        (": 'a*n*x'", "administrator", false),
        (r": 'a\*b'", "a*b", true),
        (r": 'a\*b'", "axb", false),
        (r": 'C:\\*'", r"c:\windows", true),
        (r": 'C:\x'", r"c:\x", true),
        (": ''", "", true),
        (": ''", "x", false),
        (": '*'", "", true),
        (": 'ÄRGER'", "ärger", true),
        ("|cased: Admin", "Admin", true),
        ("|cased: Admin", "admin", false),
        ("|contains: INI", "administrator", true),
        ("|contains: 'a*s'", "xx admins", true),
        ("|startswith: adm", "ADMIN", true),
        ("|startswith: min", "admin", false),
        ("|endswith: min", "admin", true),
        ("|endswith|cased: MIN", "admin", false),
        ("|contains|all: [adm, min]", "admin", true),
        ("|contains|all: [adm, max]", "admin", false),
        (": [root, admin]", "ADMIN", true),
        ("|neq: admin", "root", true),
        ("|neq: admin", "Admin", false),
        ("|neq: [admin, root]", "root", false),
    ] {
        assert_eq!(field(test, text), expected, "field{test} on {text}");
    }
}

#[test]
fn numbers_and_truth_values_compare_with_their_texts_too() {
    assert!(field(": 4625", 4625_i64));
    assert!(field(": 4625", "4625"));
    assert!(field(": '4625'", 4625_i64));
    assert!(field(": 1.5", 1.5_f64));
    assert!(!field(": 4625", 4626_i64));
    assert!(field(": true", true));
    assert!(field(": true", "TRUE"));
    assert!(!field(": true", false));
    assert!(field(": 'false'", false));
    for (test, number, expected) in [
        ("|gt: 5", 6, true),
        ("|gt: 5", 5, false),
        ("|gte: 5", 5, true),
        ("|lt: 5", 4, true),
        ("|lt: 5", 5, false),
        ("|lte: 5", 5, true),
    ] {
        assert_eq!(field(test, number), expected, "{test} {number}");
        assert_eq!(field(test, number.to_string()), expected, "{test} '{number}'");
    }
    assert!(!field("|gt: 5", "many"));
    assert!(!field("|gt: 5", "inf"));
}

#[test]
fn null_and_missing_and_empty_are_three_things() {
    let there = |value: Option<Value<'static>>, test: &str| {
        let event = value.map_or_else(Event::default, |value| Event::default().with("field", value));
        fits(&format!("    s:\n        field{test}\n    condition: s\n"), &event)
    };
    for (test, missing, null, empty, text) in [
        (": null", true, true, false, false),
        (": ''", false, false, true, false),
        ("|exists: true", false, true, true, true),
        ("|exists: false", true, false, false, false),
        ("|neq: null", false, false, true, true),
        ("|neq: x", true, true, true, false),
    ] {
        let values = [None, Some(Value::Null), Some("".into()), Some("x".into())];
        assert_eq!(values.map(|value| there(value, test)), [missing, null, empty, text], "{test}");
    }
}

#[test]
fn one_of_several_values_is_enough() {
    let several = Value::Many(vec!["reader".into(), "Admin".into(), Value::Null]);
    assert!(field(": admin", several.clone()));
    assert!(field("|contains|all: [ead, dmi]", several.clone()));
    assert!(!field(": root", several));
}

#[test]
fn networks_hold_their_addresses() {
    for (test, text, expected) in [
        ("|cidr: 203.0.113.0/24", "203.0.113.7", true),
        ("|cidr: 203.0.113.0/24", "203.0.114.7", false),
        ("|cidr: 203.0.113.0/24", "::ffff:203.0.113.7", true),
        ("|cidr: [10.0.0.0/8, '2001:db8::/32']", "2001:DB8::1", true),
        ("|cidr: 203.0.113.7", "203.0.113.7", true),
        ("|cidr: 203.0.113.9/24", "203.0.113.7", true),
        ("|cidr: 203.0.113.0/24", "nobody", false),
    ] {
        assert_eq!(field(test, text), expected, "{test} {text}");
    }
}

#[test]
fn regular_expressions_have_their_flags() {
    assert!(field("|re: '^adm[a-z]+$'", "admin"));
    assert!(!field("|re: '^adm[a-z]+$'", "ADMIN"));
    assert!(field("|re|i: '^adm[a-z]+$'", "ADMIN"));
    assert!(field("|re|m: '^two$'", "one\ntwo"));
    assert!(!field("|re: '^two$'", "one\ntwo"));
    assert!(field("|re|s: 'one.two'", "one\ntwo"));
    assert!(field("|re: 'one|two'", "twofold"));
}

#[test]
fn encodings_are_looked_for_in_their_encoded_form() {
    assert!(field("|base64|contains: 'whoami'", "echo d2hvYW1p"));
    assert!(field("|wide|base64: 'cmd'", "YwBtAGQA"));
    assert!(field("|utf16|base64: 'cmd'", "//5jAG0AZAA="));
    assert!(field("|utf16be|base64: 'cmd'", "AGMAbQBk"));
    // The same words after nothing, one and two letters more.
    for encoded in ["L2Jpbi9iYXNo", "YS9iaW4vYmFzaA==", "YWEvYmluL2Jhc2g="] {
        assert!(field("|base64offset|contains: '/bin/bash'", encoded), "{encoded}");
    }
    assert!(!field("|base64offset|contains: '/bin/bash'", "L2Jpbi9zaA=="));
    for dash in ["-", "/", "\u{2013}", "\u{2014}", "\u{2015}"] {
        assert!(field("|windash|contains: ' -enc '", format!("run {dash}enc x")), "{dash}");
    }
    assert!(!field("|windash|contains: ' -enc '", "run _enc x"));
    assert!(!field("|windash|contains: 'a-b'", "a/b"));
}

#[test]
fn a_field_can_be_compared_with_another() {
    let event = Event::default().with("actor", "Alice").with("target", "alice").with("path", "/home/alice/x");
    let compare = |test: &str| fits(&format!("    s:\n        {test}\n    condition: s\n"), &event);
    assert!(compare("actor|fieldref: target"));
    assert!(!compare("actor|fieldref|cased: target"));
    assert!(compare("path|fieldref|contains: target"));
    assert!(!compare("actor|fieldref: nowhere"));
}

#[test]
fn parts_of_dates_are_numbers() {
    let night = "2026-03-01T23:30:00Z";
    assert!(field("|hour: 23", night));
    assert!(field("|hour|gte: 22", night));
    assert!(field("|month: 3", night));
    assert!(!field("|hour|lt: 6", night));
    assert!(!field("|hour: 23", "later"));
}

#[test]
fn keywords_are_found_anywhere() {
    let event = Event::named("auth.login_failed").with("agent", "sqlmap/1.8");
    assert!(fits("    k:\n        - nikto\n        - SQLMAP\n    condition: k\n", &event));
    assert!(fits("    k: sqlmap\n    condition: k\n", &event));
    assert!(fits(
        "    k:\n        '|all':\n            - sqlmap\n            - login\n    condition: k\n",
        &event
    ));
    assert!(!fits(
        "    k:\n        '|all':\n            - sqlmap\n            - nikto\n    condition: k\n",
        &event
    ));
    assert!(fits("    k:\n        '|re': 'map/\\d'\n    condition: k\n", &event));
}

#[test]
fn conditions_join_searches() {
    let event = Event::named("data.export").with("actor", "alice");
    let searches = "    sel_a:\n        event: data.export\n    sel_b:\n        actor: bob\n    _other:\n        actor: alice\n";
    for (condition, expected) in [
        ("sel_a", true),
        ("sel_b", false),
        ("sel_a and sel_b", false),
        ("sel_a or sel_b", true),
        ("sel_a and not sel_b", true),
        ("not sel_a or not sel_b", true),
        ("not (sel_a or sel_b)", false),
        ("sel_b or sel_a and _other", true),
        ("(sel_b or sel_a) and sel_b", false),
        ("1 of sel_*", true),
        ("any of sel*", true),
        ("all of sel_*", false),
        ("1 of them", true),
        ("all of them", false),
        ("sel_a AND NOT sel_b", true),
        ("not 1 of sel_b*", true),
        ("[sel_b, sel_a]", true),
    ] {
        assert_eq!(fits(&format!("{searches}    condition: {condition}\n"), &event), expected, "{condition}");
    }
}

#[test]
fn a_list_of_maps_holds_when_one_of_them_does() {
    let searches = "    s:\n        - event: data.export\n          actor: bob\n        - actor|startswith: al\n    condition: s\n";
    assert!(fits(searches, &Event::named("data.export").with("actor", "bob")));
    assert!(fits(searches, &Event::named("x").with("actor", "alice")));
    assert!(!fits(searches, &Event::named("data.export").with("actor", "carol")));
}

#[test]
fn looking_up_leaves_out_no_rule_that_fits() {
    // Rules that share a value, differ in another, use prefixes, several values and none that can be looked up.
    let mut files = Vec::new();
    for number in 0..40 {
        for detection in [
            format!(
                "    s:\n        event: auth.login_failed\n        actor: user_{number}\n    condition: s\n"
            ),
            format!(
                "    s:\n        event: 'data.*'\n        actor|startswith: user_{number}\n    condition: s\n"
            ),
            format!("    s:\n        actor: [USER_{number}, nobody]\n    condition: s\n"),
            format!(
                "    s:\n        actor: user_{number}\n    t:\n        event: x\n    condition: s or t\n"
            ),
            format!("    s:\n        actor: user_{number}\n    condition: not s\n"),
        ] {
            files.push((format!("{}.yml", files.len()), rule(&detection)));
        }
    }
    let together = RuleSet::parse(files.clone()).unwrap();
    for event in [
        Event::named("auth.login_failed").with("actor", "user_7"),
        Event::named("DATA.EXPORT").with("actor", "User_12"),
        Event::named("x").with("actor", "nobody"),
        Event::named("data"),
        Event::default().with("actor", Value::Many(vec!["user_1".into(), "user_2".into()])),
    ] {
        let alone = |(place, file): (usize, &(String, String))| {
            let rules = RuleSet::parse([file.clone()]).unwrap();
            (!rules.detect(&event).is_empty()).then_some(place)
        };
        let each: Vec<usize> = files.iter().enumerate().filter_map(alone).collect();
        assert_eq!(together.detect(&event), each, "{event:?}");
        assert!(each.len() >= 39, "the test has something to find");
    }
}
