//! `litesoc audit witness`: a log that was rolled back, checkpoints and all, is found out by who saw it before.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::fs;
use std::io::BufRead;
use std::path::Path;
use std::process::Stdio;
use std::thread;

use litesoc_ledger::checkpoint::Checkpoint;
use litesoc_ledger::merkle::EMPTY_ROOT;
use litesoc_ledger::note::NoteSigner;
use litesoc_ledger::signature::PrivateKey;
use litesoc_ledger::witness::AddCheckpoint;
use serde_json::{Value, json};

use crate::command::{Served, document, litesoc, run, text};
use crate::wire::exchange;

const KEY: &str = "key-of-the-test";
const PAIR: [&str; 4] = ["--bootstrap-key", KEY, "--bootstrap-plan", "enterprise"];
const NAME: &str = "witness.example/w1";

/// Records an event; what the log says of it.
pub(crate) fn log(server: &Served, message: &str) -> Value {
    let body = json!({"event": {"message": message}, "verbose": true}).to_string();
    let (status, answer) = exchange(&server.address, KEY, "POST", "/v1/log", &body).expect("an answer");
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str::<Value>(&answer).expect("JSON")["result"].clone()
}

/// The name of the log, as the receipt of a record says it.
pub(crate) fn origin(logged: &Value) -> String {
    let receipt = logged["receipt"].as_str().expect("a receipt");
    receipt.lines().nth(1).expect("the origin").to_owned()
}

pub(crate) fn get(server: &Served, path: &str) -> Option<String> {
    let (status, body) = exchange(&server.address, "", "GET", path, "").expect("an answer");
    (status == 200).then_some(body)
}

pub(crate) fn stop(server: Served) {
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
}

/// The size of the newest checkpoint that the witness has cosigned and that has at least so many records.
fn cosigned(server: &Served, origin: &str, at_least: u64) -> u64 {
    loop {
        let checkpoint = get(server, &format!("/log/{origin}/checkpoint")).unwrap_or_default();
        let size = checkpoint.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(0);
        if size >= at_least {
            assert!(
                checkpoint.contains(&format!("— {NAME} ")),
                "published without its witness: {checkpoint}"
            );
            return size;
        }
        thread::yield_now();
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &place);
        } else {
            fs::copy(&path, place).unwrap();
        }
    }
}

/// A witness of the test's folder. `keys` are the files of the logs it knows.
fn witness(folder: &Path, keys: &[&str]) -> Served {
    let mut command = litesoc();
    command
        .current_dir(folder)
        .args(["audit", "witness", "--data", "seen", "--key", "w1.pem", "--name", NAME]);
    command.arg("--log").args(keys).stderr(Stdio::piped()).env("LITESOC_LOG", "info");
    Served::launch(command)
}

/// Writes the policy that asks for this witness, and starts a server with it.
fn policy_of(folder: &Path, log: &str, witness: &mut Served) {
    let vkey = witness.line();
    assert!(vkey.starts_with(&format!("vkey {NAME}+")), "{vkey}");
    let line = witness.line();
    let line = line.strip_prefix("policy line: ").expect("a line for a policy").to_owned();
    fs::write(folder.join("policy"), format!("log {log}\n{line}\nquorum w1\n")).unwrap();
}

#[test]
fn a_log_that_was_rolled_back_is_refused_with_the_size_that_the_witness_saw() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (data, policy) = (at("data"), at("policy"));
    let arguments = [&PAIR[..], &["--audit-policy", policy.to_str().unwrap()]].concat();
    let key = document(&run([
        "--json",
        "audit",
        "keygen",
        "--witness",
        "--name",
        NAME,
        "--out",
        at("w1.pem").to_str().unwrap(),
    ]));

    let server = Served::start(&data, &PAIR);
    let origin = origin(&log(&server, "the first"));
    let keys = get(&server, &format!("/log/{origin}/vkey")).unwrap();
    assert_eq!(keys.lines().count(), 2, "that of the receipts is there too");
    fs::write(at("log.vkey"), &keys).unwrap();
    stop(server);

    let mut seen = witness(folder.path(), &["log.vkey"]);
    policy_of(folder.path(), keys.lines().next().unwrap(), &mut seen);
    let text_of_policy = fs::read_to_string(&policy).unwrap();
    let line = format!("\n{} http://", key["policy_line"].as_str().unwrap());
    assert!(text_of_policy.contains(&line), "{text_of_policy}");

    let server = Served::start(&data, &arguments);
    log(&server, "the second");
    let old = cosigned(&server, &origin, 3);
    let bundle = at("log.bundle");
    let exported = server.client(KEY, &["audit", "export", "--out", bundle.to_str().unwrap()]);
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    let verified = run(["audit", "verify", bundle.to_str().unwrap(), "--policy", policy.to_str().unwrap()]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stderr));
    assert!(text(&verified.stdout).contains("cosigned by w1"), "{}", text(&verified.stdout));
    stop(server);

    copy(&data.join("audit"), &at("old"));
    let server = Served::start(&data, &arguments);
    log(&server, "the third");
    let new = cosigned(&server, &origin, old + 1);
    stop(server);
    fs::rename(data.join("audit"), at("new")).unwrap();
    copy(&at("old"), &data.join("audit"));

    // What it saw it knows after the hardest end.
    seen.kill();
    let mut seen = witness(folder.path(), &["log.vkey"]);
    policy_of(folder.path(), keys.lines().next().unwrap(), &mut seen);
    let shown = get(&seen, &format!("/log/{origin}/checkpoint")).unwrap();
    assert_eq!(shown.lines().nth(1), Some(new.to_string().as_str()));

    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
    let refused = run([&serve[..], &arguments].concat());
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("w1") && told.contains(&format!("{new} records")), "{told}");

    fs::remove_dir_all(data.join("audit")).unwrap();
    fs::rename(at("new"), data.join("audit")).unwrap();
    stop(Served::start(&data, &arguments));
    stop(seen);
}

