//! The client of the audit log against an honest service, and against ones that forge, roll back and show two histories.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail loudly")]

mod honest;
mod hostile;
mod service;
