//! Which records a search finds.

use std::ops::Range;

use litesoc_ledger::canonical::Value;
use litesoc_ledger::envelope::EnvelopeView;
use litesoc_ledger::schema::Schema;
use litesoc_ledger::time::Moment;
use litesoc_tlog::{Body, Log, ReadError};

use super::index::BLOCK;
use super::matching::escaped;
use super::order::{Best, Place, is_orderable};
use super::query::Query;
use super::range::TimeRange;
use crate::fault::Fault;
use crate::log::AuditLog;
use crate::refused::Refused;
use crate::request::{MOST_RESULTS, Order, Restriction, SearchRequest};

/// The most records that are ordered by anything else than the time of their arrival.
const MOST_ORDERED: u64 = 1_000_000;

/// What a search found: places in their order.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Found {
    /// These places.
    List(Vec<u64>),
    /// All places from the first to before the second.
    Range(u64, u64),
}

impl Found {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::List(places) => places.len() as u64,
            Self::Range(from, to) => to - from,
        }
    }

    /// Part of the places.
    pub(crate) fn page(&self, offset: u64, limit: u64) -> Vec<u64> {
        let end = offset.saturating_add(limit).min(self.len());
        match self {
            Self::List(places) => {
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
                places.get(place(offset)..place(end)).unwrap_or_default().to_vec()
            }
            Self::Range(from, _) => (from + offset.min(end)..from + end).collect(),
        }
    }
}

/// A search that was understood.
struct Search<'a> {
    log: &'a Log,
    schema: &'a Schema,
    query: Query,
    /// That of the request and that of its token together.
    restriction: Restriction,
}

impl AuditLog {
    /// Finds the records of a search among the first `size`.
    pub(crate) fn find(&self, request: &SearchRequest, size: u64) -> Result<Found, Refused> {
        let search = self.understand(request)?;
        let range = TimeRange::of(
            request.start.as_deref(),
            request.last.as_deref(),
            request.end.as_deref(),
            (self.clock())(),
        )?;
        // The first record is the log's own.
        let from = first_after(self.records(), 1, size, |at| at >= range.start)?;
        let to = match range.end {
            Some(end) => first_after(self.records(), from, size, |at| at > end)?,
            None => size,
        };
        let everything = search.query.matches_all() && search.restriction.is_empty();
        let exports = request.max_results > MOST_RESULTS;
        if everything && exports && request.order_by == "received_at" && request.order == Order::Ascending {
            return Ok(Found::Range(from, to));
        }
        let most = usize::try_from(request.max_results.min(to.saturating_sub(from))).unwrap_or(usize::MAX);
        let found = if request.order_by == "received_at" {
            self.in_order(&search, from..to, request.order, most)?
        } else {
            if exports && to.saturating_sub(from) > MOST_ORDERED {
                let detail = format!("more than {MOST_ORDERED} records are exported by received_at alone");
                return Err(Refused::fault("NotWithinRange", "/order_by", detail));
            }
            self.by_field(&search, from..to, request, most)?
        };
        Ok(Found::List(found))
    }

    /// The first record but the log's own that was received at a moment or later.
    pub(crate) fn first_from(&self, moment: Moment) -> Result<u64, ReadError> {
        first_after(self.records(), 1, self.records().state().size, |at| at >= moment)
    }

    fn understand(&self, request: &SearchRequest) -> Result<Search<'_>, Refused> {
        let schema = self.schema();
        let mut faults = Vec::new();
        if !is_orderable(&request.order_by, schema) {
            let detail = "results are ordered by received_at or a field of the schema";
            faults.push(Fault::new("NotEnumMember", "/order_by", detail));
        }
        for field in request.restriction.keys().filter(|field| schema.field(field).is_none()) {
            let detail = "the schema has no such field";
            faults.push(Fault::new("NotEnumMember", format!("/search_restriction/{field}"), detail));
        }
        match Query::parse(&request.query, schema) {
            Ok(query) if faults.is_empty() => {
                Ok(Search { log: self.records(), schema, query, restriction: both(request) })
            }
            Ok(_) => Err(Refused::Invalid(faults)),
            Err(fault) => {
                faults.insert(0, fault);
                Err(Refused::Invalid(faults))
            }
        }
    }

    /// The first matches in the order of their arrival.
    fn in_order(
        &self,
        search: &Search<'_>,
        range: Range<u64>,
        order: Order,
        most: usize,
    ) -> Result<Vec<u64>, Refused> {
        let mut found = Vec::new();
        for block in blocks(&range, order) {
            let start = found.len();
            self.examine(search, block, &mut |index, _| found.push(index))?;
            if order == Order::Descending {
                found[start..].reverse();
            }
            if found.len() >= most {
                break;
            }
        }
        found.truncate(most);
        Ok(found)
    }

    /// The first matches in the order of a field, for which all must be seen.
    fn by_field(
        &self,
        search: &Search<'_>,
        range: Range<u64>,
        request: &SearchRequest,
        most: usize,
    ) -> Result<Vec<u64>, Refused> {
        let mut best = Best::new(request.order, most);
        for block in blocks(&range, request.order) {
            self.examine(search, block, &mut |index, event| {
                let parsed = event.or_else_parse();
                best.push(Place::by(&request.order_by, &parsed, index, search.schema));
            })?;
        }
        Ok(best.take())
    }

    /// Shows the matches among the records of one block or a part of one.
    fn examine(
        &self,
        search: &Search<'_>,
        range: Range<u64>,
        found: &mut dyn FnMut(u64, Seen<'_>),
    ) -> Result<(), Refused> {
        let first = range.start / BLOCK * BLOCK;
        if let Some(filter) = self.index().filter(first)
            && !search.may_match(&|piece| filter.may_hold(piece.as_bytes()))
        {
            return Ok(());
        }
        each(search.log, range, &mut |index, bytes| {
            if let Some(seen) = search.matches(bytes) {
                found(index, seen);
            }
        })?;
        Ok(())
    }
}

