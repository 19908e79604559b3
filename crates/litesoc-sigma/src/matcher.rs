//! [`Matcher`]: shows each event to the rules and keeps what correlations need to remember.

use std::collections::BTreeMap;

use crate::correlation::Correlation;
use crate::correlation::group::{Counts, Occurrence, Window};
use crate::correlation::table::Table;
use crate::rule::CorrelationKind;
use crate::set::RuleSet;
use crate::value::Fields;

/// Most event ids a match carries.
pub const MAX_SAMPLES: usize = 20;

/// How much a [`Matcher`] remembers; beyond it, the groups that were touched longest ago are forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capacity {
    /// Groups of each correlation, 1 or more. 100,000.
    pub groups: usize,
    /// Events kept of one group, unless the rule's own count needs more. 1,024.
    pub events_per_group: usize,
    /// About how many bytes all groups together may take; the correlation with most of them gives way first. 64 MiB.
    pub bytes: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { groups: 100_000, events_per_group: 1_024, bytes: 64 << 20 }
    }
}

/// How much a [`Matcher`] remembers at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remembered {
    /// Groups of all correlations.
    pub groups: usize,
    /// Events in them; one event counts once for every group it is in.
    pub events: usize,
    /// About how many bytes they take.
    pub bytes: usize,
}

/// One rule matched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match {
    /// The place of the rule in [`RuleSet::rules`].
    pub rule: usize,
    /// Event time of the earliest event of the window, in milliseconds since 1970.
    pub from_ms: i64,
    /// Event time of its latest event.
    pub to_ms: i64,
    /// Events, different values or different rules in the window, as the rule counts; 1 for a detection.
    pub count: u64,
    /// The latest events of the window, oldest first; at most [`MAX_SAMPLES`].
    pub events: Vec<[u8; 16]>,
    /// The fields the rule groups by, and their values.
    pub group: Vec<(String, String)>,
}

/// Rules and what their correlations remember.
///
/// Windows lie on event time, and both their ends belong to them.
/// A correlation matches when an event completes a window: some stretch of its timespan holds the event and meets the
/// condition. Each further event that does is another match.
/// An event that is late by up to the timespan counts in the window in which it happened.
///
/// The same events in the same order always give the same matches.
///
/// ```
/// use litesoc_sigma::{Capacity, Fields, Match, Matcher, RuleSet, Value};
///
/// struct Failed;
/// impl Fields for Failed {
///     fn get(&self, name: &str) -> Option<Value<'_>> {
///         match name {
///             "event" => Some("auth.login_failed".into()),
///             "actor.id" => Some("alice".into()),
///             _ => None,
///         }
///     }
/// }
///
/// let rules = RuleSet::parse([(
///     "guessing.yml",
///     "
/// title: Guessing
/// correlation:
///     type: event_count
///     rules: failed
///     group-by: [actor.id]
///     timespan: 10m
///     condition:
///         gte: 3
/// ---
/// title: Failed sign-in
/// name: failed
/// logsource:
///     product: litesoc
/// detection:
///     selection:
///         event: auth.login_failed
///     condition: selection
/// ",
/// )])?;
/// let mut matcher = Matcher::new(rules, Capacity::default());
/// let mut found: Vec<Match> = Vec::new();
/// for minute in 0..3 {
///     matcher.examine("acme", minute * 60_000, [minute as u8; 16], &Failed, &mut found);
/// }
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].count, 3);
/// assert_eq!(found[0].group, [("actor.id".to_owned(), "alice".to_owned())]);
/// # Ok::<(), litesoc_sigma::Faults>(())
/// ```
#[derive(Debug)]
pub struct Matcher {
    pub(crate) rules: RuleSet,
    pub(crate) capacity: Capacity,
    /// One for each correlation.
    pub(crate) tables: Vec<Table>,
    bytes: usize,
    scratch: Scratch,
}

/// Room to work in, kept so that an event needs no memory of its own.
#[derive(Debug, Default)]
struct Scratch {
    candidates: Vec<u32>,
    matched: Vec<usize>,
    counts: Counts,
    /// By correlation: as which of its rules the event matched, and at what time.
    arrivals: BTreeMap<usize, Vec<(usize, i64)>>,
}

/// The event at hand.
#[derive(Clone, Copy)]
struct Event<'a> {
    scope: &'a str,
    id: [u8; 16],
    fields: &'a dyn Fields,
}

