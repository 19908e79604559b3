//! The audit log as a service without HTTP: configurations, records, search, proofs, publication.
#![doc = include_str!("../README.md")]

mod bundle;
mod configuration;
mod error;
mod fault;
mod intake;
mod keys;
mod log;
mod publication;
mod publisher;
mod schema;
mod search;
mod service;

pub use self::bundle::{BundleError, Bundled, InvalidArchive, Unpacked};
pub use self::configuration::{ConfigId, Configuration, NewConfiguration};
pub use self::error::{NoConfiguration, OpenError};
pub use self::fault::Fault;
pub use self::intake::Incoming;
pub use self::log::AuditLog;
pub use self::publication::{AskWitness, PublishError, Published, WitnessAnswer};
pub use self::schema::{Field, FieldType, SaveMalformed, Schema};
pub use self::search::{Query, TimeRange, parse_time};
pub use self::service::{AuditService, Settings};
