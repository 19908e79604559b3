//! The `correlation` of a rule, from its tree; the rules it refers to are still names.

use crate::detection::read::Reading;
use crate::fault::{Position, meant};
use crate::limits;
use crate::rule::CorrelationKind;
use crate::yaml::{Content, Entry, Node};

/// A correlation whose rules are still names.
#[derive(Debug)]
pub(crate) struct CorrelationDraft {
    pub(crate) kind: CorrelationKind,
    pub(crate) rules: Vec<Named>,
    pub(crate) group_by: Vec<Named>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) counted: Vec<Named>,
    pub(crate) timespan_ms: i64,
    pub(crate) at_least: u64,
    pub(crate) at_most: u64,
    /// Whether the rules it refers to are told too.
    pub(crate) generate: bool,
}

/// A name and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) at: Position,
}

/// A field that has another name in the events of each rule.
#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) name: String,
    /// The rule and the field in its events.
    pub(crate) fields: Vec<(Named, String)>,
}

const KEYS: [&str; 8] =
    ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate", "field"];

/// Reads a correlation; `None` after a fault.
pub(crate) fn correlation(entry: &Entry, reading: &mut Reading<'_, '_, '_>) -> Option<CorrelationDraft> {
    let Some(entries) = entry.value.map() else {
        let problem = format!("`correlation` is {}", entry.value.kind());
        reading.reporter.tell(
            entry.value.at,
            problem,
            "write `type`, `rules`, `group-by` and `timespan` under it",
        );
        return None;
    };
    let mut section = Section { at: entry.at, entries, reading, fine: true };
    section.check_keys();
    let kind = section.kind();
    let rules = section.rules();
    let aliases = section.aliases();
    let group_by = section.group_by(&aliases);
    let timespan_ms = section.timespan();
    let counted = section.counted(kind);
    let bounds = kind.and_then(|kind| section.bounds(kind, rules.len() as u64));
    let generate = section.generate();
    let fine = section.fine;
    let ((at_least, at_most), kind, timespan_ms) = (bounds?, kind?, timespan_ms?);
    let draft = CorrelationDraft {
        kind,
        rules,
        group_by,
        aliases,
        counted,
        timespan_ms,
        at_least,
        at_most,
        generate,
    };
    fine.then_some(draft)
}

struct Section<'s, 'r, 'f, 't> {
    at: Position,
    entries: &'s [Entry],
    reading: &'s mut Reading<'r, 'f, 't>,
    fine: bool,
}

