//! Correlations: what several events must look like together.

pub(crate) mod group;
mod ordered;
pub(crate) mod read;
pub(crate) mod table;

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::rule::CorrelationKind;
use crate::value::{Fields, Value};

/// What several events must look like together.
#[derive(Debug)]
pub(crate) struct Correlation {
    /// Its own place among the rules.
    pub(crate) rule: usize,
    pub(crate) kind: CorrelationKind,
    /// How many rules it refers to.
    pub(crate) rules: usize,
    pub(crate) group_by: Vec<Source>,
    pub(crate) counted: Vec<Box<str>>,
    /// Milliseconds.
    pub(crate) timespan: i64,
    pub(crate) at_least: u64,
    pub(crate) at_most: u64,
    /// Of all it and the rules below it say: what it remembers is good for the same text only.
    pub(crate) digest: [u8; 32],
}

/// Where a value to group by comes from.
#[derive(Debug)]
pub(crate) enum Source {
    Field(Box<str>),
    /// For each rule its own field.
    Alias {
        name: Box<str>,
        fields: Vec<Box<str>>,
    },
}

impl Source {
    fn field(&self, tag: usize) -> Option<&str> {
        match self {
            Self::Field(field) => Some(field),
            Self::Alias { fields, .. } => fields.get(tag).map(|field| &**field),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Field(name) | Self::Alias { name, .. } => name,
        }
    }
}

/// Most characters of a value that a match shows.
const SHOWN: usize = 256;

impl Correlation {
    /// The group the event belongs to as a match of this rule; none when a field to group by is missing.
    pub(crate) fn key(&self, scope: &str, tag: usize, fields: &dyn Fields) -> Option<u128> {
        let mut hash = Sha256::new();
        part(&mut hash, scope);
        for source in &self.group_by {
            part(&mut hash, &present(fields.get(source.field(tag)?)?.label())?);
        }
        let bytes: [u8; 32] = hash.finalize().into();
        let (half, _) = bytes.split_at(16);
        Some(half.iter().fold(0, |value, byte| value << 8 | u128::from(*byte)))
    }

    /// What makes the event differ from others in the group; none when a field to count is missing.
    pub(crate) fn value(&self, tag: usize, fields: &dyn Fields) -> Option<u64> {
        match self.kind {
            CorrelationKind::EventCount => Some(0),
            CorrelationKind::Temporal | CorrelationKind::TemporalOrdered => u64::try_from(tag).ok(),
            CorrelationKind::ValueCount => {
                let mut hash = Sha256::new();
                for field in &self.counted {
                    part(&mut hash, &present(fields.get(field)?.label())?);
                }
                let bytes: [u8; 32] = hash.finalize().into();
                let (eight, _) = bytes.split_at(8);
                Some(eight.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
            }
        }
    }

    /// The fields of the group and their values, for people.
    pub(crate) fn group(&self, tag: usize, fields: &dyn Fields) -> Vec<(String, String)> {
        let shown = |source: &Source| {
            let value = source.field(tag).and_then(|field| fields.get(field));
            let label: String =
                value.as_ref().map(Value::label).unwrap_or_default().chars().take(SHOWN).collect();
            (source.name().to_owned(), label)
        };
        self.group_by.iter().map(shown).collect()
    }

    /// How many occurrences of a group are kept: what the bounds need, and more as far as the capacity allows, because
    /// late events look back twice as far and repetitions take room.
    pub(crate) fn kept(&self, capacity: usize) -> usize {
        let whole = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let needed = match self.at_most {
            u64::MAX => whole(self.at_least),
            most => whole(most.saturating_add(1)),
        };
        let (needed, wished) = match self.kind {
            CorrelationKind::EventCount => (needed, needed.saturating_mul(4)),
            CorrelationKind::ValueCount => (needed, needed.saturating_mul(8)),
            CorrelationKind::Temporal => (self.rules, self.rules * 16),
            // Each step can alternate with each other one: two occurrences for each are the least.
            CorrelationKind::TemporalOrdered => (self.rules * 2, self.rules * 32),
        };
        needed.max(wished.max(64).min(capacity))
    }
}

/// A value that says something: an empty one is as good as none, or all events without an account would be one.
fn present(label: Cow<'_, str>) -> Option<Cow<'_, str>> {
    Some(label).filter(|label| !label.is_empty())
}

/// A part with its length, so that moving a letter from one part to the next changes the hash.
fn part(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}
