//! Brute force by address: many failed sign-ins from one source in a short time.
//!
//! Fires at 5 failures within 5 minutes from one address, the stated default of the LiteSOC API's detections.
//! A person who mistypes a password seldom fails five times in five minutes; a program that guesses does within a second.
//! The accounts do not matter: five tries on one account and one try on each of five are the same source at work.
//! From 5 different accounts on, the alert is named a password spray (ATT&CK T1110.003), else password guessing (T1110.001).
//!
//! Known cost: an office behind one address can reach the threshold in a morning rush.
//! Operators of such places raise `address.failures`, or mark the address safe.

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "brute_force_address";
