//! Fake transports, a fake clock and the transport conformance suite.

pub mod conformance;
pub mod server;

mod capture;
mod clock;
mod faulty;
mod never;
mod replay;

pub use capture::Capture;
pub use clock::FakeClock;
pub use faulty::{FaultCounts, Faulty};
pub use never::Never;
pub use replay::{Replay, Step};
