//! `litesoc serve --detection`, the lines about alerts in the log, and the folder of the detector.

use std::fs;
use std::process::Stdio;

use serde_json::json;

use crate::command::{Served, document, litesoc, run, text};
use crate::wire::exchange;

const KEY: &str = "key-of-the-test";
const PAIR: [&str; 4] = ["--bootstrap-key", KEY, "--bootstrap-plan", "enterprise"];

#[test]
fn everything_that_is_wrong_with_the_settings_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("detection.toml");
    fs::write(&file, "[brute_force_address]\nfailures = 0\nwindow = \"soon\"\n[travle]\n").unwrap();
    let refused = run([
        "serve",
        "--data",
        folder.path().join("data").to_str().unwrap(),
        "--detection",
        file.to_str().unwrap(),
    ]);
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr);
    for place in ["3 problems", "line 2, column 1", "line 3, column 1", "line 4, column 2"] {
        assert!(said.contains(place), "{said}");
    }
    assert!(!folder.path().join("data").exists(), "nothing is made before all is well");
    let missing = run(["serve", "--detection", "/there/is/none.toml"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("/there/is/none.toml"));
}

#[test]
fn a_replay_shows_what_other_rules_would_have_said() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data_text = data.to_str().unwrap();
    let server = Served::start(&data, &PAIR);
    for (number, address) in [(5, "203.0.113.5"), (4, "203.0.113.6")] {
        let event =
            format!(r#"{{"event":"auth.login_failed","actor":{{"id":"u{number}"}},"user_ip":"{address}"}}"#);
        let body = format!(r#"{{"events":[{}]}}"#, vec![event; number].join(","));
        assert_eq!(exchange(&server.address, KEY, "POST", "/collect", &body).unwrap().0, 202);
    }
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));

    let same = document(&run(["--json", "replay", "--data", data_text]));
    assert_eq!((&same["events"], &same["same"]), (&json!(9), &json!(1)));
    assert_eq!((&same["new"], &same["gone"], &same["changed"]), (&json!([]), &json!([]), &json!([])));

    let file = folder.path().join("detection.toml");
    fs::write(&file, "[brute_force_address]\nfailures = 4\n").unwrap();
    let rules = folder.path().join("rules");
    fs::create_dir_all(rules.join("mine")).unwrap();
    let rule = "title: Any failure of u4\nlogsource:\n  product: litesoc\ndetection:\n  one:\n    event: auth.login_failed\n    actor.id: u4\n  condition: one\nlevel: low\n";
    fs::write(rules.join("mine").join("u4.yml"), rule).unwrap();
    let more = [
        "replay",
        "--data",
        data_text,
        "--detection",
        file.to_str().unwrap(),
        "--rules",
        rules.to_str().unwrap(),
    ];
    let beside = Served::start(&data, &PAIR);
    let told = text(&run(more).stdout);
    assert!(told.contains("9 events examined: 0 alerts the same, 2 new, 0 gone, 1 changed"), "{told}");
    assert!(
        told.contains("Any failure of u4") && told.contains("Brute force on u4 from 203.0.113.6"),
        "{told}"
    );
    drop(beside);

    fs::write(rules.join("broken.yaml"), "title: [").unwrap();
    let refused = run(more);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("broken.yaml:2:1:"), "{}", text(&refused.stderr));
    assert_eq!(run(["replay", "--data", "/there/is/none"]).status.code(), Some(5));
}

/// Runs a server with these arguments while `work` talks to it; what it wrote into its log.
fn log_of(arguments: &[&str], work: impl FnOnce(&str)) -> String {
    use std::io::{BufRead, BufReader};

    let mut child = litesoc()
        .env("LITESOC_LOG", "info")
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut first).expect("a first line");
    work(first.trim_end().strip_prefix("listening on http://").expect("where it listens"));
    let stopped = std::process::Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status();
    assert!(stopped.expect("kill runs").success());
    text(&child.wait_with_output().expect("it ends").stderr)
}

#[test]
fn an_alert_is_one_line_in_the_log_and_not_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("detection.toml");
    // One organization has a threshold of its own; that it is heeded shows in the number of failures.
    fs::write(&file, "[brute_force_address]\nfailures = 3\n").unwrap();
    let arguments =
        [&["--data", data.to_str().unwrap(), "--detection", file.to_str().unwrap()][..], &PAIR].concat();
    let attack = |address: &str| {
        let event = r#"{"event":"auth.login_failed","actor":{"id":"al\nice"},"user_ip":"203.0.113.5"}"#;
        let body = format!(r#"{{"events":[{}]}}"#, [event; 3].join(","));
        assert_eq!(exchange(address, KEY, "POST", "/collect", &body).unwrap().0, 202);
    };
    let log = log_of(&arguments, attack);
    let lines: Vec<_> = log.lines().filter(|line| line.contains("alert raised")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("WARN") && lines[0].contains("litesoc::alerts"), "{}", lines[0]);
    assert!(lines[0].contains("Brute force on") && lines[0].contains("severity=high"), "{}", lines[0]);
    assert!(data.join("detector").join("snapshot").is_file(), "a quiet stop leaves a snapshot");
    let log = log_of(&arguments, |_| {});
    assert!(!log.contains("alert raised"), "{log}");
}
