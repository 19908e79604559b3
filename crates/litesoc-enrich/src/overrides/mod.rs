//! [`Overrides`]: what the operator says of networks, which outweighs every file.

mod network;
mod parse;
mod places;

pub(crate) use self::network::OwnNetwork;
pub(crate) use self::parse::parse;
pub(crate) use self::places::Places;

use crate::address::Span;
use crate::threat::ThreatWeights;

/// What the operator says.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    /// Trusted networks.
    pub(crate) allow: Vec<Span>,
    /// Unwanted networks.
    pub(crate) deny: Vec<Span>,
    /// Own networks, in the order of the file.
    pub(crate) networks: Vec<OwnNetwork>,
    pub(crate) threat: ThreatWeights,
    /// What is to be shown beside results.
    pub(crate) attributions: Vec<Box<str>>,
}
