//! Detection rules over a stream of security events. Pure: same input, same alerts.
#![doc = include_str!("../README.md")]

mod alert;
mod detector;
mod observation;
mod settings;

pub use self::alert::{AlertDraft, AlertProgress, Change, Evidence, coalesce};
pub use self::detector::Detector;
pub use self::observation::Observation;
pub use self::settings::{Capacity, InvalidSettings, Problem, Settings, Threshold};

/// Most event ids an alert carries as samples.
pub const MAX_SAMPLES: usize = 20;
