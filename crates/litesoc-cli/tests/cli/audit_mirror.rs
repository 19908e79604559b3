//! `litesoc audit mirror`: a copy that is what the log shows, and stays what it was when the log is not.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::fs;
use std::path::Path;
use std::process::Output;
use std::thread;

use crate::audit_witness::{copy, get, log, origin, stop};
use crate::command::{Served, document, litesoc, text};

const KEY: &str = "key-of-the-test";
const PAIR: [&str; 4] = ["--bootstrap-key", KEY, "--bootstrap-plan", "enterprise"];

/// Looks at a log once.
fn once(folder: &Path, address: &str) -> Output {
    let mut command = litesoc();
    command.current_dir(folder).args(["--json", "audit", "mirror", "--once", "--log-key", "log.vkey"]);
    command.args(["--data", "copy", "--url", address]).output().unwrap()
}

/// Status, type, caching and body of an answer.
fn answer(url: &str) -> (u16, [String; 2], Vec<u8>) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut answer = agent.get(url).call().unwrap();
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let headers = ["content-type", "cache-control"].map(|name| header(name).unwrap_or_default());
    (answer.status().as_u16(), headers, answer.body_mut().read_to_vec().unwrap())
}

/// The size of the newest checkpoint once it has at least so many records.
fn published(server: &Served, origin: &str, at_least: u64) -> u64 {
    loop {
        let checkpoint = get(server, &format!("/log/{origin}/checkpoint")).unwrap_or_default();
        match checkpoint.lines().nth(1).and_then(|size| size.parse().ok()) {
            Some(size) if size >= at_least => return size,
            _ => thread::yield_now(),
        }
    }
}

/// A mirror that shows what it has.
fn mirror(folder: &Path, from: &str) -> Served {
    let mut command = litesoc();
    command.current_dir(folder).args(["audit", "mirror", "--log-key", "log.vkey", "--data", "copy"]);
    command.args(["--every", "1", "--from", from]);
    Served::launch(command)
}

/// A log with a key that the test has, in a folder that was copied when it had two records.
fn started(folder: &Path) -> (Served, String, u64) {
    let data = folder.join("data");
    let server = Served::start(&data, &PAIR);
    let origin = origin(&log(&server, "the first"));
    fs::write(folder.join("log.vkey"), get(&server, &format!("/log/{origin}/vkey")).unwrap()).unwrap();
    let old = published(&server, &origin, 2);
    stop(server);
    copy(&data, &folder.join("old"));
    (Served::start(&data, &PAIR), origin, old)
}

#[test]
fn a_log_is_shown_as_it_shows_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (server, origin, _) = started(folder.path());
    (0..300).for_each(|number| drop(log(&server, &format!("record {number}"))));
    let size = published(&server, &origin, 302);
    let mirror = mirror(folder.path(), &format!("{}/log/{origin}/", server.url()));
    assert_eq!(published(&mirror, &origin, size), size);
    let there = [
        "checkpoint",
        "tile/0/000",
        "tile/0/000.p/7",
        "tile/entries/000",
        "tile/entries/001.p/40",
        "tile/1/000.p/1",
    ];
    let missing = ["tile/0/001", "tile/0/1", "tile/2/000.p/1", "tile/entries/002", "", "tile"];
    for path in there {
        let path = format!("/log/{origin}/{path}");
        let expected = answer(&format!("{}{path}", server.url()));
        assert_eq!(answer(&format!("{}{path}", mirror.url())), expected, "{path}");
    }
    for path in missing {
        assert_eq!(answer(&format!("{}/log/{origin}/{path}", mirror.url())).0, 404, "{path}");
    }
    assert_eq!(answer(&format!("{}/log/another/checkpoint", mirror.url())).0, 404);
    stop(server);
    // The copy serves on, and is a log to copy itself.
    let mut command = litesoc();
    command.current_dir(folder.path()).args(["audit", "mirror", "--once", "--log-key", "log.vkey"]);
    let again = command.args(["--data", "copy of the copy", "--url", &mirror.url()]).output().unwrap();
    let told = text(&again.stdout);
    assert!(told.starts_with(&format!("{size} records of {origin} in ")), "{told}{}", text(&again.stderr));
    stop(mirror);
}

#[test]
fn a_log_that_went_back_is_refused_and_the_copy_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (server, origin, old) = started(folder.path());
    (0..30).for_each(|number| drop(log(&server, &format!("record {number}"))));
    let new = published(&server, &origin, 32);
    let copied = document(&once(folder.path(), &server.url()));
    assert_eq!((copied["size"].as_u64(), copied["origin"].as_str()), (Some(new), Some(&*origin)));
    stop(server);

    let kept = folder.path().join("copy/checkpoint");
    let before = fs::read(&kept).unwrap();
    let server = Served::start(&folder.path().join("old"), &PAIR);
    let refused = once(folder.path(), &server.url());
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(
        told.contains(&format!("had {new} records")) && told.contains(&format!("checkpoint of {old}")),
        "{told}"
    );
    // It grows past the copy, with other records.
    (0..40).for_each(|number| drop(log(&server, &format!("another record {number}"))));
    published(&server, &origin, new + 1);
    let refused = once(folder.path(), &server.url());
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("another history") && told.contains(&format!("first {new} records")), "{told}");
    assert_eq!(fs::read(&kept).unwrap(), before);
    let address = server.url();
    stop(server);
    assert_eq!(once(folder.path(), &address).status.code(), Some(3), "nobody is there");
}

#[test]
fn wrong_usage_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("log.vkey"), "nonsense\n").unwrap();
    let told = once(folder.path(), "http://127.0.0.1:1");
    assert_eq!(told.status.code(), Some(2));
    assert!(text(&told.stderr).contains("log.vkey: line 1"), "{}", text(&told.stderr));
    let mut command = litesoc();
    let neither = command.args(["audit", "mirror", "--log-key", "log.vkey"]).output().unwrap();
    assert_eq!(neither.status.code(), Some(2));
}
