//! Whether a record is what a query asks for.

use std::cmp::Ordering;

use litesoc_ledger::canonical::{Object, Value};
use litesoc_ledger::time::{DateTime, Moment};

use super::query::{Node, Operator, Query, Term};
use crate::schema::{FieldType, Schema};

impl Query {
    /// Whether an event, received at this time, is what the query asks for.
    #[must_use]
    pub fn matches(&self, event: &Object, received_at: Moment, schema: &Schema) -> bool {
        self.root.as_ref().is_none_or(|root| node_matches(root, event, received_at, schema))
    }

    /// Texts of which every match has each one somewhere: what an index can be asked for.
    #[must_use]
    pub fn needed(&self) -> Vec<&str> {
        let mut needed = Vec::new();
        if let Some(root) = &self.root {
            collect_needed(root, &mut needed);
        }
        needed
    }
}

fn collect_needed<'a>(node: &'a Node, needed: &mut Vec<&'a str>) {
    match node {
        Node::All(nodes) => nodes.iter().for_each(|node| collect_needed(node, needed)),
        Node::Term(Term { field: None | Some((_, Operator::Has | Operator::Is)), value }) => {
            needed.push(value)
        }
        Node::Any(_) | Node::Term(_) => {}
    }
}

fn node_matches(node: &Node, event: &Object, received_at: Moment, schema: &Schema) -> bool {
    match node {
        Node::Any(nodes) => nodes.iter().any(|node| node_matches(node, event, received_at, schema)),
        Node::All(nodes) => nodes.iter().all(|node| node_matches(node, event, received_at, schema)),
        Node::Term(term) => term.matches(event, received_at, schema),
    }
}

impl Term {
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
            FieldType::Boolean => compare(*operator, Some(value.to_canonical().as_str().cmp(&*self.value))),
            FieldType::Integer => {
                let wanted = self.value.parse().ok();
                compare(
                    *operator,
                    value.as_integer().zip(wanted).map(|(found, wanted): (i64, i64)| found.cmp(&wanted)),
                )
            }
            FieldType::Datetime => moment_of(value).is_some_and(|found| self.matches_time(*operator, found)),
            FieldType::String | FieldType::Text => {
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

    fn matches_time(&self, operator: Operator, found: Moment) -> bool {
        let wanted = DateTime::parse(&self.value).and_then(|time| time.moment());
        compare(operator, wanted.map(|wanted| found.cmp(&wanted)))
    }
}

fn compare(operator: Operator, order: Option<Ordering>) -> bool {
    let wanted = match operator {
        Operator::Has | Operator::Is => Ordering::Equal,
        Operator::Less => Ordering::Less,
        Operator::More => Ordering::Greater,
    };
    order == Some(wanted)
}

fn moment_of(value: &Value) -> Option<Moment> {
    DateTime::parse(value.as_str()?)?.moment()
}
