//! The event names of castle. Made by `cargo xtask codegen` from data/vendor-event-names.csv.

use crate::{
    Confidence::{High, Medium},
    EventType,
    vendor::{Row, plain},
};

pub(super) static ROWS: &[Row] = &[
    plain("$challenge:$failed", EventType::AUTH_MFA_CHALLENGE_FAILED, High),
    plain("$login:$failed", EventType::AUTH_LOGIN_FAILED, High),
    plain("$login:$succeeded", EventType::AUTH_LOGIN_SUCCESS, High),
    plain("$logout:$succeeded", EventType::AUTH_LOGOUT, High),
    plain("$password_reset_request:$succeeded", EventType::AUTH_PASSWORD_RESET_REQUESTED, High),
    plain("$profile_reset:$succeeded", EventType::AUTH_PASSWORD_RESET, Medium),
    plain("$registration:$succeeded", EventType::USER_CREATED, High),
];
