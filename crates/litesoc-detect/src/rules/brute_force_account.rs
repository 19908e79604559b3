//! Brute force by account: many failed sign-ins on one account, from wherever.
//!
//! Fires at 10 failures within 1 hour on one account, the stated default of the LiteSOC API's detections.
//! It sees what the rule by address cannot: attempts spread over many addresses, or one every few minutes (ATT&CK T1110.001).
//! Ten in an hour is far above a forgotten password, which ends in a reset after a handful.
//!
//! Failures that an alert by address counts already do not make a second alert:
//! when most of the ten are counted elsewhere, the account joins that alert instead.

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "brute_force_account";
