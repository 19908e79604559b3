//! The event names of django. Made by `cargo xtask codegen` from data/vendor-event-names.csv.

use crate::{
    Confidence::{High, Medium},
    EventType,
    vendor::{Row, plain},
};

pub(super) static ROWS: &[Row] = &[
    plain("authenticator_added", EventType::AUTH_MFA_ENABLED, Medium),
    plain("authenticator_removed", EventType::AUTH_MFA_DISABLED, Medium),
    plain("email_changed", EventType::USER_EMAIL_CHANGED, Medium),
    plain("password_changed", EventType::AUTH_PASSWORD_CHANGED, Medium),
    plain("password_reset", EventType::AUTH_PASSWORD_RESET, Medium),
    plain("user_locked_out", EventType::SECURITY_ACCOUNT_LOCKED, Medium),
    plain("user_logged_out", EventType::AUTH_LOGOUT, High),
    plain("user_login_failed", EventType::AUTH_LOGIN_FAILED, High),
    plain("user_signed_up", EventType::USER_CREATED, Medium),
];
