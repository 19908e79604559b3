//! `tidy`: the length and the manners of files, which no lint sees.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Failure, process};

/// The folders and files of the workspace that people write.
const PLACES: &[&str] = &[
    "crates",
    "xtask",
    "fuzz",
    "docs",
    ".ci",
    "Cargo.toml",
    "README.md",
    "CHANGELOG.md",
    "deny.toml",
    "clippy.toml",
];
/// Folders that programs write.
const MADE: &[&str] = &["target", "corpus", "artifacts"];

const MOST_LINES: usize = 400;
/// Tests and tables are lists: long, but not deep.
const MOST_LINES_OF_A_LIST: usize = 600;

/// Written in two parts so that this file obeys its own rules.
const UNFINISHED: &[&str] =
    &[concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!("), concat!("[", "allow(")];
/// The project says nothing of the place it was written in.
const ELSEWHERE: &[&str] = &[concat!("/wo", "rk/"), concat!("../", "shared")];

/// Checks every file.
pub(crate) fn run() -> Result<(), Failure> {
    let root = process::root();
    let mut faults = Vec::new();
    let mut files = 0;
    for place in PLACES {
        for path in files_under(&root.join(place))? {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let path = path.strip_prefix(&root).unwrap_or(&path);
            faults
                .extend(faults_of(path, &text).into_iter().map(|fault| format!("{}{fault}", path.display())));
            files += 1;
        }
    }
    if files < 10 {
        faults.push(format!("only {files} files seen: this check looks in the wrong place"));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

fn files_under(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let Ok(entries) = fs::read_dir(path) else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| format!("{}: {error}", path.display()))?;
        if !MADE.iter().any(|made| entry.file_name() == *made) {
            files.extend(files_under(&entry.path())?);
        }
    }
    files.sort();
    Ok(files)
}

fn faults_of(path: &Path, text: &str) -> Vec<Failure> {
    let mut faults = Vec::new();
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    if is_rust {
        let lines = text.lines().count();
        let most = most_lines(path);
        if lines > most {
            faults.push(format!(": {lines} lines, more than {most}"));
        }
        if !text.starts_with("//! ") {
            faults.push(":1: does not begin with a `//!` sentence on what lives here".to_owned());
        }
    }
    for (at, line) in text.lines().enumerate() {
        // An example in the documentation may leave out what does not matter to it.
        let is_code = is_rust && !line.trim_start().starts_with("//");
        let unfinished = UNFINISHED.iter().filter(|word| is_code && line.contains(*word));
        let elsewhere = ELSEWHERE.iter().filter(|word| line.contains(*word));
        faults.extend(unfinished.chain(elsewhere).map(|word| format!(":{}: `{word}`", at + 1)));
    }
    faults
}

fn most_lines(path: &Path) -> usize {
    let is_list = path.iter().any(|part| part == "tests" || part == "tables" || part == "benches")
        || path.file_name().is_some_and(|name| name == "tests.rs" || name == "catalogue.rs");
    if is_list { MOST_LINES_OF_A_LIST } else { MOST_LINES }
}

#[cfg(test)]
mod tests {
    //! The rules, each with a file that breaks it.

    use std::path::Path;

    use super::{ELSEWHERE, UNFINISHED, faults_of};

    fn faults(path: &str, text: &str) -> usize {
        faults_of(Path::new(path), text).len()
    }

    #[test]
    fn each_rule_is_seen_when_broken() {
        assert_eq!(faults("a/src/lib.rs", "//! Fine.\n"), 0);
        assert_eq!(faults("a/src/lib.rs", "use core::fmt;\n"), 1);
        let long = "//! Long.\n".repeat(401);
        assert_eq!((faults("a/src/lib.rs", &long), faults("a/tests/lib.rs", &long)), (1, 0));
        for word in UNFINISHED {
            assert_eq!(faults("a/src/lib.rs", &format!("//! Fine.\n#{word}x)]\n")), 1, "{word}");
            assert_eq!(faults("a/README.md", word), 0, "{word}");
        }
        for word in ELSEWHERE {
            assert_eq!(faults("a/README.md", &format!("see {word}x")), 1, "{word}");
        }
    }
}
