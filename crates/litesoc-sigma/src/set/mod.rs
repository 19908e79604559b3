//! [`RuleSet`]: rules that were read, checked and joined, ready to be matched.

mod document;
mod index;
mod link;

use std::sync::Arc;

use crate::correlation::Correlation;
use crate::detection::Detection;
use crate::detection::read::Reading;
use crate::fault::{Faults, Reporter};
use crate::limits;
use crate::rule::Rule;
use crate::taxonomy::Taxonomy;
use crate::value::Fields;
use crate::yaml;

use self::index::Index;

/// Rules that were read, checked and joined, ready to be matched; cheap to clone.
///
/// ```
/// use litesoc_sigma::{Level, RuleSet};
///
/// let rules = RuleSet::parse([(
///     "exports.yml",
///     "
/// title: Export by a contractor
/// logsource:
///     product: litesoc
/// detection:
///     selection:
///         event: data.export
///         actor.id|startswith: 'ext-'
///     condition: selection
/// level: high
/// ",
/// )])?;
/// assert_eq!(rules.rules()[0].level, Level::High);
/// # Ok::<(), litesoc_sigma::Faults>(())
/// ```
#[derive(Clone, Debug)]
pub struct RuleSet {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug, Default)]
pub(crate) struct Inner {
    pub(crate) rules: Vec<Rule>,
    pub(crate) detections: Vec<Compiled>,
    /// Each after those it refers to.
    pub(crate) correlations: Vec<Correlation>,
    /// By rule: the correlations that refer to it, and as which of their rules.
    pub(crate) consumers: Vec<Vec<(usize, usize)>>,
    pub(crate) index: Index,
}

/// A detection and the rule it belongs to.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) rule: usize,
    pub(crate) detection: Detection,
}

impl RuleSet {
    /// Reads files, each with the name that faults call it by; any field may be tested.
    ///
    /// # Errors
    ///
    /// [`Faults`] with everything that is wrong in any of the files.
    pub fn parse<N, T>(files: impl IntoIterator<Item = (N, T)>) -> Result<Self, Faults>
    where
        N: AsRef<str>,
        T: AsRef<str>,
    {
        Self::parse_as(&Taxonomy::any(), files)
    }

    /// Reads files for events with these fields.
    ///
    /// # Errors
    ///
    /// [`Faults`] with everything that is wrong in any of the files.
    pub fn parse_as<N, T>(
        taxonomy: &Taxonomy,
        files: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, Faults>
    where
        N: AsRef<str>,
        T: AsRef<str>,
    {
        let mut faults = Faults::default();
        let mut drafts = Vec::new();
        let mut expressions = limits::EXPRESSIONS;
        for (name, text) in files {
            let name = name.as_ref();
            let mut reporter = Reporter::new(name);
            let documents = yaml::read(text.as_ref(), &mut reporter);
            let mut reading = Reading { reporter: &mut reporter, taxonomy, expressions };
            for document in documents.iter().filter(|document| document.content != yaml::Content::Null) {
                match document::read(document, name, &mut reading) {
                    Some(_) if drafts.len() >= limits::RULES => {
                        let problem = format!("more than {} rules", limits::RULES);
                        reading.reporter.tell(document.at, problem, "load fewer");
                        break;
                    }
                    Some(draft) => drafts.push(draft),
                    None => {}
                }
            }
            expressions = reading.expressions;
            faults.absorb(reporter.faults);
        }
        // References to a rule that could not be read are faults of that rule alone.
        let is_whole = faults.is_empty();
        let inner = link::link(drafts, is_whole, &mut faults);
        if faults.is_empty() { Ok(Self { inner: Arc::new(inner) }) } else { Err(faults) }
    }

    /// A set without rules.
    #[must_use]
    pub fn empty() -> Self {
        Self { inner: Arc::default() }
    }

    /// The rules, in the order of the files; [`Match::rule`](crate::Match::rule) is a place in it.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.inner.rules
    }

    /// Whether there are no rules.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.rules.is_empty()
    }

    /// The detections that an event fits, by the places of their rules, told or not.
    ///
    /// ```
    /// # use litesoc_sigma::{Fields, RuleSet, Value};
    /// struct Event;
    /// impl Fields for Event {
    ///     fn get(&self, name: &str) -> Option<Value<'_>> {
    ///         (name == "event").then(|| Value::from("data.export"))
    ///     }
    /// }
    /// let rules = RuleSet::parse([(
    ///     "any.yml",
    ///     "{title: Any data, logsource: {}, detection: {s: {event: 'data.*'}, condition: s}}",
    /// )])?;
    /// assert_eq!(rules.detect(&Event), [0]);
    /// # Ok::<(), litesoc_sigma::Faults>(())
    /// ```
    #[must_use]
    pub fn detect(&self, fields: &dyn Fields) -> Vec<usize> {
        let mut matched = Vec::new();
        self.inner.detect(fields, &mut Vec::new(), &mut matched);
        matched
    }
}

impl Inner {
    /// Appends the rules whose detections hold, in order; `candidates` is room to work in.
    pub(crate) fn detect(&self, fields: &dyn Fields, candidates: &mut Vec<u32>, matched: &mut Vec<usize>) {
        self.index.candidates(fields, candidates);
        let candidates = candidates.iter().filter_map(|place| self.detections.get(*place as usize));
        matched.extend(candidates.filter(|it| it.detection.holds(fields)).map(|it| it.rule));
    }
}
