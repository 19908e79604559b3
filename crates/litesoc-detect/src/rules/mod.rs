//! The rules, one a file: what each looks for, from which threshold on, and why.

pub(crate) mod brute_force;
pub(crate) mod catalogue;
pub(crate) mod conduct;
pub(crate) mod custom;
pub(crate) mod instant;
pub(crate) mod sign_in;
