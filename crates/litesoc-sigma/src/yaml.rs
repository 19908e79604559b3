//! YAML as a tree with positions: bounded in size and depth, without anchors, aliases and tags.

use std::collections::BTreeSet;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use crate::fault::{Position, Reporter};
use crate::limits;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Null,
    Bool(bool),
    /// As it was written, and as a number.
    Number(Box<str>, f64),
    Text(Box<str>),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

/// One key of a map with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Box<str>,
    pub(crate) at: Position,
    pub(crate) value: Node,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.value == other.value
    }
}

impl Node {
    /// The text of a text, a number or a truth value.
    pub(crate) fn words(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) | Content::Number(text, _) => Some(text),
            Content::Bool(true) => Some("true"),
            Content::Bool(false) => Some("false"),
            Content::Null | Content::List(_) | Content::Map(_) => None,
        }
    }

    /// The items of a list; anything else is a list of itself.
    pub(crate) fn items(&self) -> &[Self] {
        if let Content::List(items) = &self.content { items } else { std::slice::from_ref(self) }
    }

    pub(crate) fn map(&self) -> Option<&[Entry]> {
        if let Content::Map(entries) = &self.content { Some(entries) } else { None }
    }

    /// What it is, for a person.
    pub(crate) const fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "a truth value",
            Content::Number(..) => "a number",
            Content::Text(_) => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }
}

/// Reads the documents of a file; after a fault, what came before it is still there.
pub(crate) fn read(text: &str, reporter: &mut Reporter<'_>) -> Vec<Node> {
    if text.len() > limits::FILE_BYTES {
        let problem = format!("the file has {} bytes, more than {}", text.len(), limits::FILE_BYTES);
        reporter.tell(Position::START, problem, "split it into several");
        return Vec::new();
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reading = Reading { open: Vec::new(), documents: Vec::new(), nodes: 0, reporter };
    for step in Parser::new_from_str(text) {
        let going_on = match step {
            Ok((event, span)) => reading.take(event, position(&span.start)),
            Err(error) => {
                reading.tell(position(error.marker()), format!("this is not YAML: {}", error.info()), ADVICE)
            }
        };
        if !going_on {
            break;
        }
    }
    reading.documents
}

const ADVICE: &str = "check the indentation and the quotes around here";

fn position(marker: &Marker) -> Position {
    Position { line: marker.line(), column: marker.col() + 1 }
}

/// A list or a map that is not complete yet.
struct Open {
    at: Position,
    /// `None` for a list.
    keys: Option<Keys>,
    items: Vec<Node>,
}

#[derive(Default)]
struct Keys {
    entries: Vec<Entry>,
    /// The same keys, to find one that comes twice.
    seen: BTreeSet<Box<str>>,
    /// The key whose value comes next.
    waiting: Option<(Box<str>, Position)>,
}

struct Reading<'a, 'f> {
    open: Vec<Open>,
    documents: Vec<Node>,
    nodes: usize,
    reporter: &'a mut Reporter<'f>,
}

impl Reading<'_, '_> {
    /// Takes one step; `false` when there is no going on.
    fn take(&mut self, event: Event<'_>, at: Position) -> bool {
        match event {
            Event::Alias(_) => self.tell(at, "aliases are not read", "write the value out"),
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                self.tell(at, "anchors are not read", "remove it, and write the value out where it is used")
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                self.tell(at, "tags are not read", "remove it; quotes make a text of anything")
            }
            Event::Scalar(text, style, _, None) => {
                let content =
                    if style == ScalarStyle::Plain { plain(&text) } else { Content::Text((&*text).into()) };
                self.put(Node { at, content })
            }
            Event::SequenceStart(..) => self.enter(Open { at, keys: None, items: Vec::new() }),
            Event::MappingStart(..) => {
                self.enter(Open { at, keys: Some(Keys::default()), items: Vec::new() })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open { at, keys: Some(keys), .. }) => {
                    self.put(Node { at, content: Content::Map(keys.entries) })
                }
                Some(Open { at, keys: None, items }) => self.put(Node { at, content: Content::List(items) }),
                None => false,
            },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => true,
        }
    }

    fn enter(&mut self, open: Open) -> bool {
        if self.open.len() >= limits::DEPTH {
            let problem = format!("more than {} levels inside each other", limits::DEPTH);
            return self.tell(open.at, problem, "no rule needs so many");
        }
        if let Some(Open { keys: Some(Keys { waiting: None, .. }), .. }) = self.open.last() {
            return self.tell(open.at, "a key that is no text", "write `name: value`");
        }
        self.open.push(open);
        true
    }

    fn put(&mut self, node: Node) -> bool {
        self.nodes += 1;
        if self.nodes > limits::NODES {
            let problem = format!("more than {} values in one file", limits::NODES);
            return self.tell(node.at, problem, "split it into several");
        }
        match self.open.last_mut() {
            None if self.documents.len() >= limits::DOCUMENTS => {
                let problem = format!("more than {} documents in one file", limits::DOCUMENTS);
                return self.tell(node.at, problem, "split it into several");
            }
            None => self.documents.push(node),
            Some(Open { keys: None, items, .. }) => items.push(node),
            Some(Open { keys: Some(keys), .. }) => match keys.waiting.take() {
                Some((key, at)) => keys.entries.push(Entry { key, at, value: node }),
                None => return self.key(node),
            },
        }
        true
    }

    fn key(&mut self, node: Node) -> bool {
        let Some(key) = node.words().map(Box::<str>::from) else {
            return self.tell(node.at, "a key that is no text", "write `name: value`");
        };
        let Some(Open { keys: Some(keys), .. }) = self.open.last_mut() else { return false };
        if !keys.seen.insert(key.clone()) {
            let problem = format!("`{key}` a second time in the same map");
            self.reporter.tell(node.at, problem, "join the two: a list holds several values");
        }
        keys.waiting = Some((key, node.at));
        true
    }

    fn tell(&mut self, at: Position, problem: impl Into<String>, advice: &str) -> bool {
        self.reporter.tell(at, problem, advice);
        false
    }
}

/// What a value without quotes is, by the core schema of YAML 1.2.2 (section 10.3.2).
fn plain(text: &str) -> Content {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Bool(true),
        "false" | "False" | "FALSE" => Content::Bool(false),
        _ => match number(text) {
            Some(number) => Content::Number(text.into(), number),
            None => Content::Text(text.into()),
        },
    }
}

fn number(text: &str) -> Option<f64> {
    let digits = |digits: &str, base| u64::from_str_radix(digits, base).ok().map(|value| value as f64);
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return digits(hexadecimal, 16).filter(|_| !hexadecimal.starts_with('+'));
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return digits(octal, 8).filter(|_| !octal.starts_with('+'));
    }
    // Rust reads words such as `inf` as numbers; a rule that says `nan` means three letters.
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    if plain && has_digit { text.parse().ok().filter(|value: &f64| value.is_finite()) } else { None }
}
