//! The three attacks: a brute force that ends in a success, a password spray, a privilege escalation.
//!
//! Addresses are those set aside for documentation (RFC 5737), so they are nobody's.

use std::net::{IpAddr, Ipv4Addr};

use litesoc::{AlertSeverity, AlertType, EventType};

use super::chance::Chance;
use super::script::{Expected, Line, MINUTE, User};

/// Whose password is guessed. Ordinary traffic lets this user fail never, or the failures would count with the attack's.
pub(super) const VICTIM: usize = 0;
/// Who gains rights.
const CLIMBER: usize = 1;
/// The first of those whose names are sprayed.
const SPRAYED: usize = 10;
const SPRAY_ACCOUNTS: usize = 40;
const GUESSES: i64 = 30;

const GUESSER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 66));
const SPRAYER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 23));
const INTRUDER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 99));

/// Adds the attacks, and says what must be found of them.
///
/// The escalation is the last event of all: when it has become an alert, everything before it was examined.
pub(super) fn write(
    users: &[User],
    start: i64,
    end: i64,
    chance: &mut Chance,
    lines: &mut Vec<Line>,
) -> Vec<Expected> {
    let victim = &users[VICTIM].name;
    let mut at = chance.between(start + 60 * MINUTE, start + 6 * 60 * MINUTE);
    for _ in 0..GUESSES {
        lines.push(failure(at, victim, GUESSER));
        at += chance.between(2_000, 6_000);
    }
    lines.push(Line::new(at + 10_000, EventType::AUTH_LOGIN_SUCCESS, victim, GUESSER));

    let mut at = chance.between(start + 8 * 60 * MINUTE, start + 14 * 60 * MINUTE);
    for user in &users[SPRAYED..SPRAYED + SPRAY_ACCOUNTS] {
        lines.push(failure(at, &user.name, SPRAYER));
        at += chance.between(3_000, 9_000);
    }

    let climber = &users[CLIMBER].name;
    lines.push(
        Line::new(end, EventType::ADMIN_PRIVILEGE_ESCALATION, climber, INTRUDER)
            .with("old_role", "user")
            .with("new_role", "owner"),
    );
    vec![
        Expected {
            story: "brute force on one account, ending in a success",
            alert_type: AlertType::BruteForceAttack,
            severity: AlertSeverity::Critical,
            actor_id: Some(victim.clone()),
            source_ip: Some(GUESSER.to_string()),
            count: GUESSES.unsigned_abs(),
        },
        Expected {
            story: "password spray from one address",
            alert_type: AlertType::BruteForceAttack,
            severity: AlertSeverity::High,
            actor_id: None,
            source_ip: Some(SPRAYER.to_string()),
            count: SPRAY_ACCOUNTS as u64,
        },
        Expected {
            story: "privilege escalation",
            alert_type: AlertType::PrivilegeEscalation,
            severity: AlertSeverity::Critical,
            actor_id: Some(climber.clone()),
            source_ip: Some(INTRUDER.to_string()),
            count: 1,
        },
    ]
}

fn failure(at: i64, actor: &str, ip: IpAddr) -> Line {
    Line::new(at, EventType::AUTH_LOGIN_FAILED, actor, ip).with("reason", "invalid_password")
}
