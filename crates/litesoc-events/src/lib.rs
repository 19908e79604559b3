//! The catalogue of security events and the normaliser of their names.
#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod aliases;
mod catalogue;
mod common;
mod event_type;
mod index;
mod info;
mod key;
mod level;
mod normalize;
mod vendor;

pub use event_type::EventType;
pub use info::{EventInfo, Ocsf, Tier};
pub use level::{Category, Severity, SeverityLevel, UnknownWord};
pub use normalize::{Normalized, Rule, lookup, normalize};
pub use vendor::{Confidence, Fields, Vendor, VendorMatch};

/// The longest name of an event that the API takes, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 128;

/// Every event of the catalogue, standard ones first.
pub fn catalogue() -> impl ExactSizeIterator<Item = &'static EventInfo> + Clone {
    catalogue::CATALOGUE.iter()
}

/// The 27 standard events.
pub fn standard() -> impl Iterator<Item = &'static EventInfo> + Clone {
    catalogue().filter(|info| info.tier == Tier::Standard)
}

/// The extended events.
pub fn extended() -> impl Iterator<Item = &'static EventInfo> + Clone {
    catalogue().filter(|info| info.tier == Tier::Extended)
}

/// The names that [`normalize`] takes for an event besides the event's own, each with that event.
///
/// They are the names made of other words; other letters and separators need no list.
pub fn aliases() -> impl Iterator<Item = (&'static str, EventType)> + Clone {
    let all = aliases::ALIASES.iter().chain(common::COMMON);
    all.map(|alias| (alias.name, alias.event.clone()))
}
