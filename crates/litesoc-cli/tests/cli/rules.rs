//! `litesoc rules`: checked, listed, tried out on a file and on stored events, exported; and `litesoc serve --rules`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::command::{Served, document, run, text};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules");
const KEY: &str = "key-of-the-test";

fn write(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

/// Failed sign-ins of one account, a minute apart, and what comes after them.
fn events(count: u32, more: &[Value]) -> String {
    let failed = |minute: u32| {
        json!({
            "event": "auth.login_failed",
            "actor": {"id": "alice"},
            "user_ip": "203.0.113.5",
            "timestamp": format!("2026-03-01T12:{minute:02}:00Z"),
        })
    };
    let lines: Vec<String> =
        (0..count).map(failed).chain(more.iter().cloned()).map(|line| line.to_string()).collect();
    lines.join("\n")
}

#[test]
fn the_examples_are_sound() {
    let checked = run(["rules", "check", EXAMPLES]);
    assert_eq!(text(&checked.stdout), "12 rules, 6 of which raise alerts; nothing is wrong with them\n");
}

#[test]
fn every_fault_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("more")).unwrap();
    let rule = "title: T\nlogsource:\n    product: litesoc\ndetection:\n    selection:\n        usre_ip: x\n    condition: selektion\n";
    let one = write(folder.path(), "one.yml", rule);
    let two = write(&folder.path().join("more"), "two.yaml", "title: T\n");
    write(folder.path(), "readme.txt", "not a rule");
    let refused = run(["rules", "check", folder.path().to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let expected = format!(
        "error: the rules have 4 faults\n\
         {two}:1:1: the rule has no `logsource`; add `logsource`\n\
         {two}:1:1: the rule has no `detection`; add `detection`\n\
         {one}:6:9: no event has a field `usre_ip`; did you mean `user_ip`?\n\
         {one}:7:16: no search is called `selektion`; did you mean `selection`?\n"
    );
    assert_eq!(text(&refused.stderr), expected);

    let told = run(["rules", "check", "--json", &one]);
    assert_eq!(told.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["faults"][0]["line"], 6);

    let data = folder.path().join("data");
    let served = run(["serve", "--data", data.to_str().unwrap(), "--rules", folder.path().to_str().unwrap()]);
    assert!(!served.status.success());
    assert_eq!(text(&served.stderr).matches("one.yml").count(), 2);
    assert_eq!(text(&served.stderr).matches("two.yaml").count(), 2);
}

#[test]
fn no_rules_are_not_all_rules() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run(["rules", "check", folder.path().to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(5));
    assert_eq!(run(["rules", "check", "/there/is/none.yml"]).status.code(), Some(1));
}

#[test]
fn the_list_has_built_in_rules_and_ones_own_with_the_thresholds_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let settings = write(folder.path(), "detection.toml", "[brute_force_address]\nfailures = 7\n");
    let listed = document(&run(["rules", "list", "--json", "--rules", EXAMPLES, "--detection", &settings]));
    let rules = listed["data"].as_array().unwrap();
    let named = |name: &str| rules.iter().find(|rule| rule["name"] == name).expect("it is listed");
    assert_eq!(named("brute_force_address")["thresholds"]["failures"], "7");
    assert_eq!(named("brute_force_address")["thresholds"]["window"], "5m");
    let own = named("3b0f6b0e-8c52-4f43-9b1a-6d1f0c5e7a05");
    assert_eq!(own["summary"], "Credential stuffing");
    assert_eq!(own["thresholds"]["value_count"], "10");
    assert_eq!(own["techniques"], json!(["T1110.004"]));
    assert_eq!(rules.iter().filter(|rule| rule["built_in"] == false).count(), 6);
    let shown = text(&run(["rules", "list", "--rules", EXAMPLES]).stdout);
    assert!(shown.contains("impossible_travel") && shown.contains("Credential stuffing"), "{shown}");
}

#[test]
fn exported_rules_are_sound() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("sigma");
    let out = out.to_str().unwrap();
    let written = document(&run(["rules", "export", "--json", "--out", out]));
    assert_eq!(written["files"].as_array().unwrap().len(), 13);
    let checked = run(["rules", "check", out]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
}

