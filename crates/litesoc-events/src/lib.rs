//! The catalogue of security events and the normaliser of their names.
#![doc = include_str!("../README.md")]
