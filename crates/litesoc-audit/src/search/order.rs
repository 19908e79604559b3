//! The order of results: by a field, ties by place, events without the field last.

use std::cmp::Ordering;

use litesoc_ledger::canonical::Value;
use litesoc_ledger::schema::{FieldType, Schema};

use super::matching::moment_of;
use crate::request::Order;

/// What orders a record: its value of the field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Text(String),
}

/// A record that was found, with what orders it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    key: Option<Key>,
    pub(super) index: u64,
}

impl Place {
    /// A record ordered by a field.
    pub(super) fn by(field: &str, event: &Value, index: u64, schema: &Schema) -> Self {
        let is_time = schema.field(field).is_some_and(|field| field.kind.is_time());
        let key = event.get(field).map(|value| match value {
            Value::Integer(number) => Key::Number(*number),
            Value::Bool(flag) => Key::Number(i64::from(*flag)),
            Value::String(text) => match moment_of(value).filter(|_| is_time) {
                Some(moment) => Key::Number(moment.as_micros()),
                None => Key::Text(text.clone()),
            },
            Value::Null | Value::Array(_) | Value::Object(_) => Key::Text(value.to_canonical()),
        });
        Self { key, index }
    }

    fn compare(&self, other: &Self, order: Order) -> Ordering {
        let directed = |ordering: Ordering| match order {
            Order::Ascending => ordering,
            Order::Descending => ordering.reverse(),
        };
        let by_key = match (&self.key, &other.key) {
            (Some(own), Some(other)) => directed(own.cmp(other)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        by_key.then_with(|| directed(self.index.cmp(&other.index)))
    }
}

/// The first so many of the places that are pushed.
pub(super) struct Best {
    order: Order,
    most: usize,
    places: Vec<Place>,
}

impl Best {
    pub(super) const fn new(order: Order, most: usize) -> Self {
        Self { order, most, places: Vec::new() }
    }

    pub(super) fn push(&mut self, place: Place) {
        self.places.push(place);
        if self.places.len() >= self.most.saturating_mul(2).max(1_024) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.places.sort_unstable_by(|own, other| own.compare(other, self.order));
        self.places.truncate(self.most);
    }

    pub(super) fn take(mut self) -> Vec<u64> {
        self.cut();
        self.places.into_iter().map(|place| place.index).collect()
    }
}

/// Whether results can be ordered by a field.
pub(super) fn is_orderable(field: &str, schema: &Schema) -> bool {
    field == "received_at"
        || schema.field(field).is_some_and(|field| field.kind != FieldType::StringUnindexed)
}
