//! The LiteSOC server: ingestion, detection and alerts behind the LiteSOC API.
#![doc = include_str!("../README.md")]

mod access;
mod answer;
mod audit;
mod clock;
mod config;
mod detection;
mod enrichment;
mod front;
mod ids;
mod ingest;
mod listener;
mod metrics;
mod notify;
mod retention;
mod routes;
mod rules;
mod server;
mod signal;
mod site;
mod state;
mod trail;

pub use self::access::{Accounts, ApiKey, MadeKey};
pub use self::clock::Clock;
pub use litesoc_audit::{AskWitness, WitnessAnswer};

pub use self::config::{
    AuditConfig, AuditNode, Config, DetectorFiles, EventTrail, Limits, PlanLimits, Plans, QueueBounds,
    Timeouts,
};
pub use self::detection::{Changed, Differences, Replay, ReplayError, replay};
pub use self::enrichment::HotEnricher;
pub use self::rules::HotRules;
pub use self::server::{Running, Server, StartError, Stopped};
pub use self::signal::{ReloadSignal, StopSignal};
pub use self::site::{Site, SiteHandler};
