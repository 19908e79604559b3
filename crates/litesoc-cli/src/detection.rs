//! What the operator sets about detection: a file of thresholds and a folder of rules.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use clap::Args;
use litesoc_detect::sigma::RuleSet;
use litesoc_detect::{SettingsFile, taxonomy};

use crate::outcome::Failure;

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
        let Some(file) = &self.detection else { return Ok(SettingsFile::default()) };
        SettingsFile::parse(&read(file)?).map_err(|invalid| {
            let shown = file.display();
            all_of(
                "the settings of detection",
                invalid.problems().iter().map(|problem| format!("{shown}: {problem}")),
            )
        })
    }

    /// The rules in the folder, if one is named.
    pub(crate) fn rules(&self) -> Result<Option<RuleSet>, Failure> {
        self.rules.as_deref().map(rules).transpose()
    }
}

/// The Sigma rules in a folder; everything that is wrong with them is said at once.
fn rules(folder: &Path) -> Result<RuleSet, Failure> {
    let mut files = Vec::new();
    gather(folder, &mut files)?;
    files.sort();
    let texts = files.iter().map(|file| Ok((file.display().to_string(), read(file)?)));
    let texts = texts.collect::<Result<Vec<_>, Failure>>()?;
    let texts = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    RuleSet::parse_as(&taxonomy(), texts).map_err(|faults| all_of("the rules", faults.iter()))
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable =
        |error| Failure::new(format!("cannot read the folder of rules {}: {error}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
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
