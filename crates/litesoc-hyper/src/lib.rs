//! The default HTTP transport of the LiteSOC client: hyper and rustls.
#![doc = include_str!("../README.md")]
