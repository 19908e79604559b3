//! What is refused, and in which words.

use litesoc_sigma::{RuleSet, Taxonomy};

fn refused(text: &str) -> String {
    let taxonomy =
        Taxonomy::new("litesoc").field("event").field("actor.id").field("user_ip").open("metadata.");
    RuleSet::parse_as(&taxonomy, [("rule.yml", text)]).expect_err("a faulty rule").to_string()
}

#[test]
fn every_fault_of_a_file_is_told_at_once_with_its_place() {
    insta::assert_snapshot!(refused(include_str!("faulty.yml")));
}

#[test]
fn every_fault_of_a_correlation_is_told() {
    insta::assert_snapshot!(refused(include_str!("faulty_correlations.yml")));
}

#[test]
fn what_is_no_yaml_is_told_where_it_ends_to_be() {
    insta::assert_snapshot!(
        [
            refused("title: 'open\nlevel: high\n"),
            refused("title: a\n\tlevel: high\n"),
            refused("- title: a\n"),
            refused("just words"),
            refused("a: &x 1\nb: *x\n"),
            refused("a: !!binary aGk=\n"),
            refused("? [a, b]\n: c\n"),
            refused("title: a\ntitle: b\n"),
        ]
        .join("\n")
    );
}

#[test]
fn rules_must_find_each_other() {
    let detection = "logsource: {}\ndetection:\n    s:\n        event: a\n    condition: s\n";
    let count = "    timespan: 10m\n    condition:\n        gte: 2\n";
    insta::assert_snapshot!([
        refused(&format!(
            "title: A\nname: failed\n{detection}---\ntitle: B\ncorrelation:\n    type: event_count\n    rules: faild\n{count}"
        )),
        refused(&format!("title: A\nname: a\n{detection}---\ntitle: B\nid: a\n{detection}")),
        refused(&format!(
            "title: A\nname: a\ncorrelation:\n    type: event_count\n    rules: b\n{count}---\ntitle: B\nname: b\ncorrelation:\n    type: event_count\n    rules: a\n{count}"
        )),
        refused(&format!(
            "title: A\nname: a\n{detection}---\ntitle: B\ncorrelation:\n    type: event_count\n    rules: a\n    group-by: who\n    aliases:\n        who:\n            b: actor.id\n{count}"
        )),
    ]
    .join("\n"));
}

#[test]
fn faults_of_several_files_come_together() {
    let faults = RuleSet::parse([("a.yml", "title: A\n"), ("b.yml", "title: B\n")]).unwrap_err();
    let files: Vec<&str> = faults.iter().map(|fault| fault.file.as_str()).collect();
    assert_eq!(files, ["a.yml", "a.yml", "b.yml", "b.yml"]);
}
