//! Track security events and manage alerts with LiteSOC.
#![doc = include_str!("../README.md")]

#[cfg(feature = "audit")]
pub mod audit;
mod client;
pub mod client_ip;

#[cfg(feature = "hyper")]
pub use litesoc_hyper as hyper;
#[cfg(feature = "ureq")]
pub use litesoc_ureq as ureq;

#[cfg(feature = "testing")]
pub use litesoc_core::testing;
pub use litesoc_core::{
    ApiKey, BatchReport, Clock, Dropped, Endpoint, Error, ErrorKind, Event, EventType, Failure, FlushReport,
    HOSTED, LossReason, Losses, Overflow, Pending, Receipt, RetryPolicy, Stats, SystemClock, events, model,
    operation, pipeline, transport,
};
pub use litesoc_model::{
    Alert, AlertSeverity, AlertStatus, AlertType, EventRecord, EventSeverity, Health, Page, Plan, PlanInfo,
    Resolution, Timestamp,
};

pub use client::{Client, ClientBuilder};