impl<'s> Section<'s, '_, '_, '_> {
    fn find(&self, key: &str) -> Option<&'s Node> {
        self.entries.iter().find(|entry| &*entry.key == key).map(|entry| &entry.value)
    }

    fn tell(&mut self, at: Position, problem: impl Into<String>, advice: impl Into<String>) {
        self.reading.reporter.tell(at, problem, advice);
        self.fine = false;
    }

    fn check_keys(&mut self) {
        for entry in self.entries.iter().filter(|entry| !KEYS.contains(&&*entry.key)) {
            let advice = match meant(&entry.key, KEYS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "remove it".to_owned(),
            };
            self.tell(entry.at, format!("a correlation has no `{}`", entry.key), advice);
        }
    }

    fn kind(&mut self) -> Option<CorrelationKind> {
        const ADVICE: &str = "write one of event_count, value_count, temporal, temporal_ordered";
        let Some(node) = self.find("type") else {
            self.tell(self.at, "the correlation has no `type`", ADVICE);
            return None;
        };
        let kind = node.words().and_then(|word| word.parse().ok());
        if kind.is_none() {
            let problem =
                format!("no correlation is called `{}`", node.words().unwrap_or_else(|| node.kind()));
            self.tell(node.at, problem, ADVICE);
        }
        kind
    }

    /// A text or a list of texts; empty, with a fault, when it is something else.
    fn names(&mut self, node: &'s Node, what: &str) -> Vec<Named> {
        let mut names: Vec<Named> = Vec::new();
        for item in node.items() {
            match item.words() {
                Some(name) if names.iter().any(|named| named.name == name) => {
                    self.tell(item.at, format!("`{name}` a second time"), "leave one of the two out");
                }
                Some(name) => names.push(Named { name: name.to_owned(), at: item.at }),
                None => {
                    self.tell(item.at, format!("`{what}` holds {}", item.kind()), "write a list of names")
                }
            }
        }
        names
    }

    fn rules(&mut self) -> Vec<Named> {
        let Some(node) = self.find("rules") else {
            self.tell(self.at, "the correlation refers to no rules", "add `rules` with their ids or names");
            return Vec::new();
        };
        let rules = self.names(node, "rules");
        if rules.is_empty() || rules.len() > limits::INPUTS {
            let problem = format!("the correlation refers to {} rules", rules.len());
            self.tell(node.at, problem, format!("name 1 to {}", limits::INPUTS));
        }
        rules
    }

    fn group_by(&mut self, aliases: &[Alias]) -> Vec<Named> {
        let Some(node) = self.find("group-by").filter(|node| node.content != Content::Null) else {
            return Vec::new();
        };
        let fields = self.names(node, "group-by");
        if fields.len() > limits::GROUP_FIELDS {
            let problem = format!("grouping by more than {} fields", limits::GROUP_FIELDS);
            self.tell(node.at, problem, "leave out those that follow from the others");
        }
        for field in &fields {
            if !aliases.iter().any(|alias| alias.name == field.name) {
                self.known(field);
            }
        }
        fields
    }

    fn known(&mut self, field: &Named) {
        let taxonomy = self.reading.taxonomy;
        if !taxonomy.knows_field(&field.name) {
            let advice = match meant(&field.name, taxonomy.fields()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => taxonomy.advice(),
            };
            self.tell(field.at, format!("no event has a field `{}`", field.name), advice);
        }
    }

    fn aliases(&mut self) -> Vec<Alias> {
        let Some(node) = self.find("aliases") else { return Vec::new() };
        let Some(entries) = node.map() else {
            let problem = format!("`aliases` is {}", node.kind());
            self.tell(node.at, problem, "write `alias: {rule: field}` under it");
            return Vec::new();
        };
        let mut aliases = Vec::new();
        for entry in entries {
            let Some(fields) = entry.value.map() else {
                let problem = format!("the alias `{}` is {}", entry.key, entry.value.kind());
                self.tell(entry.value.at, problem, "write `rule: field` under it");
                continue;
            };
            let mut read = Vec::new();
            for field in fields {
                match field.value.words() {
                    Some(name) => {
                        self.known(&Named { name: name.to_owned(), at: field.value.at });
                        read.push((Named { name: field.key.to_string(), at: field.at }, name.to_owned()));
                    }
                    None => self.tell(field.value.at, "an alias without a field", "write the field's name"),
                }
            }
            aliases.push(Alias { name: entry.key.to_string(), fields: read });
        }
        aliases
    }

    fn timespan(&mut self) -> Option<i64> {
        const ADVICE: &str = "write a number and a letter, as in 30s, 10m, 24h, 7d";
        let Some(node) = self.find("timespan") else {
            self.tell(self.at, "the correlation has no `timespan`", ADVICE);
            return None;
        };
        let written = node.words().unwrap_or_default();
        let unit = match written.chars().last() {
            Some('s') => 1_000,
            Some('m') => 60_000,
            Some('h') => 3_600_000,
            Some('d') => 86_400_000,
            _ => 0,
        };
        let digits = written.get(..written.len().saturating_sub(1)).unwrap_or_default();
        let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let length =
            digits.and_then(|digits| digits.parse::<i64>().ok()).and_then(|count| count.checked_mul(unit));
        match length {
            Some(length) if (1..=limits::TIMESPAN_DAYS * 86_400_000).contains(&length) => Some(length),
            Some(0) | None => {
                self.tell(node.at, format!("`{written}` is no timespan"), ADVICE);
                None
            }
            Some(_) => {
                let advice = format!("events are remembered for at most {} days", limits::TIMESPAN_DAYS);
                self.tell(node.at, format!("a timespan of {written}"), advice);
                None
            }
        }
    }

    fn condition(&self) -> &'s [Entry] {
        self.find("condition").and_then(Node::map).unwrap_or_default()
    }

    /// The fields whose values are counted.
    fn counted(&mut self, kind: Option<CorrelationKind>) -> Vec<Named> {
        let inside = self.condition().iter().find(|entry| &*entry.key == "field").map(|entry| &entry.value);
        let node = inside.or_else(|| self.find("field"));
        match (kind, node) {
            (Some(CorrelationKind::ValueCount), Some(node)) => {
                let fields = self.names(node, "field");
                fields.iter().for_each(|field| self.known(field));
                fields
            }
            (Some(CorrelationKind::ValueCount), None) => {
                self.tell(self.at, "value_count of which field?", "add `field: name` to its condition");
                Vec::new()
            }
            (Some(kind), Some(node)) => {
                self.tell(
                    node.at,
                    format!("{kind} counts no field"),
                    "remove `field`, or make it a value_count",
                );
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn generate(&mut self) -> bool {
        match self.find("generate").map(|node| (node.at, &node.content)) {
            None | Some((_, Content::Bool(false))) => false,
            Some((_, Content::Bool(true))) => true,
            Some((at, _)) => {
                self.tell(at, "`generate` says neither yes nor no", "write `true` or `false`");
                false
            }
        }
    }

    /// The least and the greatest count that matches.
    fn bounds(&mut self, kind: CorrelationKind, rules: u64) -> Option<(u64, u64)> {
        let is_temporal = matches!(kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered);
        let Some(node) = self.find("condition") else {
            if is_temporal {
                return Some((rules, u64::MAX));
            }
            self.tell(self.at, "the correlation has no `condition`", "add `condition` with `gte: 10`, say");
            return None;
        };
        let Some(entries) = node.map() else {
            let advice = "write `gte: 10`, say, under it; conditions over the names of rules are not read";
            self.tell(node.at, format!("the condition is {}", node.kind()), advice);
            return None;
        };
        let (mut least, mut most, mut asks) = (0_u64, u64::MAX, false);
        for entry in entries.iter().filter(|entry| &*entry.key != "field") {
            let Some(count) = self.count(entry) else { continue };
            asks |= matches!(&*entry.key, "gt" | "gte" | "eq");
            match &*entry.key {
                "gt" => least = least.max(count.saturating_add(1)),
                "gte" => least = least.max(count),
                "lt" => most = most.min(count.saturating_sub(1)),
                "lte" => most = most.min(count),
                "eq" => (least, most) = (least.max(count), most.min(count)),
                other => {
                    let problem = format!("a condition has no `{other}`");
                    self.tell(entry.at, problem, "write gt, gte, lt, lte or eq");
                }
            }
        }
        self.judge(node.at, kind, (least, most), rules, asks)
    }

    fn count(&mut self, entry: &Entry) -> Option<u64> {
        let written =
            if let Content::Number(written, _) = &entry.value.content { Some(written) } else { None };
        let count = written.and_then(|text| text.parse().ok()).filter(|count| *count <= limits::COUNT);
        if count.is_none() {
            let advice = format!("write a whole number, 0 to {}", limits::COUNT);
            self.tell(entry.value.at, format!("`{}` of something that is no count", entry.key), advice);
        }
        count
    }

    /// Whether a stream of events can tell that the count lies within the bounds.
    fn judge(
        &mut self,
        at: Position,
        kind: CorrelationKind,
        (least, most): (u64, u64),
        rules: u64,
        asks: bool,
    ) -> Option<(u64, u64)> {
        if !asks {
            let advice =
                "add `gte`: events that do not come cannot be seen, and the first one that comes would match";
            self.tell(at, "the condition only says what is too many", advice);
            return None;
        }
        let least = least.max(1);
        if least > most {
            self.tell(
                at,
                "no count can meet the condition",
                "every match is of one event at least; check the bounds",
            );
            return None;
        }
        match kind {
            CorrelationKind::TemporalOrdered if least != rules || most < rules => {
                let advice = "leave the condition out: all the rules must match, in their order";
                self.tell(at, "a count for rules in an order", advice);
                None
            }
            CorrelationKind::Temporal if least > rules => {
                let problem = format!("{least} of {rules} rules");
                self.tell(at, problem, format!("ask for at most {rules}"));
                None
            }
            CorrelationKind::EventCount
            | CorrelationKind::ValueCount
            | CorrelationKind::Temporal
            | CorrelationKind::TemporalOrdered => Some((least, most)),
        }
    }
}
