//! The transport-agnostic LiteSOC client: pipeline, operations and the transport seam.
#![doc = include_str!("../README.md")]

#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;
