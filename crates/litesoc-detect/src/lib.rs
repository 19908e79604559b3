//! Detection rules over a stream of security events. Pure: same input, same alerts.
#![doc = include_str!("../README.md")]