#[test]
fn rules_are_tried_out_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let success = json!({
        "id": "0192d3a4-0000-7000-8000-000000000001",
        "event_name": "auth.login_success",
        "actor_id": "alice",
        "user_ip": "198.51.100.7",
        "country_code": "KP",
        "created_at": "2026-03-01T12:15:00Z",
    });
    let file = write(folder.path(), "events.ndjson", &events(10, &[success]));
    let tried = document(&run(["rules", "test", EXAMPLES, "--events", &file, "--json"]));
    assert_eq!(tried["events"], 11);
    let rules = tried["data"].as_array().unwrap();
    assert_eq!(rules.len(), 6);
    let matched: Vec<&Value> = rules.iter().filter(|rule| rule["matches"] != 0).collect();
    assert_eq!(matched.len(), 1);
    let mut matched = matched[0].clone();
    assert!(matched["place"].as_str().unwrap().ends_with("docs/rules/account_compromise.yml:1"));
    matched["place"] = Value::Null;
    insta::assert_json_snapshot!(matched);
    let shown = text(&run(["rules", "test", EXAMPLES, "--events", &file]).stdout);
    assert!(shown.contains("Account compromise after guessing"), "{shown}");
    assert!(shown.contains("actor.id alice"), "{shown}");
    assert_eq!(shown.matches(": no match").count(), 5, "{shown}");
}

#[test]
fn lines_that_are_no_events_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "events.ndjson", "{\"event\":\"a.b\"}\n\nnonsense\n{\"actor\":\"x\"}\n");
    let refused = run(["rules", "test", EXAMPLES, "--events", &file]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("events.ndjson:3: ") && said.contains("events.ndjson:4: "), "{said}");
}

#[test]
fn a_served_rule_raises_an_alert_and_can_be_tried_out_beside_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "title: Export by a contractor\nid: contractors\nlogsource:\n    product: litesoc\ndetection:\n    selection:\n        event: 'data.*'\n        actor.id|startswith: 'ext-'\n    condition: selection\nlevel: high\n";
    let rule = write(folder.path(), "contractors.yml", rule);
    let data = folder.path().join("data");
    let rules = folder.path().to_str().unwrap();
    let served =
        Served::start(&data, &["--bootstrap-key", KEY, "--bootstrap-plan", "enterprise", "--rules", rules]);
    let tracked = served.client(KEY, &["track", "data.export", "--actor", "ext-7", "--ip", "203.0.113.5"]);
    assert!(tracked.status.success(), "{}", text(&tracked.stderr));
    let mut alerts = Value::Null;
    for _ in 0..500 {
        let listed = served.client(KEY, &["alerts", "list", "--type", "custom_threat_model", "--json"]);
        alerts = document(&listed);
        if alerts["data"].as_array().is_some_and(|alerts| !alerts.is_empty()) {
            break;
        }
    }
    assert_eq!(alerts["data"][0]["title"], "Export by a contractor: ext-7", "{alerts}");
    let tried = document(&run(["rules", "test", &rule, "--data", data.to_str().unwrap(), "--json"]));
    assert_eq!(tried["data"][0]["matches"], 1, "{tried}");
}

#[test]
fn rules_are_read_again_when_the_server_is_asked_and_faulty_ones_change_nothing() {
    use std::io::BufRead;

    let folder = tempfile::tempdir().unwrap();
    let rule = |event: &str| {
        format!(
            "title: Any {event}\nlogsource: {{product: litesoc}}\ndetection: {{s: {{event: {event}}}, condition: s}}\n"
        )
    };
    let rules = folder.path().join("rules");
    fs::create_dir(&rules).unwrap();
    write(&rules, "one.yml", &rule("data.export"));
    let data = folder.path().join("data");
    let mut command = crate::command::litesoc();
    command.env("LITESOC_LOG", "info").stderr(std::process::Stdio::piped());
    let arguments =
        ["--bootstrap-key", KEY, "--bootstrap-plan", "enterprise", "--rules", rules.to_str().unwrap()];
    let mut served = Served::start_as(command, &data, &arguments);
    let mut log = served.log().lines();
    let mut said =
        |words: &str| log.find(|line| line.as_ref().is_ok_and(|line| line.contains(words))).is_some();
    let titles = || {
        let listed = served.client(KEY, &["alerts", "list", "--type", "custom_threat_model", "--json"]);
        document(&listed)["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|alert| alert["title"].to_string())
            .collect::<Vec<_>>()
    };

    write(&rules, "two.yml", "title: [");
    served.signal("HUP");
    assert!(said("two.yml") && said("those before stay"));
    write(&rules, "two.yml", &rule("data.download"));
    served.signal("HUP");
    assert!(said("the rules were read again"));
    for event in ["data.export", "data.download"] {
        assert!(served.client(KEY, &["track", event, "--actor", "alice"]).status.success());
    }
    for _ in 0..500 {
        if titles().len() == 2 {
            break;
        }
    }
    assert_eq!(titles(), ["\"Any data.download: alice\"", "\"Any data.export: alice\""]);
}
