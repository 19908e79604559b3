//! Erasure: records are forgotten, their hashes and all proofs stay.

use litesoc_ledger::canonical::Value;
use litesoc_ledger::time::Moment;

use crate::fault::Fault;
use crate::log::AuditLog;
use crate::refused::Refused;
use crate::request::config_id;
use crate::search::parse_time;

/// Records that one request may name.
const MOST: usize = 100_000;

/// What is to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EraseRequest {
    /// These records.
    Records(Vec<u64>),
    /// All records that were received before this moment.
    Before(Moment),
}

impl EraseRequest {
    /// Reads a request: `{"indexes": [4, 8]}`, `{"before": "2026-01-31T00:00:00Z"}` or `{"before": "90d"}`.
    ///
    /// # Errors
    ///
    /// [`Refused::Invalid`].
    pub fn read(body: &Value, now: Moment) -> Result<Self, Refused> {
        config_id(body)?;
        match (body.get("indexes"), body.get("before")) {
            (Some(Value::Array(indexes)), None) => {
                let wrong = |place: usize| {
                    let detail =
                        "a record is named by its place, 1 or more: the first record is the log's own";
                    Fault::new("InvalidInteger", format!("/indexes/{place}"), detail)
                };
                let index = |value: &Value| {
                    let Value::Integer(index) = value else { return None };
                    u64::try_from(*index).ok().filter(|index| *index > 0)
                };
                let read =
                    indexes.iter().enumerate().map(|(place, value)| index(value).ok_or_else(|| wrong(place)));
                let indexes: Vec<u64> =
                    read.collect::<Result<_, _>>().map_err(|fault| Refused::Invalid(vec![fault]))?;
                if (1..=MOST).contains(&indexes.len()) {
                    return Ok(Self::Records(indexes));
                }
                Err(Refused::fault("NotWithinRange", "/indexes", format!("1 to {MOST} records")))
            }
            (None, Some(Value::String(text))) => {
                let detail = "a time such as 2026-01-31T00:00:00Z, or a duration such as 90d";
                let before = parse_time(text, now).map(Self::Before);
                before.ok_or_else(|| Refused::fault("BadFormatDateTime", "/before", detail))
            }
            (Some(_), Some(_)) => {
                Err(Refused::fault("MutuallyExclusive", "/before", "either indexes or before"))
            }
            (Some(_), None) => Err(Refused::fault("InvalidArray", "/indexes", "a list of places")),
            (None, _) => Err(Refused::fault("MustProvideOne", "/indexes", "indexes or before")),
        }
    }
}

impl AuditLog {
    /// Makes tombstones of records, all but the first; returns how many were not erased before. Every proof stays valid.
    ///
    /// What the records said is gone from the segments when this returns. Copies of the folder are the operator's. Blocks.
    ///
    /// # Errors
    ///
    /// [`Refused`]; segments that could not be rewritten are as they were.
    pub fn erase(&self, request: &EraseRequest) -> Result<u64, Refused> {
        let indexes = match request {
            EraseRequest::Records(indexes) => {
                let size = self.records().state().size;
                let wrong = |index: &&u64| **index == 0 || **index >= size;
                if let Some(index) = indexes.iter().find(wrong) {
                    let detail =
                        format!("record {index} cannot be erased: there are records 1 to {}", size - 1);
                    return Err(Refused::fault("NotWithinRange", "/indexes", detail));
                }
                indexes.clone()
            }
            EraseRequest::Before(moment) => (1..self.first_from(*moment)?).collect(),
        };
        let erased = self.records().erase(indexes);
        let erased = erased.map_err(|error| Refused::Unavailable(error.to_string()))?;
        self.forgotten(erased)
    }

    /// Makes tombstones of whole segments whose records were all received before a moment; returns how many records.
    ///
    /// # Errors
    ///
    /// As of [`erase`](Self::erase).
    pub fn retain_from(&self, moment: Moment) -> Result<u64, Refused> {
        let end = self.records().segment_before(self.first_from(moment)?);
        if end <= 1 {
            return Ok(0);
        }
        let erased = self.records().erase((1..end).collect());
        self.forgotten(erased.map_err(|error| Refused::Unavailable(error.to_string()))?)
    }

    /// The search index has pieces of what was said: it is made again from what is left.
    fn forgotten(&self, erased: u64) -> Result<u64, Refused> {
        if erased > 0 {
            let forgotten = self.index().forget();
            forgotten
                .map_err(|error| Refused::Unavailable(format!("the search index cannot be cut: {error}")))?;
            self.wake_index();
            tracing::info!(origin = self.configuration().origin, erased, "records were erased");
        }
        Ok(erased)
    }
}
