//! Logs of one's own and the tokens that are good for them, made while a server runs and while none does.

use serde_json::{Value, json};

use crate::command::{Served, document, litesoc, run, text};
use crate::wire::exchange;

/// The body of the answer to an audit call with this token.
fn call(server: &Served, token: &str, path: &str, body: &Value) -> Value {
    let (_status, text) =
        exchange(&server.address, token, "POST", path, &body.to_string()).expect("an answer");
    serde_json::from_str(&text).expect("JSON")
}

fn config(data: &std::path::Path, arguments: &[&str]) -> Value {
    let mut command = litesoc();
    command.args(["--json", "audit", "config"]).args(arguments).arg("--data").arg(data);
    document(&command.output().expect("the command runs"))
}

#[test]
fn tokens_are_good_for_the_logs_they_were_made_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    // Before there is anything: the organization and the token are made with the log.
    let first = config(data, &["create", "first", "--token", "tok-two-logs"]);
    let second = config(data, &["create", "second", "--token", "tok-two-logs", "--new-token"]);
    let (first, second) = (first["id"].as_str().expect("an id"), &second);
    let only = second["token"].as_str().expect("shown once");
    let second = second["id"].as_str().expect("an id");
    let server = Served::start(data, &["--bootstrap-key", "tok-two-logs", "--bootstrap-plan", "enterprise"]);

    let event = json!({"message": "hello"});
    let answer = call(&server, "tok-two-logs", "/v1/log", &json!({"event": event}));
    assert_eq!(answer["status"], "MissingConfigID", "{answer}");
    for id in [first, second] {
        let answer = call(&server, "tok-two-logs", "/v1/log", &json!({"event": event, "config_id": id}));
        assert_eq!(answer["status"], "Success", "{answer}");
    }
    assert_eq!(call(&server, only, "/v1/log", &json!({"event": event}))["status"], "Success");
    let refused = call(&server, only, "/v1/log", &json!({"event": event, "config_id": first}));
    assert_ne!(refused["status"], "Success", "{refused}");

    // Beside the server: a log with a schema of its own, for a token that is known, restricted to a part.
    let schema = folder.path().join("schema.json");
    let own = json!({"client_signable": true, "tamper_proofing": true,
        "fields": [{"id": "amount", "type": "integer", "required": true}]});
    std::fs::write(&schema, own.to_string()).expect("written");
    let third = config(
        data,
        &["create", "third", "--token", only, "--server-signing", "--schema", &schema.display().to_string()],
    );
    let third = third["id"].as_str().expect("an id");
    let listed = config(data, &["list"]);
    let tokens = |id: &str| {
        let rows = listed["data"].as_array().expect("rows");
        rows.iter().find(|row| row["id"] == id).expect("it is listed")["tokens"].clone()
    };
    assert_eq!((tokens(first), tokens(second), tokens(third)), (json!(1), json!(2), json!(1)));
    // The server believes what it knows of a token for two seconds; a restart needs no waiting.
    server.kill();
    let server = Served::start(data, &[]);
    let logged = json!({"event": {"amount": 7}, "config_id": third, "verbose": true});
    let answer = call(&server, only, "/v1/log", &logged);
    assert_eq!(answer["status"], "Success", "{answer}");
    assert!(answer["result"]["envelope"]["signature"].is_string(), "{answer}");

    let bound = config(data, &["bind", only, third, "--restrict", "amount=7"]);
    assert_eq!(bound, json!({"configs": [third], "restriction": {"amount": ["7"]}}));
    assert_eq!(config(data, &["unbind", only]), json!({"configs": [], "restriction": {}}));
    server.kill();
}

#[test]
fn what_cannot_be_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().display().to_string();
    let wrong = run(["audit", "config", "create", "x", "--token", "with blank", "--data", &data]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));
    let missing = run(["audit", "config", "bind", "token", "pci_x", "--data", &data]);
    assert_eq!(missing.status.code(), Some(5), "{}", text(&missing.stderr));
    let server =
        Served::start(folder.path(), &["--bootstrap-key", "known", "--bootstrap-plan", "enterprise"]);
    let unknown = run(["audit", "config", "create", "x", "--token", "nobody-knows-it", "--data", &data]);
    assert!(!unknown.status.success());
    assert!(text(&unknown.stderr).contains("while no server runs"), "{}", text(&unknown.stderr));
    let known = run(["audit", "config", "create", "x", "--token", "known", "--data", &data]);
    assert!(known.status.success(), "{}", text(&known.stderr));
    server.kill();
}
