//! What is known of an IP address: place, network, threat score. Bytes in, no network.
#![doc = include_str!("../README.md")]

mod address;
mod country;
mod database;
mod enricher;
mod error;
mod fact;
mod files;
mod list;
mod overrides;
mod ranges;
mod source;
mod status;
mod threat;

pub use self::country::country_name;
pub use self::enricher::Enricher;
pub use self::error::{EnrichError, Fault};
pub use self::fact::{Fact, Facts};
pub use self::files::{Located, locate};
pub use self::source::{ListKind, Source, SourceKind, UnknownKind};
pub use self::status::{Coverage, FileStatus, Status};
pub use self::threat::ThreatWeights;
