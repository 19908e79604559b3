//! [`Query`]: the query language of the Pangea Audit API, as far as it is known, and decided where it is not.
//!
//! ```text
//! query  = [ or ]
//! or     = and *( "OR" and )
//! and    = factor *( [ "AND" ] factor )
//! factor = "(" or ")" / term
//! term   = [ field op ] value
//! op     = ":" / "=" / "<" / ">"
//! value  = quoted / 1*( neither space nor parenthesis )
//! ```

use litesoc_ledger::schema::Schema;

use crate::fault::Fault;

/// Deepest nesting of parentheses: a query is read by recursion.
const DEEPEST: usize = 64;
/// The most bytes of a query.
const LONGEST: usize = 16 << 10;

/// A query that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    pub(super) root: Option<Node>,
}

/// Part of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Any(Vec<Self>),
    All(Vec<Self>),
    Term(Term),
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// The field it is about; any text without one.
    pub(super) field: Option<(String, Operator)>,
    pub(super) value: String,
}

/// How a field and a value are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `:`, contains; equals for what is no text.
    Has,
    /// `=`.
    Is,
    /// `<`.
    Less,
    /// `>`.
    More,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Term(Term),
}

impl Query {
    /// Reads a query over the fields of a schema.
    ///
    /// ```
    /// use litesoc_audit::Query;
    /// use litesoc_ledger::schema::Schema;
    ///
    /// assert!(Query::parse("actor:alice AND (status=ok OR login)", &Schema::standard()).is_ok());
    /// let fault = Query::parse("(alice", &Schema::standard()).unwrap_err();
    /// assert_eq!((fault.code, fault.source.as_str()), ("BadFormat", "/query"));
    /// ```
    ///
    /// # Errors
    ///
    /// The first place that is no query, by character.
    pub fn parse(text: &str, schema: &Schema) -> Result<Self, Fault> {
        if text.len() > LONGEST {
            return Err(Fault::new(
                "AboveMaxLength",
                "/query",
                format!("a query has at most {LONGEST} bytes"),
            ));
        }
        let tokens = tokens(text, schema)?;
        let mut parser = Parser { tokens: &tokens, at: 0, text };
        if tokens.is_empty() {
            return Ok(Self { root: None });
        }
        let root = parser.any(0)?;
        match parser.peek() {
            None => Ok(Self { root: Some(root) }),
            Some(_) => Err(parser.unexpected()),
        }
    }
}

fn syntax(text: &str, place: usize, what: &str) -> Fault {
    let character = text[..place].chars().count() + 1;
    Fault::new("BadFormat", "/query", format!("syntax error at character {character}: {what}"))
}

/// Splits a query, each token with the byte where it begins.
fn tokens(text: &str, schema: &Schema) -> Result<Vec<(usize, Token)>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        if next.is_whitespace() {
            at += next.len_utf8();
        } else if next == '(' || next == ')' {
            tokens.push((at, if next == '(' { Token::Open } else { Token::Close }));
            at += 1;
        } else {
            let (token, end) = word(text, at, schema)?;
            tokens.push((at, token));
            at = end;
        }
    }
    Ok(tokens)
}

/// A term or an operator; returns where it ends.
fn word(text: &str, start: usize, schema: &Schema) -> Result<(Token, usize), Fault> {
    let name_end =
        text[start..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map(|end| start + end);
    let operator = name_end.and_then(|end| text[end..].chars().next()).and_then(|sign| match sign {
        ':' => Some(Operator::Has),
        '=' => Some(Operator::Is),
        '<' => Some(Operator::Less),
        '>' => Some(Operator::More),
        _ => None,
    });
    if let (Some(end), Some(operator)) = (name_end, operator) {
        let name = &text[start..end];
        // Whatever is no field of the log belongs to the value: `http://x` is a text like any other.
        if schema.field(name).is_some() || name == "received_at" {
            let (value, after) = value(text, end + 1)?;
            let value = value.ok_or_else(|| syntax(text, end, "a value is missing after the field"))?;
            return Ok((Token::Term(Term { field: Some((name.to_owned(), operator)), value }), after));
        }
    }
    let quoted = text[start..].starts_with('"');
    let (value, end) = value(text, start)?;
    let value = value.unwrap_or_default();
    let token = match value.as_str() {
        "AND" if !quoted => Token::And,
        "OR" if !quoted => Token::Or,
        _ => Token::Term(Term { field: None, value }),
    };
    Ok((token, end))
}

/// A quoted or a plain value; nothing when neither is there.
fn value(text: &str, start: usize) -> Result<(Option<String>, usize), Fault> {
    let Some(quoted) = text[start..].strip_prefix('"') else {
        let plain = text[start..].split(|c: char| c.is_whitespace() || c == '(' || c == ')').next();
        let plain = plain.unwrap_or_default();
        return Ok(((!plain.is_empty()).then(|| plain.to_owned()), start + plain.len()));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Ok((Some(value), start + 1 + place + 1)),
            '\\' => match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                // Any other backslash is itself.
                Some((_, other)) => value.extend(['\\', other]),
                None => break,
            },
            other => value.push(other),
        }
    }
    Err(syntax(text, start, "the quotation mark is never closed"))
}

struct Parser<'a> {
    tokens: &'a [(usize, Token)],
    at: usize,
    text: &'a str,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn unexpected(&self) -> Fault {
        let Some((place, token)) = self.tokens.get(self.at) else {
            return syntax(self.text, self.text.len(), "the query ends too early");
        };
        let what = match token {
            Token::Open => "this parenthesis cannot stand here",
            Token::Close => "this parenthesis closes nothing",
            Token::And => "AND stands between two conditions; quote it to search for the word",
            Token::Or => "OR stands between two conditions; quote it to search for the word",
            Token::Term(_) => "this cannot stand here",
        };
        syntax(self.text, *place, what)
    }

    fn any(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut nodes = vec![self.all(depth)?];
        while self.peek() == Some(&Token::Or) {
            self.at += 1;
            nodes.push(self.all(depth)?);
        }
        Ok(one_or(nodes, Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut nodes = vec![self.factor(depth)?];
        loop {
            match self.peek() {
                Some(Token::And) => self.at += 1,
                Some(Token::Term(_) | Token::Open) => {}
                Some(Token::Close | Token::Or) | None => return Ok(one_or(nodes, Node::All)),
            }
            nodes.push(self.factor(depth)?);
        }
    }

    fn factor(&mut self, depth: usize) -> Result<Node, Fault> {
        let token = self.peek().cloned();
        match token {
            Some(Token::Term(term)) => {
                self.at += 1;
                Ok(Node::Term(term))
            }
            Some(Token::Open) if depth < DEEPEST => {
                self.at += 1;
                let inner = self.any(depth + 1)?;
                if self.peek() != Some(&Token::Close) {
                    return Err(self.unexpected());
                }
                self.at += 1;
                Ok(inner)
            }
            Some(Token::Open | Token::Close | Token::And | Token::Or) | None => Err(self.unexpected()),
        }
    }
}

fn one_or(mut nodes: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        last => {
            nodes.extend(last);
            join(nodes)
        }
    }
}
