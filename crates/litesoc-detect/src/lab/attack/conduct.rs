//! What goes wrong after the sign-in, or without one.

use std::sync::Arc;

use litesoc_events::EventType;
use serde_json::{Value, json};

use super::stage::Stage;
use super::takeover::{intrude, other_device};
use crate::lab::world::person::Role;
use crate::lab::world::scribe::challenge_sent;
use crate::lab::world::{HOUR, MINUTE, SignIn};

pub(super) fn mfa_fatigue(stage: &mut Stage<'_>) -> Option<String> {
    let (victim, at) = stage.victim()?;
    let actor = stage.actor(victim.person);
    let home = stage.world.people[victim.person].home;
    let (source, _) = stage.intruder().vpn_exit(home.country);
    let device = stage.intruder().any_device();
    let prompts = stage.chance.scale(6.0, 60.0) as i64;
    let pause = stage.pause(4.0, 100.0);
    let mut at = at;
    for _ in 0..prompts {
        stage.write(at, challenge_sent(), &actor, &source, Some(&device), &[]);
        if stage.chance.happens(0.6) {
            let answered = at + pause / 3;
            stage.write(answered, EventType::AUTH_MFA_CHALLENGE_FAILED, &actor, &source, Some(&device), &[]);
        }
        at += (pause as f64 * stage.chance.between(0.8, 1.2)) as i64;
    }
    let gives_in = stage.chance.happens(0.4);
    if gives_in {
        stage.write(at, EventType::AUTH_MFA_CHALLENGE_SUCCESS, &actor, &source, Some(&device), &[]);
        stage.write(at + 800, EventType::AUTH_LOGIN_SUCCESS, &actor, &source, Some(&device), &[]);
    }
    let end = if gives_in { "the last one accepted" } else { "none accepted" };
    Some(format!("{prompts} prompts for {actor}, one every {} s, {end}", pause / 1_000))
}

pub(super) fn sign_ups(stage: &mut Stage<'_>) -> Option<String> {
    let source = stage.intruder().bot();
    let count = stage.chance.scale(12.0, 200.0) as i64;
    let pause = stage.pause(0.5, 45.0);
    let mut at = stage.moment(4);
    for number in 0..count {
        let actor: Arc<str> = format!("signup_{:05}_{number}", stage.chance.below(100_000)).into();
        let device = stage.intruder().any_device();
        stage.write(
            at,
            EventType::ADMIN_USER_CREATED,
            &actor,
            &source,
            Some(&device),
            &[("method", json!("sign_up"))],
        );
        at += (pause as f64 * stage.chance.between(0.7, 1.3)) as i64;
    }
    Some(format!("{count} sign-ups from {}, one every {} s", source.ip, pause / 1_000))
}

pub(super) fn rate_limit(stage: &mut Stage<'_>) -> Option<String> {
    let by_account = stage.chance.happens(0.5);
    let (actor, source) = if by_account {
        let insider = stage.insider(&[Role::Staff, Role::Analyst])?;
        (stage.actor(insider.person), insider.source)
    } else {
        (Arc::from("anonymous"), stage.intruder().bot())
    };
    let count = stage.chance.scale(6.0, 80.0) as i64;
    let pause = stage.pause(1.0, 90.0);
    let mut at = stage.moment(4);
    for _ in 0..count {
        let told = [("resource", json!("/v1/search"))];
        stage.write(at, EventType::SECURITY_RATE_LIMIT_EXCEEDED, &actor, &source, None, &told);
        at += (pause as f64 * stage.chance.between(0.8, 1.2)) as i64;
    }
    Some(format!("{actor} runs into the limit {count} times, every {} s", pause / 1_000))
}

fn grant(stage: &mut Stage<'_>, insider: &SignIn, at: i64, target: &str, event: EventType) {
    let actor = stage.actor(insider.person);
    let told =
        [("target_user_id", json!(target)), ("old_role", json!("viewer")), ("new_role", json!("admin"))];
    stage.write(at, event, &actor, &insider.source, insider.device.as_ref(), &told);
}

pub(super) fn self_grant(stage: &mut Stage<'_>) -> Option<String> {
    let insider = stage.insider(&[Role::Staff, Role::Analyst, Role::Support, Role::Finance])?;
    let at = insider.at + stage.pause(60.0, 20_000.0);
    let name = stage.actor(insider.person);
    let event = if stage.chance.happens(0.75) {
        EventType::AUTHZ_ROLE_CHANGED
    } else {
        EventType::AUTHZ_PERMISSION_GRANTED
    };
    grant(stage, &insider, at, &name, event);
    Some(format!("{name} makes itself admin"))
}

