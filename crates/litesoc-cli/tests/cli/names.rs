//! `litesoc normalize`, completions, and what wrong usage gets.

use crate::command::{document, run, text};

#[test]
fn normalize_tells_people_what_a_name_stands_for() {
    let output = run(["normalize", "userLoginFailed"]);
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn normalize_tells_programs_the_same() {
    insta::assert_snapshot!(
        serde_json::to_string_pretty(&document(&run(["normalize", "user login failed", "--json"]))).unwrap()
    );
    let custom = document(&run(["--json", "normalize", "Warp Drive Engaged"]));
    assert_eq!((custom["recognized"].as_bool(), custom["category"].as_str()), (Some(false), None));
}

#[test]
fn a_vendor_s_name_may_need_a_field() {
    let failed = ["--vendor", "okta", "--field", "outcome.result=FAILURE", "--json"];
    let found = document(&run(["normalize", "user.session.start"].iter().chain(&failed)));
    assert_eq!(found["event"], "auth.login_failed");
    assert_eq!(found["vendor"], "okta");
    let unknown = run(["normalize", "no.such.thing", "--vendor", "okta"]);
    assert_eq!(unknown.status.code(), Some(5));
    assert_eq!(text(&unknown.stdout), "");
    assert!(text(&unknown.stderr).starts_with("error: okta has no event `no.such.thing`"));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let cases: [&[&str]; 6] = [
        &["nonsense"],
        &["demo", "--events", "3"],
        &["serve", "--listen", "somewhere"],
        &["serve", "--bootstrap-key", "k"],
        &["normalize", "x", "--vendor", "nobody"],
        &["events", "list"],
    ];
    for case in cases {
        let output = run(case);
        assert_eq!(output.status.code(), Some(2), "{case:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "", "{case:?}");
    }
}

#[test]
fn completions_are_a_script() {
    for shell in ["bash", "zsh", "fish"] {
        let script = text(&run(["completions", shell]).stdout);
        assert!(script.contains("litesoc") && script.contains("normalize"), "{shell}");
    }
}
