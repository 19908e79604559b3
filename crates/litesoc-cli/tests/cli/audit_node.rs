//! `litesoc serve --audit-node`: a server that keeps no audit logs hands everything about them on to one that does.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::fs;
use std::path::Path;
use std::thread;

use serde_json::Value;

use crate::audit_witness::stop;
use crate::command::{Served, document, litesoc, run, text};
use crate::wire::exchange;

const KEY: &str = "key-of-the-test";
const PAIR: [&str; 4] = ["--bootstrap-key", KEY, "--bootstrap-plan", "enterprise"];
const TOKEN: &str = "token-of-the-nodes";

fn serve(data: &Path, more: &[&str]) -> Served {
    let mut command = litesoc();
    command.env("LITESOC_AUDIT_NODE_TOKEN", TOKEN);
    command.stderr(fs::File::create(data.with_extension("log")).unwrap());
    Served::start_as(command, data, &[&PAIR[..], more].concat())
}

#[test]
fn the_logs_are_written_and_read_through_a_server_without_any() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let owner = serve(&at("owner"), &[]);
    let front = serve(&at("front"), &["--audit-node", &owner.url()]);
    let logged =
        document(&front.client(KEY, &["--json", "audit", "log", "salary changed", "--actor", "alice"]));
    let search = ["--json", "audit", "search", "actor:alice"];
    let found = |server: &Served| document(&server.client(KEY, &search))["records"][0]["hash"].clone();
    assert_eq!(found(&front), logged["hash"]);
    assert_eq!(found(&owner), logged["hash"]);

    let bundle = at("log.bundle");
    let export = ["--json", "audit", "export", "--out", bundle.to_str().unwrap()];
    let records = loop {
        let exported = front.client(KEY, &export);
        let range: Value = serde_json::from_slice(&exported.stdout).unwrap_or_default();
        match range["to"].as_u64() {
            Some(to) if to >= 2 => break to,
            _ => thread::yield_now(),
        }
    };
    assert_eq!(records, 2);
    let verified = run(["audit", "verify", bundle.to_str().unwrap()]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stderr));
    assert!(!at("front").join("audit").exists(), "it keeps none itself");

    owner.kill();
    let (status, told) =
        exchange(&front.address, KEY, "POST", "/v1/log", r#"{"event":{"message":"m"}}"#).unwrap();
    assert_eq!(status, 503, "{told}");
    stop(front);
    let told = fs::read_to_string(at("front.log")).unwrap();
    assert!(told.contains("could not be reached"), "{told}");
    assert!(!told.contains(TOKEN) && !told.contains(KEY), "{told}");
}

#[test]
fn wrong_usage_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (more, word) in [
        (&["--audit-node", "http://127.0.0.1:1"][..], "--audit-node-token"),
        (
            &["--audit-node", "http://127.0.0.1:1", "--audit-node-token", "t", "--audit-policy", "p"],
            "--audit-policy",
        ),
        (&["--audit-node-token", "two words"], "without blanks"),
    ] {
        let mut command = litesoc();
        command.args(["serve", "--data"]).arg(folder.path().join("data")).args(more);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(text(&output.stderr).contains(word), "{more:?}: {}", text(&output.stderr));
    }
    let mut command = litesoc();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path().join("data"));
    let output = command.args(["--audit-node", "nonsense", "--audit-node-token", "t"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("no address of a node"), "{}", text(&output.stderr));
}
