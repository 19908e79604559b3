//! [`Index`]: which detections an event could fit at all, from one look at a few of its fields.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::detection::{Detection, Requirement};
use crate::value::{Fields, folded};

/// Which detections an event could fit at all.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Detections that require nothing that could be looked up.
    always: Vec<u32>,
    fields: Vec<Lookup>,
}

/// The detections that require something of one field; texts are folded.
#[derive(Debug, Default)]
struct Lookup {
    field: Box<str>,
    exact: HashMap<Box<str>, Vec<u32>>,
    prefixes: HashMap<Box<str>, Vec<u32>>,
    /// The lengths of the prefixes, in bytes.
    lengths: BTreeSet<usize>,
}

impl Index {
    pub(crate) fn new<'d>(detections: impl Iterator<Item = &'d Detection>) -> Self {
        let required: Vec<Vec<Requirement>> = detections.map(Detection::requirements).collect();
        // How many rules hang on each value: the requirement that is shared with the fewest tells most.
        let mut crowds: HashMap<(&str, &str), usize> = HashMap::new();
        let mut popular: HashMap<&str, usize> = HashMap::new();
        for requirement in required.iter().flatten() {
            *popular.entry(&requirement.field).or_default() += 1;
            for text in requirement.exact.iter().chain(&requirement.prefixes) {
                *crowds.entry((&requirement.field, text)).or_default() += 1;
            }
        }
        let cost = |requirement: &&Requirement| {
            let texts = requirement.exact.iter().chain(&requirement.prefixes);
            let crowd =
                texts.map(|text| crowds.get(&(&*requirement.field, &**text))).max().flatten().copied();
            // A handful is as good as one; then the field that is looked at anyway is better than one more.
            let crowd = crowd.unwrap_or_default().max(8);
            (crowd, std::cmp::Reverse(popular.get(&*requirement.field).copied()), requirement.field.clone())
        };
        let mut always = Vec::new();
        let mut fields: BTreeMap<&str, Lookup> = BTreeMap::new();
        for (place, requirements) in (0_u32..).zip(&required) {
            let Some(best) = requirements.iter().min_by_key(cost) else {
                always.push(place);
                continue;
            };
            let lookup = fields.entry(&best.field).or_default();
            lookup.field.clone_from(&best.field);
            lookup.add(best, place);
        }
        Self { always, fields: fields.into_values().collect() }
    }

    /// Puts the detections that the event could fit into `candidates`, each once and in order.
    pub(crate) fn candidates(&self, fields: &dyn Fields, candidates: &mut Vec<u32>) {
        candidates.clear();
        candidates.extend(&self.always);
        for lookup in &self.fields {
            let Some(value) = fields.get(&lookup.field) else { continue };
            value.any(&mut |value| {
                if let Some(text) = value.text() {
                    lookup.find(&folded(&text), candidates);
                }
                false
            });
        }
        candidates.sort_unstable();
        candidates.dedup();
    }
}

impl Lookup {
    fn add(&mut self, requirement: &Requirement, place: u32) {
        for text in &requirement.exact {
            self.exact.entry(text.clone()).or_default().push(place);
        }
        for prefix in &requirement.prefixes {
            self.lengths.insert(prefix.len());
            self.prefixes.entry(prefix.clone()).or_default().push(place);
        }
    }

    fn find(&self, text: &str, candidates: &mut Vec<u32>) {
        candidates.extend(self.exact.get(text).into_iter().flatten());
        for length in self.lengths.range(..=text.len()) {
            let prefix = text.get(..*length).and_then(|prefix| self.prefixes.get(prefix));
            candidates.extend(prefix.into_iter().flatten());
        }
    }
}
