//! [`Act`]: what an event is to this family, and what it means for an account's hour.

use litesoc_events::EventType;

use super::habit::Deed;
use super::{account_compromise, data_destruction, data_exfiltration, privilege_escalation};
use crate::finding::SignalKind;

/// What an event is to this family of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    SignedIn,
    ChallengeFailed,
    ChallengeSent,
    ChallengeAnswered,
    Limited,
    SignUp,
    Grant,
    Gain,
    Denied,
    SensitiveRead,
    Export,
    BulkDelete,
    Removal,
    Credentials,
    Administration,
}

impl Act {
    /// What the event is, if the family looks at it.
    pub(crate) fn of(event: &EventType) -> Option<Self> {
        // Failed sign-ins come in floods, and are not looked at here.
        if *event == EventType::AUTH_LOGIN_FAILED {
            return None;
        }
        let listed = [
            (EventType::AUTH_LOGIN_SUCCESS, Self::SignedIn),
            (EventType::AUTH_MFA_CHALLENGE_FAILED, Self::ChallengeFailed),
            (EventType::AUTH_MFA_CHALLENGE_SUCCESS, Self::ChallengeAnswered),
            (EventType::SECURITY_RATE_LIMIT_EXCEEDED, Self::Limited),
            (EventType::ADMIN_USER_CREATED, Self::SignUp),
            (EventType::ADMIN_PRIVILEGE_ESCALATION, Self::Gain),
            (EventType::AUTHZ_ACCESS_DENIED, Self::Denied),
            (EventType::DATA_SENSITIVE_ACCESS, Self::SensitiveRead),
            (EventType::DATA_BULK_DELETE, Self::BulkDelete),
            (EventType::ADMIN_SETTINGS_CHANGED, Self::Administration),
            (EventType::ADMIN_API_KEY_REVOKED, Self::Administration),
        ];
        let known = listed.into_iter().find_map(|(known, act)| (known == *event).then_some(act));
        known.or_else(|| Self::by_rule(event))
    }

    fn by_rule(event: &EventType) -> Option<Self> {
        if data_exfiltration::is_export(event) {
            Some(Self::Export)
        } else if privilege_escalation::is_grant(event) {
            Some(Self::Grant)
        } else if data_destruction::is_removal(event) {
            Some(Self::Removal)
        } else if account_compromise::credential_sign(event).is_some() {
            Some(Self::Credentials)
        } else if event.as_str() == "auth.mfa_challenge_sent" {
            Some(Self::ChallengeSent)
        } else {
            None
        }
    }

    /// Whether the metadata is asked about it.
    pub(crate) const fn has_particulars(self) -> bool {
        matches!(
            self,
            Self::ChallengeFailed
                | Self::Denied
                | Self::SignUp
                | Self::Grant
                | Self::Export
                | Self::BulkDelete
        )
    }

    /// The kind of work it is, if it is somebody's work.
    pub(crate) const fn deed(self) -> Option<Deed> {
        match self {
            Self::Limited => Some(Deed::IsLimited),
            Self::SignUp | Self::Removal => Some(Deed::ManagesAccounts),
            Self::Grant => Some(Deed::Grants),
            Self::Denied => Some(Deed::IsDenied),
            Self::SensitiveRead => Some(Deed::ReadsSensitiveData),
            Self::Export => Some(Deed::Exports),
            Self::BulkDelete => Some(Deed::DeletesInBulk),
            Self::Administration => Some(Deed::Administers),
            Self::SignedIn
            | Self::ChallengeFailed
            | Self::ChallengeSent
            | Self::ChallengeAnswered
            | Self::Gain
            | Self::Credentials => None,
        }
    }

    /// The sign it leaves in the account's hour, and what it weighs when it is nobody's work.
    pub(crate) fn sign(self, event: &EventType) -> Option<(SignalKind, u8)> {
        match self {
            Self::Limited => Some((SignalKind::RateLimit, 10)),
            Self::Grant => Some((SignalKind::RoleChange, 15)),
            Self::Gain => Some((SignalKind::PrivilegeGain, 35)),
            Self::Denied => Some((SignalKind::AccessDenied, 8)),
            Self::SensitiveRead => Some((SignalKind::SensitiveAccess, 20)),
            Self::Export => Some((SignalKind::Export, 10)),
            Self::Credentials => account_compromise::credential_sign(event),
            Self::SignedIn
            | Self::ChallengeFailed
            | Self::ChallengeSent
            | Self::ChallengeAnswered
            | Self::SignUp
            | Self::BulkDelete
            | Self::Removal
            | Self::Administration => None,
        }
    }
}
