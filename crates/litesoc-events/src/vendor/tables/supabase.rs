//! The event names of supabase. Made by `cargo xtask codegen` from data/vendor-event-names.csv.

use crate::{
    Confidence::{High, Low, Medium},
    EventType,
    vendor::{Row, plain},
};

pub(super) static ROWS: &[Row] = &[
    plain("factor_deleted", EventType::AUTH_MFA_DISABLED, High),
    plain("factor_in_progress", EventType::AUTH_MFA_ENABLED, Low),
    plain("factor_updated", EventType::AUTH_MFA_ENABLED, Low),
    plain("identity_linked", EventType::USER_UPDATED, Medium),
    plain("identity_unlinked", EventType::USER_UPDATED, Medium),
    plain("invite_accepted", EventType::ADMIN_INVITE_ACCEPTED, High),
    plain("login", EventType::AUTH_LOGIN_SUCCESS, High),
    plain("logout", EventType::AUTH_LOGOUT, High),
    plain("passkey_created", EventType::AUTH_MFA_ENABLED, Medium),
    plain("passkey_deleted", EventType::AUTH_MFA_DISABLED, Medium),
    plain("token_refreshed", EventType::AUTH_TOKEN_REFRESHED, High),
    plain("token_revoked", EventType::AUTH_SESSION_EXPIRED, Medium),
    plain("user_deleted", EventType::ADMIN_USER_DELETED, Medium),
    plain("user_invited", EventType::ADMIN_INVITE_SENT, High),
    plain("user_modified", EventType::USER_UPDATED, High),
    plain("user_recovery_requested", EventType::AUTH_PASSWORD_RESET_REQUESTED, High),
    plain("user_repeated_signup", EventType::SECURITY_SUSPICIOUS_ACTIVITY, Low),
    plain("user_signedup", EventType::USER_CREATED, High),
    plain("user_updated_password", EventType::AUTH_PASSWORD_CHANGED, High),
    plain("verification_attempted", EventType::AUTH_MFA_CHALLENGE_SUCCESS, Low),
];
