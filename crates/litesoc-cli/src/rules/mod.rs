//! `litesoc rules`: what is watched, rules of one's own, trying them out, and the built-in ones as Sigma.

mod check;
mod dry_run;
mod events;
mod export;
mod list;
mod load;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use litesoc_detect::Settings;

pub(crate) use self::load::load;
use crate::detection;
use crate::outcome::Failure;
use crate::screen::Screen;

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// All rules, built-in ones and your own, with their thresholds.
    List {
        /// A folder of Sigma rules, `*.yml` and `*.yaml`, read with its sub-folders; or one file. Repeatable.
        #[arg(long, value_name = "DIR")]
        rules: Vec<PathBuf>,
        #[command(flatten)]
        thresholds: Thresholds,
    },
    /// Read Sigma rules and say everything that is wrong with them, with file, line and column.
    Check {
        /// Files and folders; rules that refer to each other must be checked together.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Try Sigma rules out on stored events or on events in a file, and show what they match. Changes nothing.
    Test(DryRun),
    /// Write the built-in rules that count in windows as Sigma, to read, to change and to use elsewhere.
    Export {
        /// The folder to write to; made if it is not there. Files of the same names are replaced.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        thresholds: Thresholds,
    },
}

/// The thresholds of the built-in rules.
#[derive(Args, Debug)]
pub(crate) struct Thresholds {
    /// Thresholds of detection: a TOML file. Default: the usual ones.
    #[arg(long, value_name = "FILE", visible_alias = "settings")]
    detection: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct DryRun {
    /// The rules: files and folders.
    #[arg(required = true, value_name = "RULES")]
    rules: Vec<PathBuf>,
    /// Events to try them on, one JSON object a line, as the API takes or shows them; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "data", required_unless_present = "data")]
    events: Option<PathBuf>,
    /// The data folder of a server, whose stored events are read; the server may be running.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Show at most so many matches of each rule.
    #[arg(long, value_name = "N", default_value_t = 3)]
    limit: usize,
    #[command(flatten)]
    thresholds: Thresholds,
}

impl Thresholds {
    fn read(&self) -> Result<Settings, Failure> {
        Ok(detection::settings(self.detection.as_deref())?.default)
    }
}

pub(crate) fn run(command: &RulesCommand, screen: &mut Screen) -> Result<(), Failure> {
    match command {
        RulesCommand::List { rules, thresholds } => list::run(rules, &thresholds.read()?, screen),
        RulesCommand::Check { paths } => check::run(paths, screen),
        RulesCommand::Test(dry_run) => dry_run::run(dry_run, screen),
        RulesCommand::Export { out, thresholds } => export::run(out, &thresholds.read()?, screen),
    }
}
