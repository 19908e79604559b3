//! Somebody inside takes out data, and somebody gains rights.

use litesoc::{AlertSeverity, AlertType, EventType};

use super::Stagecraft;
use crate::demo::geography::BEHIND_TOR;
use crate::demo::script::{Expected, Line, MINUTE};

/// Who gains rights.
const CLIMBER: usize = 1;
/// Who takes out data.
const LEAKER: usize = 5;
const EXPORTS: i64 = 30;
/// Records in each; the ninth export reaches 10,000 within an hour, which is when they are too many.
const RECORDS: u32 = 1_200;
const TOLD: u64 = 22;

/// Thirty exports within half an hour, of data that the account had no business reading.
pub(super) fn data_taken_out(stage: &mut Stagecraft<'_>) -> Expected {
    let (leaker, home) = (stage.name(LEAKER), stage.users[LEAKER].home);
    let at = stage.chance.between(stage.start + 4 * 60 * MINUTE, stage.start + 19 * 60 * MINUTE);
    let at = within_a_day(at, (EXPORTS + 1) * MINUTE);
    let read = Line::new(at, EventType::DATA_SENSITIVE_ACCESS, &leaker, home);
    stage.push(read.with("resource", "customers"));
    for number in 1..=EXPORTS {
        let export = Line::new(at + number * MINUTE, EventType::DATA_EXPORT, &leaker, home);
        stage.push(export.with("resource", "customers").with("record_count", RECORDS.to_string()));
    }
    Expected {
        story: "36,000 records of customers taken out in half an hour",
        alert_type: AlertType::DataExfiltration,
        severity: AlertSeverity::High,
        actor_id: Some(leaker),
        source_ip: Some(home.to_string()),
        // The reading of sensitive data before counts too.
        count: TOLD + 1,
    }
}

/// The same time, or an earlier one if midnight (UTC) falls into so long a span: what accounts take out is counted by the day.
const fn within_a_day(at: i64, span: i64) -> i64 {
    const DAY: i64 = 24 * 60 * MINUTE;
    let midnight = (at + span) / DAY * DAY;
    if midnight > at { midnight - span } else { at }
}

/// The application reports that an ordinary user has become an owner, through Tor.
pub(super) fn rights_gained(stage: &mut Stagecraft<'_>) -> Expected {
    let climber = stage.name(CLIMBER);
    let gained = Line::new(stage.end, EventType::ADMIN_PRIVILEGE_ESCALATION, &climber, BEHIND_TOR);
    stage.push(gained.with("old_role", "user").with("new_role", "owner"));
    Expected {
        story: "privilege escalation",
        alert_type: AlertType::PrivilegeEscalation,
        severity: AlertSeverity::Critical,
        actor_id: Some(climber),
        source_ip: Some(BEHIND_TOR.to_string()),
        count: 1,
    }
}
