//! The ledger at its public boundary: as producer, as verifier, and against forgeries.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod bundle;
mod bundle_maker;
mod canonical;
mod common;
mod envelope;
mod notes;
mod policy;
mod schema;
mod signature;
mod tiles;
mod trees;
