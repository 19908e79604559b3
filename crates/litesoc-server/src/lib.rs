//! The LiteSOC server: ingestion, detection and alerts behind the LiteSOC API.
#![doc = include_str!("../README.md")]
