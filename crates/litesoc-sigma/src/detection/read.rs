//! The `detection` of a rule, from its tree.

use crate::detection::condition;
use crate::detection::modifiers::Modifiers;
use crate::detection::test::Test;
use crate::detection::values;
use crate::detection::{Detection, Search};
use crate::fault::{Reporter, meant};
use crate::limits;
use crate::taxonomy::Taxonomy;
use crate::yaml::{Content, Entry, Node};

/// What is needed to read a detection.
pub(crate) struct Reading<'r, 'f, 't> {
    pub(crate) reporter: &'r mut Reporter<'f>,
    pub(crate) taxonomy: &'t Taxonomy,
    /// How many more regular expressions there may be.
    pub(crate) expressions: usize,
}

impl Reading<'_, '_, '_> {
    /// Reads a detection; `None` after a fault.
    pub(crate) fn detection(&mut self, node: &Node) -> Option<Detection> {
        let Some(entries) = node.map() else {
            let problem = format!("`detection` is {}", node.kind());
            self.reporter.tell(node.at, problem, "write searches and a `condition` under it");
            return None;
        };
        let is_search = |entry: &&Entry| !matches!(&*entry.key, "condition" | "timeframe");
        let named: Vec<&Entry> = entries.iter().filter(is_search).collect();
        if let Some(entry) = entries.iter().find(|entry| &*entry.key == "timeframe") {
            let advice = "write a second document with a `correlation` and its `timespan`";
            self.reporter.tell(entry.at, "`timeframe` is of Sigma 1", advice);
        }
        if named.len() > limits::SEARCHES {
            let problem = format!("more than {} searches in one rule", limits::SEARCHES);
            self.reporter.tell(node.at, problem, "split it into several rules");
            return None;
        }
        let searches: Vec<_> =
            named.iter().filter_map(|entry| self.search(&entry.value, &entry.key)).collect();
        let names: Vec<&str> = named.iter().map(|entry| &*entry.key).collect();
        let Some(condition) = entries.iter().find(|entry| &*entry.key == "condition") else {
            let advice = match names.first() {
                Some(name) => format!("add `condition: {name}`"),
                None => "add a search and a `condition` that names it".to_owned(),
            };
            self.reporter.tell(node.at, "`detection` has no `condition`", advice);
            return None;
        };
        let condition = condition::read(&condition.value, &names, self.reporter)?;
        (searches.len() == named.len()).then_some(Detection { searches, condition })
    }

    fn search(&mut self, node: &Node, name: &str) -> Option<Search> {
        match &node.content {
            Content::Map(entries) => self.map(entries, node, name),
            Content::List(items) if items.is_empty() => {
                self.empty(node, name);
                None
            }
            Content::List(items) if items.iter().any(|item| item.map().is_some()) => {
                let parts: Vec<_> = items.iter().filter_map(|item| self.search(item, name)).collect();
                (parts.len() == items.len()).then_some(Search::Any(parts))
            }
            Content::List(_) | Content::Text(_) | Content::Number(..) | Content::Bool(_) => {
                self.test(None, Modifiers::default(), node).map(Search::Test)
            }
            Content::Null => {
                self.empty(node, name);
                None
            }
        }
    }

    fn map(&mut self, entries: &[Entry], node: &Node, name: &str) -> Option<Search> {
        if entries.is_empty() {
            self.empty(node, name);
            return None;
        }
        let tests: Vec<_> = entries.iter().filter_map(|entry| self.entry(entry)).collect();
        (tests.len() == entries.len()).then_some(Search::All(tests))
    }

    fn entry(&mut self, entry: &Entry) -> Option<Search> {
        let (field, names) = entry.key.split_once('|').unwrap_or((&entry.key, ""));
        let modifiers = Modifiers::read(names, entry.at, self.reporter);
        let field = (!field.is_empty()).then_some(field);
        if field.is_none() && entry.key.is_empty() {
            self.reporter.tell(entry.at, "a field without a name", "write the name of a field");
            return None;
        }
        let known = field.is_none_or(|field| self.knows(field, entry));
        let test = self.test(field, modifiers?, &entry.value)?;
        known.then_some(Search::Test(test))
    }

    /// Whether the events have a field of this name.
    fn knows(&mut self, field: &str, entry: &Entry) -> bool {
        if self.taxonomy.knows_field(field) {
            return true;
        }
        let advice = match meant(field, self.taxonomy.fields()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => self.taxonomy.advice(),
        };
        self.reporter.tell(entry.at, format!("no event has a field `{field}`"), advice);
        false
    }

    fn test(&mut self, field: Option<&str>, modifiers: Modifiers, node: &Node) -> Option<Test> {
        let wanted = values::read(node, modifiers, field.is_none(), self)?;
        Some(Test { field: field.map(Box::from), wanted, negated: modifiers.negated })
    }

    fn empty(&mut self, node: &Node, name: &str) {
        let problem = format!("the search `{name}` is empty");
        self.reporter.tell(node.at, problem, "write `field: value` under it, or a list of words to look for");
    }
}
