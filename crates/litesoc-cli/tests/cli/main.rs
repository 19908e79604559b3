//! The `litesoc` command as a person or a script runs it.

mod audit_config;
mod audit_crash;
mod audit_mirror;
mod audit_node;
mod audit_witness;
mod client;
mod command;
mod crash;
mod demo;
mod detection;
mod geo;
mod keys;
mod names;
mod random_kills;
mod rules;
mod serve;
mod wire;
