//! [`Custom`]: rules of the operator's own, in Sigma, for everybody or for one organisation.
//!
//! What a rule matches becomes a finding of type `custom_threat_model`, with the rule's level as its severity, the first
//! ATT&CK technique of its tags and the group it counts by as its subject; each rule and each group has alerts of its own.
//! A rule of level `informational` raises none (Sigma rules specification, "Level").
//!
//! A match says nothing about what is usual for an account: a rule may well ask for all sign-ins at night.
//! So custom rules neither hold back what other rules learn nor learn anything.

mod export;
mod fields;
mod words;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use litesoc_sigma::{Capacity, Match, Matcher, RuleSet};

pub use self::export::{SigmaFile, export};
pub use self::fields::{EventFields, taxonomy};
use crate::RestoreError;
use crate::finding::Found;
use crate::record::Field;
use crate::scene::{Family, Scene};
use crate::snapshot::{Reader, Writer};
use crate::spill::Shelf;

/// Bytes that the rules of one organisation may remember; those for everybody have eight times as much.
const ORGANIZATION_BYTES: usize = 8 << 20;
/// Bytes of a matcher's state in one frame of a snapshot.
const FRAME: usize = 64 * 1024;

/// Rules of the operator's own.
#[derive(Debug, Default)]
pub(crate) struct Custom {
    /// By organisation; the empty name stands for everybody.
    matchers: BTreeMap<Box<str>, Matcher>,
    /// State from a snapshot that waits for its rules.
    waiting: BTreeMap<Box<str>, Vec<u8>>,
    /// Room to work in.
    matches: Vec<Match>,
}

impl Custom {
    /// Uses these rules instead of those before; rules that stay the same keep what they remember.
    pub(crate) fn set_rules(&mut self, organization: Option<&str>, rules: RuleSet) {
        let name = organization.unwrap_or_default();
        if let Some(matcher) = self.matchers.get_mut(name) {
            if rules.is_empty() {
                self.matchers.remove(name);
            } else {
                matcher.set_rules(rules);
            }
            return;
        }
        let waiting = self.waiting.remove(name);
        if rules.is_empty() {
            return;
        }
        let mut capacity = Capacity::default();
        if organization.is_some() {
            capacity.bytes = ORGANIZATION_BYTES;
        }
        // State of another version is as good as none: correlations begin anew.
        let restored = waiting.and_then(|bytes| Matcher::restore(rules.clone(), capacity, &mut &*bytes).ok());
        let matcher = restored.unwrap_or_else(|| Matcher::new(rules, capacity));
        self.matchers.insert(name.into(), matcher);
    }

    /// The rules in use for everybody, or those of one organisation.
    pub(crate) fn rules(&self, organization: Option<&str>) -> Option<&RuleSet> {
        self.matchers.get(organization.unwrap_or_default()).map(Matcher::rules)
    }
}

impl Family for Custom {
    fn examine(&mut self, scene: &Scene<'_>, found: &mut Found) {
        if self.matchers.is_empty() {
            return;
        }
        let seen = scene.seen;
        let fields = EventFields::new(&scene.seen, scene.settings.ipv6_prefix);
        let mut matches = std::mem::take(&mut self.matches);
        let names = ["", seen.organization];
        for name in &names[..if seen.organization.is_empty() { 1 } else { 2 }] {
            let Some(matcher) = self.matchers.get_mut(*name) else { continue };
            let id = *seen.event_id.as_bytes();
            matcher.examine(seen.organization, seen.at.as_millis(), id, &fields, &mut matches);
            for matched in matches.drain(..) {
                let rule = matcher.rules().rules().get(matched.rule);
                found.matches.extend(rule.and_then(|rule| words::finding(rule, &matched, scene)));
            }
        }
        self.matches = matches;
    }

    fn learn(&mut self, _scene: &Scene<'_>, _clean: bool) {}

    fn set_spill(&mut self, _spill: &Shelf) {}

    fn write(&self, out: &mut Writer<'_>) -> io::Result<()> {
        out.part("custom rules", self.matchers.len() + self.waiting.len())?;
        for (name, matcher) in &self.matchers {
            let mut frames = Frames::begin(name, out)?;
            matcher.snapshot(&mut frames)?;
            frames.end()?;
        }
        for (name, state) in &self.waiting {
            let mut frames = Frames::begin(name, out)?;
            frames.write_all(state)?;
            frames.end()?;
        }
        Ok(())
    }

    fn read(&mut self, input: &mut Reader<'_>) -> Result<(), RestoreError> {
        for _ in 0..input.part("custom rules")? {
            let name: Box<str> = input.frame(Field::take)?;
            let mut state = Vec::new();
            loop {
                let before = state.len();
                input.frame(|bytes| bytes.read_to_end(&mut state).ok())?;
                if state.len() == before {
                    break;
                }
            }
            self.waiting.insert(name, state);
        }
        Ok(())
    }
}

/// Cuts what a matcher writes into frames; an empty one ends it.
struct Frames<'w, 'o> {
    out: &'w mut Writer<'o>,
    batch: Vec<u8>,
}

impl<'w, 'o> Frames<'w, 'o> {
    fn begin(name: &str, out: &'w mut Writer<'o>) -> io::Result<Self> {
        out.frame(|frame| Box::<str>::from(name).put(frame))?;
        Ok(Self { out, batch: Vec::with_capacity(FRAME) })
    }

    fn end(mut self) -> io::Result<()> {
        self.flush()?;
        self.out.frame(|_| {})
    }
}

impl Write for Frames<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.batch.len() >= FRAME {
            self.flush()?;
        }
        self.batch.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.batch.is_empty() {
            self.out.frame(|frame| frame.extend_from_slice(&self.batch))?;
            self.batch.clear();
        }
        Ok(())
    }
}
