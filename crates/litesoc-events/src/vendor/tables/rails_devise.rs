//! The event names of rails-devise. Made by `cargo xtask codegen` from data/vendor-event-names.csv.

use crate::{
    Confidence::{High, Low, Medium},
    EventType,
    vendor::{Row, plain},
};

pub(super) static ROWS: &[Row] = &[
    plain("devise.failure.inactive", EventType::AUTH_LOGIN_FAILED, Medium),
    plain("devise.failure.invalid", EventType::AUTH_LOGIN_FAILED, Medium),
    plain("devise.failure.locked", EventType::SECURITY_ACCOUNT_LOCKED, Medium),
    plain("devise.failure.not_found_in_database", EventType::AUTH_LOGIN_FAILED, Medium),
    plain("devise.failure.timeout", EventType::AUTH_SESSION_EXPIRED, Medium),
    plain("devise.failure.unauthenticated", EventType::AUTHZ_ACCESS_DENIED, Medium),
    plain("devise.failure.unconfirmed", EventType::AUTH_LOGIN_FAILED, Medium),
    plain("devise.passwords.send_instructions", EventType::AUTH_PASSWORD_RESET_REQUESTED, Medium),
    plain("devise.passwords.updated", EventType::AUTH_PASSWORD_RESET, Medium),
    plain("devise.registrations.destroyed", EventType::USER_DELETED, Medium),
    plain("devise.registrations.signed_up", EventType::USER_CREATED, Medium),
    plain("devise.registrations.updated", EventType::USER_UPDATED, Medium),
    plain("devise.sessions.signed_in", EventType::AUTH_LOGIN_SUCCESS, Medium),
    plain("devise.sessions.signed_out", EventType::AUTH_LOGOUT, Medium),
    plain("devise.unlocks.unlocked", EventType::SECURITY_IP_UNBLOCKED, Low),
    plain("devise_invitable.invitations.updated", EventType::ADMIN_INVITE_ACCEPTED, Medium),
    plain("warden.after_authentication", EventType::AUTH_LOGIN_SUCCESS, High),
    plain("warden.before_failure", EventType::AUTH_LOGIN_FAILED, High),
    plain("warden.before_logout", EventType::AUTH_LOGOUT, High),
];
