//! One call each for the events that nearly every application has.

use litesoc_events::EventType;

use super::Event;

/// Metadata given by the caller is added to what a shortcut sets; under the same key it replaces that one value.
impl Event {
    /// A failed login: `auth.login_failed`.
    pub fn login_failed(actor: &str) -> Self {
        Self::new(EventType::AUTH_LOGIN_FAILED).actor(actor)
    }

    /// A login: `auth.login_success`.
    pub fn login_success(actor: &str) -> Self {
        Self::new(EventType::AUTH_LOGIN_SUCCESS).actor(actor)
    }

    /// A logout: `auth.logout`.
    pub fn logout(actor: &str) -> Self {
        Self::new(EventType::AUTH_LOGOUT).actor(actor)
    }

    /// A password reset: `auth.password_reset`.
    pub fn password_reset(actor: &str) -> Self {
        Self::new(EventType::AUTH_PASSWORD_RESET).actor(actor)
    }

    /// A second factor switched on: `auth.mfa_enabled`.
    pub fn mfa_enabled(actor: &str) -> Self {
        Self::new(EventType::AUTH_MFA_ENABLED).actor(actor)
    }

    /// A second factor switched off: `auth.mfa_disabled`.
    pub fn mfa_disabled(actor: &str) -> Self {
        Self::new(EventType::AUTH_MFA_DISABLED).actor(actor)
    }

    /// A refused access: `authz.access_denied`, with `resource`.
    pub fn access_denied(actor: &str, resource: &str) -> Self {
        Self::new(EventType::AUTHZ_ACCESS_DENIED).actor(actor).metadata("resource", resource)
    }

    /// A changed role: `authz.role_changed`, with `old_role` and `new_role`.
    pub fn role_changed(actor: &str, old_role: &str, new_role: &str) -> Self {
        Self::new(EventType::AUTHZ_ROLE_CHANGED)
            .actor(actor)
            .metadata("old_role", old_role)
            .metadata("new_role", new_role)
    }

    /// Rights gained: `admin.privilege_escalation`.
    pub fn privilege_escalation(actor: &str) -> Self {
        Self::new(EventType::ADMIN_PRIVILEGE_ESCALATION).actor(actor)
    }

    /// Access to something sensitive: `data.sensitive_access`, with `resource`.
    pub fn sensitive_access(actor: &str, resource: &str) -> Self {
        Self::new(EventType::DATA_SENSITIVE_ACCESS).actor(actor).metadata("resource", resource)
    }

    /// Many records deleted at once: `data.bulk_delete`, with `records_deleted`.
    pub fn bulk_delete(actor: &str, records: u64) -> Self {
        Self::new(EventType::DATA_BULK_DELETE).actor(actor).metadata("records_deleted", records)
    }

    /// Records exported: `data.export`, with `records_exported`.
    pub fn export(actor: &str, records: u64) -> Self {
        Self::new(EventType::DATA_EXPORT).actor(actor).metadata("records_exported", records)
    }
}
