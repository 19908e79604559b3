//! `lab`: the quality of detection, measured on made-up traffic or on somebody's own.

use crate::{Failure, process};

/// Runs the lab with these arguments; `--help` says which there are.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let mut all = vec!["run", "--quiet", "--release", "--package", "litesoc-detect", "--features", "lab"];
    all.extend(["--example", "lab", "--"]);
    all.extend(arguments);
    // File names among the arguments are meant from where the command was given.
    let mut command = process::cargo(&all);
    if let Ok(here) = std::env::current_dir() {
        command.current_dir(here);
    }
    process::run(&mut command)
}
