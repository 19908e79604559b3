//! Ordinary traffic: all standard events, below every threshold, and a few notices that are alerts by definition.

use std::collections::HashMap;

use litesoc::{AlertSeverity, AlertType, EventType};

use super::attacks::{BROWSER, CAST};
use super::chance::Chance;
use super::script::{Expected, Line, MINUTE, User};

/// The least time between two wrong passwords of one user: far below 5 in 5 minutes and 10 in an hour.
const TYPO_PAUSE: i64 = 20 * MINUTE;
/// Notices of one kind about one actor come within this time, so that they are one alert.
const NOTICE_SPAN: i64 = 25 * MINUTE;

/// The least time between two remarkable deeds of one user: what the rules add up, they add up over an hour.
const DEED_PAUSE: i64 = 65 * MINUTE;
/// How many users are asked whether they may do something.
const TRIES: usize = 8;

/// What leaves a sign that rules add up with others.
const REMARKABLE: [EventType; 7] = [
    EventType::AUTH_PASSWORD_RESET,
    EventType::AUTH_MFA_ENABLED,
    EventType::AUTH_MFA_DISABLED,
    EventType::AUTHZ_PERMISSION_GRANTED,
    EventType::ADMIN_API_KEY_CREATED,
    EventType::DATA_EXPORT,
    EventType::SECURITY_RATE_LIMIT_EXCEEDED,
];

/// When each user last mistyped a password, and last did something remarkable.
#[derive(Default)]
struct Lately {
    typos: HashMap<usize, i64>,
    deeds: HashMap<usize, i64>,
}

impl Lately {
    fn allows(&self, user: usize, event: &EventType, at: i64) -> bool {
        let since = |times: &HashMap<usize, i64>| at - times.get(&user).copied().unwrap_or(i64::MIN / 2);
        if *event == EventType::AUTH_LOGIN_FAILED {
            since(&self.typos) >= TYPO_PAUSE
        } else {
            !REMARKABLE.contains(event) || since(&self.deeds) >= DEED_PAUSE
        }
    }

    fn note(&mut self, user: usize, event: &EventType, at: i64) {
        if *event == EventType::AUTH_LOGIN_FAILED {
            self.typos.insert(user, at);
        } else if REMARKABLE.contains(event) {
            self.deeds.insert(user, at);
        }
    }
}

/// What people do, and how often.
const HABITS: [(EventType, u32); 20] = [
    (EventType::AUTH_LOGIN_SUCCESS, 260),
    (EventType::AUTH_LOGIN_FAILED, 30),
    (EventType::AUTH_LOGOUT, 140),
    (EventType::AUTH_PASSWORD_RESET, 8),
    (EventType::AUTH_MFA_ENABLED, 6),
    (EventType::AUTH_MFA_DISABLED, 2),
    (EventType::AUTH_SESSION_EXPIRED, 110),
    (EventType::AUTH_TOKEN_REFRESHED, 330),
    (EventType::AUTHZ_PERMISSION_GRANTED, 10),
    (EventType::AUTHZ_PERMISSION_REVOKED, 6),
    (EventType::ADMIN_USER_CREATED, 8),
    (EventType::ADMIN_USER_DELETED, 3),
    (EventType::ADMIN_USER_SUSPENDED, 2),
    (EventType::ADMIN_USER_IMPERSONATION, 2),
    (EventType::ADMIN_SETTINGS_CHANGED, 12),
    (EventType::ADMIN_API_KEY_CREATED, 5),
    (EventType::ADMIN_API_KEY_REVOKED, 4),
    (EventType::DATA_EXPORT, 40),
    (EventType::SECURITY_RATE_LIMIT_EXCEEDED, 12),
    (EventType::SECURITY_IP_BLOCKED, 5),
];

/// What one kind of notice becomes: its event, how often it comes, its alert.
const NOTICES: [(EventType, u64, AlertType, AlertSeverity, &str); 7] = [
    (
        EventType::AUTHZ_ACCESS_DENIED,
        4,
        AlertType::SuspiciousActivity,
        AlertSeverity::Low,
        "a user tries a page that is not theirs",
    ),
    (
        EventType::AUTHZ_ROLE_CHANGED,
        2,
        AlertType::SuspiciousActivity,
        AlertSeverity::Medium,
        "an administrator changes roles",
    ),
    (
        EventType::ADMIN_PRIVILEGE_ESCALATION,
        1,
        AlertType::PrivilegeEscalation,
        AlertSeverity::Critical,
        "a planned promotion",
    ),
    (
        EventType::DATA_BULK_DELETE,
        1,
        AlertType::DataExfiltration,
        AlertSeverity::High,
        "a clean-up of old records",
    ),
    (
        EventType::DATA_SENSITIVE_ACCESS,
        3,
        AlertType::DataExfiltration,
        AlertSeverity::Medium,
        "an auditor reads private records",
    ),
    (
        EventType::SECURITY_SUSPICIOUS_ACTIVITY,
        1,
        AlertType::SuspiciousActivity,
        AlertSeverity::Critical,
        "the application reports a user",
    ),
    (
        EventType::SECURITY_BRUTE_FORCE_DETECTED,
        1,
        AlertType::BruteForceAttack,
        AlertSeverity::High,
        "the application reports failed sign-ins",
    ),
];

/// The first of the users whom the notices are about; each kind has its own.
const NOTED: usize = 60;

/// Adds the events that are alerts by definition, by a few actors, and says what must be found of them.
pub(super) fn notices(
    users: &[User],
    start: i64,
    end: i64,
    chance: &mut Chance,
    lines: &mut Vec<Line>,
) -> Vec<Expected> {
    let mut expected = Vec::new();
    for (user, (event, count, alert_type, severity, story)) in users[NOTED..].iter().zip(&NOTICES) {
        let from = chance.between(start, end - 2 * NOTICE_SPAN);
        for _ in 0..*count {
            let at = chance.between(from, from + NOTICE_SPAN);
            lines.push(Line::new(at, event.clone(), &user.name, user.home));
        }
        expected.push(Expected {
            story,
            alert_type: alert_type.clone(),
            severity: severity.clone(),
            actor_id: Some(user.name.clone()),
            source_ip: Some(user.home.to_string()),
            count: *count,
        });
    }
    expected
}

/// Adds so many events of ordinary life.
pub(super) fn write(
    users: &[User],
    count: usize,
    start: i64,
    end: i64,
    chance: &mut Chance,
    lines: &mut Vec<Line>,
) {
    // Each kind once, whatever its weight, and the rest by habit.
    let mut kinds: Vec<EventType> = HABITS.iter().map(|(event, _)| event.clone()).take(count).collect();
    while kinds.len() < count {
        kinds.extend(chance.weighted(&HABITS).cloned());
    }
    chance.shuffle(&mut kinds);
    let mut times: Vec<i64> = (0..count).map(|_| chance.between(start, end)).collect();
    times.sort_unstable();
    let mut lately = Lately::default();
    for (event, at) in kinds.into_iter().zip(times) {
        // Whoever has done something remarkable lately leaves it to others; if all have, nothing remarkable happens.
        let tries = (0..TRIES).map(|_| CAST + chance.below(users.len() - CAST));
        let found = tries.collect::<Vec<_>>().into_iter().find(|place| lately.allows(*place, &event, at));
        let (place, event) = match found {
            Some(place) => (place, event),
            None => (CAST, EventType::AUTH_TOKEN_REFRESHED),
        };
        lately.note(place, &event, at);
        let user = &users[place];
        lines.push(
            Line::new(at, event, &user.name, user.home).with("user_agent", BROWSER).with("app", "shop"),
        );
    }
}
