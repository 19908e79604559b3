//! The event names of clerk. Made by `cargo xtask codegen` from data/vendor-event-names.csv.

use crate::{
    Confidence::{High, Low, Medium},
    EventType,
    vendor::{Row, plain},
};

pub(super) static ROWS: &[Row] = &[
    plain("organization.updated", EventType::ADMIN_SETTINGS_CHANGED, Medium),
    plain("organizationInvitation.accepted", EventType::ADMIN_INVITE_ACCEPTED, High),
    plain("organizationInvitation.created", EventType::ADMIN_INVITE_SENT, High),
    plain("organizationMembership.created", EventType::AUTHZ_ROLE_ASSIGNED, Medium),
    plain("permission.created", EventType::ADMIN_SETTINGS_CHANGED, Low),
    plain("role.created", EventType::ADMIN_SETTINGS_CHANGED, Medium),
    plain("role.updated", EventType::ADMIN_SETTINGS_CHANGED, Medium),
    plain("session.created", EventType::AUTH_LOGIN_SUCCESS, Medium),
    plain("session.removed", EventType::AUTH_LOGOUT, High),
    plain("session.revoked", EventType::AUTH_SESSION_EXPIRED, High),
    plain("subscription.created", EventType::BILLING_SUBSCRIPTION_CREATED, High),
    plain("user.deleted", EventType::USER_DELETED, High),
    plain("user.updated", EventType::USER_UPDATED, High),
];
