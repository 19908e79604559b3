//! Track security events and manage alerts with LiteSOC.
#![doc = include_str!("../README.md")]
