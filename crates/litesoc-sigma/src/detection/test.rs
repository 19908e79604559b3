//! [`Test`]: one field against the values of a rule.

use std::borrow::Cow;
use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;

use crate::detection::date;
use crate::detection::modifiers::{Comparison, DatePart, Place};
use crate::detection::pattern::Pattern;
use crate::value::{Fields, Value, folded as fold};

/// One field against the values of a rule.
#[derive(Debug)]
pub(crate) struct Test {
    /// The field; `None` looks in every text of the event.
    pub(crate) field: Option<Box<str>>,
    pub(crate) wanted: Wanted,
    /// Whether the outcome is turned round.
    pub(crate) negated: bool,
}

#[derive(Debug)]
pub(crate) enum Wanted {
    Exists(bool),
    Null,
    /// One of these. Texts without wildcards lie in the set, so that a list of a thousand costs no more than one.
    Any {
        exact: HashSet<Box<str>>,
        atoms: Vec<Atom>,
    },
    All(Vec<Atom>),
}

/// One value of a rule.
#[derive(Debug)]
pub(crate) enum Atom {
    Text(Pattern),
    /// A number, and as the rule writes it.
    Number(f64, Box<str>),
    Bool(bool),
    Compare(Comparison, f64),
    /// A part of a date; without a comparison it must be equal.
    Part(DatePart, Option<Comparison>, f64),
    Network(IpNet),
    Expression(Regex),
    Reference {
        field: Box<str>,
        place: Place,
        cased: bool,
    },
    /// One value in several spellings.
    OneOf(Vec<Self>),
}

impl Test {
    pub(crate) fn holds(&self, fields: &dyn Fields) -> bool {
        self.negated
            != match &self.field {
                Some(field) => self.wanted.in_field(fields.get(field), fields),
                None => self.wanted.anywhere(fields),
            }
    }
}

impl Wanted {
    fn in_field(&self, value: Option<Value<'_>>, fields: &dyn Fields) -> bool {
        let value = match (self, value) {
            (Self::Exists(wanted), value) => return value.is_some() == *wanted,
            (Self::Null, value) => return matches!(value, None | Some(Value::Null)),
            (Self::Any { .. } | Self::All(_), None) => return false,
            (Self::Any { .. } | Self::All(_), Some(value)) => value,
        };
        match self {
            Self::Any { exact, atoms } => value.any(&mut |value| {
                let Some(text) = value.text() else { return false };
                let folded = fold(&text);
                exact.contains(&*folded) || atoms.iter().any(|atom| atom.holds(value, &text, &folded, fields))
            }),
            Self::All(atoms) => atoms.iter().all(|atom| {
                value.any(&mut |value| {
                    value.text().is_some_and(|text| atom.holds(value, &text, &fold(&text), fields))
                })
            }),
            Self::Exists(_) | Self::Null => false,
        }
    }

    fn anywhere(&self, fields: &dyn Fields) -> bool {
        match self {
            Self::Any { atoms, .. } => fields.any_text(&mut |text| {
                let folded = fold(text);
                atoms.iter().any(|atom| atom.is_in(text, &folded))
            }),
            Self::All(atoms) => {
                atoms.iter().all(|atom| fields.any_text(&mut |text| atom.is_in(text, &fold(text))))
            }
            Self::Exists(_) | Self::Null => false,
        }
    }
}

impl Atom {
    fn holds(&self, value: &Value<'_>, text: &str, folded: &str, fields: &dyn Fields) -> bool {
        match self {
            Self::Text(_) | Self::Expression(_) => self.is_in(text, folded),
            Self::Number(number, written) => value.number() == Some(*number) || text == &**written,
            Self::Bool(truth) => folded == if *truth { "true" } else { "false" },
            Self::Compare(comparison, bound) => {
                value.number().is_some_and(|value| comparison.holds(value, *bound))
            }
            Self::OneOf(spellings) => spellings.iter().any(|one| one.holds(value, text, folded, fields)),
            Self::Part(part, comparison, bound) => date::part(text, *part).is_some_and(|value| {
                let value = f64::from(value);
                comparison.map_or(value == *bound, |comparison| comparison.holds(value, *bound))
            }),
            Self::Network(network) => {
                text.trim().parse::<IpAddr>().is_ok_and(|address| network.contains(&address.to_canonical()))
            }
            Self::Reference { field, place, cased } => {
                let Some(other) = fields.get(field) else { return false };
                let text = if *cased { text } else { folded };
                other.any(&mut |other| {
                    let Some(other) = other.text() else { return false };
                    place.holds(text, &if *cased { other } else { Cow::Owned(fold(&other).into_owned()) })
                })
            }
        }
    }

    fn is_in(&self, text: &str, folded: &str) -> bool {
        match self {
            Self::Text(pattern) => pattern.matches(if pattern.cased { text } else { folded }),
            Self::Expression(expression) => expression.is_match(text),
            Self::OneOf(spellings) => spellings.iter().any(|one| one.is_in(text, folded)),
            Self::Number(..)
            | Self::Bool(_)
            | Self::Compare(..)
            | Self::Part(..)
            | Self::Network(_)
            | Self::Reference { .. } => false,
        }
    }
}

impl Place {
    fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::Whole => text == part,
            Self::Anywhere => text.contains(part),
            Self::Start => text.starts_with(part),
            Self::End => text.ends_with(part),
        }
    }
}
