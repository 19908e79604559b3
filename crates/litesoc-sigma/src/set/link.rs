//! Joins the rules of all files: names to rules, correlations in their order, and who tells of a match.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::correlation::read::{Alias, CorrelationDraft, Named};
use crate::correlation::{Correlation, Source};
use crate::fault::{Fault, Faults, Position};
use crate::limits;
use crate::rule::{Correlated, Shape};
use crate::set::document::{Body, Draft};
use crate::set::index::Index;
use crate::set::{Compiled, Inner};

/// Joins the rules; `is_whole` says that none was left out for its faults.
pub(crate) fn link(drafts: Vec<Draft>, is_whole: bool, faults: &mut Faults) -> Inner {
    let mut linking = Linking { names: HashMap::new(), is_whole, faults };
    for (place, draft) in drafts.iter().enumerate() {
        linking.name(place, draft, &drafts);
    }
    let references: Vec<Option<Vec<usize>>> = drafts.iter().map(|draft| linking.references(draft)).collect();
    let Some(order) = linking.order(&drafts, &references) else { return Inner::default() };
    assemble(drafts, references, &order)
}

struct Linking<'f> {
    names: HashMap<String, usize>,
    is_whole: bool,
    faults: &'f mut Faults,
}

impl Linking<'_> {
    fn tell(&mut self, draft: &Draft, at: Position, problem: String, advice: impl Into<String>) {
        let file = draft.rule.file.clone();
        self.faults.push(Fault { file, position: at, problem, advice: advice.into() });
    }

    /// Takes down the names of a rule.
    fn name(&mut self, place: usize, draft: &Draft, drafts: &[Draft]) {
        for name in [&draft.rule.id, &draft.rule.name].into_iter().flatten() {
            if let Some(other) = self.names.insert(name.clone(), place).filter(|other| *other != place) {
                let first = drafts
                    .get(other)
                    .map(|first| format!("{}:{} has it already", first.rule.file, first.rule.position.line));
                let problem = format!("a second rule with the id or name `{name}`");
                self.tell(draft, draft.rule.position, problem, first.unwrap_or_default());
            }
        }
    }

    /// The rules a correlation refers to; `None` for a detection, and after a fault.
    fn references(&mut self, draft: &Draft) -> Option<Vec<usize>> {
        let Body::Correlation(correlation) = &draft.body else { return None };
        let found: Vec<_> = correlation.rules.iter().filter_map(|named| self.find(draft, named)).collect();
        for alias in &correlation.aliases {
            self.alias(draft, alias, correlation);
        }
        (found.len() == correlation.rules.len()).then_some(found)
    }

    fn find(&mut self, draft: &Draft, named: &Named) -> Option<usize> {
        let found = self.names.get(&named.name).copied();
        if found.is_none() && self.is_whole {
            let near = crate::fault::meant(&named.name, self.names.keys().map(String::as_str));
            let advice = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "load the file that holds it, or give a rule this `name`".to_owned(),
            };
            self.tell(draft, named.at, format!("no rule has the id or name `{}`", named.name), advice);
        }
        found
    }

    /// An alias must say which field it is for every rule, and for no other.
    fn alias(&mut self, draft: &Draft, alias: &Alias, correlation: &CorrelationDraft) {
        let is_used = correlation.group_by.iter().any(|field| field.name == alias.name);
        for rule in correlation.rules.iter().filter(|_| is_used) {
            if !alias.fields.iter().any(|(named, _)| named.name == rule.name) {
                let problem = format!("the alias `{}` says nothing of the rule `{}`", alias.name, rule.name);
                self.tell(draft, rule.at, problem, format!("add `{}: field` to it", rule.name));
            }
        }
        for (named, _) in &alias.fields {
            if !correlation.rules.iter().any(|rule| rule.name == named.name) {
                let problem = format!("`{}` is none of the correlation's rules", named.name);
                self.tell(draft, named.at, problem, "write it as in `rules`");
            }
        }
    }

    /// The correlations, each after those it refers to; `None` after a fault.
    fn order(&mut self, drafts: &[Draft], references: &[Option<Vec<usize>>]) -> Option<Vec<usize>> {
        let mut depths: Vec<Option<usize>> =
            drafts.iter().map(|draft| matches!(draft.body, Body::Detection(_)).then_some(0)).collect();
        let mut order = Vec::new();
        // As many rounds as there may be correlations on top of each other: what is left then is too deep, or a circle.
        for _ in 0..limits::CHAIN {
            for (place, rules) in references.iter().enumerate() {
                let Some(rules) = rules.as_ref().filter(|_| depths[place].is_none()) else { continue };
                let below: Option<Vec<usize>> = rules.iter().map(|rule| depths[*rule]).collect();
                if let Some(below) = below {
                    depths[place] = Some(1 + below.into_iter().max().unwrap_or_default());
                    order.push(place);
                }
            }
        }
        if self.is_whole && self.faults.is_empty() {
            for (draft, _) in drafts.iter().zip(&depths).filter(|(_, depth)| depth.is_none()) {
                let problem = format!(
                    "correlations that refer to each other in a circle, or more than {} deep",
                    limits::CHAIN
                );
                let advice = "a correlation cannot wait for itself: refer to detections in the end";
                self.tell(draft, draft.rule.position, problem, advice);
            }
        }
        self.faults.is_empty().then_some(order)
    }
}