/// The restriction of a request within that of its token. What both leave nothing of matches nothing.
fn both(request: &SearchRequest) -> Restriction {
    let mut both = request.mandatory.clone();
    for (field, values) in &request.restriction {
        both.entry(field.clone())
            .and_modify(|allowed| allowed.retain(|value| values.contains(value)))
            .or_insert_with(|| values.clone());
    }
    both
}

/// A match: its event as text, and parsed if that was needed to see it.
enum Seen<'a> {
    Text(&'a str),
    Parsed(Value),
}

impl Seen<'_> {
    fn or_else_parse(self) -> Value {
        match self {
            Self::Text(text) => Value::parse(text.as_bytes()).unwrap_or(Value::Null),
            Self::Parsed(value) => value,
        }
    }
}

impl Search<'_> {
    fn may_match(&self, has: &dyn Fn(&str) -> bool) -> bool {
        let restricted = |(field, values): (&String, &Vec<String>)| {
            let is_text = self.schema.field(field).is_some_and(|field| field.kind.name() != "integer");
            let pinned = |value: &String| has(&format!("\"{field}\":\"{}\"", escaped(value)));
            !is_text
                || self.schema.field(field).is_some_and(|field| field.kind.name() == "boolean")
                || values.iter().any(pinned)
        };
        self.restriction.iter().all(restricted) && self.query.may_match(self.schema, has)
    }

    fn matches<'a>(&self, bytes: &'a [u8]) -> Option<Seen<'a>> {
        let text = std::str::from_utf8(bytes).ok()?;
        // Most records are ruled out by their letters alone, without being parsed.
        if !self.may_match(&|piece| text.contains(piece)) {
            return None;
        }
        let view = EnvelopeView::read(bytes).ok()?;
        if self.query.matches_all() && self.restriction.is_empty() {
            return Some(Seen::Text(view.event));
        }
        let event = Value::parse(view.event.as_bytes()).ok()?;
        let members = event.as_object()?;
        let allowed = self.restriction.iter().all(|(field, values)| {
            members.get(field).is_some_and(|value| {
                let own = value.as_str().map_or_else(|| value.to_canonical(), str::to_owned);
                values.contains(&own)
            })
        });
        let fits = allowed && self.query.matches(members, view.received_at, self.schema);
        fits.then_some(Seen::Parsed(event))
    }
}

/// A range cut at the borders of blocks, in the direction of the order.
fn blocks(range: &Range<u64>, order: Order) -> Vec<Range<u64>> {
    let mut blocks = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let end = ((at / BLOCK + 1) * BLOCK).min(range.end);
        blocks.push(at..end);
        at = end;
    }
    if order == Order::Descending {
        blocks.reverse();
    }
    blocks
}

/// Shows the records of a range that are not erased; a damaged one is passed over, so that it blocks no other.
fn each(log: &Log, range: Range<u64>, show: &mut dyn FnMut(u64, &[u8])) -> Result<(), ReadError> {
    let mut at = range.start;
    while at < range.end {
        let read = log.records(at, range.end, |record| {
            at = record.index + 1;
            if let Body::Envelope(bytes) = &record.body {
                show(record.index, bytes);
            }
        });
        match read {
            Ok(()) => break,
            Err(error @ ReadError::Damaged { .. }) => {
                tracing::error!(%error, "a record is passed over");
                at += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The first place from `from` on whose time is beyond, or `to`: times grow with the places.
fn first_after(log: &Log, from: u64, to: u64, beyond: impl Fn(Moment) -> bool) -> Result<u64, ReadError> {
    let (mut low, mut high) = (from.min(to), to);
    while low < high {
        let middle = low + (high - low) / 2;
        if beyond(received_at(log, middle)?) { high = middle } else { low = middle + 1 }
    }
    Ok(low)
}

/// When a record was received.
fn received_at(log: &Log, index: u64) -> Result<Moment, ReadError> {
    let damaged = || ReadError::NoSuchRecord { index, size: log.state().size };
    match log.record(index)?.body {
        Body::Envelope(bytes) => {
            EnvelopeView::read(&bytes).map(|view| view.received_at).map_err(|_| damaged())
        }
        Body::Erased(stone) => Ok(stone.received_at),
    }
}
