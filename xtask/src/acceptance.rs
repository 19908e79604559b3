//! `acceptance`: the vendor's SDKs for the Pangea Audit API, unchanged and from their registries, and an independent
//! implementation of transparency logs, against our server.
//!
//! What cannot be had on this machine is passed over, and said so: no network, no Python, no Node, no Go.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::{Failure, process};

/// The versions of `pangea-sdk` whose users there are.
const PYTHON: [&str; 3] = ["6.13.0", "5.1.0", "3.8.0"];
const NODE: &str = "pangea-node-sdk@5.6.0";
const GO: &str = "golang.org/x/mod/sumdb";
/// Where Debian's golang-golang-x-mod-dev puts its source.
const GO_PATH: &str = "/usr/share/gocode";
const KEY: &str = "acceptance-key";

/// Runs every SDK that can be had.
pub(crate) fn run() -> Result<(), Failure> {
    process::run(&mut process::cargo(&["build", "--quiet", "--package", "litesoc-cli"]))?;
    let folder = std::env::temp_dir().join(format!("litesoc-acceptance-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let scripts = process::root().join("xtask").join("acceptance");
    let mut failures = Vec::new();
    for version in PYTHON {
        let name = format!("pangea-sdk {version}");
        match python(&folder.join(version), version) {
            Ok(python) => {
                let script = scripts.join("python_sdk.py");
                failures.extend(against_server(&folder, &name, Command::new(python).arg(script)));
            }
            Err(missing) => println!("skipped: {name} cannot be had here: {missing}"),
        }
    }
    match node(&folder.join("node")) {
        Ok(home) => {
            let mut command = Command::new("node");
            command.current_dir(home).arg(scripts.join("node_sdk.mjs"));
            failures.extend(against_server(&folder, NODE, &mut command));
        }
        Err(missing) => println!("skipped: {NODE} cannot be had here: {missing}"),
    }
    match go(&scripts.join("tlog"), &folder) {
        Ok(reader) => failures.extend(against_server(&folder, GO, &mut Command::new(reader))),
        Err(missing) => println!("skipped: {GO} cannot be had here: {missing}"),
    }
    // What is left behind lies among the temporary files.
    let _left = fs::remove_dir_all(&folder);
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// Runs a script against a server of its own; what went wrong, if anything did.
fn against_server(folder: &Path, name: &str, script: &mut Command) -> Option<Failure> {
    let data = folder.join(format!("data-{}", name.replace(['@', ' ', '/'], "-")));
    let mut server = match Served::start(&data) {
        Ok(server) => server,
        Err(failure) => return Some(failure),
    };
    let outcome = script.args([server.url.as_str(), KEY]).stderr(Stdio::null()).output();
    server.stop();
    match outcome {
        Ok(output) if output.status.success() => {
            print!("{}", String::from_utf8_lossy(&output.stdout));
            None
        }
        Ok(output) => Some(format!("{name}: {}", String::from_utf8_lossy(&output.stdout))),
        Err(error) => Some(format!("{name}: {error}")),
    }
}

/// A server on a free port.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(data: &Path) -> Result<Self, Failure> {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| process::root().join("target"), PathBuf::from);
        let binary = target.join("debug").join("litesoc");
        let mut command = Command::new(&binary);
        command.args(["serve", "--listen", "127.0.0.1:0", "--bootstrap-plan", "enterprise"]);
        command.args(["--bootstrap-key", KEY, "--data"]).arg(data);
        let spawned = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.map_err(|error| format!("{}: {error}", binary.display()))?;
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        let url = first
            .strip_prefix("listening on ")
            .ok_or_else(|| format!("the server said {first:?}"))?
            .to_owned();
        Ok(Self { child, url })
    }

    fn stop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop();
    }
}

/// An environment with one version of the SDK; its interpreter.
fn python(home: &Path, version: &str) -> Result<PathBuf, Failure> {
    quietly(Command::new("python3").args(["-m", "venv"]).arg(home))?;
    let package = format!("pangea-sdk=={version}");
    quietly(Command::new(home.join("bin/pip")).args(["install", "--quiet", &package]))?;
    Ok(home.join("bin/python"))
}

/// A folder with the SDK in it.
fn node(home: &Path) -> Result<PathBuf, Failure> {
    fs::create_dir_all(home).map_err(|error| error.to_string())?;
    quietly(Command::new("npm").args(["install", "--silent", "--prefix"]).arg(home).arg(NODE))?;
    Ok(home.to_owned())
}

/// The reader of logs, built from Debian's packages golang-go and golang-golang-x-mod-dev.
fn go(source: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let program = folder.join("tlog");
    let mut build = Command::new("go");
    build.current_dir(source).args(["build", "-o"]).arg(&program).arg("main.go");
    quietly(build.env("GO111MODULE", "off").env("GOPATH", GO_PATH))?;
    Ok(program)
}

fn quietly(command: &mut Command) -> Result<(), Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
    Err(format!("{name}: {said}"))
}
