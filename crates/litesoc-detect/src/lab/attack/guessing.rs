//! Passwords tried: fast and slow, from one address and from many, on one account and on many.

use std::sync::Arc;

use litesoc_events::EventType;
use serde_json::json;

use super::stage::Stage;
use super::takeover::intrude;
use crate::lab::world::network::Source;
use crate::lab::world::{HOUR, MINUTE};

fn try_password(stage: &mut Stage<'_>, at: i64, actor: &Arc<str>, source: &Source) {
    let told =
        [("user_agent", json!("Mozilla/5.0 (X11; Linux x86_64)")), ("reason", json!("wrong_password"))];
    stage.write(at, EventType::AUTH_LOGIN_FAILED, actor, source, None, &told);
}

/// A number of the scale.
fn count(stage: &mut Stage<'_>, from: f64, to: f64) -> usize {
    stage.chance.scale(from, to).round() as usize
}

pub(super) fn account(stage: &mut Stage<'_>) -> Option<String> {
    let (victim, _) = stage.victim()?;
    let actor = stage.actor(victim.person);
    let source = stage.intruder().bot();
    // The slow ones try every three to five minutes, all night.
    let is_slow = stage.chance.happens(0.15);
    let (pause, tries) = if is_slow {
        (stage.pause(180.0, 300.0), count(stage, 30.0, 120.0))
    } else {
        (stage.pause(0.5, 60.0), count(stage, 12.0, 400.0))
    };
    let mut at = stage.moment(10);
    for _ in 0..tries {
        try_password(stage, at, &actor, &source);
        at += (pause as f64 * stage.chance.between(0.7, 1.3)) as i64;
    }
    Some(format!("{tries} passwords for {actor} from {}, one every {} s", source.ip, pause / 1_000))
}

pub(super) fn address(stage: &mut Stage<'_>) -> Option<String> {
    let source = stage.intruder().bot();
    let known = stage.chance.whole(2, 4) as usize;
    let names = stage.names(known, 0);
    let pause = stage.pause(0.5, 50.0);
    let tries = count(stage, 12.0, 200.0);
    let mut at = stage.moment(6);
    for _ in 0..tries {
        let actor = Arc::clone(stage.chance.pick(&names));
        try_password(stage, at, &actor, &source);
        at += (pause as f64 * stage.chance.between(0.5, 1.5)) as i64;
    }
    Some(format!(
        "{tries} passwords for {} accounts from {}, one every {} s",
        names.len(),
        source.ip,
        pause / 1_000
    ))
}

pub(super) fn distributed(stage: &mut Stage<'_>) -> Option<String> {
    let (victim, _) = stage.victim()?;
    let actor = stage.actor(victim.person);
    let addresses = count(stage, 6.0, 60.0);
    let sources: Vec<Source> = (0..addresses).map(|_| stage.intruder().bot()).collect();
    // The slow ones need a night for what others do in an hour.
    let is_slow = stage.chance.happens(0.1);
    let (tries, span) = if is_slow {
        (count(stage, 40.0, 80.0), stage.chance.whole(5 * HOUR, 9 * HOUR))
    } else {
        (count(stage, 15.0, 250.0), stage.chance.whole(8 * MINUTE, 45 * MINUTE))
    };
    let begins = stage.moment(10);
    for attempt in 0..tries {
        let source =
            if attempt < addresses { sources[attempt].clone() } else { stage.chance.pick(&sources).clone() };
        let at = begins + stage.chance.whole(0, span);
        try_password(stage, at, &actor, &source);
    }
    Some(format!("{tries} passwords for {actor} from {addresses} addresses within {} min", span / MINUTE))
}

pub(super) fn spray_one(stage: &mut Stage<'_>) -> Option<String> {
    let source = stage.intruder().bot();
    let people = stage.world.people.len() as f64;
    let known = count(stage, 8.0, 80.0_f64.min(people * 0.8).max(9.0));
    let unknown = stage.chance.below(1 + known / 3);
    let names = stage.names(known, unknown);
    let rounds = stage.chance.whole(1, 3);
    let is_slow = stage.chance.happens(0.15);
    let span = if is_slow {
        stage.chance.whole(2 * HOUR, 4 * HOUR)
    } else {
        stage.chance.whole(MINUTE, 45 * MINUTE)
    };
    let rounds = if is_slow { 1 } else { rounds };
    let tries = names.len() as i64 * rounds;
    let begins = stage.moment(6);
    for attempt in 0..tries {
        let actor = Arc::clone(&names[attempt as usize % names.len()]);
        let at = begins + span * attempt / tries + stage.chance.whole(0, 2_000);
        try_password(stage, at, &actor, &source);
    }
    Some(format!(
        "{rounds} passwords for {} accounts from {} within {} min",
        names.len(),
        source.ip,
        span / MINUTE
    ))
}

pub(super) fn spray_many(stage: &mut Stage<'_>) -> Option<String> {
    let addresses = count(stage, 5.0, 60.0);
    let sources: Vec<Source> = (0..addresses).map(|_| stage.intruder().bot()).collect();
    let people = stage.world.people.len() as f64;
    let known = count(stage, 20.0, 200.0_f64.min(people * 0.9).max(21.0));
    let unknown = stage.chance.below(1 + known / 2).max(10);
    let names = stage.names(known, unknown);
    let rounds = stage.chance.whole(1, 2);
    let span = stage.chance.whole(5 * MINUTE, 40 * MINUTE);
    let begins = stage.moment(6);
    for round in 0..rounds {
        for name in &names {
            let source = stage.chance.pick(&sources).clone();
            let at = begins + round * span / rounds + stage.chance.whole(0, span / rounds);
            try_password(stage, at, name, &source);
        }
    }
    let accounts = names.len();
    Some(format!(
        "{rounds} passwords for {accounts} accounts from {addresses} addresses within {} min",
        span / MINUTE
    ))
}

pub(super) fn stuffing(stage: &mut Stage<'_>) -> Option<String> {
    let addresses = stage.chance.whole(1, 5) as usize;
    let sources: Vec<Source> = (0..addresses).map(|_| stage.intruder().bot()).collect();
    // Few of the names of a leak are ours.
    let unknown = count(stage, 25.0, 300.0);
    let names = stage.names(2 + unknown / 12, unknown);
    let pause = stage.pause(0.1, 6.0);
    let mut at = stage.moment(6);
    for name in &names {
        let source = stage.chance.pick(&sources).clone();
        if name.starts_with("user_") && stage.chance.happens(0.05) {
            stage.write(at, EventType::AUTH_LOGIN_SUCCESS, name, &source, None, &[]);
        } else {
            try_password(stage, at, name, &source);
        }
        at += (pause as f64 * stage.chance.between(0.2, 1.8)) as i64;
    }
    Some(format!("{} pairs of a leak from {addresses} addresses, one every {pause} ms", names.len()))
}

pub(super) fn success(stage: &mut Stage<'_>) -> Option<String> {
    let (victim, _) = stage.victim()?;
    let actor = stage.actor(victim.person);
    let source = stage.intruder().bot();
    let tries = count(stage, 10.0, 80.0);
    let pause = stage.pause(0.5, 50.0);
    let mut at = stage.moment(6);
    for _ in 0..tries {
        try_password(stage, at, &actor, &source);
        at += (pause as f64 * stage.chance.between(0.7, 1.3)) as i64;
    }
    at += stage.pause(1.0, 1_200.0);
    let device = stage.intruder().any_device();
    intrude(stage, victim.person, at, &source, &device);
    Some(format!("{tries} passwords for {actor} from {}, the last one right", source.ip))
}
