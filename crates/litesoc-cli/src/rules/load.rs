//! Reading Sigma rules from files and folders.

use std::fs;
use std::path::{Path, PathBuf};

use litesoc_detect::sigma::{Faults, RuleSet};
use litesoc_detect::taxonomy;

use crate::outcome::Failure;

/// How deep folders may lie inside each other.
const DEPTH: usize = 16;

/// The rules of files and folders, or everything that is wrong with them.
pub(super) enum Loaded {
    Rules(RuleSet),
    Faulty(Faults),
}

/// Reads the rules of files, and of folders whatever ends in `.yml` or `.yaml`, with their sub-folders.
pub(super) fn read(paths: &[PathBuf]) -> Result<Loaded, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            gather(path, DEPTH, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    // Sorted by name, so that the same folder always gives the same order; one named twice is read once.
    files.sort();
    files.dedup();
    let text = |file: &PathBuf| match fs::read_to_string(file) {
        Ok(text) => Ok((file.display().to_string(), text)),
        Err(error) => Err(Failure::new(format!("cannot read {}: {error}", file.display()))),
    };
    let texts = files.iter().map(text).collect::<Result<Vec<_>, Failure>>()?;
    Ok(match RuleSet::parse_as(&taxonomy(), texts) {
        Ok(rules) => Loaded::Rules(rules),
        Err(faults) => Loaded::Faulty(faults),
    })
}

/// The same, when faults end whatever was asked for.
pub(crate) fn load(paths: &[PathBuf]) -> Result<RuleSet, Failure> {
    match read(paths)? {
        Loaded::Rules(rules) => Ok(rules),
        Loaded::Faulty(faults) => Err(Failure::usage(complaint(&faults))),
    }
}

/// What to say of a folder without rules to somebody who wanted something done with them.
pub(super) fn nothing(paths: &[PathBuf]) -> Failure {
    let shown: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    Failure::missing(format!("no rules in {}", shown.join(", ")))
        .advise("Rules are files that end in .yml or .yaml.")
}

/// What to say of faults.
pub(super) fn complaint(faults: &Faults) -> String {
    let count = faults.iter().count() + faults.untold();
    let these = if count == 1 { "fault" } else { "faults" };
    format!("the rules have {count} {these}\n{faults}")
}

fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable =
        |error| Failure::new(format!("cannot read the folder of rules {}: {error}", folder.display()));
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        // A link to a folder is not followed: it could lead back to where it lies.
        if entry.file_type().map_err(unreadable)?.is_dir() {
            if depth == 0 {
                return Err(Failure::new(format!("{} lies too deep in folders", path.display())));
            }
            gather(&path, depth - 1, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}
