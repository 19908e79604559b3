//! The transport-agnostic LiteSOC client: pipeline, operations and the transport seam.
#![doc = include_str!("../README.md")]

#[cfg(feature = "client")]
#[macro_use]
mod log;

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod clock;
mod endpoint;
mod error;
mod key;
pub mod operation;
pub mod pipeline;
mod stats;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;

#[cfg(feature = "client")]
pub use client::{
    BatchReport, Client, ClientBuilder, Dropped, Failure, FlushReport, Iter, Messenger, Pending, Prepared,
    Receipt, Stream,
};
#[cfg(feature = "client")]
pub use clock::{Clock, SystemClock};
pub use endpoint::{Endpoint, HOSTED};
pub use error::{Error, ErrorKind};
pub use key::ApiKey;
pub use litesoc_events::{self as events, EventType};
pub use litesoc_model::{self as model, Event};
pub use pipeline::{LossReason, Losses, Overflow, RetryPolicy};
pub use stats::Stats;
