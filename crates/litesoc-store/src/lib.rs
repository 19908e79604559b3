//! Durable events, alerts, keys and cursors behind one trait.
#![doc = include_str!("../README.md")]
