//! Fake transports, a fake clock and the transport conformance suite.

pub mod conformance;
pub mod server;

mod capture;
mod faulty;
mod never;
mod replay;

pub use capture::Capture;
pub use faulty::{FaultCounts, Faulty};
pub use never::Never;
pub use replay::{Replay, Step};
