//! Published roots for clients that look for them on Arweave: the two calls they make, answered from the logs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use litesoc_ledger::canonical::{Value, push_string};
use litesoc_ledger::ptree;
use parking_lot::Mutex;

use crate::answer;
use crate::log::AuditLog;
use crate::refused::Refused;
use crate::service::AuditService;

/// Sizes that one query may ask for: twice what one page of a search needs.
const MOST_SIZES: usize = 4_096;
/// Names of roots that are remembered, so that they need not be looked for.
const REMEMBERED: usize = 65_536;

/// The names of roots that were told to clients, and which they are.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<BTreeMap<String, (Arc<AuditLog>, u64)>>);

impl AuditService {
    /// The answer to a GraphQL query for transactions by the tags `tree_name` and `tree_size`.
    ///
    /// Only these two filters are read from the text of the query; sizes that are not published are left out.
    ///
    /// # Errors
    ///
    /// [`Refused::Invalid`] for a body that is no query.
    pub fn transactions(&self, body: &[u8]) -> Result<String, Refused> {
        let wrong = |detail: &str| Refused::fault("BadFormat", "/query", detail);
        let body = Value::parse(body).map_err(|error| wrong(&error.to_string()))?;
        let query = body.get("query").and_then(Value::as_str);
        let query = query.ok_or_else(|| wrong("the body is an object with the text of a query"))?;
        let (names, sizes) = filters(query);
        if sizes.len() > MOST_SIZES {
            return Err(wrong("too many values of tree_size"));
        }
        let mut out = String::from("{\"data\":{\"transactions\":{\"edges\":[");
        for log in names.iter().filter_map(|name| self.by_tree_name(name)) {
            let published = log.published().map_or(0, |published| published.size);
            for size in sizes.iter().copied().filter(|size| (1..=published).contains(size)) {
                let id = ptree::published_root_id(log.tree_name(), size);
                if out.ends_with('}') {
                    out.push(',');
                }
                out.push_str("{\"node\":{\"id\":");
                push_string(&id, &mut out);
                out.push_str(&format!(
                    ",\"tags\":[{{\"name\":\"tree_size\",\"value\":\"{size}\"}},{{\"name\":\"tree_name\",\"value\":\"{}\"}}]}}}}",
                    log.tree_name()
                ));
                self.told().note(id, &log, size);
            }
        }
        out.push_str("]}}}");
        Ok(out)
    }

    /// The published root of this name as JSON; `None` when there is none.
    ///
    /// A name is a hash, so one that was not told lately is found by trying all sizes: this takes about a second for ten
    /// million records, and should not be done for many at once. Blocks.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub fn transaction(&self, id: &str) -> Result<Option<String>, Refused> {
        if id.len() != 43 {
            return Ok(None);
        }
        let found = self.told().get(id).or_else(|| self.search_root(id));
        found.map(|(log, size)| log.gateway_root(size)).transpose()
    }

    /// Whether [`transaction`](Self::transaction) answers without trying all sizes.
    #[must_use]
    pub fn knows_transaction(&self, id: &str) -> bool {
        id.len() != 43 || self.told().get(id).is_some()
    }

    fn search_root(&self, id: &str) -> Option<(Arc<AuditLog>, u64)> {
        for log in self.logs() {
            let published = log.published().map_or(0, |published| published.size);
            let found =
                (1..=published).rev().find(|size| ptree::published_root_id(log.tree_name(), *size) == id);
            if let Some(size) = found {
                self.told().note(id.to_owned(), &log, size);
                return Some((log, size));
            }
        }
        None
    }
}

impl Told {
    fn note(&self, id: String, log: &Arc<AuditLog>, size: u64) {
        let mut told = self.0.lock();
        // Names are hashes: the first one is as good as any to forget.
        if told.len() >= REMEMBERED {
            told.pop_first();
        }
        told.insert(id, (Arc::clone(log), size));
    }

    fn get(&self, id: &str) -> Option<(Arc<AuditLog>, u64)> {
        self.0.lock().get(id).cloned()
    }
}

impl AuditLog {
    /// A published root as the clients expect to find it on Arweave.
    fn gateway_root(&self, size: u64) -> Result<String, Refused> {
        let root = self.pangea_root(size, &self.records().pangea_root(size)?, "")?;
        let mut out = format!("{{\"size\":{size},\"root_hash\":\"{}\"", root.root.root());
        answer::time_member("published_at", root.published_at, &mut out);
        answer::text_member("tree_name", &root.tree_name, &mut out);
        if !root.consistency_proof.is_empty() {
            answer::list_member("consistency_proof", &root.consistency_proof, &mut out);
        }
        out.push('}');
        Ok(out)
    }
}

/// The values that a query asks of the tags `tree_name` and `tree_size`.
fn filters(query: &str) -> (BTreeSet<String>, BTreeSet<u64>) {
    let (mut names, mut sizes) = (BTreeSet::new(), BTreeSet::new());
    // Of the innermost object: the tag it is about, its values, and the member that is being read.
    let (mut tag, mut values, mut member) = (None, Vec::new(), "");
    for token in tokens(query) {
        match token {
            Token::Open => (tag, values, member) = (None, Vec::new(), ""),
            Token::Close => {
                match tag.take() {
                    Some("tree_name") => names.extend(values.drain(..).map(str::to_owned)),
                    Some("tree_size") => {
                        sizes.extend(values.drain(..).filter_map(|size| size.parse::<u64>().ok()))
                    }
                    Some(_) | None => values.clear(),
                }
                member = "";
            }
            Token::Word(word) => member = word,
            Token::Text(text) if member == "name" => tag = Some(text),
            Token::Text(text) if member == "values" => values.push(text),
            Token::Text(_) => {}
        }
    }
    (names, sizes)
}

enum Token<'a> {
    Open,
    Close,
    Word(&'a str),
    Text(&'a str),
}

/// Braces, words and quoted texts; all else separates them. Names and sizes of trees need no escapes.
fn tokens(query: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = query;
    std::iter::from_fn(move || {
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        rest = &rest[rest.find(|letter| matches!(letter, '{' | '}' | '"') || is_word(letter))?..];
        let token = match rest.as_bytes().first()? {
            b'{' => (Token::Open, 1),
            b'}' => (Token::Close, 1),
            b'"' => {
                let length = rest[1..].find('"')?;
                (Token::Text(&rest[1..=length]), length + 2)
            }
            _ => {
                let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
                (Token::Word(&rest[..length]), length)
            }
        };
        rest = &rest[token.1..];
        Some(token.0)
    })
}

#[cfg(test)]
mod tests {
    use super::filters;

    #[test]
    fn the_filters_are_read_in_both_orders_of_their_members() {
        let python = r#"{ transactions( tags: [ { name: "tree_size" values: ["3", "12", "x"] }, { name: "tree_name"
            values: ["abc"] } ] ) { edges { node { id tags { name value } } } } }"#;
        let other = r#"query { transactions(first: 9, tags: [{values: ["abc"], name: "tree_name"},
            {values: ["12","3"], name: "tree_size"}]) { edges { node { id tags { name value } } } } }"#;
        for query in [python, other] {
            let (names, sizes) = filters(query);
            assert_eq!(
                (names.into_iter().collect::<Vec<_>>(), sizes.into_iter().collect()),
                (vec!["abc".to_owned()], vec![3_u64, 12])
            );
        }
        for query in
            ["", "{{{", "}}}\"", "{ name: \"tree_size\" values: [\"1", "{name:\"tree_size\",values:[\"-1\"]}"]
        {
            assert!(filters(query).1.is_empty(), "{query}");
        }
    }
}
