//! The audit log as a service without HTTP: configurations, records, search, proofs, publication.
#![doc = include_str!("../README.md")]

mod alarm;
mod answer;
mod bundle;
mod configuration;
mod download;
mod erase;
mod error;
mod fault;
mod gateway;
mod identity;
mod indexer;
mod ingest;
mod intake;
mod keys;
mod log;
mod mirror;
mod page;
mod publication;
mod publisher;
mod refused;
mod registry;
mod request;
mod results;
mod search;
mod service;
mod token;
mod witness;

pub use self::alarm::{Alarm, AuditAlert};
pub use self::bundle::{BundleError, Bundled, InvalidArchive, Unpacked};
pub use self::configuration::{ConfigId, Configuration, NewConfiguration};
pub use self::download::{Download, Offer, download_result};
pub use self::erase::EraseRequest;
pub use self::error::{NoConfiguration, OpenError};
pub use self::fault::Fault;
pub use self::identity::{new_request_id, new_result_id};
pub use self::ingest::{Call, Logged, bulk_result};
pub use self::intake::Incoming;
pub use self::log::AuditLog;
pub use self::mirror::{Fetch, Mirror, MirrorError, Mirrored};
pub use self::publication::{AskWitness, PublishError, Published, WitnessAnswer};
pub use self::refused::Refused;
pub use self::registry::Registry;
pub use self::request::{
    BulkRequest, DownloadRequest, FileFormat, LogRequest, Order, Restriction, ResultsRequest, RootRequest,
    SearchRequest, config_id,
};
pub use self::search::{Query, TimeRange, parse_time};
pub use self::service::{AuditService, Choice, Settings};
pub use self::token::TokenBinding;
pub use self::witness::{Witness, WitnessError};
