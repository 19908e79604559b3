//! `litesoc serve`: its first lines, its keys, its end.

use crate::command::{Served, litesoc, text};
use crate::wire::exchange;

const PAIR: [&str; 4] = ["--bootstrap-key", "key-of-the-test", "--bootstrap-plan", "enterprise"];

#[test]
fn it_says_where_it_listens_and_ends_well_when_told_to() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Served::start(folder.path(), &PAIR);
        let (status, _) = exchange(&server.address, "key-of-the-test", "GET", "/health", "").unwrap();
        assert_eq!(status, 200);
        server.signal(signal);
        assert_eq!(server.ended(), Some(0), "SIG{signal}");
    }
}

#[test]
fn a_first_start_without_keys_makes_one_and_shows_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Served::start(folder.path(), &[]);
    let line = server.line();
    let key = line.strip_prefix("api key, shown this once: ").unwrap().to_owned();
    assert_eq!(exchange(&server.address, &key, "GET", "/events", "").unwrap().0, 200);
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));

    let mut server = Served::start(folder.path(), &[]);
    assert_eq!(exchange(&server.address, &key, "GET", "/events", "").unwrap().0, 200);
    server.signal("TERM");
    assert_eq!(server.line(), "", "nothing is shown again");
    assert_eq!(server.ended(), Some(0));
}

#[test]
fn each_bootstrap_key_has_its_own_organization_and_plan() {
    let folder = tempfile::tempdir().unwrap();
    let two = [
        "--bootstrap-key",
        "first-key",
        "--bootstrap-plan",
        "free",
        "--bootstrap-key",
        "second-key",
        "--bootstrap-plan",
        "pro",
    ];
    for _ in 0..2 {
        let server = Served::start(folder.path(), &two);
        let health = |key: &str| exchange(&server.address, key, "GET", "/health", "").unwrap().1;
        assert!(health("first-key").contains(r#""plan":"free""#));
        assert!(health("second-key").contains(r#""plan":"pro""#));
        server.signal("TERM");
        assert_eq!(server.ended(), Some(0));
    }
    let uneven = litesoc().args(["serve", "--data"]).arg(folder.path()).args(&two[..6]).output().unwrap();
    assert_eq!(uneven.status.code(), Some(2));
}

#[test]
fn another_plan_for_a_known_key_takes_effect_and_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    for plan in ["free", "pro", "pro"] {
        let pair = ["--bootstrap-key", "first-key", "--bootstrap-plan", plan];
        let server = Served::start(folder.path(), &pair);
        let (_, health) = exchange(&server.address, "first-key", "GET", "/health", "").unwrap();
        assert!(health.contains(&format!(r#""plan":"{plan}""#)), "{health}");
        server.signal("TERM");
        assert_eq!(server.ended(), Some(0));
    }
    // The log of a start that cannot go on, because the address is not there, is whole when the process has ended.
    let start = |plan: &str| {
        let mut command = litesoc();
        command
            .env("LITESOC_LOG", "warn")
            .args(["serve", "--listen", "192.0.2.1:1", "--data"])
            .arg(folder.path());
        let output =
            command.args(["--bootstrap-key", "first-key", "--bootstrap-plan", plan]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr)
    };
    let told = start("enterprise");
    assert!(
        told.contains("the plan of an organization was changed")
            && told.contains("before=pro after=enterprise"),
        "{told}"
    );
    assert!(!told.contains("first-key"), "{told}");
    assert!(!start("enterprise").contains("changed"), "nothing to say when nothing changes");
}

#[test]
fn what_it_cannot_have_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(folder.path(), &PAIR);
    let second =
        litesoc().args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path()).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains("in use by another process"), "{}", text(&second.stderr));

    let other = tempfile::tempdir().unwrap();
    let taken =
        litesoc().args(["serve", "--listen", &server.address, "--data"]).arg(other.path()).output().unwrap();
    assert_eq!(taken.status.code(), Some(1));
    assert!(text(&taken.stderr).contains("cannot listen on"), "{}", text(&taken.stderr));
}

#[cfg(unix)]
#[test]
fn files_of_addresses_are_read_again_when_asked_and_when_they_change() {
    use std::io::BufRead;

    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("vpn.txt");
    std::fs::write(&list, "192.0.2.0/24\n").unwrap();
    let mut command = litesoc();
    command.env("LITESOC_LOG", "info").stderr(std::process::Stdio::piped());
    let named = list.to_str().unwrap();
    let arguments = [&PAIR[..], &["--geo", named, "--geo-check", "1"]].concat();
    let mut server = Served::start_as(command, &folder.path().join("data"), &arguments);
    let mut lines = server.log().lines();
    let mut log_until = |part: &str| loop {
        let line = lines.next().expect("the log goes on").unwrap();
        if line.contains(part) {
            break line;
        }
    };
    let is_vpn = |server: &Served, second: u8| {
        let event =
            format!(r#"{{"event":"auth.login_success","user_ip":"192.0.2.9","metadata":{{"n":{second}}}}}"#);
        assert_eq!(exchange(&server.address, "key-of-the-test", "POST", "/collect", &event).unwrap().0, 202);
        let (_, rows) = exchange(&server.address, "key-of-the-test", "GET", "/events?limit=1", "").unwrap();
        rows.contains(r#""is_vpn":true"#)
    };
    assert!(is_vpn(&server, 1));

    std::fs::write(&list, "198.51.100.0/24\n# more\n").unwrap();
    server.signal("HUP");
    log_until("was read again");
    assert!(!is_vpn(&server, 2));

    std::fs::write(&list, "192.0.2.0/24\nnonsense\n").unwrap();
    server.signal("HUP");
    let told = log_until("vpn.txt:2: ");
    assert!(told.contains("nonsense"), "{told}");
    log_until("what was loaded before stays");
    assert!(!is_vpn(&server, 3));

    // Nobody asks this time.
    let beside = folder.path().join("vpn.new");
    std::fs::write(&beside, "192.0.2.0/25\n").unwrap();
    // In one step: who looks in between must not find half a file.
    std::fs::rename(&beside, &list).unwrap();
    let mut seen = 4..;
    // The look at the clock may also have told of an earlier change that was asked for.
    while !is_vpn(&server, seen.next().unwrap()) {
        log_until("was read again");
    }
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
}
