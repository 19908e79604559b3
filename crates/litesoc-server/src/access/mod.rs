//! Who may do what, and how much of it: keys, quotas, rate limits.

mod accounts;
mod keys;
mod quota;
mod rate;

pub use self::accounts::{Accounts, ApiKey, MadeKey};
pub(crate) use self::keys::{Caller, KeyRing, presented_key};
#[cfg(test)]
pub(crate) use self::quota::Quota;
pub(crate) use self::quota::{Reservation, month_end};
pub(crate) use self::rate::whole_seconds;
