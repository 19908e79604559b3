//! [`Requirement`]: something without which a detection cannot hold, found out ahead of any event.

use std::collections::BTreeSet;

use crate::detection::condition::Condition;
use crate::detection::test::{Atom, Test, Wanted};
use crate::detection::{Detection, Search};

/// A field that must be one of these texts, or begin with one of them, for a detection to hold; texts are folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement {
    pub(crate) field: Box<str>,
    pub(crate) exact: BTreeSet<Box<str>>,
    pub(crate) prefixes: BTreeSet<Box<str>>,
}

/// More requirements than this are not looked at: the first ones are as good.
const MOST: usize = 32;

impl Detection {
    /// Each of these must be met; none when the detection might hold for anything.
    pub(crate) fn requirements(&self) -> Vec<Requirement> {
        self.of_condition(&self.condition)
    }

    fn of_condition(&self, condition: &Condition) -> Vec<Requirement> {
        match condition {
            Condition::Search(index) => self.searches.get(*index).map(of_search).unwrap_or_default(),
            Condition::All(parts) => all(parts.iter().map(|part| self.of_condition(part))),
            Condition::Any(parts) => any(parts.iter().map(|part| self.of_condition(part))),
            Condition::Not(_) => Vec::new(),
        }
    }
}

fn of_search(search: &Search) -> Vec<Requirement> {
    match search {
        Search::Test(test) => of_test(test).into_iter().collect(),
        Search::All(parts) => all(parts.iter().map(of_search)),
        Search::Any(parts) => any(parts.iter().map(of_search)),
    }
}

fn all(parts: impl Iterator<Item = Vec<Requirement>>) -> Vec<Requirement> {
    parts.flatten().take(MOST).collect()
}

/// Of alternatives, a field is required when each of them requires it.
fn any(mut parts: impl Iterator<Item = Vec<Requirement>>) -> Vec<Requirement> {
    let mut joint = parts.next().unwrap_or_default();
    for part in parts {
        joint.retain_mut(|requirement| match part.iter().find(|other| other.field == requirement.field) {
            Some(other) => {
                requirement.exact.extend(other.exact.iter().cloned());
                requirement.prefixes.extend(other.prefixes.iter().cloned());
                true
            }
            None => false,
        });
    }
    joint
}

fn of_test(test: &Test) -> Option<Requirement> {
    let field = test.field.clone().filter(|_| !test.negated)?;
    let Wanted::Any { exact, atoms } = &test.wanted else { return None };
    let mut requirement =
        Requirement { field, exact: exact.iter().cloned().collect(), prefixes: BTreeSet::new() };
    for atom in atoms {
        let Atom::Text(pattern) = atom else { return None };
        // A prefix without regard to case is folded already; one with regard to it would have to be, and is rare.
        let prefix = pattern.prefix().filter(|prefix| !pattern.cased && !prefix.is_empty())?;
        requirement.prefixes.insert(prefix.into());
    }
    Some(requirement)
}
