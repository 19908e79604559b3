//! Sigma rules and correlations over a stream of events: parsed with positions, matched in bounded memory.
#![doc = include_str!("../README.md")]

mod correlation;
mod detection;
mod fault;
mod limits;
mod matcher;
mod rule;
mod set;
mod snapshot;
mod taxonomy;
mod value;
mod write;
mod yaml;

pub use self::detection::pattern::escaped;
pub use self::fault::{Fault, Faults, Position};
pub use self::matcher::{Capacity, MAX_SAMPLES, Match, Matcher, Remembered};
pub use self::rule::{Correlated, CorrelationKind, Level, LogSource, Rule, Shape, Status};
pub use self::set::RuleSet;
pub use self::snapshot::RestoreError;
pub use self::taxonomy::Taxonomy;
pub use self::value::{Fields, Value};
pub use self::write::{CorrelationText, DetectionText, Heading, Scalar};
