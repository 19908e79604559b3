//! The audit log as a service without HTTP: configurations, records, search, proofs, publication.
#![doc = include_str!("../README.md")]

mod configuration;
mod error;
mod keys;
mod log;
mod service;

pub use self::configuration::{ConfigId, Configuration, NewConfiguration};
pub use self::error::{NoConfiguration, OpenError};
pub use self::log::AuditLog;
pub use self::service::{AuditService, Settings};
