//! Instant alerts: seven events that say by themselves that something is wrong.
//!
//! The set is the LiteSOC API's. One event is enough; repeats of the same alert type by the same actor
//! (by the same address when no actor is named) within 60 minutes go into the same alert, since one misconfigured page
//! that is denied on every click would otherwise flood whoever is on call.
//!
//! The severities are those of an account that does not do it every day; what is everyday work, and what follows a suspicious
//! sign-in, is told apart in the rules about conduct (`conduct/notices.rs`).
//!
//! The ATT&CK technique is the catalogue's.
//!
//! | event | alert type | severity | why |
//! |---|---|---|---|
//! | `admin.privilege_escalation` | privilege_escalation | critical | rights gained are rights used |
//! | `security.suspicious_activity` | suspicious_activity | critical | the application itself calls it an attack |
//! | `security.brute_force_detected` | brute_force_attack | high | as the brute-force rules before a success |
//! | `data.bulk_delete` | data_exfiltration | high | cannot be undone |
//! | `data.sensitive_access` | data_exfiltration | medium | private data was read, mostly by whose work it is |
//! | `authz.role_changed` | suspicious_activity | medium | usually an administrator at work |
//! | `authz.access_denied` | suspicious_activity | low | the attempt failed; many are told by a rule of their own |

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType};
use serde_json::Value;

/// What one instant event means.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) event: EventType,
    pub(crate) alert_type: AlertType,
    pub(crate) severity: AlertSeverity,
    /// What somebody did, to follow a name.
    pub(crate) deed: &'static str,
}

const fn notice(
    event: EventType,
    alert_type: AlertType,
    severity: AlertSeverity,
    deed: &'static str,
) -> Notice {
    Notice { event, alert_type, severity, deed }
}

static NOTICES: [Notice; 7] = [
    notice(
        EventType::ADMIN_PRIVILEGE_ESCALATION,
        AlertType::PrivilegeEscalation,
        AlertSeverity::Critical,
        "gained higher rights",
    ),
    notice(
        EventType::SECURITY_SUSPICIOUS_ACTIVITY,
        AlertType::SuspiciousActivity,
        AlertSeverity::Critical,
        "behaved suspiciously",
    ),
    notice(
        EventType::SECURITY_BRUTE_FORCE_DETECTED,
        AlertType::BruteForceAttack,
        AlertSeverity::High,
        "was attacked by brute force, says the application",
    ),
    notice(
        EventType::DATA_BULK_DELETE,
        AlertType::DataExfiltration,
        AlertSeverity::High,
        "deleted data in bulk",
    ),
    notice(
        EventType::DATA_SENSITIVE_ACCESS,
        AlertType::DataExfiltration,
        AlertSeverity::Medium,
        "read sensitive data",
    ),
    notice(
        EventType::AUTHZ_ROLE_CHANGED,
        AlertType::SuspiciousActivity,
        AlertSeverity::Medium,
        "changed a role",
    ),
    notice(
        EventType::AUTHZ_ACCESS_DENIED,
        AlertType::SuspiciousActivity,
        AlertSeverity::Low,
        "was denied access",
    ),
];

/// What this event means, when it is one of the seven.
pub(crate) fn notice_of(event: &EventType) -> Option<&'static Notice> {
    NOTICES.iter().find(|notice| notice.event == *event)
}

/// Metadata worth a word in the alert, in the order in which it is told.
const TOLD: [&str; 8] =
    ["old_role", "new_role", "role", "resource", "resource_id", "record_count", "count", "reason"];
const MAX_TOLD: usize = 3;

/// The few metadata fields that explain the event, such as `old_role user, new_role admin`.
pub(crate) fn detail(metadata: &str) -> String {
    let Ok(Value::Object(members)) = serde_json::from_str(metadata) else { return String::new() };
    let mut told = Vec::new();
    for key in TOLD {
        let value = match members.get(key) {
            Some(Value::String(text)) if !text.is_empty() => crate::text::name(text),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_))
            | None => {
                continue;
            }
        };
        told.push(format!("{key} {value}"));
        if told.len() == MAX_TOLD {
            break;
        }
    }
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_catalogue_s_instant_set() {
        let instant: Vec<&str> =
            litesoc_events::catalogue().filter(|info| info.instant).map(|info| info.name).collect();
        let mut ours: Vec<&str> = NOTICES.iter().map(|notice| notice.event.as_str()).collect();
        ours.sort_by_key(|name| instant.iter().position(|known| known == name));
        assert_eq!(ours, instant);
    }
}
