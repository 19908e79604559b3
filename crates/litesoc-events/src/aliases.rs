//! Names that others use for events of the catalogue.
//!
//! A name made of the same words as a catalogued one needs no row here: letters and separators are folded anyway.

use crate::EventType;

/// The listed event a name stands for.
pub(crate) struct Alias {
    pub(crate) name: &'static str,
    pub(crate) event: EventType,
}

pub(crate) const fn alias(name: &'static str, event: EventType) -> Alias {
    Alias { name, event }
}

/// Every alias; the target is never renamed again.
pub(crate) static ALIASES: &[Alias] = &[
    // Formats the API says it accepts.
    alias("permission.denied", EventType::AUTHZ_ACCESS_DENIED),
    alias("privilege.escalation", EventType::ADMIN_PRIVILEGE_ESCALATION),
    alias("rate_limit.exceeded", EventType::SECURITY_RATE_LIMIT_EXCEEDED),
    // Names of the guide to a first event.
    alias("auth.login.failure", EventType::AUTH_LOGIN_FAILED),
    alias("admin.role.changed", EventType::AUTHZ_ROLE_CHANGED),
    alias("data.export.requested", EventType::DATA_EXPORT),
    alias("data.import.completed", EventType::DATA_IMPORT),
    alias("security.blocked", EventType::SECURITY_IP_BLOCKED),
    alias("security.rate.limited", EventType::SECURITY_RATE_LIMIT_EXCEEDED),
    alias("authz.permission.changed", EventType::AUTHZ_ROLE_CHANGED),
    // Names of older clients and samples.
    alias("auth.login", EventType::AUTH_LOGIN_SUCCESS),
    alias("login.success", EventType::AUTH_LOGIN_SUCCESS),
    alias("login.failure", EventType::AUTH_LOGIN_FAILED),
    alias("auth.password_change", EventType::AUTH_PASSWORD_RESET),
    alias("password.reset_requested", EventType::AUTH_PASSWORD_RESET),
    alias("authz.role_change", EventType::AUTHZ_ROLE_CHANGED),
    // A sign-up is not a sign-in.
    alias("user.signup", EventType::ADMIN_USER_CREATED),
    alias("auth.signup_success", EventType::ADMIN_USER_CREATED),
    // A code being sent is not a second factor being turned on.
    alias("auth.mfa_challenge", EventType::MFA_CHALLENGE_SENT),
    alias("auth.mfa_challenge_sent", EventType::MFA_CHALLENGE_SENT),
    // Names of the console's own audit trail.
    alias("api_key.regenerated", EventType::ADMIN_API_KEY_CREATED),
    alias("settings.updated", EventType::ADMIN_SETTINGS_CHANGED),
    alias("sso.enabled", EventType::ADMIN_SETTINGS_CHANGED),
    alias("ip_whitelist.updated", EventType::ADMIN_SETTINGS_CHANGED),
    alias("retention.changed", EventType::ADMIN_SETTINGS_CHANGED),
];