#[test]
fn what_it_cannot_use_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let refused = |arguments: &[&str]| {
        let mut command = litesoc();
        command.current_dir(folder.path()).args([
            "audit",
            "witness",
            "--listen",
            "127.0.0.1:0",
            "--data",
            "seen",
        ]);
        let output = command.args(arguments).output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    assert!(run(["audit", "keygen", "--witness", "--out", at("w1.pem").to_str().unwrap()]).status.success());
    let signer = NoteSigner::new("log.example/a", PrivateKey::from_seed([1; 32])).unwrap();
    let receipt = NoteSigner::new("log.example/a/receipt", PrivateKey::from_seed([2; 32])).unwrap();
    fs::write(at("log"), format!("{}\n{}\n", signer.verifier_key(), receipt.verifier_key())).unwrap();
    fs::write(at("receipt"), format!("{}\n", receipt.verifier_key())).unwrap();
    fs::write(at("secret"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n").unwrap();
    for (arguments, code, word) in [
        (["--key", "w1.pem", "--log", "receipt"], 2, "no key of a log"),
        (["--key", "w1.pem", "--log", "none"], 2, "none: "),
        (["--key", "w1.pem", "--log", "w1.pem"], 2, "line 1"),
        (["--key", "secret", "--log", "log"], 2, "secret: "),
    ] {
        let (found, told) = refused(&arguments);
        assert_eq!(found, Some(code), "{arguments:?}: {told}");
        assert!(told.contains(word) && !told.contains("c2VjcmV0"), "{arguments:?}: {told}");
    }
    let mut command = litesoc();
    command
        .current_dir(folder.path())
        .args(["audit", "witness", "--data", "seen", "--key", "w1.pem", "--log", "log"]);
    let running = Served::launch(command);
    let (code, told) = refused(&["--key", "w1.pem", "--log", "log"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("in use by another process"), "{told}");
    let body = request(&signer);
    assert_eq!(exchange(&running.address, "", "POST", "/add-checkpoint", &body).unwrap().0, 200);
    stop(running);

    let (code, told) = refused(&["--key", "w1.pem", "--log", "log", "--name", "witness.example/other"]);
    assert_eq!(code, Some(1), "under another name its memory is a stranger's");
    assert!(told.contains(".checkpoint: not kept by witness.example/other"), "{told}");
    let kept = fs::read_dir(at("seen")).unwrap().map(|entry| entry.unwrap().path());
    let kept =
        kept.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "checkpoint")).unwrap();
    fs::copy(&kept, at("seen").join("older.checkpoint")).unwrap();
    let (code, told) = refused(&["--key", "w1.pem", "--log", "log"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("older.checkpoint: this is not the file for log.example/a"), "{told}");
}

/// A request to cosign the empty log.
fn request(signer: &NoteSigner) -> String {
    let checkpoint = Checkpoint::new(signer.verifier_key().name(), 0, EMPTY_ROOT).unwrap();
    AddCheckpoint::new(0, Vec::new(), checkpoint.sign(signer).unwrap()).to_string()
}

#[cfg(unix)]
#[test]
fn it_answers_as_the_protocol_says_and_learns_of_new_logs() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(run(["audit", "keygen", "--witness", "--out", at("w1.pem").to_str().unwrap()]).status.success());
    let signer = |name: &str| NoteSigner::new(name, PrivateKey::from_seed([1; 32])).unwrap();
    let (known, later) = (signer("log.example/a"), signer("log.example/b"));
    fs::write(at("logs"), format!("# ours\n{}\n", known.verifier_key())).unwrap();
    let mut witness = witness(folder.path(), &["logs"]);
    let mut told = witness.log().lines();
    let ask =
        |method: &str, path: &str, body: &str| exchange(&witness.address, "", method, path, body).unwrap();
    assert_eq!(ask("POST", "/add-checkpoint", &request(&known)).0, 200);
    assert_eq!(ask("POST", "/add-checkpoint", &request(&later)).0, 404);
    assert_eq!(ask("POST", "/add-checkpoint", "nonsense").0, 400);
    assert_eq!(ask("POST", "/add-checkpoint", &"x".repeat(100 << 10)).0, 413);
    assert_eq!(ask("GET", "/add-checkpoint", "").0, 405);
    assert_eq!(ask("POST", "/vkey", "").0, 405);
    assert_eq!(ask("GET", "/", "").0, 404);
    assert!(ask("GET", "/vkey", "").1.starts_with(NAME));
    assert_eq!(ask("GET", "/log/log.example/b/checkpoint", "").0, 404);
    assert!(ask("GET", "/log/log.example/a/checkpoint", "").1.contains(NAME));

    fs::write(at("logs"), format!("{}\n{}\n", known.verifier_key(), later.verifier_key())).unwrap();
    witness.signal("HUP");
    assert!(told.any(|line| line.unwrap().contains("were read again")));
    assert_eq!(ask("POST", "/add-checkpoint", &request(&later)).0, 200);
    fs::write(at("logs"), "nonsense\n").unwrap();
    witness.signal("HUP");
    assert!(told.any(|line| line.unwrap().contains("the logs known before stay")));
    assert_eq!(ask("POST", "/add-checkpoint", &request(&known)).0, 200);
    stop(witness);
}
