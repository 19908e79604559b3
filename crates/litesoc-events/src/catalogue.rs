//! The catalogue: the one table in which an event exists.
//!
//! The macro makes the constants of [`EventType`] and the rows of [`CATALOGUE`] from it; iteration, the index of the
//! normaliser and docs/EVENTS.md follow from the rows.

use crate::{
    Category, EventType, SeverityLevel,
    info::{EventInfo, Ocsf, Tier},
};

macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

macro_rules! is_instant {
    () => {
        false
    };
    (instant) => {
        true
    };
}

macro_rules! catalogue {
    ($($tier:ident { $(
        $constant:ident = $name:literal, $category:ident $level:ident $($instant:ident)?,
        ocsf $class:literal:$activity:literal, attack [$($technique:literal)?], $meaning:literal $(=> $target:ident)?;
    )* })*) => {
        /// The rows by position, under the names of their constants.
        #[expect(non_camel_case_types, reason = "a row and its constant share one name")]
        #[derive(Clone, Copy)]
        #[repr(u8)]
        enum Position { $($($constant,)*)* }

        /// The known events.
        impl EventType {
            $($(
                #[doc = concat!("`", $name, "`: ", $meaning, ".")]
                pub const $constant: Self = Self::at(Position::$constant as u8);
            )*)*
        }

        /// Every row, standard events first.
        pub(crate) static CATALOGUE: &[EventInfo] = &[$($(EventInfo {
            name: $name,
            event: EventType::$constant,
            category: Category::$category,
            level: SeverityLevel::$level,
            severity: SeverityLevel::$level.severity(),
            instant: is_instant!($($instant)?),
            tier: Tier::$tier,
            meaning: $meaning,
            ocsf: Ocsf::new($class, $activity),
            attack: optional!($($technique)?),
            normalizes_to: optional!($(EventType::$target)?),
        },)*)*];
    };
}

