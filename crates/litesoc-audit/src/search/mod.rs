//! Search: the query language, the time range, and which records they find.

mod matching;
mod query;
mod range;

pub use self::query::Query;
pub use self::range::{TimeRange, parse_time};
