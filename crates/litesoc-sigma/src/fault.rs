//! [`Faults`]: everything that is wrong with a set of rules, each with its place and what to do.

use std::fmt;

use crate::limits;

/// A place in a file, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in it.
    pub column: usize,
}

impl Position {
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

/// One thing that is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Fault {
    /// The name of the file, as it was given.
    pub file: String,
    /// Where in it.
    pub position: Position,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub advice: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(f, "{}:{line}:{column}: {}; {}", self.file, self.problem, self.advice)
    }
}

/// Everything that is wrong with a set of rules, in the order of the files.
///
/// ```
/// use litesoc_sigma::RuleSet;
///
/// let faults = RuleSet::parse([("typo.yml", "title: Typo\nlogsoruce: {}\n")]).unwrap_err();
/// assert_eq!(faults.iter().count(), 2);
/// assert!(faults.to_string().starts_with("typo.yml:1:1: "));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    told: Vec<Fault>,
    untold: usize,
}

impl Faults {
    /// The faults; at most 200 are told.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.told.iter()
    }

    /// How many more there are.
    #[must_use]
    pub const fn untold(&self) -> usize {
        self.untold
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    pub(crate) fn push(&mut self, fault: Fault) {
        if self.told.len() < limits::FAULTS {
            self.told.push(fault);
        } else {
            self.untold += 1;
        }
    }

    /// Takes in the faults of one file, in the order of their places.
    pub(crate) fn absorb(&mut self, mut more: Self) {
        more.told.sort_by_key(|fault| fault.position);
        for fault in more.told {
            self.push(fault);
        }
        self.untold += more.untold;
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.told.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        if self.untold > 0 {
            write!(f, "\nand {} more", self.untold)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Collects the faults of one file.
#[derive(Debug)]
pub(crate) struct Reporter<'a> {
    file: &'a str,
    pub(crate) faults: Faults,
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(file: &'a str) -> Self {
        Self { file, faults: Faults::default() }
    }

    pub(crate) fn tell(&mut self, position: Position, problem: impl Into<String>, advice: impl Into<String>) {
        let (problem, advice) = (problem.into(), advice.into());
        self.faults.push(Fault { file: self.file.to_owned(), position, problem, advice });
    }
}

/// The word of a list that somebody who wrote this may have meant.
pub(crate) fn meant<'a>(written: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |word: &&str| distance(written, word) <= 1 + word.len() / 5;
    words.into_iter().filter(near).min_by_key(|word| distance(written, word))
}

/// How many letters must change, and no more than 64 of either word are looked at.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().take(64).collect(), to.chars().take(64).collect());
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, a) in from.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], above + 1);
        for (left, b) in to.iter().enumerate() {
            let change = diagonal + usize::from(a != b);
            diagonal = row[left + 1];
            row[left + 1] = change.min(diagonal + 1).min(row[left] + 1);
        }
    }
    row[to.len()]
}
