//! A blocking HTTP transport for the LiteSOC client: ureq.
#![doc = include_str!("../README.md")]
