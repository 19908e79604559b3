//! `litesoc rules check`: everything that is wrong with rules, with its place.

use std::path::PathBuf;

use litesoc_detect::sigma::Fault;
use serde::Serialize;

use super::load::{Loaded, complaint, nothing, read};
use crate::outcome::Failure;
use crate::screen::Screen;

#[derive(Serialize)]
struct Document<'a> {
    rules: usize,
    faults: Vec<Shown<'a>>,
}

#[derive(Serialize)]
struct Shown<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    problem: &'a str,
    advice: &'a str,
}

impl<'a> From<&'a Fault> for Shown<'a> {
    fn from(fault: &'a Fault) -> Self {
        let Fault { file, position, problem, advice, .. } = fault;
        Self { file, line: position.line, column: position.column, problem, advice }
    }
}

pub(super) fn run(paths: &[PathBuf], screen: &mut Screen) -> Result<(), Failure> {
    match read(paths)? {
        Loaded::Rules(rules) if rules.is_empty() => Err(nothing(paths)),
        Loaded::Rules(rules) if screen.is_json() => {
            screen.document(&Document { rules: rules.rules().len(), faults: Vec::new() })
        }
        Loaded::Rules(rules) => {
            let (count, told) = (rules.rules().len(), rules.rules().iter().filter(|rule| rule.told).count());
            let rules = if count == 1 { "rule" } else { "rules" };
            screen.line(&format!("{count} {rules}, {told} of which raise alerts; nothing is wrong with them"))
        }
        Loaded::Faulty(faults) => {
            if screen.is_json() {
                screen.document(&Document { rules: 0, faults: faults.iter().map(Shown::from).collect() })?;
            }
            Err(Failure::new(complaint(&faults)))
        }
    }
}
