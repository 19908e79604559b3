//! What the operator sets about detection: a file of thresholds and a folder of rules.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;
use litesoc_detect::SettingsFile;
use litesoc_detect::sigma::RuleSet;
use litesoc_server::{HotRules, ReloadSignal};

use crate::outcome::Failure;
use crate::rules::load;
use crate::table::shown;

/// Where the thresholds and the rules are.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct DetectionFiles {
    /// Thresholds of detection, for all organizations and for single ones: a TOML file.
    #[arg(long, value_name = "FILE")]
    detection: Option<PathBuf>,
    /// Rules of your own beside the built-in ones: a folder of Sigma rules, `*.yml` and `*.yaml`, read with its sub-folders.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

impl DetectionFiles {
    /// The settings in the file, or the usual ones.
    pub(crate) fn settings(&self) -> Result<SettingsFile, Failure> {
        settings(self.detection.as_deref())
    }

    /// Starts a thread that reads the rules again at SIGHUP; with faults they are told in the log, and those before stay.
    pub(crate) fn keep_up_to_date(&self, hot: HotRules) -> Result<(), Failure> {
        let Some(folder) = self.rules.clone() else { return Ok(()) };
        // Before the server tells that it is there: whoever reads that may ask at once.
        let mut asked = ReloadSignal::listen()?;
        thread::Builder::new().name("litesoc-rules".to_owned()).spawn(move || {
            loop {
                match asked.wait(None) {
                    Ok(_) => reload(&folder, &hot),
                    Err(error) => {
                        tracing::error!(%error, "the rules are no longer read again");
                        return;
                    }
                }
            }
        })?;
        Ok(())
    }

    /// The rules in the folder, if one is named.
    pub(crate) fn rules(&self) -> Result<Option<RuleSet>, Failure> {
        self.rules.as_ref().map(|folder| load(std::slice::from_ref(folder))).transpose()
    }
}

/// The settings in a file, or the usual ones; everything that is wrong with it is said at once.
pub(crate) fn settings(file: Option<&Path>) -> Result<SettingsFile, Failure> {
    let Some(file) = file else { return Ok(SettingsFile::default()) };
    SettingsFile::parse(&read(file)?).map_err(|invalid| {
        let shown = file.display();
        all_of(
            "the settings of detection",
            invalid.problems().iter().map(|problem| format!("{shown}: {problem}")),
        )
    })
}

fn reload(folder: &PathBuf, hot: &HotRules) {
    match load(std::slice::from_ref(folder)) {
        Ok(rules) => {
            tracing::info!(rules = rules.rules().len(), "the rules were read again");
            hot.replace(rules);
        }
        Err(failure) => {
            for line in failure.to_string().lines() {
                tracing::error!("{}", shown(line));
            }
            tracing::error!("the rules of --rules cannot be used; those before stay");
        }
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display())))
}

/// One failure that tells of every problem.
fn all_of(what: &str, problems: impl Iterator<Item = impl Display>) -> Failure {
    let problems: Vec<_> = problems.map(|problem| problem.to_string()).collect();
    let (count, these) = (problems.len(), if problems.len() == 1 { "problem" } else { "problems" });
    Failure::usage(format!("{what}: {count} {these}\n{}", problems.join("\n")))
}
