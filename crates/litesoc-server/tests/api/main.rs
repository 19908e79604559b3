//! The server through real HTTP on loopback.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, in its helpers too")]

mod abuse;
mod audit;
mod audit_search;
mod connections;
mod detection;
mod enriched;
mod hostile;
mod ingest;
mod kept;
mod keys;
mod limits;
mod management;
mod metrics;
mod nodes;
mod notices;
mod published;
mod replay;
mod store_trouble;
mod support;
mod trail;
mod wire;
