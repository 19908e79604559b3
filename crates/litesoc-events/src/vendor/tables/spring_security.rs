//! The event names of spring-security. Made by `cargo xtask codegen` from data/vendor-event-names.csv.

use crate::{
    Confidence::{High, Low, Medium},
    EventType,
    vendor::{Row, plain},
};

pub(super) static ROWS: &[Row] = &[
    plain("AUTHENTICATION_FAILURE", EventType::AUTH_LOGIN_FAILED, Medium),
    plain("AUTHENTICATION_SUCCESS", EventType::AUTH_LOGIN_SUCCESS, Medium),
    plain("AUTHENTICATION_SWITCH", EventType::ADMIN_USER_IMPERSONATION, Medium),
    plain("AUTHORIZATION_FAILURE", EventType::AUTHZ_ACCESS_DENIED, Medium),
    plain("AuthenticationFailureBadCredentialsEvent", EventType::AUTH_LOGIN_FAILED, High),
    plain("AuthenticationFailureCredentialsExpiredEvent", EventType::AUTH_LOGIN_FAILED, Medium),
    plain("AuthenticationFailureExpiredEvent", EventType::AUTH_LOGIN_FAILED, High),
    plain("AuthenticationFailureLockedEvent", EventType::SECURITY_ACCOUNT_LOCKED, High),
    plain("AuthenticationFailureProviderNotFoundEvent", EventType::AUTH_LOGIN_FAILED, Medium),
    plain("AuthenticationFailureProxyUntrustedEvent", EventType::AUTH_LOGIN_FAILED, Medium),
    plain("AuthenticationFailureServiceExceptionEvent", EventType::AUTH_LOGIN_FAILED, Medium),
    plain("AuthenticationSuccessEvent", EventType::AUTH_LOGIN_SUCCESS, High),
    plain("AuthenticationSwitchUserEvent", EventType::ADMIN_USER_IMPERSONATION, Medium),
    plain("AuthorizationDeniedEvent", EventType::AUTHZ_ACCESS_DENIED, Medium),
    plain("AuthorizationGrantedEvent", EventType::AUTHZ_ACCESS_GRANTED, Medium),
    plain("HttpSessionDestroyedEvent", EventType::AUTH_SESSION_EXPIRED, Medium),
    plain("LOGOUT_SUCCESS", EventType::AUTH_LOGOUT, Medium),
    plain("LogoutSuccessEvent", EventType::AUTH_LOGOUT, High),
    plain("SessionFixationProtectionEvent", EventType::AUTH_SESSION_CREATED, Low),
];
