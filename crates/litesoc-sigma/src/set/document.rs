//! One document of a file as a rule that is not yet joined with the others.

use std::str::FromStr;

use sha2::{Digest, Sha256};
use strum::VariantNames;

use crate::correlation::read::{CorrelationDraft, correlation};
use crate::detection::Detection;
use crate::detection::read::Reading;
use crate::fault::{Position, Reporter, meant};
use crate::rule::{Level, LogSource, Rule, Shape, Status};
use crate::yaml::{Content, Entry, Node};

/// A rule that is not yet joined with the others.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) rule: Rule,
    /// The level the document gives.
    pub(crate) level: Option<Level>,
    pub(crate) body: Body,
    /// Of everything the document says, whatever its layout.
    pub(crate) digest: [u8; 32],
}

#[derive(Debug)]
pub(crate) enum Body {
    Detection(Detection),
    Correlation(CorrelationDraft),
}

/// Reads one document; `None` after a fault.
pub(crate) fn read(node: &Node, file: &str, reading: &mut Reading<'_, '_, '_>) -> Option<Draft> {
    let Some(entries) = node.map() else {
        let problem = format!("the document is {}", node.kind());
        reading.reporter.tell(node.at, problem, "a rule begins with `title: ...`");
        return None;
    };
    let document = Document { at: node.at, entries };
    if let Some(action) = document.find("action") {
        let advice = "repeat what the documents share in each of them";
        reading.reporter.tell(action.at, "`action` is of Sigma 1", advice);
        return None;
    }
    if let Some(filter) = document.find("filter") {
        let advice = "put the exclusion into the rules: `selection and not filter`";
        reading.reporter.tell(filter.at, "Sigma filters are not read", advice);
        return None;
    }
    let level = document.word::<Level>("level", reading.reporter);
    let rule = document.rule(file, level, reading);
    let body = match (document.find("detection"), document.find("correlation")) {
        (Some(_), Some(both)) => {
            let advice = "write two documents, with `---` between them";
            reading.reporter.tell(both.at, "`detection` and `correlation` in one document", advice);
            None
        }
        (Some(entry), None) => reading.detection(&entry.value).map(Body::Detection),
        (None, Some(entry)) => correlation(entry, reading).map(Body::Correlation),
        (None, None) => {
            document.missing("detection", reading.reporter);
            None
        }
    };
    Some(Draft { rule: rule?, level: level.flatten(), body: body?, digest: digest(node) })
}

struct Document<'a> {
    at: Position,
    entries: &'a [Entry],
}

