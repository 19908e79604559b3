//! The detector as its users see it.

mod attacks;
mod batches;
mod brute_force;
mod conduct;
mod custom;
mod forgotten;
mod habits;
mod properties;
mod scene;
mod sign_in_laws;
mod sign_ins;
mod travel;
mod unfamiliar;