fn assemble(drafts: Vec<Draft>, references: Vec<Option<Vec<usize>>>, order: &[usize]) -> Inner {
    let mut inner = Inner { consumers: vec![Vec::new(); drafts.len()], ..Inner::default() };
    let mut digests: Vec<[u8; 32]> = drafts.iter().map(|draft| draft.digest).collect();
    let mut levels: Vec<_> = drafts.iter().map(|draft| draft.level).collect();
    let mut heard = vec![None; drafts.len()];
    let mut correlations: HashMap<usize, (CorrelationDraft, Vec<usize>)> = HashMap::new();
    for ((place, draft), rules) in drafts.into_iter().enumerate().zip(references) {
        inner.rules.push(draft.rule);
        match draft.body {
            Body::Detection(detection) => inner.detections.push(Compiled { rule: place, detection }),
            Body::Correlation(body) => _ = correlations.insert(place, (body, rules.unwrap_or_default())),
        }
    }
    for place in order {
        let Some((draft, rules)) = correlations.remove(place) else { continue };
        let mut hash = Sha256::new();
        hash.update(digests[*place]);
        for (tag, rule) in rules.iter().enumerate() {
            hash.update(digests[*rule]);
            inner.consumers[*rule].push((inner.correlations.len(), tag));
            heard[*rule] = Some(heard[*rule].unwrap_or(false) || draft.generate);
        }
        digests[*place] = hash.finalize().into();
        levels[*place] = levels[*place].or_else(|| rules.iter().filter_map(|rule| levels[*rule]).max());
        inner.rules[*place].shape = Shape::Correlation(shape(&draft, &rules));
        inner.correlations.push(correlation(*place, &draft, digests[*place]));
    }
    for ((rule, heard), level) in inner.rules.iter_mut().zip(heard).zip(levels) {
        rule.told = heard.unwrap_or(true);
        rule.level = level.unwrap_or(rule.level);
    }
    inner.index = Index::new(inner.detections.iter().map(|compiled| &compiled.detection));
    inner
}

fn shape(draft: &CorrelationDraft, rules: &[usize]) -> Correlated {
    let names = |named: &[Named]| named.iter().map(|named| named.name.clone()).collect();
    Correlated {
        kind: draft.kind,
        rules: rules.to_vec(),
        group_by: names(&draft.group_by),
        counted: names(&draft.counted),
        timespan: std::time::Duration::from_millis(draft.timespan_ms.unsigned_abs()),
        at_least: draft.at_least,
        at_most: draft.at_most,
    }
}

fn correlation(rule: usize, draft: &CorrelationDraft, digest: [u8; 32]) -> Correlation {
    let source = |field: &Named| match draft.aliases.iter().find(|alias| alias.name == field.name) {
        None => Source::Field(field.name.as_str().into()),
        Some(alias) => Source::Alias {
            name: alias.name.as_str().into(),
            fields: draft.rules.iter().map(|rule| field_of(alias, &rule.name).into()).collect(),
        },
    };
    Correlation {
        rule,
        kind: draft.kind,
        rules: draft.rules.len(),
        group_by: draft.group_by.iter().map(source).collect(),
        counted: draft.counted.iter().map(|field| field.name.as_str().into()).collect(),
        timespan: draft.timespan_ms,
        at_least: draft.at_least,
        at_most: draft.at_most,
        digest,
    }
}

fn field_of<'a>(alias: &'a Alias, rule: &str) -> &'a str {
    alias.fields.iter().find(|(named, _)| named.name == rule).map_or("", |(_, field)| field)
}