impl<'a> Document<'a> {
    fn find(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| &*entry.key == key)
    }

    fn missing(&self, key: &str, reporter: &mut Reporter<'_>) {
        let advice = match meant(key, self.entries.iter().map(|entry| &*entry.key)) {
            Some(near) => format!("is `{near}` meant to be it?"),
            None => format!("add `{key}`"),
        };
        reporter.tell(self.at, format!("the rule has no `{key}`"), advice);
    }

    fn rule(
        &self,
        file: &str,
        level: Option<Option<Level>>,
        reading: &mut Reading<'_, '_, '_>,
    ) -> Option<Rule> {
        let title = self.title(reading.reporter);
        let status = self.word::<Status>("status", reading.reporter);
        if status == Some(Some(Status::Unsupported)) {
            let advice = "take the rule out of the folder, or repair it and change its status";
            reading.reporter.tell(self.at, "the rule says of itself that it cannot be used", advice);
            return None;
        }
        let log_source = self.log_source(reading);
        Some(Rule {
            title: title?,
            id: self.text("id", reading.reporter)?,
            name: self.text("name", reading.reporter)?,
            status: status?,
            level: level?.unwrap_or(Level::Medium),
            description: self.text("description", reading.reporter)?,
            author: self.text("author", reading.reporter)?,
            tags: self.texts("tags", reading.reporter)?,
            false_positives: self.texts("falsepositives", reading.reporter)?,
            references: self.texts("references", reading.reporter)?,
            log_source: log_source?,
            file: file.to_owned(),
            position: self.at,
            told: true,
            shape: Shape::Detection,
        })
    }

    fn title(&self, reporter: &mut Reporter<'_>) -> Option<String> {
        let Some(entry) = self.find("title") else {
            self.missing("title", reporter);
            return None;
        };
        let title = self.text("title", reporter)?.filter(|title| !title.trim().is_empty());
        match title {
            Some(title) if title.chars().count() <= 256 => Some(title),
            Some(_) => {
                reporter.tell(
                    entry.value.at,
                    "a title of more than 256 characters",
                    "put the rest into `description`",
                );
                None
            }
            None => {
                reporter.tell(entry.value.at, "an empty title", "say in a few words what the rule detects");
                None
            }
        }
    }

    /// The text under a key; `None` after a fault, `Some(None)` where there is no such key.
    fn text(&self, key: &str, reporter: &mut Reporter<'_>) -> Option<Option<String>> {
        let Some(entry) = self.find(key).filter(|entry| entry.value.content != Content::Null) else {
            return Some(None);
        };
        let text = entry.value.words().map(str::to_owned);
        if text.is_none() {
            reporter.tell(entry.value.at, format!("`{key}` is {}", entry.value.kind()), "write a text");
        }
        text.map(Some)
    }

    /// The texts under a key, one or a list.
    fn texts(&self, key: &str, reporter: &mut Reporter<'_>) -> Option<Vec<String>> {
        let Some(entry) = self.find(key).filter(|entry| entry.value.content != Content::Null) else {
            return Some(Vec::new());
        };
        let items = entry.value.items().iter();
        let texts: Option<Vec<String>> = items.map(|item| item.words().map(str::to_owned)).collect();
        if texts.is_none() {
            reporter.tell(entry.value.at, format!("`{key}` holds more than texts"), "write a list of texts");
        }
        texts
    }

    /// One of a few words.
    fn word<W: FromStr + VariantNames>(&self, key: &str, reporter: &mut Reporter<'_>) -> Option<Option<W>> {
        let Some(written) = self.text(key, reporter)? else { return Some(None) };
        let at = self.find(key).map_or(self.at, |entry| entry.value.at);
        match written.parse() {
            Ok(word) => Some(Some(word)),
            Err(_) => {
                let advice = format!("write one of {}", W::VARIANTS.join(", "));
                reporter.tell(at, format!("`{key}: {written}` says nothing"), advice);
                None
            }
        }
    }

    fn log_source(&self, reading: &mut Reading<'_, '_, '_>) -> Option<LogSource> {
        let Some(entry) = self.find("logsource") else {
            if self.find("correlation").is_none() {
                self.missing("logsource", reading.reporter);
                return None;
            }
            return Some(LogSource::default());
        };
        let Some(entries) = entry.value.map() else {
            let problem = format!("`logsource` is {}", entry.value.kind());
            let advice =
                format!("write `product: {}` under it", reading.taxonomy.product().unwrap_or("name"));
            reading.reporter.tell(entry.value.at, problem, advice);
            return None;
        };
        let source = Document { at: entry.value.at, entries };
        let product = source.text("product", reading.reporter)?;
        if let (Some(named), Some(ours)) = (&product, reading.taxonomy.product())
            && named != ours
        {
            let at = source.find("product").map_or(source.at, |entry| entry.value.at);
            let advice = format!("write `product: {ours}` if the fields are ours, or take the rule out");
            reading.reporter.tell(at, format!("the rule is for events of `{named}`"), advice);
            return None;
        }
        Some(LogSource {
            category: source.text("category", reading.reporter)?,
            product,
            service: source.text("service", reading.reporter)?,
        })
    }
}

fn digest(node: &Node) -> [u8; 32] {
    let mut hash = Sha256::new();
    feed(node, &mut hash);
    hash.finalize().into()
}

fn feed(node: &Node, hash: &mut Sha256) {
    let mut part = |kind: u8, text: &str| {
        hash.update([kind]);
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    match &node.content {
        Content::Null => part(0, ""),
        Content::Bool(truth) => part(1, if *truth { "true" } else { "false" }),
        Content::Number(written, _) => part(2, written),
        Content::Text(text) => part(3, text),
        Content::List(items) => {
            part(4, &items.len().to_string());
            items.iter().for_each(|item| feed(item, hash));
        }
        Content::Map(entries) => {
            part(5, &entries.len().to_string());
            for entry in entries {
                hash.update((entry.key.len() as u64).to_be_bytes());
                hash.update(entry.key.as_bytes());
                feed(&entry.value, hash);
            }
        }
    }
}