// Levels of the standard events are those of the LiteSOC API; impersonation, which it leaves out, counts as high.
// Levels of the extended events lie within the API severity stated for them.
// An event that an attacker's success would also produce names the technique; the event alone proves nothing.
catalogue! {
    Standard {
        AUTH_LOGIN_SUCCESS = "auth.login_success", Auth Low, ocsf 3002:1, attack ["T1078"], "A user signed in";
        AUTH_LOGIN_FAILED = "auth.login_failed", Auth Medium, ocsf 3002:1, attack ["T1110"], "A sign-in attempt was refused";
        AUTH_LOGOUT = "auth.logout", Auth Info, ocsf 3002:2, attack [], "A user ended a session";
        AUTH_PASSWORD_RESET = "auth.password_reset", Auth Medium, ocsf 3001:4, attack ["T1098"], "A password reset was asked for or done";
        AUTH_MFA_ENABLED = "auth.mfa_enabled", Auth Low, ocsf 3001:10, attack ["T1098.005"], "A second factor was turned on";
        AUTH_MFA_DISABLED = "auth.mfa_disabled", Auth Medium, ocsf 3001:11, attack ["T1556.006"], "A second factor was turned off";
        AUTH_SESSION_EXPIRED = "auth.session_expired", Auth Info, ocsf 3002:2, attack [], "A session timed out";
        AUTH_TOKEN_REFRESHED = "auth.token_refreshed", Auth Info, ocsf 3002:5, attack [], "An access token was renewed";
        AUTHZ_ACCESS_DENIED = "authz.access_denied", Authz Critical instant, ocsf 6003:99, attack [], "Access to a resource was refused";
        AUTHZ_ROLE_CHANGED = "authz.role_changed", Authz Critical instant, ocsf 3005:99, attack ["T1098"], "The role or the permissions of a user were altered";
        AUTHZ_PERMISSION_GRANTED = "authz.permission_granted", Authz Info, ocsf 3005:1, attack ["T1098"], "A permission was added";
        AUTHZ_PERMISSION_REVOKED = "authz.permission_revoked", Authz Medium, ocsf 3005:2, attack [], "A permission was taken away";
        ADMIN_USER_CREATED = "admin.user_created", Admin Low, ocsf 3001:1, attack ["T1136"], "An account was made";
        ADMIN_USER_DELETED = "admin.user_deleted", Admin High, ocsf 3001:6, attack ["T1531"], "An account was removed";
        ADMIN_USER_SUSPENDED = "admin.user_suspended", Admin High, ocsf 3001:5, attack ["T1531"], "An account was disabled";
        ADMIN_USER_IMPERSONATION = "admin.user_impersonation", Admin High, ocsf 3002:7, attack ["T1078"], "An administrator acted as another user";
        ADMIN_PRIVILEGE_ESCALATION = "admin.privilege_escalation", Admin Critical instant, ocsf 3005:1, attack ["T1548"], "Somebody gained higher rights";
        ADMIN_SETTINGS_CHANGED = "admin.settings_changed", Admin Medium, ocsf 3004:3, attack [], "Settings of the system or of an organisation were edited";
        ADMIN_API_KEY_CREATED = "admin.api_key_created", Admin Medium, ocsf 3004:1, attack ["T1098.001"], "An API key was issued";
        ADMIN_API_KEY_REVOKED = "admin.api_key_revoked", Admin Medium, ocsf 3004:4, attack [], "An API key was withdrawn";
        DATA_EXPORT = "data.export", Data Medium, ocsf 6005:1, attack ["T1567"], "Data was taken out";
        DATA_BULK_DELETE = "data.bulk_delete", Data Critical instant, ocsf 6005:7, attack ["T1485"], "Data was deleted on a large scale";
        DATA_SENSITIVE_ACCESS = "data.sensitive_access", Data Critical instant, ocsf 6005:1, attack ["T1213"], "Private or personal data was read";
        SECURITY_SUSPICIOUS_ACTIVITY = "security.suspicious_activity", Security Critical instant, ocsf 2004:1, attack [], "The application reported unusual behaviour";
        SECURITY_RATE_LIMIT_EXCEEDED = "security.rate_limit_exceeded", Security Medium, ocsf 6003:99, attack ["T1499"], "A rate limit was hit";
        SECURITY_IP_BLOCKED = "security.ip_blocked", Security High, ocsf 2004:99, attack [], "An IP address was blocked";
        SECURITY_BRUTE_FORCE_DETECTED = "security.brute_force_detected", Security Critical instant, ocsf 2004:1, attack ["T1110"], "The application saw many failed sign-ins";
    }
    Extended {
        AUTH_PASSWORD_CHANGED = "auth.password_changed", Auth Medium, ocsf 3001:3, attack ["T1098"], "A user changed a password" => AUTH_PASSWORD_RESET;
        AUTH_PASSWORD_RESET_REQUESTED = "auth.password_reset_requested", Auth Medium, ocsf 3001:4, attack ["T1098"], "A password reset was asked for" => AUTH_PASSWORD_RESET;
        AUTH_PASSWORD_RESET_COMPLETED = "auth.password_reset_completed", Auth Medium, ocsf 3001:4, attack ["T1098"], "A password reset was done" => AUTH_PASSWORD_RESET;
        AUTH_MFA_CHALLENGE_SUCCESS = "auth.mfa_challenge_success", Auth Low, ocsf 3002:1, attack [], "A second factor was answered rightly";
        AUTH_MFA_CHALLENGE_FAILED = "auth.mfa_challenge_failed", Auth Medium, ocsf 3002:1, attack ["T1621"], "A second factor was answered wrongly or refused";
        AUTH_SESSION_CREATED = "auth.session_created", Auth Info, ocsf 3002:3, attack [], "A session was opened";
        AUTH_SESSION_REVOKED = "auth.session_revoked", Auth Low, ocsf 3002:2, attack [], "A session was ended by somebody else";
        AUTH_FAILED = "auth.failed", Auth Medium, ocsf 3002:1, attack ["T1110"], "A sign-in attempt was refused (older name)" => AUTH_LOGIN_FAILED;
        USER_CREATED = "user.created", User Low, ocsf 3001:1, attack ["T1136"], "A user signed up" => ADMIN_USER_CREATED;
        USER_UPDATED = "user.updated", User Info, ocsf 3001:99, attack [], "An account was edited";
        USER_DELETED = "user.deleted", User High, ocsf 3001:6, attack ["T1531"], "A user's account was removed" => ADMIN_USER_DELETED;
        USER_EMAIL_CHANGED = "user.email_changed", User Medium, ocsf 3001:99, attack ["T1098"], "An account's e-mail address was changed";
        USER_EMAIL_VERIFIED = "user.email_verified", User Info, ocsf 3001:99, attack [], "An account's e-mail address was confirmed";
        USER_PHONE_CHANGED = "user.phone_changed", User Medium, ocsf 3001:99, attack ["T1098"], "An account's telephone number was changed";
        USER_PHONE_VERIFIED = "user.phone_verified", User Info, ocsf 3001:99, attack [], "An account's telephone number was confirmed";
        USER_PROFILE_UPDATED = "user.profile_updated", User Info, ocsf 3001:99, attack [], "A profile was edited";
        USER_AVATAR_CHANGED = "user.avatar_changed", User Info, ocsf 3001:99, attack [], "A profile picture was changed";
        USER_LOGIN_FAILED = "user.login_failed", User Medium, ocsf 3002:1, attack ["T1110"], "A sign-in attempt was refused (older name)" => AUTH_LOGIN_FAILED;
        USER_LOGIN_FAILED_DOTTED = "user.login.failed", User Medium, ocsf 3002:1, attack ["T1110"], "A sign-in attempt was refused (older name, with dots)" => AUTH_LOGIN_FAILED;
        AUTHZ_ROLE_ASSIGNED = "authz.role_assigned", Authz Critical, ocsf 3005:3, attack ["T1098"], "A role was given to a user" => AUTHZ_ROLE_CHANGED;
        AUTHZ_ROLE_REMOVED = "authz.role_removed", Authz Critical, ocsf 3005:4, attack [], "A role was taken from a user" => AUTHZ_ROLE_CHANGED;
        AUTHZ_ACCESS_GRANTED = "authz.access_granted", Authz Info, ocsf 3003:1, attack [], "Access to a resource was allowed";
        ADMIN_INVITE_SENT = "admin.invite_sent", Admin Info, ocsf 3001:99, attack [], "Somebody was invited";
        ADMIN_INVITE_ACCEPTED = "admin.invite_accepted", Admin Info, ocsf 3006:3, attack [], "An invited person joined";
        ADMIN_MEMBER_REMOVED = "admin.member_removed", Admin Medium, ocsf 3006:4, attack ["T1531"], "A member was removed from an organisation";
        DATA_IMPORT = "data.import", Data Info, ocsf 6005:5, attack [], "Data was taken in";
        DATA_BULK_UPDATE = "data.bulk_update", Data Medium, ocsf 6005:2, attack ["T1565.001"], "Data was altered on a large scale";
        DATA_DOWNLOAD = "data.download", Data Low, ocsf 6006:2, attack ["T1530"], "A file was downloaded";
        DATA_UPLOAD = "data.upload", Data Info, ocsf 6006:1, attack [], "A file was uploaded";
        DATA_SHARED = "data.shared", Data Medium, ocsf 6006:12, attack ["T1567"], "Data was made visible to others";
        DATA_UNSHARED = "data.unshared", Data Info, ocsf 6006:13, attack [], "Data was hidden from others again";
        SECURITY_IP_UNBLOCKED = "security.ip_unblocked", Security Info, ocsf 2004:99, attack [], "The block of an IP address was lifted";
        SECURITY_ACCOUNT_LOCKED = "security.account_locked", Security High, ocsf 3001:9, attack ["T1110"], "An account was locked";
        SECURITY_ACCOUNT_UNLOCKED = "security.account_unlocked", Security Info, ocsf 3001:12, attack [], "The lock of an account was lifted";
        SECURITY_IMPOSSIBLE_TRAVEL = "security.impossible_travel", Security Critical, ocsf 2004:1, attack ["T1078"], "The application saw sign-ins too far apart for their times";
        SECURITY_GEO_ANOMALY = "security.geo_anomaly", Security High, ocsf 2004:1, attack ["T1078"], "The application saw a sign-in from an unusual place";
        API_KEY_USED = "api.key_used", Api Info, ocsf 6003:99, attack [], "An API key was used";
        API_RATE_LIMITED = "api.rate_limited", Api Medium, ocsf 6003:99, attack ["T1499"], "A rate limit of an API was hit" => SECURITY_RATE_LIMIT_EXCEEDED;
        API_ERROR = "api.error", Api Info, ocsf 6003:99, attack [], "An API call failed";
        API_WEBHOOK_SENT = "api.webhook_sent", Api Info, ocsf 6003:99, attack [], "A webhook was delivered";
        API_WEBHOOK_FAILED = "api.webhook_failed", Api Low, ocsf 6003:99, attack [], "A webhook could not be delivered";
        BILLING_SUBSCRIPTION_CREATED = "billing.subscription_created", Billing Info, ocsf 3004:1, attack [], "A subscription began";
        BILLING_SUBSCRIPTION_UPDATED = "billing.subscription_updated", Billing Info, ocsf 3004:3, attack [], "A subscription was altered";
        BILLING_SUBSCRIPTION_CANCELLED = "billing.subscription_cancelled", Billing Low, ocsf 3004:4, attack [], "A subscription was cancelled";
        BILLING_PAYMENT_SUCCEEDED = "billing.payment_succeeded", Billing Info, ocsf 0:0, attack [], "A payment went through";
        BILLING_PAYMENT_FAILED = "billing.payment_failed", Billing Low, ocsf 0:0, attack [], "A payment was refused";
        BILLING_INVOICE_CREATED = "billing.invoice_created", Billing Info, ocsf 3004:1, attack [], "An invoice was written";
        BILLING_INVOICE_PAID = "billing.invoice_paid", Billing Info, ocsf 0:0, attack [], "An invoice was paid";
    }
}

/// A custom name whose severity the LiteSOC API states, though no client lists it as an event.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) name: &'static str,
    pub(crate) level: SeverityLevel,
}

impl Noted {
    const fn new(name: &'static str, level: SeverityLevel) -> Self {
        Self { name, level }
    }
}

/// The noted custom names; an [`EventType`] of one of them needs no heap.
pub(crate) static NOTED: &[Noted] = &[
    Noted::new("auth.mfa_challenge_sent", SeverityLevel::Info),
    Noted::new("auth.password_change_failed", SeverityLevel::Medium),
    Noted::new("auth.signup_failed", SeverityLevel::Info),
    Noted::new("auth.token_exchange_failed", SeverityLevel::Info),
    // One row is no bulk: `data.bulk_delete` would raise an alert for each.
    Noted::new("data.deleted", SeverityLevel::Medium),
];

impl EventType {
    /// The first of the noted names.
    pub(crate) const MFA_CHALLENGE_SENT: Self = Self::at(CATALOGUE.len() as u8);
}
