//! [`Screen`]: where the answer goes, as text for people or as one JSON document for programs.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::outcome::Failure;
use crate::table::{Table, shown};

/// Standard output and standard error.
#[derive(Debug)]
pub(crate) struct Screen {
    json: bool,
    progress: bool,
    /// A line of progress stands on the terminal and has to be wiped before anything else is written.
    dirty: bool,
}

impl Screen {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, progress: io::stderr().is_terminal(), dirty: false }
    }

    /// Whether a program reads the answer.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// One line, or several, of our own words. Words from elsewhere go through [`shown`] first.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.raw(format!("{text}\n").as_bytes())
    }

    /// Bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.wipe();
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            // Whoever reads has read enough, as in `litesoc events list | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result.map_err(Failure::from),
        }
    }

    /// One JSON document.
    pub(crate) fn document(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_vec_pretty(value)?;
        text.push(b'\n');
        self.raw(&text)
    }

    pub(crate) fn table(&mut self, table: &Table) -> Result<(), Failure> {
        self.raw(table.to_string().as_bytes())
    }

    /// What is going on, on a terminal only, in place of what was going on before.
    pub(crate) fn progress(&mut self, text: &str) {
        if self.progress {
            let mut err = io::stderr().lock();
            let _unimportant = write!(err, "\r\x1b[2K{}", shown(text)).and_then(|()| err.flush());
            self.dirty = true;
        }
    }

    /// A remark beside the answer.
    pub(crate) fn remark(&mut self, text: &str) {
        self.wipe();
        let _unimportant = writeln!(io::stderr().lock(), "{text}");
    }

    /// What went wrong.
    pub(crate) fn complain(&mut self, failure: &Failure) {
        self.wipe();
        let text: Vec<String> = failure.to_string().lines().map(shown).collect();
        let _unimportant = writeln!(io::stderr().lock(), "error: {}", text.join("\n"));
    }

    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.wipe();
        Ok(())
    }

    fn wipe(&mut self) {
        if std::mem::take(&mut self.dirty) {
            let mut err = io::stderr().lock();
            let _unimportant = write!(err, "\r\x1b[2K").and_then(|()| err.flush());
        }
    }
}
