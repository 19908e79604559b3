//! What crosses the wire between a LiteSOC client and server.
#![doc = include_str!("../README.md")]
