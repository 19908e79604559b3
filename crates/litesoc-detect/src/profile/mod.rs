//! What is usual for an account and for its organisation, learned from sign-ins that nothing was wrong with.

pub(crate) mod actor;
pub(crate) mod anchor;
pub(crate) mod country;
pub(crate) mod exit;
pub(crate) mod lesson;
pub(crate) mod organization;
pub(crate) mod risk;
pub(crate) mod sighting;
pub(crate) mod software;
pub(crate) mod spot;
mod tally;
pub(crate) mod visit;
