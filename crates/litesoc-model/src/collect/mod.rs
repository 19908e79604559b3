//! Sending events, as the two sides see it: what a service reads, and what a client reads of the answer.

mod incoming;
mod metadata;
mod request;
mod response;

pub use self::incoming::{ClientMarks, IncomingEvent, OWN_SDK};
pub use self::request::{CollectError, CollectRequest, MAX_BATCH};
pub use self::response::{CollectResponse, ItemError};
