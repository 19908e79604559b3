//! The words of the wire: severities, statuses, alert types, resolutions, plans, error codes.

use std::cmp::Ordering;

use litesoc_events::Severity;

use crate::open::open_vocabulary;

open_vocabulary! {
    /// How bad an alert is.
    ///
    /// ```
    /// use litesoc_model::AlertSeverity;
    ///
    /// assert!(AlertSeverity::Critical > AlertSeverity::Low);
    /// assert_eq!(AlertSeverity::from("HIGH"), AlertSeverity::High);
    /// assert_eq!(AlertSeverity::from("severe").as_str(), "severe");
    /// ```
    AlertSeverity {
        /// Minor.
        Low = "low" | "info",
        /// Suspicious activity.
        Medium = "medium" | "warning",
        /// A significant threat.
        High = "high",
        /// An attack under way.
        Critical = "critical",
    }
    else
    /// A word this version does not know.
    Other
}

impl AlertSeverity {
    /// 1 for low to 4 for critical; `None` for an unknown word.
    #[must_use]
    pub fn rank(&self) -> Option<u8> {
        match self {
            Self::Low => Some(1),
            Self::Medium => Some(2),
            Self::High => Some(3),
            Self::Critical => Some(4),
            Self::Other(_) => None,
        }
    }
}

/// By rank; an unknown word compares with itself only.
impl PartialOrd for AlertSeverity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.rank(), other.rank()) {
            (Some(mine), Some(theirs)) => Some(mine.cmp(&theirs)),
            _ => (self == other).then_some(Ordering::Equal),
        }
    }
}

open_vocabulary! {
    /// Where an alert stands.
    ///
    /// Older services say `active` for open and `safe` for dismissed; both are read, neither is written.
    AlertStatus {
        /// Nobody has looked at it.
        Open = "open" | "active",
        /// Somebody is looking at it.
        Acknowledged = "acknowledged",
        /// Dealt with.
        Resolved = "resolved",
        /// A false positive.
        Dismissed = "dismissed" | "safe",
    }
    else
    /// A word this version does not know.
    Other
}

open_vocabulary! {
    /// What kind of threat an alert reports.
    AlertType {
        /// Two logins too far apart for the time between them.
        ImpossibleTravel = "impossible_travel",
        /// Many failed logins.
        BruteForceAttack = "brute_force_attack" | "brute_force",
        /// A login from a place unusual for the account.
        GeoAnomaly = "geo_anomaly",
        /// A login from a device not seen before.
        NewDevice = "new_device",
        /// Somebody gained rights.
        PrivilegeEscalation = "privilege_escalation",
        /// Data left, or was destroyed, in bulk.
        DataExfiltration = "data_exfiltration",
        /// Something unusual that has no type of its own.
        SuspiciousActivity = "suspicious_activity",
        /// A caller went over its rate limit.
        RateLimitExceeded = "rate_limit_exceeded",
        /// Traffic from an anonymising or hosting network.
        SuspiciousNetwork = "suspicious_network",
        /// An account is in the hands of somebody else.
        AccountCompromise = "account_compromise",
        /// A rule of the organisation's own.
        CustomThreatModel = "custom_threat_model",
        /// A host agent stopped reporting.
        AgentOffline = "agent_offline",
        /// Activity from a country on the organisation's list.
        HighRiskCountry = "high_risk_country",
        /// Repeated second-factor prompts.
        MfaFatigue = "mfa_fatigue",
    }
    else
    /// A word this version does not know.
    Other
}

open_vocabulary! {
    /// How an alert was resolved.
    Resolution {
        /// The address was blocked.
        BlockedIp = "blocked_ip",
        /// The password was reset.
        ResetPassword = "reset_password",
        /// The user was asked.
        ContactedUser = "contacted_user",
        /// It was no threat.
        FalsePositive = "false_positive",
        /// In some other way.
        Other = "other",
    }
    else
    /// A word of the organisation's own, or of an older client (`fixed`, `ignored`).
    Custom
}

open_vocabulary! {
    /// A subscription plan.
    Plan {
        /// No alerts over the API; network and place fields are redacted.
        Free = "free",
        /// Alerts and full events.
        Pro = "pro",
        /// Everything, without a monthly quota.
        Enterprise = "enterprise",
    }
    else
    /// A plan this version does not know; take it for a paid one.
    Other
}

open_vocabulary! {
    /// How bad an event is, on whatever scale the service that answered uses.
    ///
    /// Three words on current services, four or five on older ones.
    EventSeverity {
        /// Nothing to act on.
        Info = "info",
        /// Of the older scales.
        Low = "low",
        /// Of the older scales.
        Medium = "medium",
        /// Worth a look.
        Warning = "warning",
        /// Of the older scales.
        High = "high",
        /// Act now.
        Critical = "critical",
    }
    else
    /// A word this version does not know.
    Other
}

impl EventSeverity {
    /// The nearest of the three current severities; an unknown word counts as information.
    #[must_use]
    pub fn class(&self) -> Severity {
        match self {
            Self::Critical | Self::High => Severity::Critical,
            Self::Warning | Self::Medium => Severity::Warning,
            Self::Info | Self::Low | Self::Other(_) => Severity::Info,
        }
    }
}

impl From<Severity> for EventSeverity {
    fn from(severity: Severity) -> Self {
        Self::from(severity.as_str())
    }
}

open_vocabulary! {
    /// The machine-readable reason in an error body.
    ErrorCode {
        /// The key is missing or wrong.
        Unauthorized = "UNAUTHORIZED",
        /// The plan does not include what was asked.
        PlanRestricted = "PLAN_RESTRICTED",
        /// Too many requests in a minute.
        RateLimitExceeded = "RATE_LIMIT_EXCEEDED",
        /// Too many requests in a minute; an older word.
        RateLimited = "RATE_LIMITED",
        /// The month's events are used up.
        QuotaExceeded = "QUOTA_EXCEEDED",
        /// There is no such thing, or it is older than the plan's retention.
        NotFound = "NOT_FOUND",
        /// There is no such alert.
        AlertNotFound = "ALERT_NOT_FOUND",
        /// A field is missing or out of bounds.
        ValidationFailed = "VALIDATION_FAILED",
        /// A field is missing or out of bounds; another word for it.
        ValidationError = "VALIDATION_ERROR",
        /// The body is not JSON.
        InvalidJson = "INVALID_JSON",
        /// More than 100 events in a batch.
        BatchTooLarge = "BATCH_TOO_LARGE",
        /// The body is over the size limit.
        PayloadTooLarge = "PAYLOAD_TOO_LARGE",
        /// Not allowed, for a reason the message tells.
        Forbidden = "FORBIDDEN",
        /// The caller's address is not on the organisation's list.
        IpNotAllowed = "IP_NOT_ALLOWED",
        /// The page's origin is not on the organisation's list.
        OriginNotAuthorized = "ORIGIN_NOT_AUTHORIZED",
        /// The account is suspended.
        AccountSuspended = "ACCOUNT_SUSPENDED",
        /// The path does not take this method.
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        /// The service cannot take the request now.
        ServiceUnavailable = "SERVICE_UNAVAILABLE",
        /// The service failed.
        ServerError = "SERVER_ERROR",
        /// The request took too long.
        Timeout = "TIMEOUT",
    }
    else
    /// A code this version does not know.
    Other
}

impl ErrorCode {
    /// Whether the caller sent too much in a minute, under either word.
    #[must_use]
    pub fn is_rate_limit(&self) -> bool {
        matches!(self, Self::RateLimitExceeded | Self::RateLimited)
    }
}
