//! `litesoc geo update`: fetching files, checking them, and putting them in place of the old ones.
#![expect(clippy::disallowed_methods, reason = "addresses may hold today's date")]

mod address;
mod fetch;
mod install;
mod plan;

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use litesoc::Timestamp;
use serde::Serialize;

use self::fetch::Fetcher;
use self::install::{Installed, install};
use self::plan::Plan;
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::shown;

#[derive(Serialize)]
struct Document {
    ok: bool,
    folder: String,
    files: Vec<Outcome>,
}

#[derive(Serialize)]
struct Outcome {
    name: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    networks: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) fn run(config: &Path, screen: &mut Screen) -> Result<(), Failure> {
    let named = config.display();
    let text = fs::read_to_string(config).map_err(|error| Failure::usage(format!("{named}: {error}")))?;
    let plan = Plan::parse(&text, Timestamp::from(SystemTime::now())).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| format!("{named}: {fault}")).collect();
        Failure::usage(lines.join("\n"))
    })?;
    let fetcher = Fetcher::new(&plan).map_err(Failure::new)?;
    let mut files = Vec::new();
    for wanted in &plan.files {
        let outcome = install(&plan, wanted, &fetcher, |bytes| {
            screen.progress(&format!("{}: {:.1} MiB", wanted.name, mebibytes(bytes)));
        });
        let (word, networks, error) = match outcome {
            Ok(Installed::New { networks }) => ("updated", Some(networks), None),
            Ok(Installed::Unchanged { networks }) => ("unchanged", Some(networks), None),
            Err(error) => ("failed", None, Some(error)),
        };
        files.push(Outcome { name: wanted.name.clone(), outcome: word, networks, error });
    }
    let failed = files.iter().filter(|file| file.error.is_some()).count();
    tell(Document { ok: failed == 0, folder: plan.folder.display().to_string(), files }, screen)?;
    if failed == 0 {
        return Ok(());
    }
    let failure = Failure::new(format!("{failed} of {} files could not be updated", plan.files.len()));
    Err(failure.advise("What was there before stays in use."))
}

fn tell(document: Document, screen: &mut Screen) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.document(&document);
    }
    for file in &document.files {
        let told = match (file.networks, &file.error) {
            (_, Some(error)) => shown(error),
            (networks, None) => format!("{} networks", networks.unwrap_or_default()),
        };
        screen.line(&format!("{:<10} {}: {told}", file.outcome, shown(&file.name)))?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "for a line that is gone in a moment")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
