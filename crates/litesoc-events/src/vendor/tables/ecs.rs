//! The event names of ecs. Made by `cargo xtask codegen` from data/vendor-event-names.csv.

use crate::{
    Confidence::{High, Medium},
    EventType,
    vendor::{Row, plain, when},
};

pub(super) static ROWS: &[Row] = &[
    plain("authentication/end", EventType::AUTH_LOGOUT, High),
    when("authentication/start", "event.outcome", "failure", EventType::AUTH_LOGIN_FAILED, High),
    when("authentication/start", "event.outcome", "success", EventType::AUTH_LOGIN_SUCCESS, High),
    plain("configuration/change", EventType::ADMIN_SETTINGS_CHANGED, High),
    plain("iam/admin+change", EventType::AUTHZ_ROLE_CHANGED, Medium),
    plain("iam/group+change", EventType::AUTHZ_ROLE_CHANGED, Medium),
    plain("iam/user+change", EventType::USER_UPDATED, High),
    plain("iam/user+creation", EventType::ADMIN_USER_CREATED, High),
    plain("iam/user+deletion", EventType::ADMIN_USER_DELETED, High),
    plain("intrusion_detection/denied", EventType::SECURITY_IP_BLOCKED, Medium),
];
