//! Whether a record is what a query asks for.

use std::cmp::Ordering;

use litesoc_ledger::canonical::{Object, Value, push_string};
use litesoc_ledger::schema::{FieldType, Schema};
use litesoc_ledger::time::{DateTime, Moment};

use super::query::{Node, Operator, Query, Term};

impl Query {
    /// Whether an event, received at this time, is what the query asks for.
    #[must_use]
    pub fn matches(&self, event: &Object, received_at: Moment, schema: &Schema) -> bool {
        self.root.as_ref().is_none_or(|root| node_matches(root, event, received_at, schema))
    }

    /// Whether some event may match, when `has` says of a piece of canonical JSON whether it may be in one.
    ///
    /// It errs on one side alone: `false` means that no event matches.
    #[must_use]
    pub fn may_match(&self, schema: &Schema, has: &dyn Fn(&str) -> bool) -> bool {
        self.root.as_ref().is_none_or(|root| node_may_match(root, schema, has))
    }

    /// Whether the query matches every event.
    #[must_use]
    pub const fn matches_all(&self) -> bool {
        self.root.is_none()
    }
}

fn node_may_match(node: &Node, schema: &Schema, has: &dyn Fn(&str) -> bool) -> bool {
    match node {
        Node::Any(nodes) => nodes.iter().any(|node| node_may_match(node, schema, has)),
        Node::All(nodes) => nodes.iter().all(|node| node_may_match(node, schema, has)),
        Node::Term(term) => term.may_match(schema, has),
    }
}

/// A text as it stands in canonical JSON, without its quotation marks.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    push_string(text, &mut out);
    out[1..out.len() - 1].to_owned()
}

fn node_matches(node: &Node, event: &Object, received_at: Moment, schema: &Schema) -> bool {
    match node {
        Node::Any(nodes) => nodes.iter().any(|node| node_matches(node, event, received_at, schema)),
        Node::All(nodes) => nodes.iter().all(|node| node_matches(node, event, received_at, schema)),
        Node::Term(term) => term.matches(event, received_at, schema),
    }
}

impl Term {
    /// Numbers, times and truth have many spellings; only texts are where their own letters are.
    fn may_match(&self, schema: &Schema, has: &dyn Fn(&str) -> bool) -> bool {
        let Some((name, operator)) = &self.field else { return has(&escaped(&self.value)) };
        let is_text =
            schema.field(name).is_some_and(|field| matches!(field.kind, FieldType::String | FieldType::Text));
        match operator {
            Operator::Has if is_text => has(&escaped(&self.value)),
            Operator::Is if is_text => has(&format!("\"{name}\":\"{}\"", escaped(&self.value))),
            Operator::Has | Operator::Is | Operator::Less | Operator::More => true,
        }
    }

    fn matches(&self, event: &Object, received_at: Moment, schema: &Schema) -> bool {
        let Some((name, operator)) = &self.field else {
            return event.iter().any(|(name, value)| {
                let searched = schema
                    .field(name)
                    .is_some_and(|field| matches!(field.kind, FieldType::String | FieldType::Text));
                searched && value.as_str().is_some_and(|text| text.contains(&*self.value))
            });
        };
        if name == "received_at" {
            return self.matches_time(*operator, received_at);
        }
        let (Some(field), Some(value)) = (schema.field(name), event.get(name)) else { return false };
        match field.kind {
            FieldType::StringUnindexed => false,
            FieldType::LooseDatetime => self.matches_loose_time(*operator, value),
            FieldType::Boolean => compare(*operator, Some(value.to_canonical().as_str().cmp(&*self.value))),
            FieldType::Integer => {
                let wanted = self.value.parse().ok();
                compare(
                    *operator,
                    value.as_integer().zip(wanted).map(|(found, wanted): (i64, i64)| found.cmp(&wanted)),
                )
            }
            FieldType::Datetime => moment_of(value).is_some_and(|found| self.matches_time(*operator, found)),
            FieldType::String | FieldType::Text | _ => {
                let Some(text) = value.as_str() else { return false };
                match operator {
                    Operator::Has => text.contains(&*self.value),
                    Operator::Is | Operator::Less | Operator::More => {
                        // Texts are ordered by code point, which is the order of their UTF-8 bytes.
                        compare(*operator, Some(text.cmp(&*self.value)))
                    }
                }
            }
        }
    }

    /// A text that is a time is compared as one, any other as the text it is.
    fn matches_loose_time(&self, operator: Operator, value: &Value) -> bool {
        let wanted = DateTime::parse(&self.value).and_then(|time| time.moment());
        match (moment_of(value), wanted) {
            (Some(found), Some(wanted)) => compare(operator, Some(found.cmp(&wanted))),
            _ => match (operator, value.as_str()) {
                (Operator::Has, Some(text)) => text.contains(&*self.value),
                (_, text) => compare(operator, text.map(|text| text.cmp(&*self.value))),
            },
        }
    }

    fn matches_time(&self, operator: Operator, found: Moment) -> bool {
        let wanted = DateTime::parse(&self.value).and_then(|time| time.moment());
        compare(operator, wanted.map(|wanted| found.cmp(&wanted)))
    }
}

pub(super) fn moment_of(value: &Value) -> Option<Moment> {
    DateTime::parse(value.as_str()?)?.moment()
}

fn compare(operator: Operator, order: Option<Ordering>) -> bool {
    let wanted = match operator {
        Operator::Has | Operator::Is => Ordering::Equal,
        Operator::Less => Ordering::Less,
        Operator::More => Ordering::Greater,
    };
    order == Some(wanted)
}
