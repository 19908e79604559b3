//! Public facts the lab is made of: cities and browsers.

pub(crate) mod cities;
pub(crate) mod devices;
