//! docs/RULES.md, made from what each rule's file says about itself.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Made;
use crate::{Failure, process};

/// The families, as the document names them, and the folders they are in.
const FAMILIES: &[(&str, &str)] =
    &[("Failed sign-ins", "brute_force"), ("Sign-ins", "sign_in"), ("What accounts do", "conduct")];

const RULES: &str = "crates/litesoc-detect/src/rules";

/// Events that are alerts by themselves: no rule with a threshold, but what people ask about first.
const INSTANT: &[&str] = &["instant.rs", "conduct/notices.rs"];

const HEAD: &str = "\
# Rules

This page is made from the rules in `crates/litesoc-detect/src/rules` by `cargo xtask codegen`; change the rules, not the page.

How to read an alert, tune a rule, try it and write one is in [DETECTION.md](DETECTION.md).
The thresholds in force are printed by `litesoc rules list`.
";

/// The document.
pub(super) fn document() -> Result<Made, Failure> {
    let mut text = String::from(HEAD);
    text.push_str("\n## Events that are alerts by themselves\n");
    for file in INSTANT {
        text.push_str(&section(&read(&process::root().join(RULES).join(file))?));
    }
    for (family, folder) in FAMILIES {
        text.push_str(&format!("\n## {family}\n"));
        let folder = process::root().join(RULES).join(folder);
        let mut files: Vec<PathBuf> = fs::read_dir(&folder)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        files.sort();
        for file in files {
            let source = read(&file)?;
            if is_rule(&source) {
                text.push_str(&section(&source));
            }
        }
    }
    Ok(Made { path: PathBuf::from("docs/RULES.md"), content: text })
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// The lines of a file's own description.
fn description(source: &str) -> impl Iterator<Item = &str> {
    source.lines().map_while(|line| line.strip_prefix("//!")).map(|line| line.trim_start_matches(' '))
}

/// A rule says what it sees or when it fires; a helper of rules does not.
fn is_rule(source: &str) -> bool {
    let is_item = description(source).next().is_some_and(|first| first.starts_with('['));
    !is_item && description(source).any(|line| line.starts_with("# What it sees") || line.starts_with("**"))
}

/// What a file says about itself, as a section of the document.
fn section(source: &str) -> String {
    let mut lines = description(source);
    let first = lines.next().unwrap_or_default();
    let mut text = match first.split_once(": ") {
        Some((title, sentence)) => format!("\n### {title}\n\nIn short: {sentence}\n"),
        None => format!("\n### {}\n", first.trim_end_matches('.')),
    };
    for line in lines {
        // One level below the rule's own heading, and no links into the code.
        let line =
            line.strip_prefix("# ").map_or_else(|| line.to_owned(), |heading| format!("#### {heading}"));
        text.push_str(&plain(&line));
        text.push('\n');
    }
    text
}

/// Leaves of a link to an item of the code its name alone.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, linked)) = rest.split_once("[`") {
        let Some((name, after)) = linked.split_once("`]") else { break };
        text.push_str(&format!("{before}`{name}`"));
        rest = match after.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    text.push_str(rest);
    text
}
