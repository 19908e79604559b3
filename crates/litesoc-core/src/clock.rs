//! The wall clock as a value, so that tests can set it.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time of day. Event ids and event times come from it; delays do not.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> u64;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl SystemClock {
    /// The clock of the operating system.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where the client reads the wall clock"
    )]
    fn now_ms(&self) -> u64 {
        // A clock before 1970 is a machine without a clock; its events get the epoch, and the service its arrival.
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
    }
}
