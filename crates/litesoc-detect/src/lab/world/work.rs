//! What people do while they are signed in, by role.

use litesoc_events::EventType;
use serde_json::json;

use crate::lab::world::connection::within_hours;
use crate::lab::world::person::Role;
use crate::lab::world::routine::Routine;
use crate::lab::world::scribe::{Scribe, Via};
use crate::lab::world::{DAY, HOUR, MINUTE, is_month_end};

/// Writes what somebody does between two moments of one session.
pub(crate) fn write(routine: &mut Routine<'_>, from: i64, until: i64, via: Via<'_>, scribe: &mut Scribe) {
    let share = (until - from) as f64 / (8 * HOUR) as f64;
    denials(routine, from, until, via, scribe);
    match routine.person.role {
        Role::Staff => exports(routine, 0.03 * share, (1.0, 200.0), from, until, via, scribe),
        Role::Analyst => exports(routine, 2.5 * share, (50.0, 3_000.0), from, until, via, scribe),
        Role::Finance if is_month_end(from.div_euclid(DAY)) => {
            // The reports of the month, one after the other.
            let until = until.min(from + 3 * HOUR);
            exports(routine, 14.0 * share, (100.0, 2_000.0), from, until, via, scribe);
        }
        Role::Finance => exports(routine, 0.4 * share, (20.0, 1_000.0), from, until, via, scribe),
        Role::Support => {
            for at in moments(routine, 2.0 * share, from, until) {
                let resource = json!(format!("customer_{}", routine.chance.below(5_000)));
                let told = [("resource", resource), ("reason", json!("ticket"))];
                scribe.write(at, EventType::DATA_SENSITIVE_ACCESS, &routine.actor, via, &told);
            }
        }
        Role::Administrator => administer(routine, share, from, until, via, scribe),
    }
}

fn moments(routine: &mut Routine<'_>, mean: f64, from: i64, until: i64) -> Vec<i64> {
    let mut moments = Vec::new();
    let mut at = from;
    let gap = (until - from).max(1) as f64 / mean.max(1e-9);
    loop {
        at += routine.chance.wait(gap);
        if at >= until {
            return moments;
        }
        moments.push(at);
    }
}

fn exports(
    routine: &mut Routine<'_>,
    mean: f64,
    records: (f64, f64),
    from: i64,
    until: i64,
    via: Via<'_>,
    scribe: &mut Scribe,
) {
    for at in moments(routine, mean, from, until) {
        let count = routine.chance.scale(records.0, records.1) as u64;
        let bytes = count * routine.chance.whole(200, 2_000).unsigned_abs();
        let told = [("record_count", json!(count)), ("bytes", json!(bytes)), ("resource", json!("report"))];
        scribe.write(at, EventType::DATA_EXPORT, &routine.actor, via, &told);
    }
}

fn denials(routine: &mut Routine<'_>, from: i64, until: i64, via: Via<'_>, scribe: &mut Scribe) {
    let resource = json!(format!("page_{}", routine.chance.below(40)));
    if routine.chance.happens(0.02) {
        let at = from + within_hours((until - from) as f64 / HOUR as f64, &mut routine.chance);
        scribe.write(
            at,
            EventType::AUTHZ_ACCESS_DENIED,
            &routine.actor,
            via,
            &[("resource", resource.clone())],
        );
    }
    if routine.chance.happens(1.0 / 1_200.0) {
        // A page that asks for something its user may not have, on every click.
        let mut at = from + within_hours(1.0, &mut routine.chance);
        for _ in 0..routine.chance.whole(8, 30) {
            scribe.write(
                at,
                EventType::AUTHZ_ACCESS_DENIED,
                &routine.actor,
                via,
                &[("resource", resource.clone())],
            );
            at += routine.chance.whole(2_000, 40_000);
        }
    }
}

fn administer(
    routine: &mut Routine<'_>,
    share: f64,
    from: i64,
    until: i64,
    via: Via<'_>,
    scribe: &mut Scribe,
) {
    let colleague = |routine: &mut Routine<'_>| loop {
        let name = format!("user_{:04}", 5 + routine.chance.below(200));
        // Nobody gives rights to themselves by accident.
        if name != routine.person.name {
            return json!(name);
        }
    };
    let habits = [
        (EventType::ADMIN_SETTINGS_CHANGED, 0.30),
        (EventType::AUTHZ_PERMISSION_GRANTED, 0.25),
        (EventType::ADMIN_API_KEY_CREATED, 0.04),
        (EventType::ADMIN_USER_SUSPENDED, 0.02),
        (EventType::ADMIN_USER_IMPERSONATION, 0.05),
        (EventType::DATA_BULK_DELETE, 0.005),
    ];
    for (event, mean) in habits {
        for at in moments(routine, mean * share, from, until) {
            let target = colleague(routine);
            scribe.write(at, event.clone(), &routine.actor, via, &[("target_user_id", target)]);
        }
    }
    for at in moments(routine, 0.12 * share, from, until) {
        let target = colleague(routine);
        let role = routine.chance.choose(&["editor", "viewer", "manager", "admin"]);
        let told = [("target_user_id", target), ("old_role", json!("viewer")), ("new_role", json!(role))];
        scribe.write(at, EventType::AUTHZ_ROLE_CHANGED, &routine.actor, via, &told);
    }
    if routine.chance.happens(0.04 * share) {
        onboard(routine, from, via, scribe);
    }
}

/// New colleagues, one after the other, from the administrator's address.
fn onboard(routine: &mut Routine<'_>, from: i64, via: Via<'_>, scribe: &mut Scribe) {
    let mut at = from + within_hours(2.0, &mut routine.chance);
    for _ in 0..routine.chance.whole(3, 12) {
        let name = json!(format!("new_{:05}", routine.chance.below(100_000)));
        scribe.write(
            at,
            EventType::ADMIN_USER_CREATED,
            &routine.actor,
            via,
            &[("target_user_id", name.clone())],
        );
        if routine.chance.happens(0.3) {
            let told = [("target_user_id", name), ("new_role", json!("editor"))];
            scribe.write(at + 20_000, EventType::AUTHZ_ROLE_CHANGED, &routine.actor, via, &told);
        }
        at += routine.chance.whole(30_000, 2 * MINUTE);
    }
}
