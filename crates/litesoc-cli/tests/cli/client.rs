//! The commands that talk to a server.

use crate::command::{Served, document, litesoc, text};

const KEY: &str = "key-of-the-test";

fn server(folder: &tempfile::TempDir) -> Served {
    Served::start(folder.path(), &["--bootstrap-key", KEY, "--bootstrap-plan", "enterprise"])
}

#[test]
fn an_event_is_tracked_listed_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder);
    let tracked = document(&server.client(
        KEY,
        &[
            "track",
            "data.export",
            "--actor",
            "al\u{1b}[31mice",
            "--ip",
            "203.0.113.5",
            "-m",
            "rows=12",
            "-m",
            "why=audit",
            "--json",
        ],
    ));
    let id = tracked["event_id"].as_str().unwrap();
    let listed = document(&server.client(KEY, &["events", "list", "--event", "data.export", "--json"]));
    assert_eq!(listed["data"][0]["id"], id);
    let shown = document(&server.client(KEY, &["events", "get", id, "--json"]));
    assert_eq!((&shown["metadata"]["rows"], &shown["metadata"]["why"]), (&12.into(), &"audit".into()));
    for people in [&["events", "list"][..], &["events", "get", id]] {
        let output = server.client(KEY, people);
        assert!(output.status.success());
        let output = text(&output.stdout);
        assert!(!output.contains('\u{1b}') && output.contains("al\\u{1b}[31mice"), "{output}");
    }
}

#[test]
fn an_alert_is_resolved_and_another_marked_safe() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder);
    for actor in ["mallory", "carol"] {
        let output = server.client(KEY, &["track", "admin.privilege_escalation", "--actor", actor]);
        assert!(text(&output.stdout).starts_with("tracked "), "{}", text(&output.stderr));
    }
    let id_of = |actor: &str| {
        // Detection comes after the acknowledgement; the list is asked until it is there.
        (0..500).find_map(|_| {
            let listed = document(&server.client(KEY, &["alerts", "list", "--actor", actor, "--json"]));
            listed["data"][0]["id"].as_str().map(str::to_owned)
        })
    };
    let (mallory, carol) = (id_of("mallory").unwrap(), id_of("carol").unwrap());
    let resolve =
        ["alerts", "resolve", &mallory, "--as", "blocked_ip", "--notes", "gone", "--by", "ann", "--json"];
    assert_eq!(document(&server.client(KEY, &resolve))["status"], "resolved");
    assert_eq!(text(&server.client(KEY, &["alerts", "safe", &carol]).stdout), format!("dismissed {carol}\n"));
    let shown = document(&server.client(KEY, &["alerts", "get", &mallory, "--json"]));
    assert_eq!((&shown["resolved_by"], &shown["resolution_notes"]), (&"ann".into(), &"gone".into()));
    let open = document(&server.client(KEY, &["alerts", "list", "--status", "open", "--json"]));
    assert_eq!(open["data"], serde_json::json!([]));
}

#[test]
fn exit_codes_say_who_has_to_act() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder);
    let health = server.client(KEY, &["health"]);
    assert!(health.status.success());
    assert!(text(&health.stdout).contains("up to date\n"), "{}", text(&health.stdout));
    let health = document(&server.client(KEY, &["health", "--json"]));
    assert_eq!(health["detection"], serde_json::json!({"lag_events": 0, "lag_ms": 0}));
    let wrong_key = server.client("another-key", &["events", "list"]);
    assert_eq!(wrong_key.status.code(), Some(4));
    assert!(!text(&wrong_key.stderr).contains("another-key"));
    let absent = server.client(KEY, &["alerts", "get", "01a1f8db-0453-7c2e-8ec7-c84f631e3345"]);
    assert_eq!(absent.status.code(), Some(5));
    let url = server.url();
    server.kill();
    let output = litesoc().args(["health", "--api-key", KEY, "--base-url", &url]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let unsafe_url =
        litesoc().args(["health", "--api-key", KEY, "--base-url", "http://example.com"]).output().unwrap();
    assert_eq!(unsafe_url.status.code(), Some(2));
}