pub(super) fn first_granter(stage: &mut Stage<'_>) -> Option<String> {
    let insider = stage.insider(&[Role::Staff, Role::Analyst, Role::Support, Role::Finance])?;
    let at = insider.at + stage.pause(60.0, 20_000.0);
    let target = stage.names(1, 0).pop()?;
    grant(stage, &insider, at, &target, EventType::AUTHZ_ROLE_CHANGED);
    Some(format!("{} makes {target} admin", stage.actor(insider.person)))
}

pub(super) fn chain(stage: &mut Stage<'_>) -> Option<String> {
    let (victim, at) = stage.victim()?;
    let home = stage.world.people[victim.person].home;
    let (source, city) = stage.intruder().anywhere_but(home.country);
    let device = other_device(stage, victim.person);
    let mut at = intrude(stage, victim.person, at, &source, &device);
    let taken = SignIn { source, device: Some(device), ..victim };
    at += stage.pause(60.0, 900.0);
    let target =
        if stage.chance.happens(0.6) { stage.actor(taken.person) } else { stage.names(1, 0).pop()? };
    grant(stage, &taken, at, &target, EventType::AUTHZ_ROLE_CHANGED);
    for _ in 0..stage.chance.whole(1, 6) {
        at += stage.pause(20.0, 300.0);
        let records = stage.chance.scale(200.0, 20_000.0) as u64;
        export(stage, &taken, at, records);
    }
    Some(format!("{} is taken over from {}, gains rights and exports", stage.actor(taken.person), city.name))
}

fn export(stage: &mut Stage<'_>, by: &SignIn, at: i64, records: u64) {
    let actor = stage.actor(by.person);
    let told: [(&str, Value); 3] =
        [("record_count", json!(records)), ("bytes", json!(records * 900)), ("resource", json!("customers"))];
    stage.write(at, EventType::DATA_EXPORT, &actor, &by.source, by.device.as_ref(), &told);
}

const THIEVES: [Role; 4] = [Role::Staff, Role::Staff, Role::Analyst, Role::Support];

pub(super) fn exfiltration_fast(stage: &mut Stage<'_>) -> Option<String> {
    let insider = stage.insider(&THIEVES)?;
    let mut at = insider.at + stage.pause(60.0, 20_000.0);
    let many = stage.chance.happens(0.5);
    let exports = if many { stage.chance.scale(28.0, 150.0) as i64 } else { stage.chance.whole(2, 8) };
    let records = if many {
        stage.chance.scale(20.0, 400.0) as u64
    } else {
        stage.chance.scale(15_000.0, 2_000_000.0) as u64 / exports.unsigned_abs()
    };
    let pause = stage.chance.whole(5 * MINUTE, 40 * MINUTE) / exports;
    for _ in 0..exports {
        export(stage, &insider, at, records);
        at += (pause as f64 * stage.chance.between(0.6, 1.4)) as i64;
    }
    Some(format!("{} exports {exports} times {records} records", stage.actor(insider.person)))
}

pub(super) fn exfiltration_slow(stage: &mut Stage<'_>) -> Option<String> {
    let insider = stage.insider(&THIEVES)?;
    let mut at = insider.at + stage.pause(60.0, 10_000.0);
    let exports = stage.chance.whole(16, 70);
    let total = stage.chance.scale(25_000.0, 300_000.0) as i64;
    let span = stage.chance.whole(8 * HOUR, 20 * HOUR);
    for _ in 0..exports {
        let records = (total as f64 / exports as f64 * stage.chance.between(0.5, 1.5)) as u64;
        export(stage, &insider, at, records);
        at += (span as f64 / exports as f64 * stage.chance.between(0.5, 1.5)) as i64;
    }
    let name = stage.actor(insider.person);
    Some(format!("{name} exports {exports} times within {} h, {total} records in all", span / HOUR))
}

pub(super) fn probing(stage: &mut Stage<'_>) -> Option<String> {
    let insider = stage.insider(&[Role::Staff, Role::Support])?;
    let actor = stage.actor(insider.person);
    let mut at = insider.at + stage.pause(60.0, 20_000.0);
    let tries = stage.chance.scale(10.0, 80.0) as i64;
    let pause = stage.pause(1.0, 45.0);
    for number in 0..tries {
        let told = [("resource", json!(format!("/admin/area_{number}")))];
        let device = insider.device.as_ref();
        stage.write(at, EventType::AUTHZ_ACCESS_DENIED, &actor, &insider.source, device, &told);
        at += (pause as f64 * stage.chance.between(0.5, 1.5)) as i64;
    }
    if stage.chance.happens(0.5) {
        let device = insider.device.as_ref();
        stage.write(at, EventType::AUTH_MFA_DISABLED, &actor, &insider.source, device, &[]);
    }
    Some(format!("{actor} is denied {tries} different pages, one every {} s", pause / 1_000))
}