impl Matcher {
    /// A matcher that has seen nothing.
    #[must_use]
    pub fn new(rules: RuleSet, capacity: Capacity) -> Self {
        let tables = rules.inner.correlations.iter().map(|_| Table::new()).collect();
        Self { rules, capacity, tables, bytes: 0, scratch: Scratch::default() }
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Takes other rules; correlations whose text, and that of the rules below them, stays the same keep what they
    /// remember.
    pub fn set_rules(&mut self, rules: RuleSet) {
        let before = std::mem::replace(&mut self.rules, rules);
        let old = std::mem::take(&mut self.tables);
        let digests = before.inner.correlations.iter().map(|correlation| correlation.digest);
        let mut kept: BTreeMap<[u8; 32], Vec<Table>> = BTreeMap::new();
        for (digest, table) in digests.zip(old).rev() {
            kept.entry(digest).or_default().push(table);
        }
        for correlation in &self.rules.inner.correlations {
            let table = kept.get_mut(&correlation.digest).and_then(Vec::pop);
            self.tables.push(table.unwrap_or_else(Table::new));
        }
        self.weigh();
    }

    /// Shows one event to the rules and appends what matched, detections before correlations.
    ///
    /// `scope` keeps events apart that must never be counted together, such as those of two customers.
    /// `at_ms` is when the event happened, in milliseconds since 1970; an event must be shown once.
    pub fn examine(
        &mut self,
        scope: &str,
        at_ms: i64,
        id: [u8; 16],
        fields: &dyn Fields,
        found: &mut Vec<Match>,
    ) {
        let rules = self.rules.clone();
        let set = &*rules.inner;
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.matched.clear();
        set.detect(fields, &mut scratch.candidates, &mut scratch.matched);
        for rule in scratch.matched.iter().copied() {
            if set.rules.get(rule).is_some_and(|rule| rule.told) {
                found.push(Match {
                    rule,
                    from_ms: at_ms,
                    to_ms: at_ms,
                    count: 1,
                    events: vec![id],
                    group: Vec::new(),
                });
            }
            for (correlation, tag) in set.consumers.get(rule).into_iter().flatten() {
                scratch.arrivals.entry(*correlation).or_default().push((*tag, at_ms));
            }
        }
        // A correlation comes after those it refers to, so whatever one of them adds is still ahead.
        while let Some((place, arrivals)) = scratch.arrivals.pop_first() {
            let Some(correlation) = set.correlations.get(place) else { continue };
            let event = Event { scope, id, fields };
            let told = set.rules.get(correlation.rule).is_some_and(|rule| rule.told);
            for matched in self.correlate(place, correlation, &arrivals, event, &mut scratch.counts) {
                for (above, tag) in set.consumers.get(correlation.rule).into_iter().flatten() {
                    scratch.arrivals.entry(*above).or_default().push((*tag, matched.to_ms));
                }
                if told {
                    found.push(matched);
                }
            }
        }
        self.scratch = scratch;
    }

    /// How much is remembered at the moment; walks everything.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        Remembered {
            groups: self.tables.iter().map(Table::len).sum(),
            events: self.tables.iter().map(Table::occurrences).sum(),
            bytes: self.bytes,
        }
    }

    /// Shows what matched to one correlation; a match for each group that the event completes.
    fn correlate(
        &mut self,
        place: usize,
        correlation: &Correlation,
        arrivals: &[(usize, i64)],
        event: Event<'_>,
        counts: &mut Counts,
    ) -> Vec<Match> {
        // With aliases, one event can belong to several groups, each as the match of another rule.
        let mut groups: Vec<(u128, usize, Vec<Occurrence>)> = Vec::new();
        for (tag, at) in arrivals.iter().copied() {
            let Some(key) = correlation.key(event.scope, tag, event.fields) else { continue };
            let Some(value) = correlation.value(tag, event.fields) else { continue };
            let new = Occurrence { at, id: event.id, value };
            match groups.iter_mut().find(|(other, ..)| *other == key) {
                None => groups.push((key, tag, vec![new])),
                // Who counts events or values counts this event once, whatever it matched.
                Some((.., occurrences)) if counts_rules(correlation.kind) => occurrences.push(new),
                Some(_) => {}
            }
        }
        let mut matches = Vec::new();
        for (key, tag, occurrences) in groups {
            if let Some((window, events)) = self.enter(place, correlation, key, &occurrences, counts) {
                matches.push(Match {
                    rule: correlation.rule,
                    from_ms: window.from,
                    to_ms: window.to,
                    count: window.count,
                    events,
                    group: correlation.group(tag, event.fields),
                });
            }
        }
        matches
    }

    /// Takes occurrences of one event into a group, and says which window they complete.
    fn enter(
        &mut self,
        place: usize,
        correlation: &Correlation,
        key: u128,
        occurrences: &[Occurrence],
        counts: &mut Counts,
    ) -> Option<(Window, Vec<[u8; 16]>)> {
        let kept = correlation.kept(self.capacity.events_per_group);
        let table = self.tables.get_mut(place)?;
        let before = table.bytes();
        let completed = table.change(key, |group| {
            for new in occurrences {
                group.insert(*new, correlation.timespan);
            }
            let window = occurrences.iter().find_map(|new| group.completed(correlation, new, counts));
            let completed = window.map(|window| (window, group.samples(window, MAX_SAMPLES)));
            group.trim(correlation, kept, counts);
            completed
        });
        if table.len() > self.capacity.groups {
            table.forget_oldest();
        }
        self.bytes = self.bytes - before + table.bytes();
        self.make_room();
        completed
    }

    /// Forgets groups of the largest tables when they take too much together, and a sixteenth more, so that looking for the
    /// largest is not the price of every event in a flood.
    pub(crate) fn make_room(&mut self) {
        if self.bytes <= self.capacity.bytes {
            return;
        }
        let enough = self.capacity.bytes - self.capacity.bytes / 16;
        while self.bytes > enough {
            let Some(largest) = self.tables.iter_mut().max_by_key(|table| table.bytes()) else { return };
            let before = largest.bytes();
            let goal = before - (self.bytes - enough).min(before / 8);
            while largest.bytes() >= goal {
                if !largest.forget_oldest() {
                    break;
                }
            }
            if largest.bytes() == before {
                return;
            }
            self.bytes = self.bytes - before + largest.bytes();
        }
    }

    /// Adds up what the tables take.
    pub(crate) fn weigh(&mut self) {
        self.bytes = self.tables.iter().map(Table::bytes).sum();
    }
}

const fn counts_rules(kind: CorrelationKind) -> bool {
    matches!(kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered)
}
