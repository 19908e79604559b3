//! The condition of a rule: its grammar, and what it says of the outcomes of the searches.

use crate::fault::{Position, Reporter, meant};
use crate::limits;
use crate::yaml::{Content, Node};

/// What a condition says; searches by their place in the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Search(usize),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl Condition {
    pub(crate) fn holds(&self, search: &mut dyn FnMut(usize) -> bool) -> bool {
        match self {
            Self::Search(index) => search(*index),
            Self::All(parts) => parts.iter().all(|part| part.holds(search)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(search)),
            Self::Not(part) => !part.holds(search),
        }
    }
}

/// Reads a condition, or several of which one must hold.
pub(crate) fn read(node: &Node, searches: &[&str], reporter: &mut Reporter<'_>) -> Option<Condition> {
    let is_list = matches!(node.content, Content::List(_));
    let items = node.items();
    let one = |item: &Node| {
        let Content::Text(text) = &item.content else { return complain(item, reporter) };
        read_one(text, item.at, searches, reporter)
    };
    let mut parts: Vec<_> = items.iter().filter_map(one).collect();
    if is_list && items.is_empty() {
        return complain(node, reporter);
    }
    (parts.len() == items.len()).then(|| if is_list { Condition::Any(parts) } else { parts.remove(0) })
}

fn complain(node: &Node, reporter: &mut Reporter<'_>) -> Option<Condition> {
    let problem = format!("the condition is {}", node.kind());
    reporter.tell(node.at, problem, "write the names of searches, joined by `and`, `or` and `not`");
    None
}

fn read_one(text: &str, at: Position, searches: &[&str], reporter: &mut Reporter<'_>) -> Option<Condition> {
    let words = words(text);
    if words.len() > limits::CONDITION_WORDS {
        let problem = format!("a condition of more than {} words", limits::CONDITION_WORDS);
        reporter.tell(at, problem, "split it into several rules");
        return None;
    }
    if words.contains(&"|") {
        let advice = "write a second document with a `correlation`: event_count for `count()`, value_count for `count(field)`";
        reporter.tell(at, "counting in the condition is of Sigma 1", advice);
        return None;
    }
    let mut reading = Reading { words: &words, searches, depth: 0 };
    let read = reading.any().and_then(|condition| match reading.words.first() {
        None => Ok(condition),
        Some(word) => Err(Wrong::new(
            format!("the condition goes on with `{word}` where it could end"),
            "join searches with `and` or `or`",
        )),
    });
    match read {
        Ok(condition) => Some(condition),
        Err(wrong) => {
            reporter.tell(at, wrong.problem, wrong.advice);
            None
        }
    }
}

/// Cuts at white space and around brackets and bars.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in text.split_whitespace() {
        let mut rest = part;
        while let Some(at) = rest.find(['(', ')', '|']) {
            let (before, after) = rest.split_at(at);
            let (sign, after) = after.split_at(1);
            words.extend((!before.is_empty()).then_some(before));
            words.push(sign);
            rest = after;
        }
        words.extend((!rest.is_empty()).then_some(rest));
    }
    words
}

struct Wrong {
    problem: String,
    advice: String,
}

impl Wrong {
    fn new(problem: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { problem: problem.into(), advice: advice.into() }
    }
}

struct Reading<'a> {
    words: &'a [&'a str],
    searches: &'a [&'a str],
    depth: usize,
}

impl<'a> Reading<'a> {
    fn any(&mut self) -> Result<Condition, Wrong> {
        let mut parts = vec![self.all()?];
        while self.takes("or") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, Wrong> {
        let mut parts = vec![self.one()?];
        while self.takes("and") {
            parts.push(self.one()?);
        }
        Ok(joined(parts, Condition::All))
    }

    fn one(&mut self) -> Result<Condition, Wrong> {
        self.depth += 1;
        if self.depth > limits::CONDITION_DEPTH {
            let problem =
                format!("more than {} brackets and `not` inside each other", limits::CONDITION_DEPTH);
            return Err(Wrong::new(problem, "give the inner part a search of its own"));
        }
        let read = if self.takes("not") {
            self.one().map(|part| Condition::Not(Box::new(part)))
        } else if self.takes("(") {
            self.bracket()
        } else {
            self.operand()
        };
        self.depth -= 1;
        read
    }

    fn bracket(&mut self) -> Result<Condition, Wrong> {
        let inner = self.any()?;
        if self.takes(")") { Ok(inner) } else { Err(Wrong::new("a bracket is not closed", "add `)`")) }
    }

    fn operand(&mut self) -> Result<Condition, Wrong> {
        let Some(word) = self.next() else {
            return Err(Wrong::new("the condition ends where a search should come", "name one"));
        };
        if self.takes("of") {
            return self.quantified(word);
        }
        if let Some(index) = self.searches.iter().position(|search| *search == word) {
            return Ok(Condition::Search(index));
        }
        if word.contains('*') {
            let problem = format!("`{word}` stands for several searches");
            return Err(Wrong::new(problem, format!("write `1 of {word}` or `all of {word}`")));
        }
        let advice = match meant(word, self.searches.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the rule has {}", listed(self.searches)),
        };
        Err(Wrong::new(format!("no search is called `{word}`"), advice))
    }

    fn quantified(&mut self, quantity: &str) -> Result<Condition, Wrong> {
        let Some(pattern) = self.next() else {
            return Err(Wrong::new(format!("`{quantity} of` what?"), "write `1 of them` or `all of name*`"));
        };
        let them = pattern.eq_ignore_ascii_case("them");
        let named = |search: &str| if them { !search.starts_with('_') } else { fits(pattern, search) };
        let chosen: Vec<_> = (0..self.searches.len())
            .filter(|index| named(self.searches[*index]))
            .map(Condition::Search)
            .collect();
        if chosen.is_empty() {
            let problem = format!("`{pattern}` fits no search");
            return Err(Wrong::new(problem, format!("the rule has {}", listed(self.searches))));
        }
        match quantity.to_ascii_lowercase().as_str() {
            "1" | "any" => Ok(joined(chosen, Condition::Any)),
            "all" => Ok(joined(chosen, Condition::All)),
            _ => Err(Wrong::new(format!("`{quantity} of`"), "only `1 of` and `all of` are known")),
        }
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let there = self.words.first().is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        if there {
            self.words = &self.words[1..];
        }
        there
    }

    fn next(&mut self) -> Option<&'a str> {
        let (word, rest) = self.words.split_first()?;
        if matches!(*word, "(" | ")") {
            return None;
        }
        self.words = rest;
        Some(word)
    }
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

fn fits(pattern: &str, name: &str) -> bool {
    use crate::detection::pattern::{Pattern, Unit};
    let unit = |c| if c == '*' { Unit::Many } else { Unit::Char(c) };
    let units: Vec<Unit> = pattern.chars().map(unit).collect();
    Pattern::new(&units, true).matches(name)
}

fn listed(searches: &[&str]) -> String {
    let quoted: Vec<String> = searches.iter().take(20).map(|search| format!("`{search}`")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}
