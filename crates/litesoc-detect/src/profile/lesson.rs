//! What is to be learned from a sign-in, and what was.

use super::spot::Spot;

/// What is to be learned from a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing was wrong with it.
    Clean,
    /// Something was, or still is: it is remembered by sight only.
    Suspicious,
    /// Somebody said that it is safe.
    Safe,
}

/// What an organisation learns from what an account has learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taught {
    /// Whether anything was learned.
    pub(crate) learned: bool,
    /// The account's first sign-in.
    pub(crate) first: bool,
    /// Things that have become usual for the account.
    pub(crate) place: Option<Spot>,
    pub(crate) country: Option<u32>,
    pub(crate) network: Option<u32>,
    pub(crate) address: Option<u32>,
    /// The address, when others share it and the account lives elsewhere.
    pub(crate) visited: Option<u32>,
}
