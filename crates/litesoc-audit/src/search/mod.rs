//! Search: the query language, the time range, the index, and which records they find.

mod index;
mod matching;
mod order;
mod query;
mod range;
mod run;

pub(crate) use self::index::{BLOCK, SearchIndex};
pub use self::query::Query;
pub use self::range::{TimeRange, parse_time};
pub(crate) use self::run::Found;
