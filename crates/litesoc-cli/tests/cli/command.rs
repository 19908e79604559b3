//! Running the command and keeping a server of it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

/// The command, cut off from the environment of whoever runs the tests.
pub(crate) fn litesoc() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_litesoc"));
    command.env_remove("LITESOC_API_KEY").env_remove("LITESOC_BASE_URL").env("LITESOC_LOG", "error");
    command
}

/// What it does with these arguments.
pub(crate) fn run(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
    litesoc().args(arguments).output().expect("the command runs")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The JSON document that it must write, and nothing beside it.
pub(crate) fn document(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// A server in a process of its own; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Served {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) address: String,
}

impl Served {
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        Self::start_as(litesoc(), data, more)
    }

    /// Starts it with another environment.
    pub(crate) fn start_as(mut command: Command, data: &Path, more: &[&str]) -> Self {
        command.arg("serve").arg("--data").arg(data).args(more);
        Self::launch(command)
    }

    /// Starts whatever says in its first line where it listens: a server, a witness, a mirror.
    pub(crate) fn launch(mut command: Command) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a first line");
        let address =
            line.trim_end().strip_prefix("listening on http://").expect("where it listens").to_owned();
        Self { child, out, address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The log, which has to be piped.
    pub(crate) fn log(&mut self) -> impl BufRead + use<> {
        BufReader::new(self.child.stderr.take().expect("piped"))
    }

    /// The next line it writes.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for the end; its exit code.
    pub(crate) fn ended(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }

    /// Ends it at once, as a loss of power would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("it is gone");
    }

    /// A client command that talks to this server.
    pub(crate) fn client(&self, key: &str, arguments: &[&str]) -> Output {
        let mut command = litesoc();
        command.env("LITESOC_API_KEY", key).env("LITESOC_BASE_URL", self.url()).args(arguments);
        command.output().expect("the command runs")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to do.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
