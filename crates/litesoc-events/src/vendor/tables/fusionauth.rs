//! The event names of fusionauth. Made by `cargo xtask codegen` from data/vendor-event-names.csv.

use crate::{
    Confidence::{High, Low, Medium},
    EventType,
    vendor::{Row, plain},
};

pub(super) static ROWS: &[Row] = &[
    plain("group.member.add", EventType::AUTHZ_ROLE_ASSIGNED, High),
    plain("group.member.remove", EventType::AUTHZ_ROLE_REMOVED, High),
    plain("group.update", EventType::ADMIN_SETTINGS_CHANGED, Medium),
    plain("jwt.refresh", EventType::AUTH_TOKEN_REFRESHED, High),
    plain("user.action", EventType::ADMIN_USER_SUSPENDED, Low),
    plain("user.bulk.create", EventType::DATA_IMPORT, High),
    plain("user.create", EventType::USER_CREATED, High),
    plain("user.create.complete", EventType::USER_CREATED, High),
    plain("user.deactivate", EventType::ADMIN_USER_SUSPENDED, High),
    plain("user.delete.complete", EventType::USER_DELETED, High),
    plain("user.email.update", EventType::USER_EMAIL_CHANGED, High),
    plain("user.identity-provider.link", EventType::USER_UPDATED, Medium),
    plain("user.identity.update", EventType::USER_UPDATED, Medium),
    plain("user.login.new-device", EventType::SECURITY_SUSPICIOUS_ACTIVITY, Low),
    plain("user.login.success", EventType::AUTH_LOGIN_SUCCESS, High),
    plain("user.login.suspicious", EventType::SECURITY_SUSPICIOUS_ACTIVITY, High),
    plain("user.password.breach", EventType::SECURITY_SUSPICIOUS_ACTIVITY, High),
    plain("user.password.reset.send", EventType::AUTH_PASSWORD_RESET_REQUESTED, High),
    plain("user.password.reset.success", EventType::AUTH_PASSWORD_RESET, High),
    plain("user.password.update", EventType::AUTH_PASSWORD_CHANGED, High),
    plain("user.reactivate", EventType::USER_UPDATED, Medium),
    plain("user.registration.create", EventType::AUTHZ_ROLE_ASSIGNED, Low),
    plain("user.registration.update", EventType::AUTHZ_ROLE_CHANGED, Low),
    plain("user.two-factor.method.add", EventType::AUTH_MFA_ENABLED, High),
    plain("user.two-factor.method.remove", EventType::AUTH_MFA_DISABLED, High),
    plain("user.update", EventType::USER_UPDATED, High),
    plain("user.update.complete", EventType::USER_UPDATED, High),
];
