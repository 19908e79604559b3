//! The event names of stytch. Made by `cargo xtask codegen` from data/vendor-event-names.csv.

use crate::{
    Confidence::{High, Low, Medium},
    EventType,
    vendor::{Row, plain, when},
};

pub(super) static ROWS: &[Row] = &[
    plain("CreatePublicToken", EventType::ADMIN_API_KEY_CREATED, Medium),
    when("MultiTenantSessionsAuthenticate", "status", "success", EventType::AUTH_TOKEN_REFRESHED, Low),
    when("SessionsAuthenticate", "status", "success", EventType::AUTH_TOKEN_REFRESHED, Low),
    plain("dashboard.member.create", EventType::ADMIN_USER_CREATED, High),
    plain("dashboard.member.delete", EventType::ADMIN_USER_DELETED, High),
    plain("dashboard.member.update", EventType::USER_UPDATED, High),
    plain("dashboard.organization.update", EventType::ADMIN_SETTINGS_CHANGED, Medium),
    plain("dashboard.user.create", EventType::ADMIN_USER_CREATED, Medium),
    plain("direct.member.delete", EventType::ADMIN_MEMBER_REMOVED, Medium),
    plain("direct.member.update", EventType::USER_UPDATED, Medium),
    plain("direct.organization.update", EventType::ADMIN_SETTINGS_CHANGED, Medium),
    plain("direct.user.create", EventType::USER_CREATED, Medium),
    plain("direct.user.delete", EventType::USER_DELETED, Medium),
    plain("direct.user.update", EventType::USER_UPDATED, Medium),
    plain("scim.member.create", EventType::ADMIN_USER_CREATED, Medium),
    plain("scim.member.delete", EventType::ADMIN_USER_DELETED, Medium),
    plain("scim.member.update", EventType::USER_UPDATED, Medium),
];
