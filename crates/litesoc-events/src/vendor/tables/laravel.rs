//! The event names of laravel. Made by `cargo xtask codegen` from data/vendor-event-names.csv.

use crate::{
    Confidence::{High, Medium},
    EventType,
    vendor::{Row, plain},
};

pub(super) static ROWS: &[Row] = &[
    plain("Illuminate\\Auth\\Events\\Failed", EventType::AUTH_LOGIN_FAILED, High),
    plain("Illuminate\\Auth\\Events\\Login", EventType::AUTH_LOGIN_SUCCESS, High),
    plain("Illuminate\\Auth\\Events\\Logout", EventType::AUTH_LOGOUT, High),
    plain("Illuminate\\Auth\\Events\\OtherDeviceLogout", EventType::AUTH_SESSION_EXPIRED, Medium),
    plain("Illuminate\\Auth\\Events\\PasswordReset", EventType::AUTH_PASSWORD_RESET, High),
    plain("Illuminate\\Auth\\Events\\PasswordResetLinkSent", EventType::AUTH_PASSWORD_RESET_REQUESTED, High),
    plain("Laravel\\Fortify\\Events\\TwoFactorAuthenticationDisabled", EventType::AUTH_MFA_DISABLED, Medium),
    plain("Laravel\\Fortify\\Events\\TwoFactorAuthenticationEnabled", EventType::AUTH_MFA_ENABLED, Medium),
    plain(
        "Laravel\\Fortify\\Events\\TwoFactorAuthenticationFailed",
        EventType::AUTH_MFA_CHALLENGE_FAILED,
        Medium,
    ),
    plain(
        "Laravel\\Fortify\\Events\\ValidTwoFactorAuthenticationCodeProvided",
        EventType::AUTH_MFA_CHALLENGE_SUCCESS,
        Medium,
    ),
];
