//! A log whose records nobody can change unseen, as pure functions: no IO, no clock.
#![doc = include_str!("../README.md")]

pub mod bundle;
pub mod canonical;
pub mod checkpoint;
pub mod cosignature;
mod encoding;
pub mod entry;
pub mod envelope;
pub mod event;
mod hash;
pub mod merkle;
pub mod mirror;
pub mod note;
pub mod policy;
pub mod proof;
pub mod ptree;
pub mod receipt;
pub mod schema;
pub mod signature;
pub mod tiles;
pub mod time;
pub mod tree;
pub mod witness;

pub use self::hash::{Hash, InvalidHash};
