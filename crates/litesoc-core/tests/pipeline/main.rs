//! The pipeline against a simulated service, in virtual time.

mod accounting;
mod delivery;
mod simulation;
